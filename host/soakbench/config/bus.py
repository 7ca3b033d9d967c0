"""What must be true of the chips on the I2C bus: addresses, and the converters' inputs."""

from collections.abc import Iterator

from soakbench.config.bench import BenchConfig
from soakbench.config.explain import unknown
from soakbench.config.source import Loc, Problem


def bus_problems(bench: BenchConfig) -> Iterator[Problem]:
    """Everything that is wrong with the bus."""
    users: dict[int, str] = {}
    for loc, address in _chips(bench):
        here = ".".join(str(part) for part in loc)
        if bench.i2c is None:
            what = _KINDS.get(str(loc[-1]), "a converter")
            yield Problem(loc, f"{what} needs the table [i2c] with its bus")
        if address in users:
            text = f"address {address:#x} on the bus is already used by {users[address]}"
            yield Problem((*loc, "address"), text)
        users.setdefault(address, here)
    yield from _input_problems(bench)


_KINDS = {"lux_sensor": "a lux sensor", "humidity_sensor": "a humidity sensor"}


def _chips(bench: BenchConfig) -> Iterator[tuple[Loc, int]]:
    for name, converter in bench.converters.items():
        yield ("converters", name), converter.address
    for name, station in bench.stations.items():
        if station.lux_sensor is not None:
            yield ("stations", name, "lux_sensor"), station.lux_sensor.address
        if station.humidity_sensor is not None:
            yield ("stations", name, "humidity_sensor"), station.humidity_sensor.address


def _input_problems(bench: BenchConfig) -> Iterator[Problem]:
    users: dict[tuple[str, int], str] = {}
    for loc, converter, number in _inputs(bench):
        if converter not in bench.converters:
            text = unknown("converter", converter, list(bench.converters))
            yield Problem((*loc, "converter"), text)
        elif (converter, number) in users:
            text = f"input {number} of {converter} is already used by {users[converter, number]}"
            yield Problem((*loc, "input"), text)
        users.setdefault((converter, number), ".".join(str(part) for part in loc))


def _inputs(bench: BenchConfig) -> Iterator[tuple[Loc, str, int]]:
    """Every input of a converter that is named, with its key."""
    for name, station in bench.stations.items():
        for key, sensor in station.temperature_sensors().items():
            if sensor.converter is not None and sensor.input is not None:
                yield ("stations", name, key), sensor.converter, sensor.input
    for name, cell in bench.cells.items():
        if cell.voltage_sense is not None:
            sense = cell.voltage_sense
            yield ("cells", name, "voltage_sense"), sense.converter, sense.input
        if cell.current_sense is not None:
            shunt = cell.current_sense
            yield ("cells", name, "current_sense"), shunt.converter, shunt.input
