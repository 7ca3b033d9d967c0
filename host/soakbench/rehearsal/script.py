"""Whether a fault script fits a bench: what it names must be there."""

from collections.abc import Iterator

from soakbench.config import BenchConfig, FaultScript
from soakbench.config.explain import did_you_mean, quoted
from soakbench.config.faults import (
    CellContact,
    DeviceSilent,
    Fault,
    I2cHung,
    I2cShort,
    Lamp,
    LidOpen,
    LightLeak,
    RelayStuck,
    SolidStateRelay,
    Thermistor,
)
from soakbench.config.source import Problem

_HINT = "correct the fault script, or rehearse on a bench that has this"


def check_faults(script: FaultScript, bench: BenchConfig) -> None:
    """ConfigError with all that `bench` does not have."""
    problems = [
        Problem(("faults", number, key), text)
        for number, fault in enumerate(script.faults)
        for key, text in _problems(fault, bench)
    ]
    if problems:
        raise script.source.error(problems, _HINT)


def _problems(fault: Fault, bench: BenchConfig) -> Iterator[tuple[str, str]]:
    if isinstance(fault, Thermistor | SolidStateRelay | LidOpen | LightLeak):
        yield from _station_problems(fault, bench)
    elif isinstance(fault, RelayStuck | CellContact):
        yield from _cell_problems(fault, bench)
    elif isinstance(fault, DeviceSilent):
        yield from _device_problems(fault, bench)
    elif isinstance(fault, I2cHung | I2cShort) and bench.i2c is None:
        yield "fault", "this bench has no I2C bus"
    elif isinstance(fault, Lamp) and all(s.light is None for s in bench.stations.values()):
        yield "fault", "no station of this bench has light"


def _station_problems(
    fault: Thermistor | SolidStateRelay | LidOpen | LightLeak, bench: BenchConfig
) -> Iterator[tuple[str, str]]:
    station = bench.stations.get(fault.station)
    if station is None:
        yield "station", _unknown("station", fault.station, list(bench.stations))
    elif isinstance(fault, Thermistor):
        sensors = [key.removesuffix("_sensor") for key in station.temperature_sensors()]
        if fault.sensor not in sensors:
            known = f"only: {quoted(sensors)}" if sensors else "nor any other"
            yield "sensor", f"station {fault.station} has no {fault.sensor} sensor, {known}"
    elif isinstance(fault, SolidStateRelay | LidOpen) and station.heater is None:
        yield "station", f"station {fault.station} has no heater"


def _cell_problems(
    fault: RelayStuck | CellContact, bench: BenchConfig
) -> Iterator[tuple[str, str]]:
    if fault.cell not in bench.cells:
        yield "cell", _unknown("cell", fault.cell, list(bench.cells))
    elif isinstance(fault, RelayStuck) and bench.cells[fault.cell].short_relay is None:
        yield "cell", f"cell {fault.cell} has no short relay on this bench"


def _device_problems(fault: DeviceSilent, bench: BenchConfig) -> Iterator[tuple[str, str]]:
    if fault.converter is not None:
        if fault.converter not in bench.converters:
            yield "converter", _unknown("converter", fault.converter, list(bench.converters))
    elif fault.station not in bench.stations:
        yield "station", _unknown("station", fault.station or "", list(bench.stations))
    else:
        station = bench.stations[fault.station]
        chip = station.lux_sensor if fault.sensor == "lux" else station.humidity_sensor
        if chip is None:
            yield "sensor", f"station {fault.station} has no {fault.sensor} sensor"


def _unknown(what: str, name: str, known: list[str]) -> str:
    if not known:
        return f'there is no {what} "{name}"; this bench has none'
    guess = did_you_mean(name, known)
    return f'there is no {what} "{name}"; this bench has: {quoted(known)}{guess}'
