"""The bench as the configuration describes it: stations with their sensors and outputs, and cells.

`soakfw.checks` refuses what could not be built; `Bench` then builds it, with everything off.
"""

from array import array

from soakfw.guard import Guard
from soakfw.hotplate import ControlLaw, Heater
from soakfw.limits import PULSE_MS, STALE_MS
from soakfw.pulse import FULL, Output
from soakfw.recorder import NOWHERE, Recorder
from soakfw.relays import WORD_CELLS, Cell, RelayBank
from soakfw.sensors import LightSensor, PinThermistor, Thermistor
from soakwire import messages, records
from soakwire.blobs import FIRST_INPUT
from soakwire.layout import I32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.board import Board
    from soakfw.bus import Bus
    from soakfw.converters import ConverterBank
    from soakfw.sht4x import HumiditySensor
    from soakfw.veml7700 import LuxSensor
    from soakwire.bench_blob import Config

THERMISTORS = ("plate_adc", "guard_adc", "stage_adc")
_NO_CEILING = 32767


class Station:
    """A place with its light, heat and sensors, as far as they are fitted (None: they are not)."""

    def __init__(
        self,
        index: int,
        values: dict,
        tables: list,
        board: "Board",
        bus: "Bus | None",
        converters: "ConverterBank | None",
        recorder: Recorder,
    ) -> None:
        self.index = index
        self._recorder = recorder
        self.light = _output(board, values, "light")
        self.heater = _heater(board, values)
        thermistors = [_thermistor(board, values, tables, converters, name) for name in THERMISTORS]
        self.plate, self.guard_sensor, self.stage = thermistors
        self.light_sensor: LightSensor | None = None
        if values["light_adc"] is not None:
            adc = board.adc(values["light_adc"])
            self.light_sensor = LightSensor(adc, values["light_zero"], values["light_full"])
        self._sensors: list = [it for it in thermistors if isinstance(it, PinThermistor)]
        if self.light_sensor:
            self._sensors.append(self.light_sensor)
        self.lux: LuxSensor | None = None
        self.humidity: HumiditySensor | None = None
        self._devices: list[LuxSensor | HumiditySensor] = []
        if bus and values["lux_address"] is not None:
            from soakfw import veml7700  # what not every bench needs

            self.lux = veml7700.LuxSensor(bus, values["lux_address"])
            self._devices.append(self.lux)
        if bus and values["humidity_address"] is not None:
            from soakfw import sht4x

            self.humidity = sht4x.HumiditySensor(bus, values["humidity_address"])
            self._devices.append(self.humidity)
        self.ceiling: int = values["ceiling"]
        self.guard = Guard(
            self.ceiling or _NO_CEILING,
            self.plate,
            self.guard_sensor,
            self.stage,
            self._devices,
            board if self.heater else None,
            index,
        )
        self.where = NOWHERE  # (track, step, cycle) that is here now
        self.target: int | None = None  # centi-°C
        self.band = 0
        self._light_moved = False
        self._held = False
        self._held_ms = 0
        self._fault_ms = 0  # since the newest fault
        self._watched: int | None = None  # the target, where it may heat
        if self.guard.faults:
            self._event(records.EV_FAULT_KEPT, self.guard.faults)

    @property
    def light_on(self) -> bool:
        """Whether the light actuator is open; False where there is none."""
        return self.light is not None and self.light.is_on

    @property
    def plate_centi_c(self) -> int | None:
        """The plate's temperature or None."""
        return self.plate.centi_c if self.plate else None

    @property
    def milli_suns(self) -> int | None:
        """The light or None."""
        return self.light_sensor.milli_suns if self.light_sensor else None

    def measure(self, now: int, dt_ms: int) -> bool:
        """Read every sensor and judge the `dt_ms` until now; whether the heater is tripped."""
        for sensor in self._sensors:
            sensor.sample()
        for device in self._devices:
            device.sample(now)
        return self._judge(dt_ms)

    def _judge(self, dt_ms: int) -> bool:
        guard, heater = self.guard, self.heater
        self._fault_ms = min(self._fault_ms + dt_ms, I32)
        if heater:
            new = guard.check(self._watched, heater.point, heater.pulse.duty, dt_ms)
        else:  # what is not driven by us may warm up at any time
            new = guard.check(self.target, None, FULL, dt_ms)
        if new:
            self._fault_ms = 0
            self._event(records.EV_FAULT, new, self.plate.code if self.plate else 0)
        if guard.watch and guard.watch.left:
            self._event(records.EV_OVER_TARGET, self.plate_centi_c or 0, self.target or 0)
        return heater is not None and guard.tripped

    def demand(
        self,
        where: tuple[int | None, int | None, int],
        light: bool,
        target: int | None,
        band: int,
    ) -> None:
        """What the program wants here. The light follows at once, the heater with `control`."""
        self.where = where
        self.target = target
        self.band = band
        if self.light and self.light.is_on != light:
            self.light.set(light)
            self._light_moved = True
            self._event(records.EV_LIGHT, int(light))

    def take_light_moved(self) -> bool:
        """True once after the light actuator was switched."""
        moved = self._light_moved
        self._light_moved = False
        return moved

    def control(self, dt_ms: int, leased: bool, silent_ms: int) -> None:
        """Drive the heater for one control period, or keep it off and say why (S1, S3, S5, S9)."""
        heater, watch = self.heater, self.guard.watch
        if heater is None or watch is None:
            return
        if heater.pulse.lapsed:
            self._event(records.EV_DEAD_MAN, heater.pulse.lapsed * PULSE_MS)
            heater.pulse.lapsed = 0
        target = None if self.guard.tripped else self.target
        self._watched = target if leased else None
        stale = leased and watch.stale_ms >= STALE_MS
        self._hold(target is not None and (stale or not leased), dt_ms, silent_ms, stale)
        if target is not None and leased and not stale:
            heater.drive(target, self.plate_centi_c, dt_ms, watch.cut)
        else:
            heater.off()

    def clear(self, faults: int, vouch: int) -> int:
        """Forget latched `faults`; a reason code."""
        reason = self.guard.clear(faults, vouch)
        if reason == messages.REASON_OK:
            self._event(records.EV_FAULT_CLEARED, faults, self._fault_ms)
        return reason

    def make_safe(self) -> None:
        """Heater, contactor and light off in this instant."""
        if self.heater:
            self.heater.off()
        self._watched = None
        self._hold(False, 0, 0)
        self.demand(NOWHERE, False, None, 0)

    def in_band(self) -> bool:
        """Whether the plate is within the band of a target that is set."""
        plate = self.plate_centi_c
        if self.target is None or plate is None:
            return False
        return abs(plate - self.target) <= self.band

    def readings(self) -> list[int | None]:
        """The values of a STATION record."""
        track, step, cycle = self.where
        guard = self.guard_sensor.centi_c if self.guard_sensor else None
        stage = self.stage.centi_c if self.stage else None
        lux = self.lux.deci_lux if self.lux else None
        duty = self.heater.pulse.duty if self.heater else 0
        return [
            track,
            step,
            cycle,
            self.plate_centi_c,
            stage,
            guard,
            self.target,
            self.milli_suns,
            lux,
            duty,
            self._bits(),
            self.guard.faults,
        ]

    def _bits(self) -> int:
        bits = records.OUT_LIGHT if self.light_on else 0
        if self.heater and self.target is not None and not self.guard.tripped:
            bits |= records.OUT_HOLD if self._held else records.OUT_HEATER
        if self.heater and self.heater.contactor and self.heater.contactor.is_on:
            bits |= records.OUT_CONTACTOR
        return bits | (records.OUT_IN_BAND if self.in_band() else 0)

    def _hold(self, held: bool, dt_ms: int, silent_ms: int, stale: bool = False) -> None:
        if held and not self._held:
            self._held_ms = 0
            self._event(records.EV_HEATER_HOLD, silent_ms, int(stale))
        elif self._held:
            self._held_ms = min(self._held_ms + dt_ms, I32)
            if not held:
                self._event(records.EV_HEATER_RELEASED, self._held_ms)
        self._held = held

    def _event(self, code: int, a: int = 0, b: int = 0) -> None:
        self._recorder.event(code, self.where, self.index, a, b)


