"""The relay bank: which contacts each cell has, and how it gets from one load to another.

A cell is at OC (both contacts open), SC (short contact closed) or MEASURE (measure contact closed,
a routing to the source meter). Every change goes through OC: break, wait `settle_ms`, make. So no
cell is ever shorted and on the source meter at once, and at most one cell is on the meter: its
contact closes only when every other one has been open for `settle_ms`. Changes of one cell lie
`dwell_ms` apart, those of different cells `stagger_ms`. Nothing here waits: `poll` does what is
due and says when to come again.
"""

from soakfw.clock import Deadline
from soakfw.pulse import Output
from soakwire.records import ABSENT, MEASURE, OC, SC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

WORD_CELLS = 16  # what the loads word holds
RETRY_MS = 10  # while the source meter is still taken


class Cell:
    """One channel: its coils, where its contacts are and where they should be."""

    def __init__(self, values: dict, short: Output | None, measure: Output | None) -> None:
        self.number = 0  # in its bank
        self.wear: array[int]  # times each coil was energised: two for each cell of the bank
        self.short = short  # coil outputs, or None where the relay is not fitted
        self._measure = measure
        self._rest: int = values["rest"]
        self.power_off: int = values["power_off"]
        self.can_short = short is not None
        # Without a short relay a cell that rests at SC would be shorted on the meter.
        self.can_measure = measure is not None and (short is not None or self.power_off == OC)
        self.at: int = self._rest if short else self.power_off
        self.planned = self.power_off
        self.manual: int | None = None  # overrides `planned` while its lease runs
        self.lease = Deadline()
        self.dwell = Deadline()
        self.settle = Deadline()  # since a contact opened
        self.breaking = False

    def wanted(self) -> int:
        """Where the cell should be."""
        return self.planned if self.manual is None else self.manual

    def open(self) -> None:
        """To OC."""
        if self._measure:
            self._measure.set(False)
        if self.short:
            self._drive(self.short, self._rest == SC)
        self.at = OC

    def close(self, load: int) -> None:
        """From OC to SC or MEASURE."""
        coil = self._measure if load == MEASURE else self.short
        if coil:
            self._drive(coil, load == MEASURE or self._rest != SC)
            self.at = load

    def _drive(self, coil: Output, on: bool) -> None:
        """Switch a coil, and count it."""
        if on and not coil.is_on:
            at = 2 * self.number + (coil is self._measure)
            self.wear[at] = min(self.wear[at] + 1, 65535)  # what a record can say
        coil.set(on)


