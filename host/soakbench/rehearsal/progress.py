"""How far a rehearsal is, for people who wait for it."""

from collections.abc import Callable
from dataclasses import dataclass

from soakbench.clock import Clock
from soakbench.plan import CompiledProgram
from soakbench.run.goals import Goals
from soakbench.run.live import remaining_ms
from soakbench.run.machine import BoardReport, TrackReport
from soakwire import names, records

TELL_MS = 100  # of the person's time, at least


@dataclass(frozen=True)
class Progress:
    """A moment of a rehearsal."""

    at_ms: int
    """Virtual time since its begin."""
    wall_ms: int
    share: float
    """Of the plan, 0 to 1; faults and people take extra time."""
    phases: dict[str, str]
    """What each track is doing."""


Tell = Callable[[Progress], None]


class Teller:
    """Tells of the progress, and not too often."""

    def __init__(self, program: CompiledProgram, tell: Tell | None) -> None:
        self._program = program
        self._tell = tell
        self._clock = Clock()  # the person's
        self._begin_ms = self._told_ms = self._clock.monotonic_ms()
        begin = TrackReport(records.READY, 0, 0, False, 0, 0, 0, 0)
        self._share = 0.0
        self._whole_ms = max(self._left_ms([begin] * len(program.tracks)), 1)

    @property
    def wall_ms(self) -> int:
        """What it has taken so far."""
        return self._clock.monotonic_ms() - self._begin_ms

    def look(self, at_ms: int, report: BoardReport, is_ours: bool) -> None:
        """The board has reported; `is_ours`: about this run."""
        now_ms = self._clock.monotonic_ms()
        if self._tell is None or now_ms - self._told_ms < TELL_MS:
            return
        self._told_ms = now_ms
        tracks = report.tracks if is_ours else ()
        if tracks:  # what a restart has set back is not shown
            self._share = max(self._share, 1 - self._left_ms(tracks) / self._whole_ms)
        self._tell(Progress(at_ms, self.wall_ms, self._share, self._phases(tracks)))

    def _left_ms(self, tracks: "list[TrackReport] | tuple[TrackReport, ...]") -> float:
        left = [remaining_ms(Goals(self._program), n, track) for n, track in enumerate(tracks)]
        return max(left, default=0.0)

    def _phases(self, tracks: tuple[TrackReport, ...]) -> dict[str, str]:
        return {
            info.name: _phase(info.steps[track.step].phase, track)
            if track.step < len(info.steps)
            else "done"
            for info, track in zip(self._program.tracks, tracks, strict=False)
        }


def _phase(phase: str, track: TrackReport) -> str:
    words = phase.replace("_", " ").replace("jv", "J-V")
    state = names.TRACK_STATE_NAMES[track.state]
    if track.state == records.RUNNING:
        return words
    return state if track.state == records.DONE else f"{words}, {state}"
