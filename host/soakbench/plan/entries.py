"""The board's 32-byte steps, field by field."""

from soakbench.config import BenchConfig
from soakbench.config.base import Load
from soakbench.config.phases import Ageing, Environment, Loop, ThermalRecovery
from soakbench.plan.board_config import LOAD_CODES, Entry
from soakbench.plan.course import CourseStep, Part
from soakwire import blobs, records

KINDS = {
    "ageing": blobs.AGEING,
    "dark_recovery": blobs.DARK_RECOVERY,
    "thermal_recovery": blobs.THERMAL_RECOVERY,
    "jv": blobs.HOST,
    "wait": blobs.HOST,
    "decide": blobs.HOST,
    "confirm": blobs.CONFIRM,
    "loop": blobs.LOOP,
}

# The simulated hotplate is at most this much faster than a real one, so a time-out that covers
# its heat-up is shortened by no more, however fast the cells live.
_PLATE_FASTEST = 10


def step_entry(step: CourseStep, bench: BenchConfig, factor: float) -> Entry:
    """The values of soakwire's PROGRAM_STEP, `factor` times accelerated."""
    phase = step.phase
    entry: Entry = {
        "kind": KINDS[phase.phase],
        "station": None if isinstance(phase, Loop) else bench.station_index(step.station),
        "goal_kind": _goal_kind(phase),
        "goal": shortened(phase.until.milli, factor) if isinstance(phase, Environment) else 0,
        "loads": _load_bits(step.loads, bench),
        "light": None,
        "light_tolerance": 0,
        "dark_max": None,
        "target": None,
        "band": 0,
        "timeout": _timeout_s(phase, factor),
        "loop_to": step.loop_to,
        "loop_times": phase.times if isinstance(phase, Loop) else 0,
    }
    if isinstance(phase, Ageing):
        if phase.light_suns is not None:
            entry["light"] = round(phase.light_suns * 1000)
            entry["light_tolerance"] = round(phase.tolerance_suns * 1000)
    elif isinstance(phase, Environment) and bench.stations[step.station].lux_sensor is not None:
        entry["dark_max"] = round(phase.dark_max_lux * 10)
    if isinstance(phase, ThermalRecovery):
        entry["target"] = round(phase.target_c * 100)
        entry["band"] = round(phase.band_c * 100)
    return entry


def shortened(milli: int, factor: float) -> int:
    """An amount or a time of the cells' life, accelerated; never 0."""
    return max(round(milli / factor), 1)


def _goal_kind(phase: Part) -> int:
    if not isinstance(phase, Environment):
        return blobs.GOAL_NONE
    if isinstance(phase, ThermalRecovery):
        return blobs.GOAL_BAND
    return blobs.GOAL_DOSE if phase.until.unit == "sun_h" else blobs.GOAL_TIME


def _timeout_s(phase: Part, factor: float) -> int:
    """Whole seconds, at least 1; 0 for none."""
    if not isinstance(phase, Environment) or phase.timeout_ms is None:
        return 0
    if isinstance(phase, ThermalRecovery):
        factor = min(factor, _PLATE_FASTEST)
    return max(round(phase.timeout_ms / factor / 1000), 1)


def _load_bits(loads: dict[str, Load], bench: BenchConfig) -> int:
    """Two bits for each cell of the board; ABSENT where the cell is of another track."""
    codes = [records.ABSENT] * blobs.MAX_CELLS
    for cell, load in loads.items():
        codes[bench.cell_index(cell)] = LOAD_CODES[load]
    return sum(code << 2 * i for i, code in enumerate(codes))
