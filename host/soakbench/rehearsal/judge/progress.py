"""The tracks as the records tell of them at the moment they are produced.

An event says that a track has come to a step, has paused, goes on, or has ended the step; a sample
says what it has had so far. Who judges is told of each.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from soakbench.plan import CompiledProgram
from soakwire import blobs, records
from soakwire.slots import Record

Step = dict[str, int | None]


@dataclass(frozen=True, slots=True)
class Visit:
    """A track at a step: what it is about, and how far it was when it came (or came back)."""

    track: int
    step: int
    cycle: int
    wanted: Step
    delivered: int
    dose: int

    def __str__(self) -> str:
        return f"track {self.track}, step {self.step}, cycle {self.cycle}"


class Goes(Enum):
    """How a track is at its step."""

    RUNNING = auto()
    WAITING = auto()
    """Paused, or at a barrier: light may fall, nothing is asked for."""


class ProgressJudge(Protocol):
    """Told of every change."""

    def comes(self, at_ms: float, visit: Visit, goes: Goes, /) -> None:
        """A track has come to a step."""

    def turns(self, at_ms: float, visit: Visit, goes: Goes, /) -> None:
        """It pauses or goes on."""

    def tells(self, at_ms: float, visit: Visit, delivered: int, dose: int, /) -> None:
        """A sample on the way; its amounts are those of the last control pass."""

    def ends(self, at_ms: float, visit: Visit, delivered: int, dose: int, /) -> None:
        """The step has ended with these amounts."""

    def drops(self, at_ms: float, visit: Visit, /) -> None:
        """The step was cut off: by a reset, a stop or another program."""


class Progress:
    """All tracks of the program."""

    def __init__(self, program: CompiledProgram | None, judges: list[ProgressJudge]) -> None:
        self._program = None if program is None else blobs.Program(program.blob)
        self._judges = judges
        self._visits: dict[int, Visit] = {}

    def event(self, at_ms: float, slot: bytes) -> None:
        """An EVENT was produced."""
        record = Record(slot)
        code = record.place
        if code in (records.EV_BOOT, records.EV_PROGRAM, records.EV_STOPPED):
            self.drop_all(at_ms)
        elif code in _OF_TRACKS:
            self._track_event(at_ms, code, record.values)

    def sample(self, at_ms: float, slot: bytes) -> None:
        """A TRACK sample was produced."""
        record = Record(slot)
        values = record.values
        visit = self._visits.get(record.place)
        if visit is not None and (values["step"], values["cycle"]) == (visit.step, visit.cycle):
            for judge in self._judges:
                judge.tells(at_ms, visit, _number(values, "delivered"), _number(values, "dose"))

    def drop_all(self, at_ms: float) -> None:
        """Nothing runs any more."""
        for visit in self._visits.values():
            for judge in self._judges:
                judge.drops(at_ms, visit)
        self._visits.clear()

    def _track_event(self, at_ms: float, code: int, values: Step) -> None:
        track = values["track"]
        if track is None:
            return
        if code in (records.EV_STEP_BEGIN, records.EV_BARRIER):
            self._come(at_ms, track, values, code)
        elif code == records.EV_STEP_END:
            self._end(at_ms, track, values)
        elif code in (records.EV_PAUSED, records.EV_RESUMED) and track in self._visits:
            goes = Goes.RUNNING if code == records.EV_RESUMED else Goes.WAITING
            for judge in self._judges:
                judge.turns(at_ms, self._visits[track], goes)

    def _come(self, at_ms: float, track: int, values: Step, code: int) -> None:
        program, step = self._program, _number(values, "step")
        if track in self._visits:
            gone = self._visits.pop(track)
            for judge in self._judges:
                judge.drops(at_ms, gone)
        if program is None or track >= len(program.tracks) or step >= program.length(track):
            return
        amounts = _number(values, "delivered"), _number(values, "dose")
        wanted = program.step(track, step)
        visit = Visit(track, step, _number(values, "cycle"), wanted, *amounts)
        self._visits[track] = visit
        goes = Goes.RUNNING if code == records.EV_STEP_BEGIN else Goes.WAITING
        for judge in self._judges:
            judge.comes(at_ms, visit, goes)

    def _end(self, at_ms: float, track: int, values: Step) -> None:
        visit = self._visits.pop(track, None)
        if visit is not None:
            for judge in self._judges:
                judge.ends(at_ms, visit, _number(values, "delivered"), _number(values, "dose"))


_OF_TRACKS = (
    records.EV_STEP_BEGIN,
    records.EV_STEP_END,
    records.EV_BARRIER,
    records.EV_PAUSED,
    records.EV_RESUMED,
)


def _number(values: Step, name: str) -> int:
    return values[name] or 0
