"""PCE of cells of a run relative to what it was in their first sweep of the run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from soakbench.jv.sweep import Direction


@dataclass(frozen=True)
class PceOf:
    """What one sweep of a run has given; None where it was refused."""

    cell: str
    direction: Direction
    pce_percent: float | None


def relative_to_first(sweeps: Sequence[PceOf]) -> list[float | None]:
    """For each of `sweeps`, in order of time: its PCE over that of the cell's first sweep.

    Reverse is compared with reverse, forward with forward. None where a sweep gives no PCE, or the
    first one did not: another one in its place would be another reference.
    """
    first: dict[tuple[str, Direction], float | None] = {}
    relative: list[float | None] = []
    for sweep in sweeps:
        reference = first.setdefault((sweep.cell, sweep.direction), sweep.pce_percent)
        relative.append(_share(sweep.pce_percent, reference))
    return relative


def pce_relative(places: Iterable[Sequence[PceOf]]) -> dict[str, float | None]:
    """For each cell: the newest PCE over its first one, as `until = "pce_relative < 0.80"` asks.

    Args:
        places: the sweeps of each J-V of the run, all cells, in order of time.

    Of a cell's newest J-V the reverse sweep counts, the forward one where that is all there is.
    None where that cannot be compared: nobody knows whether the cell is below a limit.
    """
    newest: dict[str, float | None] = {}
    sweeps = [(number, sweep) for number, place in enumerate(places) for sweep in place]
    relative = relative_to_first([sweep for _, sweep in sweeps])
    seen: dict[str, tuple[int, bool]] = {}
    for (number, sweep), value in zip(sweeps, relative, strict=True):
        rank = number, sweep.direction == "reverse"
        if rank >= seen.get(sweep.cell, rank):
            seen[sweep.cell], newest[sweep.cell] = rank, value
    return newest


def _share(value: float | None, reference: float | None) -> float | None:
    return None if value is None or not reference else value / reference
