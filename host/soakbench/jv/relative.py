"""PCE of cells of a run relative to what it was in their first J-V of the run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from soakbench.jv.sweep import Direction


@dataclass(frozen=True)
class PceOf:
    """What one sweep of a run has given; None where it was refused."""

    cell: str
    direction: Direction
    pce_percent: float | None


Places = Iterable[Sequence[PceOf]]
"""The sweeps of each J-V of a run, in order of time."""


def relative_to_first(places: Places) -> list[list[float | None]]:
    """For each sweep of each place: its PCE over that of the cell's first J-V.

    Reverse is compared with reverse, forward with forward. None where a sweep gives no PCE, or the
    first J-V gave none in that direction: a later one in its place would be another reference.
    """
    first: dict[str, dict[Direction, float | None]] = {}
    relative = []
    for place in places:
        for cell in {sweep.cell for sweep in place} - set(first):
            first[cell] = {s.direction: s.pce_percent for s in place if s.cell == cell}
        relative.append([_share(sweep, first[sweep.cell]) for sweep in place])
    return relative


def pce_relative(places: Places) -> dict[str, float | None]:
    """For each cell: the newest PCE over its first one, as `until = "pce_relative < 0.80"` asks.

    Of a cell's newest J-V the reverse sweep counts, the forward one where that is all there is.
    None where that cannot be compared: nobody knows whether the cell is below a limit.
    """
    known = [list(place) for place in places]
    newest: dict[str, float | None] = {}
    for place, shares in zip(known, relative_to_first(known), strict=True):
        pairs = list(zip(place, shares, strict=True))
        for sweep, share in sorted(pairs, key=lambda pair: pair[0].direction):
            newest[sweep.cell] = share  # "reverse" comes after "forward"
    return newest


def _share(sweep: PceOf, first: dict[Direction, float | None]) -> float | None:
    reference = first.get(sweep.direction)
    if sweep.pce_percent is None or not reference:
        return None
    return sweep.pce_percent / reference
