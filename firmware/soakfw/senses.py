"""What a cell shows: its photovoltage at OC, its photocurrent over the shunt at SC.

Imported only where a bench has such senses. A reading counts if its conversion began and ended
while the cell was at its load and settled; before that, on the source meter, beyond full scale and
from a silent converter there is none. The sense that the load does not ask for is the evidence
for it: at SC there must be no voltage, at OC no current. Light need not be known for that.
"""

from soakfw.ads1115 import TOP
from soakfw.clock import Deadline
from soakwire.records import EV_AS_COMMANDED, EV_OC_CURRENT, EV_SC_VOLTAGE, MEASURE, OC, SC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.recorder import Recorder
    from soakfw.relays import Cell

IN_A_ROW = 3  # readings that agree, before anything is told
SC_DECI_MV = 1000  # at SC: shunt, leads and contact drop 10 mV
OC_MICROAMPERE = 20  # at OC: 1 % of what a cell gives
OC_STEPS = 5  # of the converter: with a small shunt its own offset is more than that
HIGHEST = 32767  # what a record can say


class Quantity:
    """One sense: what was measured is a code times `times` / `by`, suspicious above `limit`."""

    def __init__(self, times: int, by: int, limit: int) -> None:
        self._times = times
        self._by = by
        self._limit = limit
        self._counts = False  # the conversion under way
        self.steady = False  # now is a time to begin one
        self.is_new = False  # the reading; until somebody has judged it
        self.value: int | None = None

    def begin(self) -> None:
        """A conversion begins."""
        self._counts = self.steady

    def take(self, raw: int) -> None:
        """That conversion's code."""
        self.value = None
        if self._counts and -TOP < raw < TOP:
            value = raw * self._times // self._by
            if -HIGHEST <= value <= HIGHEST:
                self.value = value
        self.is_new = True

    def lose(self) -> None:
        """Nothing is known, and what is being converted does not count."""
        self._counts = False
        self.value = None

    def is_odd(self) -> bool:
        """Whether it shows what must not be there."""
        return self.value is not None and abs(self.value) > self._limit


def voltage_sense() -> Quantity:
    """In 0.1 mV, of 62.5 microvolt."""
    return Quantity(5, 8, SC_DECI_MV)


def current_sense(shunt: int) -> Quantity:
    """In microampere through `shunt` milliohm, of 7.8125 microvolt."""
    step = -(-15625 // (2 * shunt))
    return Quantity(15625, 2 * shunt, max(OC_MICROAMPERE, OC_STEPS * step))


class CellSense:
    """One cell, by a voltage, a current or both."""

    def __init__(self, cell: "Cell", settle_ms: int) -> None:
        self.cell = cell
        self.voltage: Quantity | None = None
        self.current: Quantity | None = None
        self._settle_ms = settle_ms
        self._settled = Deadline()
        self._has_moved = True
        self._is_odd = False
        self._row = 0  # readings that say so
        self._is_told = False  # in this stay at the load
        self._is_open = False  # told, and not yet taken back

    def moved(self) -> None:
        """Its contacts have switched."""
        self._has_moved = True
        self._is_told = False
        self._lose()

    def reading(self) -> int | None:
        """What a CELLS record says."""
        if self.cell.breaking:
            return None
        sense = self._at(OC)
        return sense.value if sense else None

    def settle(self, now: int) -> None:
        """Before conversions: whether those that begin now will count."""
        cell = self.cell
        if self._has_moved:
            self._has_moved = False
            self._settled.set(now, self._settle_ms)
        known = cell.short is None or cell.short.is_known
        steady = self._settled.passed(now) and known and not cell.breaking and cell.at != MEASURE
        if not steady:
            self._lose()
        if self.voltage:
            self.voltage.steady = steady
        if self.current:
            self.current.steady = steady

    def judge(self, recorder: "Recorder") -> None:
        """After conversions: tell what does not fit the load, once, and when it fits again."""
        sense = self._at(SC)
        if sense is None or sense.value is None:
            self._row = 0
            return
        if not sense.is_new:
            return
        sense.is_new = False
        odd = sense.is_odd()
        if odd != self._is_odd:
            self._is_odd = odd
            self._row = 0
        self._row = min(self._row + 1, IN_A_ROW)
        if self._row < IN_A_ROW:
            return
        if odd and not self._is_told:
            self._is_told = self._is_open = True
            code = EV_SC_VOLTAGE if sense is self.voltage else EV_OC_CURRENT
            recorder.event(code, a=self.cell.number, b=sense.value)
        elif self._is_open and not odd:
            self._is_told = self._is_open = False
            recorder.event(EV_AS_COMMANDED, a=self.cell.number)

    def _at(self, voltage_at: int) -> Quantity | None:
        """The voltage at this load, the current at the other."""
        at = self.cell.at
        if at == MEASURE:
            return None
        return self.voltage if at == voltage_at else self.current

    def _lose(self) -> None:
        if self.voltage:
            self.voltage.lose()
        if self.current:
            self.current.lose()
