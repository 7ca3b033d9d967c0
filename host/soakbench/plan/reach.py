"""Phases that could never reach their goal, by what plan and bench say."""

from collections.abc import Iterator

from soakbench.config import BenchConfig
from soakbench.config.bench import LightSensor, Station, TemperatureSensor
from soakbench.config.phases import (
    Ageing,
    DarkRecovery,
    Environment,
    Phase,
    ThermalRecovery,
)
from soakbench.config.source import Loc, Problem
from soakbench.config.tracks import Track
from soakbench.plan.board_config import converter_steps
from soakbench.plan.course import CourseStep
from soakbench.plan.thermistor import adc_code
from soakbench.units import format_duration, format_suns

# What the board counts in, however fine its sensors are.
_FINEST_SUNS = 0.001
_FINEST_C = 0.01
_FINEST_LUX = 0.1

# Less is no light to the board (MIN_LIGHT_MILLI_SUNS of its limits).
_LEAST_SUNS = 0.01

# The RP2040's converter has 12 bits, on a scale of 16.
_PIN_STEPS = 1 << 12
_SCALE = 1 << 16


def reach_problems(
    here: Loc, step: CourseStep, track: Track, station: Station, bench: BenchConfig
) -> Iterator[Problem]:
    """Of a step of `track`, at a station that has what the phase needs."""
    phase = step.phase
    if isinstance(phase, Ageing) and station.light_sensor is not None:
        yield from _light_problems(here, phase, step.station, station.light_sensor)
    if isinstance(phase, DarkRecovery | ThermalRecovery) and station.lux_sensor is not None:
        yield from _dark_problems(here, phase)
    if isinstance(phase, ThermalRecovery) and station.plate_sensor is not None:
        yield from _band_problems(here, phase, station.plate_sensor, bench)
    if isinstance(phase, Environment) and phase.until.unit == "h":
        yield from _time_problems(here, phase, track.phases[step.phase_index])
    elif isinstance(phase, Ageing) and station.light_sensor is not None:
        yield from _dose_problems(here, phase, step.station, station.light_sensor)


def _light_problems(here: Loc, phase: Ageing, name: str, sensor: LightSensor) -> Iterator[Problem]:
    if phase.light_suns is None:
        return
    light, tolerance = phase.light_suns, phase.tolerance_suns
    finest = max(sensor.full_scale_suns / _PIN_STEPS, _FINEST_SUNS)
    if tolerance < finest:
        text = (
            f'{tolerance:g} suns is less than the light sensor of station "{name}" can tell'
            f" ({finest:.2g} suns); no light would count"
        )
        yield Problem((*here, "light_tolerance"), text)
    if round((light - tolerance) * 1000) < round(_LEAST_SUNS * 1000):
        text = (
            f"{light:g} - {tolerance:g} suns is dark (below {_LEAST_SUNS:g} suns), so that a dead"
            " lamp would count as light; write a smaller light_tolerance"
        )
        yield Problem((*here, "light"), text)


def _dark_problems(here: Loc, phase: DarkRecovery | ThermalRecovery) -> Iterator[Problem]:
    if round(phase.dark_max_lux / _FINEST_LUX) < 1:
        text = (
            f"{phase.dark_max_lux:g} is less than the lux sensor's readings are told in"
            f" ({_FINEST_LUX:g} lux); only a reading of exactly 0 would count"
        )
        yield Problem((*here, "dark_max_lux"), text)


def _band_problems(
    here: Loc, phase: ThermalRecovery, sensor: TemperatureSensor, bench: BenchConfig
) -> Iterator[Problem]:
    finest_c = max(_step_c(sensor, phase.target_c, bench), _FINEST_C)
    if phase.band_c < finest_c:
        text = (
            f"{phase.band_c:g} °C is less than a step of the plate's sensor at"
            f" {phase.target_c:g} °C ({finest_c:.2g} °C); hardly any reading would be in it"
        )
        yield Problem((*here, "band"), text)


def _step_c(sensor: TemperatureSensor, at_c: float, bench: BenchConfig) -> float:
    """By how much a reading differs from the next one."""
    thermistor = bench.thermistors[sensor.thermistor]
    codes_per_c = abs(adc_code(thermistor, at_c + 0.5) - adc_code(thermistor, at_c - 0.5))
    steps = _PIN_STEPS
    if sensor.converter is not None:
        steps = converter_steps(bench.converters[sensor.converter])
    return _SCALE / steps / codes_per_c


def _time_problems(here: Loc, phase: Environment, whole: Phase) -> Iterator[Problem]:
    if phase.timeout_ms is None or phase.timeout_ms > phase.until.milli:
        return
    what = f"the phase itself (until = {phase.until})"
    if isinstance(whole, Environment) and whole.jv_at:
        what = f"a stretch of {phase.until} that jv_at makes of the phase"
    yield Problem((*here, "timeout"), f"is not longer than {what}")


def _dose_problems(here: Loc, phase: Ageing, name: str, sensor: LightSensor) -> Iterator[Problem]:
    suns = phase.light_suns or sensor.full_scale_suns
    least_ms = phase.until.milli / suns
    if phase.timeout_ms is None or phase.timeout_ms > least_ms:
        return
    text = f"is not longer than the {format_duration(least_ms)} that {phase.until} take at"
    text += f" {format_suns(suns)}"
    if phase.light_suns is None:
        text += f', where the light sensor of station "{name}" ends'
    yield Problem((*here, "timeout"), text)
