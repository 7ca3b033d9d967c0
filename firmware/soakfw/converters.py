"""What hangs on the bench's converters: thermistors, and the senses of the cells.

Imported only where a bench has converters. Inputs are numbered through: CONVERTER_INPUTS to each.
"""

from soakfw.ads1115 import MV_256, MV_2048, MV_4096, Converter
from soakfw.sensors import FULL_SCALE, Thermistor
from soakwire.blobs import CONVERTER_INPUTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

    from soakfw.bus import Bus
    from soakfw.recorder import Recorder
    from soakfw.relays import Cell
    from soakfw.senses import CellSense, Quantity


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
        total = raw * (FULL_SCALE // 2)
        rest = total % full
        super().take(total // full * 2 + (2 * rest + raw) // full)

    def lose(self) -> None:
        """Nobody answers: no reading, and nothing known (S6)."""
        self.centi_c = None


class ConverterBank:
    """All converters of a bench, and what is known of the cells through them."""

    def __init__(self, bus: "Bus", entries: list[dict], recorder: "Recorder") -> None:
        self._recorder = recorder
        self._full: list[int] = [values["full"] for values in entries]
        self._converters = [Converter(bus, values["address"], recorder) for values in entries]
        self.senses: list[CellSense] = []

    def thermistor(
        self, number: int, table: "array[int]", values: dict, offset: int
    ) -> ConverterThermistor:
        """The thermistor on an input."""
        full = self._full[number // CONVERTER_INPUTS]
        sensor = ConverterThermistor(full, table, values, offset)
        self.use(number, MV_4096, sensor)
        return sensor

    def sense(self, cell: "Cell", values: dict, ms: int) -> None:
        """Follow a cell by what its entry `values` has for that. Its contacts settle for `ms`."""
        if values["voltage_input"] is None and values["current_input"] is None:
            return
        from soakfw.senses import CellSense, Quantity

        sense = CellSense(cell, ms)
        self.senses.append(sense)
        if values["voltage_input"] is not None:
            sense.voltage = Quantity(None)
            self.use(values["voltage_input"], MV_2048, sense.voltage)
        if values["current_input"] is not None:
            sense.current = Quantity(values["shunt"])
            self.use(values["current_input"], MV_256, sense.current)

    def use(self, number: int, full: int, user: "ConverterThermistor | Quantity") -> None:
        """Convert an input for `user`."""
        self._converters[number // CONVERTER_INPUTS].use(number % CONVERTER_INPUTS, full, user)

    def poll(self, now: int) -> None:
        """One conversion of each converter; whether each cell is what it is commanded to be."""
        for sense in self.senses:
            sense.settle(now)
        for converter in self._converters:
            converter.poll(now)
        for sense in self.senses:
            sense.judge(self._recorder)
