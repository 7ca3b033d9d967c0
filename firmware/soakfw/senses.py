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


class Quantity:
    """One sense: a voltage in 0.1 mV, of steps of 62.5 microvolt; or a current in microampere, of
    7.8125 microvolt over `shunt` milliohm."""

    def __init__(self, shunt: int | None) -> None:
        self._shunt = shunt
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
            value = self._in_units(raw)
            if -TOP <= value <= TOP:  # what a record can say
                self.value = value
        self.is_new = True

    def lose(self) -> None:
        """Nothing is known, and what is being converted does not count."""
        self._counts = False
        self.value = None

    def is_odd(self) -> bool:
        """Whether it shows what must not be there."""
        limit = SC_DECI_MV
        if self._shunt is not None:
            limit = max(OC_MICROAMPERE, self._in_units(OC_STEPS))
        return self.value is not None and abs(self.value) > limit

    def _in_units(self, raw: int) -> int:
        return raw * 5 // 8 if self._shunt is None else raw * 15625 // (2 * self._shunt)


class CellSense:
    """One cell, by a voltage, a current or both."""

    def __init__(self, cell: "Cell", ms: int) -> None:
        self.cell = cell
        self.voltage: Quantity | None = None
        self.current: Quantity | None = None
        self._settle_ms = ms
        self._settled = Deadline()
        self._has_moved = True
        self._row = 0  # readings that say the same: above 0 odd ones, below 0 good ones
        self._is_told = False  # in this stay at the load
        self._is_open = False  # told, and not yet taken back

    def moved(self) -> None:
        """Its contacts have switched."""
        self._has_moved = True
        self._is_told = False
        self.lose()

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
        steady = self._settled.passed(now) and not cell.breaking and cell.at != MEASURE
        if cell.short and not cell.short.is_known:
            steady = False
        if not steady:
            self.lose()
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
        if sense.is_odd():
            self._row = min(max(self._row, 0) + 1, IN_A_ROW)
        else:
            self._row = max(min(self._row, 0) - 1, -IN_A_ROW)
        if self._row == IN_A_ROW and not self._is_told:
            self._is_told = self._is_open = True
            code = EV_SC_VOLTAGE if sense is self.voltage else EV_OC_CURRENT
            recorder.event(code, a=self.cell.number, b=sense.value)
        elif self._row == -IN_A_ROW and self._is_open:
            self._is_told = self._is_open = False
            recorder.event(EV_AS_COMMANDED, a=self.cell.number)

    def _at(self, load: int) -> Quantity | None:
        """The voltage at this load, the current at the other."""
        if self.cell.at == MEASURE:
            return None
        return self.voltage if self.cell.at == load else self.current

    def lose(self) -> None:
        """Neither has a reading."""
        if self.voltage:
            self.voltage.lose()
        if self.current:
            self.current.lose()