class RelayBank:
    """All cells. `switched` is called with (cell number, load) when a cell has arrived."""

    latches: "tuple | list" = ()  # what the hard timer serves (soakfw.latching)
    senses: "tuple | list" = ()  # of those cells that have any (soakfw.senses)

    def __init__(
        self,
        cells: list[Cell],
        head: dict,
        switched: "Callable[[int, int], None]",
        wear: "array[int]",
    ) -> None:
        """`wear` has two counts for each of WORD_CELLS, and goes on where another bank ended."""
        self.cells = cells
        self.wear = wear
        self.worn = False  # since it was told last
        for number, cell in enumerate(cells):
            cell.number = number
            cell.wear = self.wear
        self._settle_ms = head["settle"]
        self._dwell_ms = head["dwell"]
        self._stagger_ms = head["stagger"]
        self._switched = switched
        self._stagger = Deadline()
        self._resting = False  # every cell is where it should be, and no deadline runs
        self._moved = False
        self._absent = 0
        for number in range(len(cells), WORD_CELLS):
            self._absent |= ABSENT << (2 * number)

    def cell(self, number: int) -> Cell | None:
        """The cell, or None if there is none of this number."""
        return self.cells[number] if number < len(self.cells) else None

    def plan(self, number: int, load: int) -> None:
        """The load the program wants; a cell without a short relay stays where it is."""
        cell = self.cells[number]
        planned = load if cell.can_short else cell.power_off
        if cell.planned != planned:
            cell.planned = planned
            self._resting = False

    def override(self, number: int, load: int, now: int, lease_ms: int) -> None:
        """Set a load (or MEASURE) by hand for `lease_ms`. One cell at a time may be measured."""
        if load == MEASURE:
            self.end_measure()
        cell = self.cells[number]
        cell.manual = load
        cell.lease.set(now, lease_ms)
        self._resting = False

    def end_override(self, number: int) -> None:
        """Back to what the program wants."""
        self.cells[number].manual = None
        self._resting = False

    def end_measure(self) -> None:
        """No cell on the source meter."""
        for cell in self.cells:
            if cell.manual == MEASURE:
                cell.manual = None
        self._resting = False

    def make_safe(self, now: int) -> None:
        """Every cell to its power-off load at once: no dwell, no stagger; settling is kept."""
        self._resting = False
        for cell in self.cells:
            cell.manual = None
            cell.planned = cell.power_off
            cell.dwell.clear()
            if cell.at != cell.planned and not cell.breaking:
                self._break(cell, now)

    def open_measure(self) -> None:
        """Take every cell off the source meter in this instant (the board is about to reset)."""
        for cell in self.cells:
            if cell.at == MEASURE:
                cell.open()

    def loads(self) -> int:
        """Where the contacts are: two bits a cell; a cell on its way is at OC."""
        word = self._absent
        for cell in self.cells:
            word |= cell.at << (2 * cell.number)
        return word

    def measuring(self) -> bool:
        """Whether a cell is on the source meter or on its way there."""
        return any(MEASURE in (cell.at, cell.manual) for cell in self.cells)

    def take_settled(self) -> bool:
        """True once after cells have switched and all have come to rest."""
        if not self._moved:
            return False
        for cell in self.cells:
            if cell.breaking or cell.at != cell.wanted():
                return False
        self._moved = False
        self.worn = True
        return True

    def settled(self, mask: int) -> bool:
        """Whether the cells of bit `mask` are at their planned loads."""
        for cell in self.cells:
            if mask >> cell.number & 1 and (cell.breaking or cell.at != cell.planned):
                return False
        return True

    def poll(self, now: int) -> int:
        """Do what is due; milliseconds until more may be due, -1 if every cell is at rest."""
        if self._resting:
            return -1
        wait = -1
        resting = True
        for cell in self.cells:
            if cell.manual is not None and cell.lease.passed(now):
                cell.manual = None
            if cell.breaking:
                self._make(cell, now)
            elif cell.at != cell.wanted():
                self._begin(cell, now)
            left = self._left(cell, now)
            if left >= 0 and (wait < 0 or left < wait):
                wait = left
            # Deadlines must be looked at until they have passed, or the wrapping ticks revive them.
            if not (cell.dwell.passed(now) and cell.settle.passed(now)):
                resting = False
        self._resting = self._stagger.passed(now) and resting and wait < 0
        return wait

    def _begin(self, cell: Cell, now: int) -> None:
        """Break, if dwell and stagger allow it."""
        if not cell.dwell.passed(now) or not self._stagger.passed(now):
            return
        self._stagger.set(now, self._stagger_ms)
        self._break(cell, now)
        self._make(cell, now)

    def _break(self, cell: Cell, now: int) -> None:
        if cell.at != OC:
            cell.open()
            cell.settle.set(now, self._settle_ms)
        cell.breaking = True

    def _make(self, cell: Cell, now: int) -> None:
        """Close the wanted contact once it may."""
        load = cell.wanted()
        if load != OC:
            if not cell.settle.passed(now) or (load == MEASURE and self._meter_busy(cell, now)):
                return
            cell.close(load)
        cell.breaking = False
        self._moved = True
        cell.dwell.set(now, self._dwell_ms)
        self._switched(cell.number, load)

    def _meter_busy(self, asking: Cell, now: int) -> bool:
        for cell in self.cells:
            if cell is not asking and (cell.at == MEASURE or not cell.settle.passed(now)):
                return True
        return False

    def _left(self, cell: Cell, now: int) -> int:
        if cell.breaking:
            return cell.settle.left(now) or RETRY_MS
        if cell.at != cell.wanted():
            return max(cell.dwell.left(now), self._stagger.left(now), 1)
        return cell.lease.left(now) if cell.manual is not None else -1
