"""What a plan cannot meet of the ISOS protocol that it claims to follow (`isos` in `[plan]`).

Told from the plan and the bench alone. What only a run shows (how warm the cells get under the
light, what was interrupted) is in the label of the run, soakbench.run.isos.
"""

from collections.abc import Iterator

from soakbench.config import BenchConfig, PlanConfig
from soakbench.config.bench import Station
from soakbench.config.phases import Ageing, DarkRecovery, Environment, ThermalRecovery
from soakbench.config.source import Loc, Problem
from soakbench.plan.course import CourseStep, Wait, course, loops_of, nominal_ms, visits
from soakbench.plan.isos_protocols import (
    DARK_PER_LIGHT,
    HOT_C,
    PERIODS_H,
    SUNS,
    TOLERANCE_C,
    IsosProtocol,
    nearest_of,
    protocol_of,
)
from soakbench.units import MILLI_PER_HOUR, format_duration, format_suns

_SAME = 0.02  # J-V curves and the heat-up come on top of nominal times
_CLAIM: Loc = ("plan", "isos")
_ATMOSPHERE: Loc = ("conditions", "atmosphere")


def claim_problems(plan: PlanConfig, bench: BenchConfig) -> list[Problem]:
    """For `plan` that has passed `check` on `bench`; none where it claims nothing."""
    if plan.plan.isos is None:
        return []
    protocol = protocol_of(plan.plan.isos)
    problems = [*_bench_problems(protocol), *_statement_problems(plan, protocol)]
    for name, track in plan.tracks.items():
        steps = course(track)
        here: Loc = ("tracks", name)
        problems += _family_problems(here, steps, protocol)
        if protocol.family == "LC":
            problems += _cycle_problems(here, steps)
        problems += _station_problems(here, steps, protocol, bench)
        for step in steps:
            loc: Loc = (*here, "phases", step.phase_index)
            problems += _phase_problems(loc, step, protocol, bench)
    told = (Problem(each.loc, f"claimed {protocol.name}: {each.text}") for each in problems)
    return sorted(plan.placed(told), key=lambda each: plan.source.line_of(each.loc) or 0)


def _bench_problems(protocol: IsosProtocol) -> Iterator[Problem]:
    if protocol.wants_mpp:
        yield Problem(_CLAIM, "it demands MPP tracking, which no bench of soakbench does")
    if protocol.humidity:
        text = f"it wants {protocol.humidity} relative humidity, and nothing here controls that"
        yield Problem(_CLAIM, text)


def _statement_problems(plan: PlanConfig, protocol: IsosProtocol) -> Iterator[Problem]:
    conditions = plan.conditions
    if conditions.atmosphere is None:
        text = 'the atmosphere is not stated; write for instance atmosphere = "N2"'
        yield Problem(_CLAIM, f"{text} in [conditions]")
    elif protocol.inert != conditions.is_inert:
        wanted = "I is for an inert atmosphere" if protocol.inert else "it is in air"
        yield Problem(_ATMOSPHERE, f'{wanted}; stated is "{conditions.atmosphere}"')
    missing = conditions.not_stated()
    if missing and protocol.is_lit:
        text = f"to be reported, and not stated in [conditions]: {', '.join(missing)}"
        yield Problem(_CLAIM, text)


def _family_problems(
    here: Loc, steps: list[CourseStep], protocol: IsosProtocol
) -> Iterator[Problem]:
    """Light and dark where they should be."""
    lit = any(isinstance(step.phase, Ageing) for step in steps)
    if protocol.is_lit and not lit:
        yield Problem(here, "the track has no light")
    if protocol.family == "LC" and not any(_is_dark(step) for step in steps):
        yield Problem(here, "the track has no dark")
    for step in steps:
        loc: Loc = (*here, "phases", step.phase_index, "phase")
        if protocol.family == "D" and isinstance(step.phase, Ageing):
            yield Problem(loc, "it is storage in the dark, and this phase has light")
        if protocol.family == "L" and _is_dark(step):
            yield Problem(loc, "it is constant light, and this phase is dark")


def _is_dark(step: CourseStep) -> bool:
    return isinstance(step.phase, DarkRecovery | ThermalRecovery)


# --- cycles ---


