"""Light and the dark after it, as a track lived through them.

Light lasts from the first ageing to the end of the last one before a recovery, J-V curves and
waiting in between included; the dark from there to the next ageing.
"""

from collections.abc import Iterator
from statistics import fmean, pstdev

import numpy as np

from soakbench.cell_history import Cycles
from soakbench.plan import TrackInfo
from soakbench.run.history import Stretches
from soakbench.units import MILLI_PER_HOUR
from soakwire import blobs

RECOVERIES = (blobs.DARK_RECOVERY, blobs.THERMAL_RECOVERY)

_Passage = tuple[int, float, float]  # kind, begin, end
_Cycle = tuple[float, float, float]  # begin of the light, its end, end of the dark


def cycles_of(track: TrackInfo, lived: Stretches, is_over: bool, factor: float) -> Cycles:
    """Those of `track`, in the cells' time. `is_over`: its last recovery has ended."""
    found = list(_cycles(list(_passages(track, lived)), is_over))
    if not found:
        return Cycles(complete=0)
    to_h = factor / MILLI_PER_HOUR
    periods_h = [(end - begin) * to_h for begin, _, end in found]
    return Cycles(
        complete=len(found),
        light_h=fmean((dark - begin) * to_h for begin, dark, _ in found),
        dark_h=fmean((end - dark) * to_h for _, dark, end in found),
        period_h=fmean(periods_h),
        period_sd_h=pstdev(periods_h) if len(periods_h) > 1 else None,
    )


def _passages(track: TrackInfo, lived: Stretches) -> Iterator[_Passage]:
    """Each time through a step, in order of time."""
    if not lived.step.size:
        return
    moved = (np.diff(lived.step) != 0) | (np.diff(lived.cycle) != 0)
    firsts = np.concatenate(([0], np.flatnonzero(moved) + 1))
    lasts = np.append(firsts[1:] - 1, lived.step.size - 1)
    for first, last in zip(firsts, lasts, strict=True):
        kind = track.steps[int(lived.step[first])].kind
        yield kind, float(lived.begin_ms[first]), float(lived.end_ms[last])


def _cycles(passages: list[_Passage], is_over: bool) -> Iterator[_Cycle]:
    begin = light_end = dark_end = None
    for kind, since, until in passages:
        if kind == blobs.AGEING:
            if begin is not None and light_end is not None and dark_end is not None:
                yield begin, light_end, since
                begin = dark_end = None
            begin = since if begin is None else begin
            light_end = until
        elif kind in RECOVERIES:
            dark_end = until
    if is_over and begin is not None and light_end is not None and dark_end is not None:
        yield begin, light_end, dark_end
