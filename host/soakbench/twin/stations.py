"""Stations and cells of the simulated bench: from pins to light, heat and what they do.

Inputs hold between two calls of `advance`; times are milliseconds of the twin.
"""

from enum import Enum

from soakbench.config.bench import BenchConfig, Cell, Heater, Light, ShortRelay
from soakbench.twin.cell_curve import LEAST_OHM, CellCurve
from soakbench.twin.physics import Junction, LitBody, Plate, VocLoss
from soakbench.twin.sensors import ThermistorInput
from soakbench.twin.true_sensors import true_photodiode, true_thermistor
from soakbench.twin.wires import Drive, SsrFault, Wires

_MS = 1000.0
_MS_PER_HOUR = 3_600_000.0


class StationSim:
    """One station: its plate, its light, and the true values its sensors see."""

    def __init__(self, name: str, bench: BenchConfig, wires: Wires) -> None:
        station, twin = bench.stations[name], bench.twin
        self._light = station.light
        self._twin = twin
        self.shutter = _light_drive(station.light, wires)
        self.heater: Drive | None = None
        self.contactor: Drive | None = None
        self.plate: Plate | None = None
        if station.heater is not None:
            self._fit_heater(station.heater, wires)
        self.stage = LitBody(twin.cells, twin.ambient_c)
        self.lamp_on = True
        self.lamp_level = 1.0
        self.leak_lux = 0.0
        self.ssr: SsrFault | None = None
        self.heated_ms = 0.0
        self.inputs: dict[str, ThermistorInput] = {
            key.removesuffix("_sensor"): true_thermistor(bench, name, key)
            for key in station.temperature_sensors()
        }
        self.photodiode = true_photodiode(bench, name)

    def _fit_heater(self, heater: Heater, wires: Wires) -> None:
        self.plate = Plate(self._twin.plate, self._twin.ambient_c)
        self.heater = wires.drive(heater.pin, heater.active)
        if heater.contactor_pin is not None:
            self.contactor = wires.drive(heater.contactor_pin, heater.contactor_active)

    @property
    def suns(self) -> float:
        """Light at this station: the lamp's, and what leaks in by a fault."""
        leak_suns = self.leak_lux / self._twin.lux_per_sun
        if self._light is None or not self.lamp_on:
            return leak_suns
        if self.shutter is not None and not self.shutter.on:
            return leak_suns
        return self._twin.lamp_suns * self.lamp_level + leak_suns

    @property
    def lux(self) -> float:
        """The same as a lux sensor sees it, with what always leaks in."""
        return self._twin.leak_lux + self._twin.lux_per_sun * self.suns

    @property
    def lux_per_sun(self) -> float:
        """How bright a sun is to it."""
        return self._twin.lux_per_sun

    @property
    def base_c(self) -> float:
        """What the cells lie on: the plate, or air."""
        return self.plate.temp_c if self.plate else self._twin.ambient_c

    @property
    def heating(self) -> bool:
        """Whether current flows through the heater."""
        if self.heater is None or (self.contactor is not None and not self.contactor.on):
            return False
        if self.ssr is not None:
            return self.ssr is SsrFault.WELDED
        return self.heater.on

    def advance(self, dt_ms: float, plate_speed: float, cell_speed: float) -> None:
        """Let `dt_ms` of the twin's time pass."""
        if self.plate is not None:
            heating = self.heating
            self.heated_ms += dt_ms if heating else 0
            self.plate.advance(dt_ms / _MS * plate_speed, float(heating))
        self.stage.advance(dt_ms / _MS * cell_speed, self.base_c, self.suns)

    def show(self) -> None:
        """Let the analog sensors see the present."""
        surface_c = self.plate.sensor_c if self.plate else self._twin.ambient_c
        for name, sensor in self.inputs.items():
            sensor.temp_c = self.stage.temp_c if name == "stage" else surface_c
        if self.photodiode is not None:
            self.photodiode.suns = self.suns


class Contact(Enum):
    """How a cell sits in its holder."""

    GOOD = "good"
    NONE = "none"
    """It touches nothing: whatever its relay does, it is at open circuit."""
    REVERSED = "reversed"


