"""The relays' rules: exclusion, break before make, dwell, stagger."""

from soakbench.config import BenchConfig
from soakbench.rehearsal.judge.contacts import MEASURE, NEVER, SC, CellContacts, Contact, Contacts
from soakbench.rehearsal.judge.findings import Findings, History, Rule
from soakbench.rehearsal.judge.provoked import RESETS, Provoked

_POLL_MS = 100  # after which the board looks again whether the meter is free, generously


class Exclusion:
    """No cell is shorted and on the source meter, and no two are on the meter."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._cells: list[CellContacts] = []

    def watch(self, contacts: Contacts) -> None:
        """These cells share the meter."""
        self._cells = list(contacts.cells.values())

    def opens(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """No harm."""

    def closes(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """Look at what else is closed."""
        if cell.short and cell.measure and cell.short.closed and cell.measure.closed:
            text = f"{cell.name} is shorted and on the source meter"
            self._findings.add(at_ms, Rule.EXCLUSION, text)
        if contact.load == MEASURE:
            for other in self._cells:
                if other is not cell and other.measure and other.measure.closed:
                    text = f"{cell.name} and {other.name} are on the source meter"
                    self._findings.add(at_ms, Rule.EXCLUSION, text)

    def releases(self, at_ms: float, closed: list[tuple[CellContacts, Contact]]) -> None:
        """Where all coils are off, measure contacts are open."""


class BreakBeforeMake:
    """A contact closes settle_ms after others have opened. Only a reset from outside may drop all
    coils at once; the firmware's own has to open the meter first."""

    def __init__(self, bench: BenchConfig, findings: Findings, provoked: Provoked) -> None:
        self._settle_ms = bench.relays.settle_ms
        self._findings = findings
        self._provoked = provoked
        self._cells: list[CellContacts] = []

    def watch(self, contacts: Contacts) -> None:
        """These cells share the meter."""
        self._cells = list(contacts.cells.values())

    def opens(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """What closes later is compared with it."""

    def closes(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """Look at what has opened last."""
        self._compare(at_ms, cell, contact, "")

    def releases(self, at_ms: float, closed: list[tuple[CellContacts, Contact]]) -> None:
        """The same, but for resets that are nobody's fault."""
        provoked = self._provoked.by(RESETS, at_ms, at_ms)
        for cell, contact in closed:
            self._compare(at_ms, cell, contact, provoked)

    def _compare(self, at_ms: float, cell: CellContacts, contact: Contact, provoked: str) -> None:
        others = [other for other in cell.contacts if other is not contact]
        if contact.load == MEASURE:
            others += [each.measure for each in self._cells if each is not cell and each.measure]
        for other in others:
            gap_ms = at_ms - other.opened_ms
            if not other.closed and gap_ms < self._settle_ms:
                text = (
                    f"{contact} closed {gap_ms:.0f} ms after {other} had opened,"
                    f" less than {self._settle_ms} ms"
                )
                self._findings.add(at_ms, Rule.BREAK_BEFORE_MAKE, text, provoked)


class Dwell:
    """A cell stays dwell_ms where it is. The way into the power-off load is always free: where a
    cell goes that has left another load too early is known when it closes the next contact."""

    def __init__(self, bench: BenchConfig, findings: Findings) -> None:
        self._dwell_ms = bench.relays.dwell_ms
        self._findings = findings

    def opens(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """Nobody hurries out of the safe state."""
        if contact.load == cell.power_off:
            self._compare(at_ms, cell, f"{contact} opened")

    def closes(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """Nor from one load into another that is not safe."""
        if contact.load != cell.power_off:
            self._compare(at_ms, cell, f"{contact} closed")

    def releases(self, at_ms: float, closed: list[tuple[CellContacts, Contact]]) -> None:
        """A reset waits for nothing."""

    def _compare(self, at_ms: float, cell: CellContacts, what: str) -> None:
        stayed_ms = at_ms - cell.made_ms
        if stayed_ms < self._dwell_ms:
            text = (
                f"{what} {stayed_ms:.0f} ms after the cell's last make,"
                f" less than {self._dwell_ms} ms"
            )
            self._findings.add(at_ms, Rule.DWELL, text)


class Stagger:
    """Two cells leave their power-off loads stagger_ms apart.

    A way into the power-off load may be the safe state, which does not wait. A contact that closes
    while its cell may still be on its way from another load has its stagger behind it, and so has
    one that had to wait for the meter.
    """

    def __init__(self, bench: BenchConfig, findings: Findings) -> None:
        relays = bench.relays
        self._stagger_ms = relays.stagger_ms
        self._on_its_way_ms = relays.dwell_ms + relays.stagger_ms + 2 * relays.settle_ms + _POLL_MS
        self._findings = findings
        self._last_ms = NEVER
        self._last = ""

    def opens(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """Out of a power-off load that is a short."""
        if contact.load == cell.power_off:
            self._begin(at_ms, cell)

    def closes(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """Out of open circuit, if the cell was there before."""
        opened_ms = max(each.opened_ms for each in cell.contacts)
        rested = at_ms - opened_ms > self._on_its_way_ms
        if contact.load == SC != cell.power_off and rested:
            self._begin(at_ms, cell)

    def releases(self, at_ms: float, closed: list[tuple[CellContacts, Contact]]) -> None:
        """A reset waits for nothing."""

    def _begin(self, at_ms: float, cell: CellContacts) -> None:
        gap_ms = at_ms - self._last_ms
        if gap_ms < self._stagger_ms and cell.name != self._last:
            text = (
                f"{cell.name} switched {gap_ms:.0f} ms after {self._last},"
                f" less than {self._stagger_ms} ms"
            )
            self._findings.add(at_ms, Rule.STAGGER, text)
        self._last_ms, self._last = at_ms, cell.name


class Notes:
    """Puts the contacts' changes into the history, before anybody judges them."""

    def __init__(self, history: History) -> None:
        self._note = history.note

    def opens(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """As it says."""
        self._note((at_ms, f"{cell.name} {_name(contact)}", "opened"))

    def closes(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """As it says."""
        self._note((at_ms, f"{cell.name} {_name(contact)}", "closed"))

    def releases(self, at_ms: float, closed: list[tuple[CellContacts, Contact]]) -> None:
        """The reset itself is noted by who tells of it."""


def _name(contact: Contact) -> str:
    return "short" if contact.load == SC else "measure"
