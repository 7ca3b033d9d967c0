"""Whether a plan can run on a bench: everything that would otherwise fail at night."""

from collections.abc import Iterator

from soakbench.config import BenchConfig, PlanConfig
from soakbench.config.explain import did_you_mean, quoted
from soakbench.config.phases import Ageing, Confirm, Environment, Jv, Loop
from soakbench.config.plan import MAX_ACCELERATE
from soakbench.config.source import Loc, Problem
from soakbench.config.tracks import Track
from soakbench.plan.abilities import ability_problems
from soakbench.plan.course import CourseStep, course
from soakbench.plan.overlap import overlap_problems
from soakbench.plan.policies import late_problems, policy_problems
from soakbench.plan.reach import reach_problems
from soakbench.plan.short_circuit import short_circuit_problems
from soakbench.plan.substrates import substrate_problems
from soakbench.units import Goal
from soakwire import blobs

_HINT = "correct the plan, or use a bench that can do this; `soakbench plan` shows the timeline"


def check(plan: PlanConfig, bench: BenchConfig) -> None:
    """ConfigError with every problem that `plan` has on `bench`; nothing if it can run there."""
    courses = {name: course(track) for name, track in plan.tracks.items()}
    problems = list(_size_problems(courses))
    too_fast = acceleration_problem(plan.plan.accelerate, bench)
    if too_fast is not None:
        problems.append(Problem(("plan", "accelerate"), too_fast))
    problems.extend(_cell_problems(plan, bench))
    for name, track in plan.tracks.items():
        problems.extend(_track_problems(("tracks", name), track, courses[name], bench))
    problems.extend(policy_problems(plan, bench))
    problems.extend(late_problems(plan))
    if not problems:  # nominal times are only worth comparing in tracks that make sense
        problems.extend(overlap_problems(courses))
        problems.extend(substrate_problems(plan.tracks, courses, bench))
    if problems:
        raise plan.error(problems, _HINT)


def _size_problems(courses: dict[str, list[CourseStep]]) -> Iterator[Problem]:
    if len(courses) > blobs.MAX_TRACKS:
        text = f"there are {len(courses)} tracks; the board runs at most {blobs.MAX_TRACKS}"
        yield Problem(("tracks",), text)
    for name, steps in courses.items():
        if len(steps) > blobs.MAX_STEPS:
            text = (
                f"there are {len(steps)} phases; a track has at most {blobs.MAX_STEPS}; use loops"
            )
            yield Problem(("tracks", name, "phases"), text)
    room = blobs.MAX_BLOB - blobs.PROGRAM_HEAD.size - blobs.PROGRAM_TRACK.size * len(courses)
    most = room // blobs.PROGRAM_STEP.size
    total = sum(len(steps) for steps in courses.values())
    if total > most:
        text = f"all tracks together have {total} phases; the board holds {most}; use loops"
        yield Problem(("tracks",), text)


def acceleration_problem(accelerate: float, bench: BenchConfig) -> str | None:
    """Why `accelerate` cannot be, or None."""
    if accelerate == 1:
        return None
    if not bench.is_twin:
        port = bench.bench.port
        return f'{accelerate:g} is for the simulated bench, and this one is at "{port}"; allowed: 1'
    if not 1 <= accelerate <= MAX_ACCELERATE:
        return f"{accelerate:g} is not allowed; allowed: 1 to {MAX_ACCELERATE}"
    return None


def _cell_problems(plan: PlanConfig, bench: BenchConfig) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for name, track in plan.tracks.items():
        for i, cell in enumerate(track.cells):
            loc: Loc = ("tracks", name, "cells", i)
            if cell not in bench.cells:
                yield Problem(loc, _unknown("cell", cell, list(bench.cells), bench))
            elif cell in owner:
                text = f'cell "{cell}" is already in track "{owner[cell]}"; a cell has one track'
                if owner[cell] == name:
                    text = f'cell "{cell}" is named twice'
                yield Problem(loc, text)
            owner.setdefault(cell, name)


def _track_problems(
    here: Loc, track: Track, steps: list[CourseStep], bench: BenchConfig
) -> Iterator[Problem]:
    stations = list(bench.stations)
    if track.station not in bench.stations:
        yield Problem((*here, "station"), _unknown("station", track.station, stations, bench))
    yield from _loads_problems(here, track, steps, bench)
    yield from _role_problems(here, track)
    yield from _label_problems(here, track)
    yield from _loop_problems(here, steps)
    yield from _move_problems(here, track, bench)
    yield from short_circuit_problems(here, steps, bench)
    yield from _jv_at_problems(here, track)
    told: set[Loc] = set()  # of the stretches of one phase
    for step in steps:
        station = bench.stations.get(step.station)
        if station is not None:
            loc: Loc = (*here, "phases", step.phase_index)
            yield from _once(ability_problems(loc, step, station), told)
            yield from _once(reach_problems(loc, step, track, station, bench), told)


def _loads_problems(
    here: Loc, track: Track, steps: list[CourseStep], bench: BenchConfig
) -> Iterator[Problem]:
    stated = [(here, track.loads)]
    stated += [
        ((*here, "phases", index), phase.loads)
        for index, phase in enumerate(track.phases)
        if isinstance(phase, Environment)
    ]
    for loc, loads in stated:
        for cell in loads:
            if cell not in track.cells:
                text = f'cell "{cell}" is not in this track; allowed: {quoted(track.cells)}'
                yield Problem((*loc, "loads", cell), text)
    yield from _fixed_load_problems(here, steps, bench)


