"""What a station must have for a phase."""

from collections.abc import Iterator

from soakbench.config.bench import Station
from soakbench.config.phases import Ageing, DarkRecovery, ThermalRecovery
from soakbench.config.source import Loc, Problem
from soakbench.plan.course import CourseStep


def ability_problems(here: Loc, step: CourseStep, station: Station) -> Iterator[Problem]:
    """What the phase at `here` needs and `station` has not."""
    phase = step.phase
    if isinstance(phase, Ageing):
        yield from _ageing_problems(here, phase, step.station, station)
    if isinstance(phase, ThermalRecovery):
        yield from _thermal_problems(here, phase, step.station, station)
    if isinstance(phase, DarkRecovery | ThermalRecovery):
        given = "dark_max_lux" in phase.model_fields_set
        if given and station.lux_sensor is None:
            text = f'station "{step.station}" has no lux_sensor to prove it; leave the key out'
            yield Problem((*here, "dark_max_lux"), text)


def _ageing_problems(here: Loc, phase: Ageing, name: str, station: Station) -> Iterator[Problem]:
    if station.light is None:
        text = f'station "{name}" has no light; ageing needs a station with [stations.X.light]'
        yield Problem((*here, "phase"), text)
        return
    sensor = station.light_sensor
    if sensor is None and phase.until.unit == "sun_h":
        text = f'station "{name}" has no light_sensor to measure a dose; write a time like "16 h"'
        yield Problem((*here, "until"), text)
    if phase.light_suns is None:
        return
    if sensor is None:
        text = f'station "{name}" has no light_sensor to verify it; leave the key out'
        yield Problem((*here, "light"), text)
    elif phase.light_suns + phase.tolerance_suns > sensor.full_scale_suns:
        text = (
            f"{phase.light_suns:g} + {phase.tolerance_suns:g} suns cannot be verified: the sensor"
            f' of station "{name}" ends at {sensor.full_scale_suns:g} suns'
        )
        yield Problem((*here, "light"), text)


def _thermal_problems(
    here: Loc, phase: ThermalRecovery, name: str, station: Station
) -> Iterator[Problem]:
    ceiling_c = station.ceiling_c
    if ceiling_c is None:
        text = f'station "{name}" has no heater; thermal_recovery needs a station with one'
        yield Problem((*here, "phase"), text)
    elif not 0 <= phase.target_c <= ceiling_c:
        ceiling = f'{ceiling_c:g} °C, the ceiling_c of station "{name}"'
        text = f"{phase.target_c:g} °C is outside 0 to {ceiling}"
        yield Problem((*here, "temperature"), text)
