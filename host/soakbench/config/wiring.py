"""What a bench file must fulfil beyond its tables: the pin map, and parts that need each other."""

from collections.abc import Iterator

from soakbench.config.bench import BenchConfig, Cell, I2c, Station
from soakbench.config.bus import bus_problems
from soakbench.config.explain import quoted, unknown
from soakbench.config.source import Loc, Problem

# Raspberry Pi Pico and Pico W: what is led out to the edge of the board.
ADC_PINS = (26, 27, 28)
GPIO_PINS = (*range(23), *ADC_PINS)
RESERVED_PINS = {
    23: "the Pico's voltage regulator (or radio)",
    24: "the Pico's USB power sense (or radio)",
    25: "the Pico's LED (or radio)",
    29: "the Pico's supply measurement (or radio)",
}


def wiring_problems(bench: BenchConfig) -> list[Problem]:
    """Everything that is wrong with the wiring; empty if nothing is."""
    problems = list(_pin_problems(bench))
    for name, station in bench.stations.items():
        problems.extend(_station_problems(("stations", name), station, bench))
    problems.extend(bus_problems(bench))
    problems.extend(_smu_problems(bench))
    for name in bench.twin.sensors:
        if name not in bench.stations:
            text = unknown("station", name, list(bench.stations))
            problems.append(Problem(("twin", "sensors", name), text))
    for name, cell in bench.cells.items():
        problems.extend(_cell_problems(("cells", name), cell, bench))
    return problems


def _pin_problems(bench: BenchConfig) -> Iterator[Problem]:
    users: dict[int, Loc] = {}
    for loc, pin in _pins(bench):
        if pin in RESERVED_PINS:
            yield Problem(loc, f"GPIO {pin} belongs to {RESERVED_PINS[pin]}; {_ALLOWED_PINS}")
        elif pin not in GPIO_PINS:
            yield Problem(loc, f"there is no GPIO {pin} on a Pico; {_ALLOWED_PINS}")
        elif loc[-1] == "adc" and pin not in ADC_PINS:
            yield Problem(loc, f"GPIO {pin} cannot measure a voltage; allowed: 26, 27, 28")
        elif pin in users:
            other = ".".join(str(part) for part in users[pin])
            yield Problem(loc, f"GPIO {pin} is already used by {other}")
        else:
            users[pin] = loc
    if bench.i2c is not None:
        yield from _i2c_problems(bench.i2c)


_ALLOWED_PINS = "allowed: 0-22 and 26-28"


def _pins(bench: BenchConfig) -> Iterator[tuple[Loc, int]]:
    """Every pin that is named, with its key, in the order of the file's tables."""
    if bench.i2c is not None:
        yield ("i2c", "sda"), bench.i2c.sda
        yield ("i2c", "scl"), bench.i2c.scl
    for name, station in bench.stations.items():
        here: Loc = ("stations", name)
        if station.light is not None and station.light.pin is not None:
            yield (*here, "light", "pin"), station.light.pin
        if station.light_sensor is not None:
            yield (*here, "light_sensor", "adc"), station.light_sensor.adc
        if station.heater is not None:
            yield (*here, "heater", "pin"), station.heater.pin
            if station.heater.contactor_pin is not None:
                yield (*here, "heater", "contactor_pin"), station.heater.contactor_pin
        for key, sensor in station.temperature_sensors().items():
            if sensor.adc is not None:
                yield (*here, key, "adc"), sensor.adc
    for name, cell in bench.cells.items():
        if cell.short_relay is not None:
            relay, at = cell.short_relay, ("cells", name, "short_relay")
            yield (*at, "set_pin" if relay.latching else "pin"), relay.coil_pin
            if relay.reset_pin is not None:
                yield (*at, "reset_pin"), relay.reset_pin
        if cell.measure_relay is not None:
            yield ("cells", name, "measure_relay", "pin"), cell.measure_relay.pin


def _i2c_problems(i2c: I2c) -> Iterator[Problem]:
    """The RP2040 gives each bus every fourth pin."""
    for key, pin, first in (("sda", i2c.sda, 0), ("scl", i2c.scl, 1)):
        allowed = [gpio for gpio in GPIO_PINS if gpio % 4 == first + 2 * i2c.id]
        if pin in GPIO_PINS and pin not in allowed:
            pins = ", ".join(str(gpio) for gpio in allowed)
            yield Problem(("i2c", key), f"GPIO {pin} is not {key} of bus {i2c.id}; allowed: {pins}")


def _station_problems(here: Loc, station: Station, bench: BenchConfig) -> Iterator[Problem]:
    sensors = station.temperature_sensors()
    for key, sensor in sensors.items():
        if sensor.thermistor not in bench.thermistors:
            text = unknown("thermistor", sensor.thermistor, list(bench.thermistors))
            yield Problem((*here, key, "thermistor"), text)
    kinds = sorted({sensor.thermistor for sensor in sensors.values()})
    if len(kinds) > 1:
        text = f"its sensors use different thermistors ({quoted(kinds)}); one kind for each station"
        yield Problem(here, text)
    if station.heater is not None and station.plate_sensor is None:
        text = "a heater needs a plate_sensor at the same station; nothing heats without a reading"
        yield Problem((*here, "heater"), text)
    if station.watched_plate is not None:
        yield from _watched_plate_problems((*here, "watched_plate"), station)
    by_hand = station.light is not None and station.light.actuator == "by_hand"
    if by_hand and station.light_sensor is None:
        text = "a light operated by hand needs a light_sensor: nothing else can tell that it is on"
        yield Problem((*here, "light"), text)


def _watched_plate_problems(here: Loc, station: Station) -> Iterator[Problem]:
    if station.heater is not None:
        yield Problem(here, "a plate is heated by the board or watched; leave one of the two out")
    if station.plate_sensor is None:
        yield Problem(here, "a watched plate needs a plate_sensor at the same station")


def _smu_problems(bench: BenchConfig) -> Iterator[Problem]:
    """Curves that nobody measured must not get among those of real cells, nor the reverse."""
    smu = bench.smu
    if smu is None:
        return
    if smu.driver == "simulated" and not bench.is_twin:
        text = 'a simulated source meter belongs to the simulated bench (port = "twin") only'
        yield Problem(("smu", "driver"), text)
    elif smu.driver != "simulated" and bench.is_twin:
        text = 'the simulated bench has simulated cells; write driver = "simulated"'
        yield Problem(("smu", "driver"), text)
    elif smu.resource is not None and bench.bench.port in smu.resource:
        text = "is the port of the board (bench.port); the source meter has one of its own"
        yield Problem(("smu", "resource"), text)


def _cell_problems(here: Loc, cell: Cell, bench: BenchConfig) -> Iterator[Problem]:
    if cell.station not in bench.stations:
        text = unknown("station", cell.station, list(bench.stations))
        yield Problem((*here, "station"), text)
    relay = cell.short_relay
    if relay is not None and relay.pulse > bench.relays.settle_ms:
        text = (
            f"a pulse of {relay.pulse} ms is longer than relays.settle_ms ="
            f" {bench.relays.settle_ms}: the next contact would close before this one has moved"
        )
        yield Problem((*here, "short_relay"), text)