def _fixed_load_problems(
    here: Loc, steps: list[CourseStep], bench: BenchConfig
) -> Iterator[Problem]:
    told = set()
    for step in steps:
        for name, load in step.loads.items():
            cell = bench.cells.get(name)
            if cell is None or cell.short_relay is not None or name in told:
                continue
            if load != cell.power_off:
                told.add(name)
                text = f'cell "{name}" has no short_relay and is always at {cell.power_off}'
                yield Problem((*here, "phases", step.phase_index), f"{text}, not at {load}")


def _role_problems(here: Loc, track: Track) -> Iterator[Problem]:
    lit = any(isinstance(phase, Ageing) for phase in track.phases)
    for cell, role in track.roles.items():
        loc: Loc = (*here, "roles", cell)
        if cell not in track.cells:
            text = f'cell "{cell}" is not in this track; allowed: {quoted(track.cells)}'
            yield Problem(loc, text)
        elif role == "never_lit" and lit:
            text = f'cell "{cell}" is never to be lit, but this track has an ageing phase'
            yield Problem(loc, f"{text}; give it a track of its own at a dark station")


def _label_problems(here: Loc, track: Track) -> Iterator[Problem]:
    seen = set()
    for index, phase in enumerate(track.phases):
        if phase.label is not None and phase.label in seen:
            text = f'"{phase.label}" is already the label of an earlier phase of this track'
            yield Problem((*here, "phases", index, "label"), text)
        seen.add(phase.label)


def _loop_problems(here: Loc, steps: list[CourseStep]) -> Iterator[Problem]:
    previous_loop = -1
    for step in steps:
        if not isinstance(step.phase, Loop):
            continue
        loc: Loc = (*here, "phases", step.phase_index, "back_to")
        target = step.phase.back_to
        if step.loop_to is None:
            labels = [s.phase.label for s in steps[: step.index] if s.phase.label is not None]
            known = f"allowed: {quoted(labels)}" if labels else "give that phase a `label`"
            guess = did_you_mean(target, labels)
            yield Problem(loc, f'no earlier phase has the label "{target}"; {known}{guess}')
        elif step.loop_to <= previous_loop:
            yield Problem(loc, "goes back over another loop; loops stand one after the other")
        elif steps[step.loop_to].station != step.station:
            text = (
                f'the cells are at "{step.station}" here and "{target}" begins at'
                f' "{steps[step.loop_to].station}"; end the loop with a `confirm` that has'
                f' station = "{steps[step.loop_to].station}"'
            )
            yield Problem(loc, text)
        elif step.phase.pce_below is not None and not _has_jv(steps[step.loop_to : step.index]):
            text = f'nothing measures the PCE between "{target}" and here; add a `jv` phase'
            yield Problem((*loc[:-1], "until"), text)
        previous_loop = step.index


def _has_jv(steps: list[CourseStep]) -> bool:
    return any(isinstance(step.phase, Jv) for step in steps)


def _jv_at_problems(here: Loc, track: Track) -> Iterator[Problem]:
    """J-V curves inside a phase come one after the other, before its end, in its own unit."""
    for index, phase in enumerate(track.phases):
        if not isinstance(phase, Environment):
            continue
        before = 0
        for number, point in enumerate(phase.jv_at):
            loc: Loc = (*here, "phases", index, "jv_at", number)
            if point.unit != phase.until.unit:
                what = "a time" if phase.until.unit == "h" else "a light dose"
                yield Problem(loc, f"{point} is not {what}, like until = {phase.until}")
            elif not before < point.milli < phase.until.milli:
                after = f"after {Goal(before, point.unit)} and " if before else ""
                yield Problem(loc, f"{point} is not {after}before the phase ends at {phase.until}")
            before = point.milli


def _once(problems: Iterator[Problem], told: set[Loc]) -> Iterator[Problem]:
    for problem in problems:
        if problem.loc not in told:
            told.add(problem.loc)
            yield problem


def _move_problems(here: Loc, track: Track, bench: BenchConfig) -> Iterator[Problem]:
    """Cells do not move by themselves: a phase elsewhere needs a person's confirm before it."""
    station = track.station
    may_move = False
    for index, phase in enumerate(track.phases):
        if not isinstance(phase, Environment | Confirm):
            continue
        wanted = phase.station or station
        loc: Loc = (*here, "phases", index, "station")
        if wanted not in bench.stations and wanted != station:
            yield Problem(loc, _unknown("station", wanted, list(bench.stations), bench))
        elif isinstance(phase, Environment) and wanted != station and not may_move:
            text = f'the cells are at "{station}"; moving them to "{wanted}" needs a phase'
            yield Problem(loc, f'{text} "confirm" with station = "{wanted}" before this one')
        station = wanted
        may_move = isinstance(phase, Confirm) and phase.station is None


def _unknown(what: str, name: str, known: list[str], bench: BenchConfig) -> str:
    there = f'bench "{bench.bench.name}" has {quoted(known)}'
    return f'there is no {what} "{name}"; {there}{did_you_mean(name, known)}'
