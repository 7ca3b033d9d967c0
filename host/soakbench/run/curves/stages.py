"""What the cells have just been through when a J-V is due: its stage."""

from dataclasses import dataclass

from soakbench.plan import CompiledProgram
from soakbench.plan.course import Visit
from soakbench.run.goals import Goals, read_extended
from soakbench.run.machine import Place
from soakbench.store import Store
from soakbench.store.sweeps import JvPlace
from soakbench.units import MILLI_PER_HOUR, format_duration

INITIAL = "initial"


@dataclass(frozen=True)
class Stage:
    """`name` is what `--stage` calls it: `initial`, or the phase before."""

    name: str
    words: str


@dataclass(frozen=True)
class Stages:
    """The stages of a run, as the plan and people's orders have them."""

    goals: Goals
    skipped: frozenset[Place]

    def of(self, place: JvPlace) -> Stage:
        """The stage of a J-V, for instance "ageing 3 h" in the midst of 16 h."""
        before = self._before(place)
        if not before:
            return Stage(INITIAL, INITIAL)
        parts = self._of_one_passage(place.track, before)
        step = self.goals.step(parts[-1])
        milli = sum(self.goals.milli(part) for part in parts)
        is_time = step.unit == "h"
        amount = format_duration(milli) if is_time else f"{milli / MILLI_PER_HOUR:g} sun_h"
        round_ = f" #{parts[-1].cycle + 1}" if parts[-1].cycle else ""
        cut = " (skipped)" if self.skipped.intersection(parts) else ""
        return Stage(step.phase, f"{step.phase.replace('_', ' ')} {amount}{round_}{cut}")

    def _before(self, place: JvPlace) -> list[Visit]:
        """The passages through phases with an amount, in order of time."""
        steps = self.goals.program.tracks[place.track].steps
        before = []
        for visit in self.goals.program.visits(place.track):
            if visit == (place.step, place.cycle):
                break
            if steps[visit.step].goal is not None:
                before.append(visit)
        return before

    def _of_one_passage(self, track: int, before: list[Visit]) -> list[Place]:
        """The stretches of the last phase that was begun: J-V curves inside cut it into several."""
        places = [Place(track, *visit) for visit in before]
        phase = self.goals.step(places[-1]).phase_index
        return [
            at
            for at in places
            if at.cycle == places[-1].cycle and self.goals.step(at).phase_index == phase
        ]


def stages_of(store: Store, run: str, program: CompiledProgram) -> Stages:
    """The stages of `run`."""
    rows = store.rows("SELECT track, step, cycle FROM skipped WHERE run = ?", (run,))
    goals = Goals(program, read_extended(store, run))
    return Stages(goals, frozenset(Place(*row) for row in rows))
