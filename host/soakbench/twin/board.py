"""The wiring of the simulated bench: pins drive actuators, physics moves on, sensors see it.

Times are milliseconds of the twin. Inputs hold between two calls, so that every pin change takes
effect at its own time whenever it is told.
"""

from collections.abc import Iterator
from typing import Protocol

from soakbench.config.bench import BenchConfig
from soakbench.twin.bus import Result
from soakbench.twin.channel import ADC_PINS, CODES_PER_PIN, PinState
from soakbench.twin.chips import address_of, bus_of
from soakbench.twin.sensors import Converter, Fault, Sensor
from soakbench.twin.stations import CellSim, Contact, StationSim
from soakbench.twin.wires import SsrFault, Wires

PLATE_SPEED_MOST = 10.0  # control period and heater slots stay real: more would not be controlled
# Cells are slow, and their inputs change only at pins, lamp and moves: this much of their own time
# in one step, but no more steps than one a second.
_CELLS_STEP_MS = 10_000
_CELLS_STEP_LEAST_MS = 1_000
_MS = 1000.0
_NOTHING = [0] * CODES_PER_PIN


class BoardObserver(Protocol):
    """Who is told what truly happens, with its time in milliseconds of the twin."""

    def boot(self, at_ms: float, boot_number: int) -> None:
        """The board starts; numbers rise."""

    def pin(self, at_ms: float, gpio: int, state: PinState) -> None:
        """The board drives a pin, or lets go of it."""

    def released(self, at_ms: float) -> None:
        """All pins are inputs again."""

    def plate(self, at_ms: float, station: str, temp_c: float) -> None:
        """A plate's temperature, after each step of physics."""

    def light(self, at_ms: float, station: str, suns: float, lux: float) -> None:
        """The light at a station is another one now."""

    def moved(self, at_ms: float, cell: str, station: str) -> None:
        """A hand has put a cell at another station."""


