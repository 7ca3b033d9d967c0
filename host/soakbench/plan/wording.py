"""What a phase asks of bench and people, in words."""

from soakbench.config.bench import Station
from soakbench.config.phases import (
    Ageing,
    Confirm,
    DarkRecovery,
    Environment,
    ThermalRecovery,
)
from soakbench.plan.course import Decide, Part, Wait
from soakbench.units import format_duration, format_suns


def detail(phase: Part) -> str:
    """What is special, short: "16 h at 1 sun", or what a person is asked."""
    if isinstance(phase, Confirm):
        return phase.message
    if isinstance(phase, Ageing) and phase.light_suns is not None:
        return f"{phase.until} at {format_suns(phase.light_suns)}"
    if isinstance(phase, ThermalRecovery):
        return f"{phase.until} at {phase.target_c:g} ± {phase.band_c:g} °C"
    return goal(phase)


def goal(phase: Part) -> str:
    """What ends it: "16 h", "16 sun_h", "until 22:00"."""
    if isinstance(phase, Wait):
        return f"until {phase.until:%H:%M}"
    if isinstance(phase, Decide):
        return f"no more rounds below {phase.pce_below:.0%} of the first PCE"
    return str(phase.until) if isinstance(phase, Environment) else ""


def condition(phase: Part, station: Station) -> str:
    """What must hold for time or dose to count, as the station can tell."""
    if isinstance(phase, Ageing):
        if phase.light_suns is None:
            return "any light"
        return f"light {phase.light_suns:g} ± {phase.tolerance_suns:g} suns"
    if isinstance(phase, DarkRecovery):
        return _dark(phase, station)
    if isinstance(phase, ThermalRecovery):
        return f"{phase.target_c:g} ± {phase.band_c:g} °C, {_dark(phase, station)}"
    if isinstance(phase, Confirm) and phase.by_sensors:
        signs = ", ".join(phase.by_sensors)
        return f"or by sensors: {signs} for {format_duration(phase.steady_ms)}"
    return ""


def limit(phase: Part) -> str:
    """How long it may take, and what is done then: "6 h, then pause"."""
    if not isinstance(phase, Environment | Confirm) or phase.timeout_ms is None:
        return ""
    return f"{format_duration(phase.timeout_ms)}, then {phase.on_timeout}"


def _dark(phase: DarkRecovery | ThermalRecovery, station: Station) -> str:
    return "dark" if station.lux_sensor is None else f"at most {phase.dark_max_lux:g} lux"