class Bench:
    """All stations and cells, built from a configuration that `soakfw.checks` has accepted."""

    def __init__(
        self, config: "Config", board: "Board", recorder: Recorder, wear: "array[int] | None" = None
    ) -> None:
        head: dict = config.head
        self._recorder = recorder
        bus = None
        if head["i2c_id"] is not None:
            from soakfw.bus import Bus

            bus = Bus(board, head)
        self.converters: ConverterBank | None = None
        if bus and config.converters:
            from soakfw import converters

            self.converters = converters.ConverterBank(bus, config.converters, recorder)
        tables = [array("h", table) for table in config.tables]  # a quarter of a list's size
        self.stations = [
            Station(i, values, tables, board, bus, self.converters, recorder)
            for i, values in enumerate(config.stations)
        ]
        entries: list[dict] = config.cells
        make = RelayBank
        cells = []
        for values in entries:
            if values["reset_pin"] is not None:
                from soakfw.latching import LatchingBank  # what not every bench needs

                make = LatchingBank
            short, measure = _output(board, values, "short"), _output(board, values, "measure")
            cells.append(Cell(values, short, measure))
            if self.converters:
                self.converters.sense(cells[-1], values, head["settle"])
        self.relays = make(cells, head, self._switched, wear or array("H", bytes(4 * WORD_CELLS)))
        if self.converters:
            self.relays.senses = self.converters.senses

    def pulses(self) -> list:
        """What the hard timer has to serve."""
        made: list = [station.heater.pulse for station in self.stations if station.heater]
        made.extend(self.relays.latches)
        return made

    def heating(self) -> bool:
        """Whether any heater target is set."""
        for station in self.stations:  # every control period: a loop allocates nothing
            if station.target is not None:
                return True
        return False

    def make_safe(self, now: int) -> None:
        """The safe state: heaters, contactors and lights off, cells to their power-off loads."""
        for station in self.stations:
            station.make_safe()
        self.relays.make_safe(now)

    def drop(self) -> None:
        """Before a reset: heat and light off and the meter disconnected, in this instant."""
        for station in self.stations:
            if station.heater:
                station.heater.off()
            if station.light:
                station.light.set(False)
        self.relays.open_measure()

    def _switched(self, cell: int, load: int) -> None:
        self._recorder.event(records.EV_LOAD, a=cell, b=load)
        for sense in self.relays.senses:
            if sense.cell.number == cell:
                sense.moved()


def _output(board: "Board", values: dict, name: str) -> Output | None:
    """The output of `name`_pin, off, or None where it is not fitted."""
    pin = values[name + "_pin"]
    if pin is None:
        return None
    if name == "short" and values["reset_pin"] is not None:
        from soakfw.latching import Latch

        return Latch(board, values)
    active = values[name + "_active"]
    return Output(board.pin(pin, 1 - active), active)


def _heater(board: "Board", values: dict) -> Heater | None:
    output = _output(board, values, "heater")
    if output is None:
        return None
    law = ControlLaw(values["kp"], values["ki"], values["feed"])
    return Heater(output, _output(board, values, "contactor"), law, values["ramp"])


def _thermistor(
    board: "Board", values: dict, tables: list, converters: "ConverterBank | None", name: str
) -> Thermistor | None:
    place = values[name]
    if place is None:
        return None
    table, offset = tables[values["table"]], values[name[:-3] + "offset"]
    if converters and place >= FIRST_INPUT:
        return converters.thermistor(place - FIRST_INPUT, table, values, offset)
    return PinThermistor(board.adc(place), table, values, offset)
