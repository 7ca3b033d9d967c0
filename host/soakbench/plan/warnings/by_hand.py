"""Light that a person switches: who is asked to, and how long the cells stay in it."""

from collections.abc import Iterator

from soakbench.config import BenchConfig
from soakbench.config.phases import Ageing, Confirm, Jv, Phase
from soakbench.config.source import Loc, Problem
from soakbench.plan.course import CourseStep, Decide, Wait, loops_of, visits


def by_hand_warnings(here: Loc, steps: list[CourseStep], bench: BenchConfig) -> Iterator[Problem]:
    """Of one track."""
    told: set[Loc] = set()
    for before, step, after in _neighbours(steps):
        if not (isinstance(step.phase, Ageing) and _is_by_hand(step, bench)):
            continue
        loc: Loc = (*here, "phases", step.phase_index)
        for problem in _of_phase(loc, before, step.phase, after, step.station):
            if problem.loc not in told:
                told.add(problem.loc)
                yield problem


def _of_phase(
    loc: Loc, before: Phase | None, phase: Ageing, after: Phase | None, station: str
) -> Iterator[Problem]:
    by_hand = f'the light of station "{station}" is operated by hand'
    if before is not None and not isinstance(before, Ageing | Confirm):
        text = f'{by_hand}; put a phase "confirm" before this one that asks to switch it on'
        yield Problem((*loc, "phase"), text)
    if not isinstance(after, Ageing | Confirm):
        text = f'{by_hand}; put a phase "confirm" after this one that asks to switch it off'
        yield Problem(loc, text)
    if phase.until.unit == "sun_h":
        text = f"{by_hand}: beyond the dose, the cells get light until somebody switches it off"
        yield Problem((*loc, "until"), text)


def _neighbours(
    steps: list[CourseStep],
) -> Iterator[tuple[Phase | None, CourseStep, Phase | None]]:
    """Each step of phases and people between the ones before and after it, loops unrolled."""
    order = [steps[visit.step] for visit in visits(loops_of(steps))]
    lived = [(step, step.phase) for step in order if not isinstance(step.phase, Jv | Wait | Decide)]
    phases = [None, *(phase for _, phase in lived), None]
    for number, (step, _) in enumerate(lived):
        yield phases[number], step, phases[number + 2]


def _is_by_hand(step: CourseStep, bench: BenchConfig) -> bool:
    light = bench.stations[step.station].light
    return light is not None and light.actuator == "by_hand"