class Board:
    """Everything around the microcontroller. Times must not run backwards; earlier ones count as
    the latest told."""

    def __init__(self, bench: BenchConfig, seed: int) -> None:
        self.wires = Wires()
        self.stations = {name: StationSim(name, bench, self.wires) for name in bench.stations}
        self.cells = {name: CellSim(cell, bench, self.wires) for name, cell in bench.cells.items()}
        self.plate_speed = 1.0
        self.cell_speed = 1.0
        self._cells_step_ms: float = _CELLS_STEP_MS
        self._now_ms = 0.0
        self._cells_ms = 0.0
        self._noise_lsb = bench.twin.adc_noise_lsb
        self._seed = seed
        self._converter = Converter(self._noise_lsb, seed)
        self.observer: BoardObserver | None = None
        self._told_light: dict[str, tuple[float, float]] = {}
        self._inputs = dict(_analog_inputs(bench, self.stations))
        # Heaters act on plates, whose warmth the cells follow in steps anyway.
        self._heat_pins = {
            pin
            for station in bench.stations.values()
            if station.heater is not None
            for pin in (station.heater.pin, station.heater.contactor_pin)
        }
        self._bench = bench
        self.bus = bus_of(bench, self.stations, self.cells, self._since_settled_s, seed)

    def advance(self, now_ms: float) -> None:
        """Let the time until `now_ms` pass."""
        dt_ms = now_ms - self._now_ms
        if dt_ms <= 0:
            return
        self._now_ms = now_ms
        for station in self.stations.values():
            station.advance(dt_ms, self.plate_speed, self.cell_speed)
        if self.observer is not None:
            for name, station in self.stations.items():
                if station.plate is not None:
                    self.observer.plate(now_ms, name, station.plate.temp_c)
        if now_ms - self._cells_ms >= self._cells_step_ms:
            self.settle_cells()

    def settle_cells(self) -> None:
        """Bring the cells up to the present, as before any change of what acts on them."""
        dt_ms = self._now_ms - self._cells_ms
        if dt_ms <= 0:
            return
        self._cells_ms = self._now_ms
        for cell in self.cells.values():
            cell.advance(dt_ms, self.cell_speed, self.stations[cell.station])

    def _since_settled_s(self) -> float:
        return (self._now_ms - self._cells_ms) / _MS

    def set_pin(self, at_ms: float, gpio: int, state: PinState) -> None:
        """The board drives a pin at `at_ms`, or lets go of it."""
        self.advance(at_ms)
        if gpio not in self._heat_pins:
            self.settle_cells()
        self.wires.set(gpio, state, at_ms)
        self.bus.follow(gpio, state)
        if self.observer is not None:
            self.observer.pin(at_ms, gpio, state)
            self.tell_light(at_ms)

    def release_pins(self, at_ms: float) -> None:
        """A reset at `at_ms`: every pin is an input again."""
        self.advance(at_ms)
        self.settle_cells()
        self.wires.release_all(at_ms)
        self.bus.release()
        if self.observer is not None:
            self.observer.released(at_ms)
            self.tell_light(at_ms)

    def tell_light(self, at_ms: float) -> None:
        """Tell the observer where the light is another than last told."""
        for name, station in self.stations.items():
            light = station.suns, station.lux
            if self.observer is not None and self._told_light.get(name) != light:
                self._told_light[name] = light
                self.observer.light(at_ms, name, *light)

    def set_speed(self, factor: float) -> None:
        """Let cells run `factor` times as fast, plates at most ten times."""
        self.settle_cells()
        self.cell_speed = factor
        self._cells_step_ms = max(_CELLS_STEP_MS / factor, _CELLS_STEP_LEAST_MS)
        self.plate_speed = min(factor, PLATE_SPEED_MOST)

    def set_lamp(self, on: bool) -> None:
        """Every lamp dies, or burns again."""
        self.settle_cells()
        for station in self.stations.values():
            station.lamp_on = on
        self.tell_light(self._now_ms)

    def set_lamp_level(self, level: float) -> None:
        """Every lamp gives this much of its light."""
        self.settle_cells()
        for station in self.stations.values():
            station.lamp_level = level
        self.tell_light(self._now_ms)

    def set_leak(self, station: str, lux: float) -> None:
        """More light falls into a station."""
        self.settle_cells()
        self.stations[station].leak_lux = lux
        self.tell_light(self._now_ms)

    def set_ssr(self, station: str, fault: SsrFault | None) -> None:
        """Break a heater's solid-state relay, or mend it."""
        self.stations[station].ssr = fault

    def set_lid(self, station: str, is_open: bool) -> None:
        """Open the lid over a plate, or close it."""
        plate = self.stations[station].plate
        if plate is not None:
            plate.set_lid(is_open)

    def set_noise(self, lsb: float | None) -> None:
        """Make the converter noisier; None: as the bench file has it."""
        self._converter = Converter(self._noise_lsb if lsb is None else lsb, self._seed)

    def move(self, cell: str, station: str) -> None:
        """A hand puts a cell at another station. KeyError if there is no such cell."""
        self.settle_cells()
        self.cells[cell].station = station
        if self.observer is not None:
            self.observer.moved(self._now_ms, cell, station)

    def set_contact(self, cell: str, contact: Contact) -> None:
        """Put a cell into its holder well or badly. KeyError if there is no such cell."""
        self.settle_cells()
        self.cells[cell].contact = contact

    def converter_address(self, name: str) -> int | None:
        """Where a converter is on the bus; None if there is none of this name."""
        converter = self._bench.converters.get(name)
        return None if converter is None else converter.address

    def sensor_address(self, station: str, sensor: str) -> int | None:
        """Where a station's `lux` or `humidity` sensor is on the bus; None if it has none."""
        return address_of(self._bench, station, sensor)

    def set_thermistor(
        self, station: str, sensor: str, fault: Fault | None, offset_k: float
    ) -> None:
        """Break a thermistor, or mend it. KeyError if there is no such sensor."""
        self.show()
        self.stations[station].inputs[sensor].set_fault(fault, offset_k)

    def adc_codes(self) -> list[int]:
        """Conversions of all channels now, as an ANSWER holds them; a free pin reads 0."""
        self.show()
        codes: list[int] = []
        for gpio in ADC_PINS:
            codes += self.pin_codes(gpio)
        return codes

    def show(self) -> None:
        """Let the analog sensors see the present: what they convert until this is called again."""
        for station in self.stations.values():
            station.show()

    def pin_codes(self, gpio: int) -> list[int]:
        """Conversions of one channel, of what `show` has shown last.

        Their noise depends on the time and not on how often a chip was answered.
        """
        sensor = self._inputs.get(gpio)
        if sensor is None:
            return _NOTHING
        number = int(self._now_ms) * len(ADC_PINS) + gpio
        return self._converter.codes_u16(sensor.level(), CODES_PER_PIN, number)

    def pin_level(self, gpio: int) -> bool:
        """Whether a pin that is an input reads high: the bus has pull-ups, the others hang low."""
        return self.bus.pulled_up(gpio)

    def i2c_read(self, address: int, length: int) -> Result:
        """A transaction on the bus."""
        return self.bus.read(address, length, self._now_ms)

    def i2c_write(self, address: int, data: bytes) -> Result:
        """A transaction on the bus."""
        return self.bus.write(address, data, self._now_ms)

    def i2c_read_register(self, address: int, register: int, length: int) -> Result:
        """A write of the register's number and a read, in one transaction."""
        return self.bus.read_register(address, register, length, self._now_ms)

    def i2c_peek(self, address: int, register: int, length: int) -> bytes | None:
        """What the same would give, without a transaction; None: nobody can know."""
        return self.bus.peek(address, register, length, self._now_ms)


def _analog_inputs(
    bench: BenchConfig, stations: dict[str, StationSim]
) -> Iterator[tuple[int, Sensor]]:
    for name, station in bench.stations.items():
        sim = stations[name]
        for key, sensor in station.temperature_sensors().items():
            if sensor.adc is not None:
                yield sensor.adc, sim.inputs[key.removesuffix("_sensor")]
        if station.light_sensor is not None and sim.photodiode is not None:
            yield station.light_sensor.adc, sim.photodiode
