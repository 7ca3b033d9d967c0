"""Loops that end by what their cells give: whether there is another round.

Asked before each end of such a loop, where the track waits in the dark. What counts is the newest
PCE relative to the first one, as the mean over the samples of the track. Cells of which nobody
knows it are left out; if it is known of none, there is another round, and the journal says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from soakbench.plan import CompiledProgram
from soakbench.run.machine import BoardReport, Place
from soakwire import records

Shares = Mapping[str, float | None]
"""Of each cell: its newest PCE over its first one."""


@dataclass(frozen=True)
class Judgement:
    """Whether the rounds are over, and why in words."""

    is_over: bool
    why: str


def judge(shares: Shares, samples: list[str], below: float) -> Judgement:
    """Of one track. `below` is a share of the first PCE."""
    known = {cell: share for cell in samples if (share := shares.get(cell)) is not None}
    if not known:
        return Judgement(False, "nobody knows the PCE of its cells: another round")
    mean = sum(known.values()) / len(known)
    is_over = mean < below
    what = "no more rounds" if is_over else "another round"
    cells = f"mean of {', '.join(known)}"
    limit = f"{'below' if is_over else 'not below'} {below:.0%}"
    return Judgement(is_over, f"PCE is at {mean:.1%} of the first one ({cells}), {limit}: {what}")


class LoopEnds:
    """Of one run. A place is judged once, when a track has come to it."""

    def __init__(
        self,
        program: CompiledProgram,
        read_shares: Callable[[], Shares],
        tell: Callable[[str], None],
    ) -> None:
        self._program = program
        self._read_shares = read_shares
        self._tell = tell
        self._over: dict[Place, bool] = {}

    def judged(self, report: BoardReport) -> dict[Place, bool]:
        """The places before the end of a loop at which tracks stand, and whether it is over."""
        found = {}
        for number, track in enumerate(report.tracks):
            info = self._program.tracks[number]
            if track.state != records.BARRIER or info.steps[track.step].pce_below is None:
                continue
            place = Place(number, track.step, track.cycle)
            if place not in self._over:
                self._over[place] = self._judge(place)
            found[place] = self._over[place]
        return found

    def _judge(self, place: Place) -> bool:
        track = self._program.tracks[place.track]
        below = track.steps[place.step].pce_below
        assert below is not None
        samples = [cell for cell in track.cells if track.roles.get(cell, "sample") == "sample"]
        found = judge(self._read_shares(), samples, below)
        self._tell(f"track {track.name}, round {place.cycle + 1}: {found.why}")
        return found.is_over
