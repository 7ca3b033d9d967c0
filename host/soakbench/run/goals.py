"""The goal of each visit of a run: the plan's, or the one that people have ordered instead."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from soakbench.plan import CompiledProgram, StepInfo
from soakbench.run.machine import Place
from soakbench.store import Store
from soakbench.units import MILLI_PER_HOUR


def read_extended(store: Store, run: str) -> dict[Place, int]:
    """The goals that people have ordered in `run`, in milli-units as on the wire."""
    rows = store.rows("SELECT track, step, cycle, goal FROM extended WHERE run = ?", (run,))
    return {Place(*place): goal for *place, goal in rows}


@dataclass(frozen=True)
class Goals:
    """Of one run; `extended` is of `read_extended`."""

    program: CompiledProgram
    extended: Mapping[Place, int] = field(default_factory=dict)

    def wire_milli(self, place: Place) -> int:
        """As the board counts it: ms or milli-sun-s, accelerated; 0 where there is no goal."""
        return self.extended.get(place, self.step(place).goal_milli)

    def milli(self, place: Place) -> int:
        """As the plan counts it: ms or milli-sun-s; 0 where there is no goal."""
        if place in self.extended:
            return round(self.extended[place] * self.program.accelerate)
        return round((self.step(place).goal or 0) * MILLI_PER_HOUR)

    def amount(self, place: Place) -> float | None:
        """In the unit of its step; None where there is no goal."""
        return None if self.step(place).goal is None else self.milli(place) / MILLI_PER_HOUR

    def step(self, place: Place) -> StepInfo:
        """The step that a place is a visit to."""
        return self.program.tracks[place.track].steps[place.step]
