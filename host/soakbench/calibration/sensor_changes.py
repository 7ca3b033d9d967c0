"""Which keys of a bench file a fitted sensor changes, and who else they concern."""

from soakbench.calibration.light import LightFit, PositionMap
from soakbench.calibration.thermistor import Fitted, resistance_at
from soakbench.config import BenchConfig
from soakbench.config.edit import Changes, Scalar, Value
from soakbench.config.source import Loc
from soakbench.plan.thermistor import temperature_c

_NAME_LENGTH = 32
_TELL_FROM_C = 0.05


def thermistor_changes(bench: BenchConfig, station: str, key: str, found: Fitted) -> Changes:
    """One point concerns the sensor alone. More concern its kind of thermistor; a kind that other
    stations use too is left to them, and the station gets one of its own."""
    sensors = bench.stations[station].temperature_sensors()
    here: Loc = ("stations", station)
    if found.kind == "offset":
        return {(*here, key, "offset_c"): found.offset_c}
    changes: dict[Loc, Value | None] = {}
    kind = sensors[key].thermistor
    part = found.thermistor
    values: dict[str, Scalar | None] = {
        "r25_ohm": part.r25_ohm,
        "beta_k": part.beta_k,
        "steinhart_hart": None if part.steinhart_hart is None else list(part.steinhart_hart),
    }
    if _is_shared(bench, station, kind):
        own = _own_name(bench, station, kind)
        table: dict[str, Scalar] = {k: v for k, v in values.items() if v is not None}
        changes["thermistors", own] = {
            **table,
            "divider_ohm": part.divider_ohm,
            "ntc_to": part.ntc_to,
        }
        changes.update({(*here, each, "thermistor"): own for each in sensors})
    else:
        old = bench.thermistors[kind]
        changes.update(
            {
                ("thermistors", kind, name): value
                for name, value in values.items()
                if value is not None or getattr(old, name) is not None
            }
        )
    if sensors[key].offset_c != 0:
        changes[(*here, key, "offset_c")] = None
    return changes


def others_moved(bench: BenchConfig, station: str, key: str, found: Fitted) -> list[str]:
    """What becomes of the station's other sensors, in words."""
    if found.kind == "offset":
        return []
    sensors = bench.stations[station].temperature_sensors()
    old = bench.thermistors[sensors[key].thermistor]
    told = []
    for other, sensor in sensors.items():
        if other == key:
            continue
        ohm = resistance_at(old, sensor, 50.0)
        moved_c = temperature_c(found.thermistor, ohm) + sensor.offset_c - 50.0
        if abs(moved_c) >= _TELL_FROM_C:
            told.append(
                f"{station}.{other} is of the same kind and will read {moved_c:+.2f} °C at 50 °C"
                " compared with now: calibrate it afterwards, with one point"
            )
    return told


def light_changes(station: str, found: LightFit | None, places: PositionMap | None) -> Changes:
    """The keys of a light sensor, and of the cells."""
    changes: dict[Loc, Value | None] = {}
    if found is not None:
        here: Loc = ("stations", station, "light_sensor")
        changes[(*here, "full_scale_suns")] = found.full_scale_suns
        changes[(*here, "dark_code")] = found.dark_code
    if places is not None:
        for cell, position in places.positions.items():
            changes["cells", cell, "position"] = position
    return changes


def _is_shared(bench: BenchConfig, station: str, kind: str) -> bool:
    return any(
        sensor.thermistor == kind
        for name, other in bench.stations.items()
        if name != station
        for sensor in other.temperature_sensors().values()
    )


def _own_name(bench: BenchConfig, station: str, kind: str) -> str:
    """A name that no thermistor has yet."""
    base = f"{kind}_{station}"[: _NAME_LENGTH - 3]
    names = [base, *(f"{base}_{n}" for n in range(2, 100))]
    return next(name for name in names if name not in bench.thermistors)
