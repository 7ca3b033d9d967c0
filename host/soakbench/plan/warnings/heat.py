"""Warmth and darkness that the bench may not give as the plan wants them."""

from collections.abc import Iterator

from soakbench.config import BenchConfig
from soakbench.config.bench import Heater, Station
from soakbench.config.phases import DarkRecovery, ThermalRecovery
from soakbench.config.source import Loc, Problem
from soakbench.plan.course import CourseStep
from soakbench.units import format_duration

ROOM_C = 23.0
WARMEST_ROOM_C = 27.0  # ISOS: ambient is 23 ± 4 °C
HELD_WITHIN_C = 0.3  # docs/calibration.md: what a tuned plate stays within
OVERSHOOT_C = 1.0  # limits of the board: a healthy plate stays below it

_MS_PER_MIN = 60_000


def heat_warnings(here: Loc, steps: list[CourseStep], bench: BenchConfig) -> Iterator[Problem]:
    """Of one track; each phase's are told once, whatever stretches it has."""
    told: set[Loc] = set()
    for step in steps:
        loc: Loc = (*here, "phases", step.phase_index)
        for problem in _of_step(loc, step, bench):
            if problem.loc not in told:
                told.add(problem.loc)
                yield problem


def _of_step(loc: Loc, step: CourseStep, bench: BenchConfig) -> Iterator[Problem]:
    phase = step.phase
    station = bench.stations[step.station]
    if isinstance(phase, ThermalRecovery):
        yield from _temperature_warnings(loc, phase, step.station, bench)
        yield from _band_warnings(loc, phase)
        if station.heater is not None:
            yield from _heat_up_warnings(loc, phase, station.heater)
    if isinstance(phase, DarkRecovery | ThermalRecovery) and bench.is_twin:
        yield from _leak_warnings(loc, phase, station, bench.twin.leak_lux)


def _temperature_warnings(
    loc: Loc, phase: ThermalRecovery, name: str, bench: BenchConfig
) -> Iterator[Problem]:
    warmest_c = bench.twin.ambient_c if bench.is_twin else WARMEST_ROOM_C
    high_c = phase.target_c + phase.band_c
    if high_c < warmest_c:
        text = f"nothing cools the plate: in a room of more than {high_c:g} °C no time counts"
        yield Problem((*loc, "temperature"), text)
    heater = bench.stations[name].heater
    if heater is not None and phase.target_c + OVERSHOOT_C > heater.ceiling_c:
        text = (
            f"is less than {OVERSHOOT_C:g} °C below {heater.ceiling_c:g} °C, the ceiling_c of"
            f' station "{name}"; an overshoot would trip the heater (safety rule S9), and the'
            " track would wait for a person"
        )
        yield Problem((*loc, "temperature"), text)


def _band_warnings(loc: Loc, phase: ThermalRecovery) -> Iterator[Problem]:
    if phase.band_c < HELD_WITHIN_C:
        text = (
            f"{phase.band_c:g} °C is narrower than the {HELD_WITHIN_C:g} °C that a well tuned plate"
            " is held within; the phase will take longer than its `until`"
        )
        yield Problem((*loc, "band"), text)


def _heat_up_warnings(loc: Loc, phase: ThermalRecovery, heater: Heater) -> Iterator[Problem]:
    if phase.timeout_ms is None or heater.ramp_c_per_min is None:
        return
    rise_c = max(phase.target_c - phase.band_c - ROOM_C, 0)
    heat_up_ms = rise_c / heater.ramp_c_per_min * _MS_PER_MIN
    left_ms = phase.timeout_ms - phase.until.milli
    if left_ms < heat_up_ms:
        text = (
            f"leaves {format_duration(left_ms)} for the heat-up, which takes"
            f" {format_duration(round(heat_up_ms, -3))} from {ROOM_C:g} °C at"
            f" {heater.ramp_c_per_min:g} °C/min (ramp_c_per_min)"
        )
        yield Problem((*loc, "timeout"), text)


def _leak_warnings(
    loc: Loc, phase: DarkRecovery | ThermalRecovery, station: Station, leak_lux: float
) -> Iterator[Problem]:
    if station.lux_sensor is not None and leak_lux > phase.dark_max_lux:
        text = (
            f"{leak_lux:g} lux leak into the boxes of the simulated bench (leak_lux in [twin]), so"
            " that it is never dark enough"
        )
        yield Problem((*loc, "dark_max_lux"), text)
