"""Light that the bench may not give as the plan wants it."""

from collections.abc import Iterator

from soakbench.config import BenchConfig
from soakbench.config.phases import Ageing, Confirm
from soakbench.config.source import Loc, Problem
from soakbench.config.tracks import Track
from soakbench.plan.course import CourseStep, loops_of, visits
from soakbench.units import format_suns


def light_warnings(
    here: Loc, track: Track, steps: list[CourseStep], bench: BenchConfig
) -> Iterator[Problem]:
    """Of one track."""
    for index, phase in enumerate(track.phases):
        any_light = isinstance(phase, Ageing) and phase.light_suns is None
        if any_light and "tolerance_suns" in phase.model_fields_set:
            text = "does nothing without `light`: any light counts"
            yield Problem((*here, "phases", index, "light_tolerance"), text)
    if bench.is_twin:
        yield from _simulated_lamp_warnings(here, track, bench.twin.lamp_suns)
    yield from _one_lamp_warnings(here, steps, bench)


def _simulated_lamp_warnings(here: Loc, track: Track, lamp_suns: float) -> Iterator[Problem]:
    for index, phase in enumerate(track.phases):
        if not isinstance(phase, Ageing) or phase.light_suns is None:
            continue
        if _farther(phase.light_suns, lamp_suns, phase.tolerance_suns):
            text = (
                f"the lamp of the simulated bench gives {format_suns(lamp_suns)} (lamp_suns in"
                " [twin]), so that the light is never as wanted"
            )
            yield Problem((*here, "phases", index, "light"), text)


def _one_lamp_warnings(here: Loc, steps: list[CourseStep], bench: BenchConfig) -> Iterator[Problem]:
    """A shutter and a lamp relay know only on and off: who would change the light?"""
    told = set()
    for before, now in _lit_in_a_row(steps):
        light = bench.stations[now.station].light
        switched = light is not None and light.actuator != "by_hand"
        alone = before.station == now.station and _apart(before, now)
        if switched and alone and now.phase_index not in told:
            told.add(now.phase_index)
            text = (
                f'the board only switches the light of station "{now.station}" on and off, and the'
                f" last phase with light wants {_level(before)}; unless something else changes it,"
                " the light is never as wanted in one of the two. Put a phase"
                ' "confirm" between them that asks a person to'
            )
            yield Problem((*here, "phases", now.phase_index, "light"), text)


def _lit_in_a_row(steps: list[CourseStep]) -> Iterator[tuple[CourseStep, CourseStep]]:
    """Each step with light and the last one before it, where nobody has a hand in between."""
    before: CourseStep | None = None
    for visit in visits(loops_of(steps)):
        step = steps[visit.step]
        if isinstance(step.phase, Confirm):
            before = None
        elif isinstance(step.phase, Ageing):
            if before is not None:
                yield before, step
            before = step


def _apart(one: CourseStep, other: CourseStep) -> bool:
    """Whether no light would suit both."""
    a, b = one.phase, other.phase
    if not (isinstance(a, Ageing) and isinstance(b, Ageing)):
        return False
    if a.light_suns is None or b.light_suns is None:
        return False
    return _farther(a.light_suns, b.light_suns, a.tolerance_suns + b.tolerance_suns)


def _farther(one_suns: float, other_suns: float, than_suns: float) -> bool:
    """In milli-suns, as the board counts."""
    return round(abs(one_suns - other_suns) * 1000) > round(than_suns * 1000)


def _level(step: CourseStep) -> str:
    suns = step.phase.light_suns if isinstance(step.phase, Ageing) else None
    return "any" if suns is None else format_suns(suns)
