"""What a rehearsal says in the end."""

import json
from dataclasses import dataclass
from typing import Any

from soakbench.rehearsal.judge import Verdict, Violation
from soakbench.run.goals import Goals
from soakbench.run.machine import Place
from soakbench.status import Summary
from soakwire import names, records
from soakwire.slots import Record

_END = {records.EV_STEP_END, records.EV_STEP_TIMEOUT}
_OF_STEPS = {records.EV_STEP_BEGIN, records.EV_BARRIER, *_END}

Event = tuple[float, Record]


@dataclass(frozen=True)
class Passage:
    """One time through a phase, as it truly was. Hours from the begin of the rehearsal."""

    track: str
    phase: str
    cycle: int
    station: str
    from_h: float
    to_h: float | None
    """None: it did not end."""
    planned_h: float
    """What it takes where its condition holds all the time; a dose as at 1 sun."""

    @property
    def took_h(self) -> float | None:
        """From begin to end."""
        return None if self.to_h is None else self.to_h - self.from_h


@dataclass(frozen=True)
class Trip:
    """A heater was switched off for good."""

    at_h: float
    station: str
    faults: list[str]


@dataclass(frozen=True)
class Report:
    """One rehearsal."""

    plan: str
    seed: int
    simulated_s: float
    wall_s: float
    polls: int
    lives: int
    """How often the daemon was started."""
    why_not: str
    """Why the run did not finish; empty if it did."""
    verdict: Verdict
    deviations: list[str]
    trips: list[Trip]
    passages: list[Passage]
    published: int
    db_hash: str
    summary: Summary | None
    """None if no run was begun."""
    data: str
    """Where the database is; empty if it was thrown away."""

    @property
    def speedup(self) -> float:
        """Virtual by real time."""
        return self.simulated_s / max(self.wall_s, 1e-3)

    @property
    def violations(self) -> list[Violation]:
        """The first ones of each rule."""
        return self.verdict.violations

    def as_json(self) -> str:
        """For programs."""
        custody = self.verdict.custody
        values: dict[str, Any] = {
            "plan": self.plan,
            "seed": self.seed,
            "simulated_s": round(self.simulated_s, 3),
            "wall_s": round(self.wall_s, 3),
            "speedup": round(self.speedup, 1),
            "polls": self.polls,
            "produced": custody.produced,
            "stored": custody.stored,
            "declared_loss": custody.declared_loss,
            "missing": custody.missing,
            "duplicates": custody.duplicates,
            "violations": [_violation(violation) for violation in self.violations],
            "deviations": self.deviations,
            "trips": [vars(trip) for trip in self.trips],
            "db_hash": self.db_hash,
        }
        return json.dumps(values, ensure_ascii=False, indent=2)


def _violation(violation: Violation) -> dict[str, Any]:
    return {
        "at_s": round(violation.at_ms / 1000, 3),
        "rule": str(violation.rule),
        "text": violation.text,
        "before": list(violation.before),
    }


def passages(events: list[Event], goals: Goals) -> list[Passage]:
    """The phases as they were, by track. One that began twice (after a restart of the board)
    counts from its first begin."""
    spans: dict[tuple[int, int, int], list[float | None]] = {}
    for at_ms, record in events:
        if record.place not in _OF_STEPS:
            continue
        values = record.values
        visit = (values["track"] or 0, values["step"] or 0, values["cycle"] or 0)
        span = spans.setdefault(visit, [_hours(at_ms), None])
        if record.place in _END:
            span[1] = _hours(at_ms)
    found = []
    for number, track in enumerate(goals.program.tracks):
        for index, cycle in goals.program.visits(number):
            span = spans.get((number, index, cycle), [None, None])
            if span[0] is not None:
                step = track.steps[index]
                found.append(
                    Passage(
                        track.name,
                        step.phase,
                        cycle,
                        step.station,
                        span[0],
                        span[1],
                        _hours(goals.wire_milli(Place(number, index, cycle))),
                    )
                )
    return found


def trips(events: list[Event], stations: list[str]) -> list[Trip]:
    """All trips of heaters."""
    found = []
    for at_ms, record in events:
        if record.place != records.EV_FAULT:
            continue
        values = record.values
        faults = (values["a"] or 0) & records.TRIPS
        if faults:
            words = [name for bit, name in names.FAULT_NAMES if faults & bit]
            found.append(Trip(_hours(at_ms), stations[values["station"] or 0], words))
    return found


def _hours(ms: float) -> float:
    return ms / 3_600_000