class CellSim:
    """One cell: where it lies, what load it has, and what became of it.

    Hours are those of the twin's clock, as the board counts them; ageing runs at the cells' speed.
    """

    def __init__(self, cell: Cell, bench: BenchConfig, wires: Wires) -> None:
        self._cell = cell
        self.station = cell.station
        short, measure = cell.short_relay, cell.measure_relay
        self.short = None if short is None else _short_drive(short, wires)
        self.measure = None if measure is None else wires.drive(measure.pin, measure.active)
        self.body = LitBody(bench.twin.cells, bench.twin.ambient_c)
        self.state = VocLoss(bench.twin.cells)
        self.contact = Contact.GOOD
        self._junction = Junction(bench.twin.cells, cell.area_cm2)
        self._curve = CellCurve(bench.twin.cells, cell.area_cm2)
        shunt_ohm = 0.0 if cell.current_sense is None else cell.current_sense.shunt_ohm
        self._short_ohm = bench.twin.cells.contact_ohm + shunt_ohm
        self._settled_v = 0.0
        self.oc_sun_h = 0.0
        self.sc_sun_h = 0.0

    @property
    def load(self) -> str:
        """OC or SC, from the relay as it stands."""
        relay = self._cell.short_relay
        if self.short is None or relay is None:
            return self._cell.power_off
        if not self.short.on:
            return relay.rest
        return "OC" if relay.rest == "SC" else "SC"

    @property
    def measured(self) -> bool:
        """Whether the cell is on the source meter's bus."""
        return self.measure is not None and self.measure.on

    @property
    def shorted(self) -> bool:
        """Whether a current can flow."""
        return self.load == "SC" and self.contact is not Contact.NONE

    def suns(self, station: StationSim) -> float:
        """Light at its place at `station`, with what always leaks in."""
        return station.lux / station.lux_per_sun * self._cell.position

    def short_a(self, station: StationSim) -> float:
        """The current through its short circuit, from the pad that should be plus."""
        current_a = self._junction.photocurrent_a(self.suns(station)) if self.shorted else 0.0
        return -current_a if self.contact is Contact.REVERSED else current_a

    def pad_v(self, station: StationSim, since_settled_s: float) -> float:
        """The voltage of the pad that should be plus, so long after the last `advance`."""
        if self.contact is Contact.NONE:
            return 0.0
        volts = self._terminal_v(station, since_settled_s)
        return -volts if self.contact is Contact.REVERSED else volts

    def _terminal_v(self, station: StationSim, dt_s: float) -> float:
        suns = self.suns(station)
        if self.shorted:
            return self._junction.photocurrent_a(suns) * self._short_ohm
        goal_v = self._junction.open_v(self.state.voc_v, suns)
        return self._junction.settling_v(self._settled_v, goal_v, dt_s)

    def delivered_ma(self, voltage_v: float, station: StationSim) -> float:
        """What a source meter on its pads gets at `voltage_v`, through a short circuit too."""
        if self.contact is Contact.NONE:
            return 0.0
        sign = -1 if self.contact is Contact.REVERSED else 1
        own_ma = self._curve.current_ma(
            sign * voltage_v, self.body.temp_c, self.suns(station), self.state.voc_v
        )
        short_ohm = max(self._short_ohm, LEAST_OHM)
        return sign * own_ma - (voltage_v / short_ohm * 1000 if self.shorted else 0.0)

    def advance(self, dt_ms: float, speed: float, station: StationSim) -> None:
        """Let `dt_ms` of the twin's time pass at `station`; the voltage keeps the board's time."""
        suns, shorted = station.suns * self._cell.position, self.shorted
        self._settled_v = self._terminal_v(station, dt_ms / _MS)
        dt_s = dt_ms / _MS * speed
        self.body.advance(dt_s, station.base_c, suns)
        self.state.advance(dt_s, self.body.temp_c, suns, shorted)
        if shorted:
            self.sc_sun_h += suns * dt_ms / _MS_PER_HOUR
        else:
            self.oc_sun_h += suns * dt_ms / _MS_PER_HOUR


def _short_drive(short: ShortRelay, wires: Wires) -> Drive:
    if short.reset_pin is not None:
        return wires.latch(short.coil_pin, short.reset_pin, short.active)
    return wires.drive(short.coil_pin, short.active)


def _light_drive(light: Light | None, wires: Wires) -> Drive | None:
    if light is None or light.pin is None:
        return None
    return wires.drive(light.pin, light.active)