def _cycle_problems(here: Loc, steps: list[CourseStep]) -> Iterator[Problem]:
    """By nominal times; a phase that begins at a time of day makes a round a day long."""
    rounds = _rounds_h(steps)
    if not rounds:
        return
    first = next(step for step in steps if isinstance(step.phase, Ageing))
    loc: Loc = (*here, "phases", first.phase_index)
    if len(rounds) == 1:
        yield Problem(loc, "there is one cycle only; a loop makes more")
    if any(isinstance(step.phase, Wait) for step in steps):
        rounds = [(light_h, 24 - light_h) for light_h, _ in rounds if light_h < 24]
    for light_h, dark_h in dict.fromkeys(rounds):
        period_h = light_h + dark_h
        times = f"this is {_time(light_h)} of light, {_time(dark_h)} of dark"
        if _is_off(period_h, PERIODS_H):
            yield Problem((*loc, "until"), f"a period is 2, 8 or 24 h; {times}")
        if _is_off(dark_h / light_h, DARK_PER_LIGHT):
            yield Problem((*loc, "until"), f"light to dark is 1:1 or 1:2; {times}")


def _rounds_h(steps: list[CourseStep]) -> list[tuple[float, float]]:
    """Hours of light, and of the dark after it."""
    rounds: list[list[float]] = []
    for visit in visits(loops_of(steps)):
        step = steps[visit.step]
        hours = nominal_ms(step.phase) / MILLI_PER_HOUR
        if isinstance(step.phase, Ageing):
            if not rounds or rounds[-1][1]:
                rounds.append([0.0, 0.0])
            rounds[-1][0] += hours
        elif _is_dark(step) and rounds:
            rounds[-1][1] += hours
    return [(light_h, dark_h) for light_h, dark_h in rounds if dark_h]


def _is_off(value: float, allowed: tuple[float, ...]) -> bool:
    return abs(value / nearest_of(allowed, value) - 1) > _SAME


# --- phases ---


def _phase_problems(
    loc: Loc, step: CourseStep, protocol: IsosProtocol, bench: BenchConfig
) -> Iterator[Problem]:
    if isinstance(step.phase, Ageing):
        yield from _light_problems(loc, step.phase)
    if isinstance(step.phase, Environment):
        yield from _load_problems(loc, step, protocol)
        yield from _temperature_problems(loc, step, protocol, bench.stations[step.station])


def _station_problems(
    here: Loc, steps: list[CourseStep], protocol: IsosProtocol, bench: BenchConfig
) -> Iterator[Problem]:
    """What nothing measures, told at the first phase that is there."""
    told: set[str] = set()
    for step in steps:
        if not isinstance(step.phase, Environment):
            continue
        loc: Loc = (*here, "phases", step.phase_index)
        for what in _unmeasured(bench.stations[step.station], step, protocol):
            text = f'station "{step.station}" has no {what}'
            if text not in told:
                told.add(text)
                yield Problem((*loc, "station"), text)


def _unmeasured(station: Station, step: CourseStep, protocol: IsosProtocol) -> Iterator[str]:
    if isinstance(step.phase, Ageing) and station.light_sensor is None:
        yield "light_sensor, so the light will not be known"
    if station.stage_sensor is None and station.plate_sensor is None:
        yield "stage_sensor, so the temperature will not be known"
    if not protocol.inert and station.humidity_sensor is None:
        yield "humidity_sensor, and the humidity is to be reported"


def _light_problems(loc: Loc, phase: Ageing) -> Iterator[Problem]:
    if phase.light_suns is None:
        yield Problem(loc, 'any light counts; write for instance light = "1 sun"')
    elif not SUNS[0] <= phase.light_suns <= SUNS[1]:
        text = f"{SUNS[0]:g} to {SUNS[1]:g} suns are usual; this is {format_suns(phase.light_suns)}"
        yield Problem((*loc, "light"), text)


def _load_problems(loc: Loc, step: CourseStep, protocol: IsosProtocol) -> Iterator[Problem]:
    """SC is no load of any of them."""
    shorted = [cell for cell, load in step.loads.items() if load == "SC"]
    if shorted:
        when = "while lit" if isinstance(step.phase, Ageing) else "in the dark"
        loads = protocol.loads if isinstance(step.phase, Ageing) else "OC"
        yield Problem((*loc, "load"), f"at SC {when}: {', '.join(shorted)}; it takes {loads}")


def _temperature_problems(
    loc: Loc, step: CourseStep, protocol: IsosProtocol, station: Station
) -> Iterator[Problem]:
    if isinstance(step.phase, ThermalRecovery):
        if protocol.departure_c(step.phase.target_c) > TOLERANCE_C:
            text = f"it is at {protocol.temperature}; this is {step.phase.target_c:g} °C"
            yield Problem((*loc, "temperature"), text)
    elif protocol.level > 1:
        text = f"it is at {protocol.temperature}, and this phase has no temperature"
        if (station.ceiling_c or 0) < HOT_C[0]:
            text += f'; station "{step.station}" cannot be that warm'
        yield Problem((*loc, "phase"), text)


def _time(hours: float) -> str:
    return format_duration(round(hours * MILLI_PER_HOUR))
