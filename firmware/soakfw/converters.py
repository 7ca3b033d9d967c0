"""What hangs on the bench's converters: thermistors, and the senses of the cells.

Imported only where a bench has converters. Inputs are numbered through: CONVERTER_INPUTS to each.
"""

from soakfw.ads1115 import MV_256, MV_2048, MV_4096, Converter
from soakfw.sensors import FULL_SCALE, Thermistor
from soakwire.blobs import CONVERTER_INPUTS
from soakwire.layout import LayoutError
from soakwire.records import EV_DEVICE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

    from soakfw.bus import Bus
    from soakfw.recorder import Recorder
    from soakfw.relays import Cell
    from soakfw.senses import CellSense
    from soakwire.blobs import Config

_HALF = FULL_SCALE // 2


def check_converters(config: "Config") -> None:
    """LayoutError if a converter has no bus or no address of its own, a current sense no shunt."""
    if config.head["i2c_id"] is None:
        raise LayoutError("a converter without a bus")
    addresses = {values["address"] for values in config.converters}
    if len(addresses) != len(config.converters):
        raise LayoutError("two converters have one address")
    for cell in config.cells:
        if cell["current_input"] is not None and not cell["shunt"]:
            raise LayoutError("a current sense without a shunt")


class ConverterThermistor(Thermistor):
    """On a converter's input; `full` is the raw code of what feeds its divider."""

    def __init__(self, full: int, table: "array[int]", values: dict, offset: int) -> None:
        super().__init__(table, values, offset)
        self._full = full
        self._raw: int | None = None

    def begin(self) -> None:
        """Whenever it is converted, it counts."""

    def take(self, raw: int) -> None:
        """A conversion, on the converter's own scale."""
        self.still = raw == self._raw
        self._raw = raw
        full = self._full
        raw = min(max(raw, 0), full)
        # raw * FULL_SCALE // full in two parts: the board's small integers have 31 bits.
        part = raw * _HALF // full
        rest = raw * _HALF - part * full
        super().take(2 * part + (2 * rest + raw) // full)

    def lose(self) -> None:
        """Nobody answers: no reading, and nothing known (S6)."""
        self.centi_c = None


class ConverterBank:
    """All converters of a bench, and what is known of the cells through them."""

    def __init__(self, bus: "Bus", entries: list[dict], recorder: "Recorder") -> None:
        self._recorder = recorder
        self._full: list[int] = [values["full"] for values in entries]
        self._converters = [Converter(bus, values["address"], self._tell) for values in entries]
        self.senses: list[CellSense] = []

    def thermistor(
        self, number: int, table: "array[int]", values: dict, offset: int
    ) -> ConverterThermistor:
        """The thermistor on an input."""
        full = self._full[number // CONVERTER_INPUTS]
        sensor = ConverterThermistor(full, table, values, offset)
        self._converter(number).use(number % CONVERTER_INPUTS, MV_4096, sensor)
        return sensor

    def sense(self, cell: "Cell", values: dict, settle_ms: int) -> None:
        """Follow a cell, whose entry is `values`, by what it has for that."""
        voltage, current = values["voltage_input"], values["current_input"]
        if voltage is None and current is None:
            return
        from soakfw.senses import CellSense, current_sense, voltage_sense

        sense = CellSense(cell, settle_ms)
        self.senses.append(sense)
        if voltage is not None:
            sense.voltage = voltage_sense()
            self._converter(voltage).use(voltage % CONVERTER_INPUTS, MV_2048, sense.voltage)
        if current is not None:
            sense.current = current_sense(values["shunt"])
            self._converter(current).use(current % CONVERTER_INPUTS, MV_256, sense.current)

    def poll(self, now: int) -> None:
        """One conversion of each converter; whether each cell is what it is commanded to be."""
        for sense in self.senses:
            sense.settle(now)
        for converter in self._converters:
            converter.poll(now)
        for sense in self.senses:
            sense.judge(self._recorder)

    def _converter(self, number: int) -> Converter:
        return self._converters[number // CONVERTER_INPUTS]

    def _tell(self, address: int, silent: bool) -> None:
        self._recorder.event(EV_DEVICE, a=address, b=int(silent))
