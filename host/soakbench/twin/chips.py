"""The chips of a bench file on its I2C bus, and what each of them has at its inputs."""

from collections.abc import Callable, Iterator

from soakbench.config.bench import BenchConfig, CurrentSense
from soakbench.twin.ads1115 import Ads1115, Source
from soakbench.twin.bus import I2cBus, I2cDevice
from soakbench.twin.devices import Air, Sht4x, Veml7700
from soakbench.twin.sensors import ThermistorInput
from soakbench.twin.stations import CellSim, StationSim

INPUTS = 4
_SUPPLY_V = 3.3

Place = tuple[str, int]
"""A converter's name, and the number of one of its inputs."""


def bus_of(
    bench: BenchConfig,
    stations: dict[str, StationSim],
    cells: dict[str, CellSim],
    since_settled_s: Callable[[], float],
    seed: int,
) -> I2cBus:
    """The bus with all its chips. Cells are as `since_settled_s` ago, so much has passed since."""
    devices: dict[int, I2cDevice] = {}
    sources = dict(_thermistors(bench, stations))
    sources.update(_senses(bench, cells, stations, since_settled_s))
    for name, converter in bench.converters.items():
        inputs = [sources.get((name, number), _ground) for number in range(INPUTS)]
        noise_lsb = bench.twin.converter_noise_lsb
        own_seed = seed << 8 | converter.address
        devices[converter.address] = Ads1115(inputs, _SUPPLY_V, noise_lsb, own_seed)
    for name, station in bench.stations.items():
        if station.lux_sensor is not None:
            devices[station.lux_sensor.address] = Veml7700(_lux(stations[name]))
        if station.humidity_sensor is not None:
            air = Air(bench.twin.ambient_c, bench.twin.air.humidity_percent)
            devices[station.humidity_sensor.address] = Sht4x(air)
    return I2cBus(bench.i2c, devices)


def address_of(bench: BenchConfig, station: str, sensor: str) -> int | None:
    """Where a station's `lux` or `humidity` sensor is on the bus; None if it has none."""
    table = bench.stations[station]
    chip = table.lux_sensor if sensor == "lux" else table.humidity_sensor
    return None if chip is None else chip.address


def _ground() -> float:
    """An input that nothing is connected to is tied to ground."""
    return 0.0


def _lux(station: StationSim) -> Source:
    return lambda: station.lux


def _thermistors(
    bench: BenchConfig, stations: dict[str, StationSim]
) -> Iterator[tuple[Place, Source]]:
    for name, station in bench.stations.items():
        for key, sensor in station.temperature_sensors().items():
            if sensor.converter is not None and sensor.input is not None:
                divider_v = bench.converters[sensor.converter].divider_v
                thermistor = stations[name].inputs[key.removesuffix("_sensor")]
                source = _divider(stations[name], thermistor, divider_v)
                yield (sensor.converter, sensor.input), source


def _divider(station: StationSim, thermistor: ThermistorInput, divider_v: float) -> Source:
    def volts() -> float:
        station.show()
        return divider_v * thermistor.share()

    return volts


def _senses(
    bench: BenchConfig,
    cells: dict[str, CellSim],
    stations: dict[str, StationSim],
    since_settled_s: Callable[[], float],
) -> Iterator[tuple[Place, Source]]:
    for name, cell in bench.cells.items():
        voltage, current = cell.voltage_sense, cell.current_sense
        if voltage is not None:
            source = _pad(cells[name], stations, since_settled_s)
            yield (voltage.converter, voltage.input), source
        if current is not None:
            yield (current.converter, current.input), _shunt(cells[name], stations, current)


def _pad(
    cell: CellSim, stations: dict[str, StationSim], since_settled_s: Callable[[], float]
) -> Source:
    return lambda: cell.pad_v(stations[cell.station], since_settled_s())


def _shunt(cell: CellSim, stations: dict[str, StationSim], sense: CurrentSense) -> Source:
    return lambda: cell.short_a(stations[cell.station]) * sense.shunt_ohm
