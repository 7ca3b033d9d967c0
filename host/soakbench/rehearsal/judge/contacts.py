"""The relays' contacts as the pins put them, cell by cell.

A coil's contact is taken to follow its pin at once. Who wants to know of changes is told after
each; a reset changes all at the same time, so it is told as a whole.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from soakbench.config import BenchConfig
from soakbench.config.bench import Cell
from soakbench.twin.channel import PinState

OC, SC, MEASURE = "OC", "SC", "MEASURE"
NEVER = float("-inf")


class Contact:
    """One contact of a cell. `load` is what the cell has while it is closed."""

    def __init__(self, cell: str, load: str, normally_closed: bool) -> None:
        self.cell = cell
        self.load = load
        self.normally_closed = normally_closed
        self.closed = normally_closed
        self.opened_ms = NEVER

    def __str__(self) -> str:
        return f"{self.cell}'s {'short' if self.load == SC else 'measure'} contact"


class CellContacts:
    """The contacts of one cell."""

    def __init__(self, name: str, config: Cell) -> None:
        self.name = name
        self.power_off: str = config.power_off
        self.short: Contact | None = None
        self.measure: Contact | None = None
        if config.short_relay is not None:
            self.short = Contact(name, SC, config.short_relay.rest == SC)
        elif config.power_off == SC:
            self.short = Contact(name, SC, True)  # a wire
        if config.measure_relay is not None:
            self.measure = Contact(name, MEASURE, False)
        self.made_ms = NEVER
        """When a contact was closed last; NEVER after a reset: the board cannot know."""

    @property
    def contacts(self) -> list[Contact]:
        """Those that are there."""
        return [contact for contact in (self.short, self.measure) if contact is not None]

    @property
    def load(self) -> str:
        """What the cell has now; on the meter while it is shorted is MEASURE."""
        if self.measure is not None and self.measure.closed:
            return MEASURE
        return SC if self.short is not None and self.short.closed else OC


class SwitchJudge(Protocol):
    """Told of changes after they have happened, before the contact's time is noted."""

    def opens(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """A contact was opened by its pin."""

    def closes(self, at_ms: float, cell: CellContacts, contact: Contact) -> None:
        """A contact was closed by its pin."""

    def releases(self, at_ms: float, closed: list[tuple[CellContacts, Contact]]) -> None:
        """All coils were dropped at once; `closed` are the contacts that this has closed."""


class ContactPin:
    """A pin that drives a coil."""

    def __init__(self, owner: "Contacts", cell: CellContacts, contact: Contact, level: str) -> None:
        self._owner = owner
        self._cell = cell
        self._contact = contact
        self._on = PinState.HIGH if level == "high" else PinState.LOW

    def take(self, at_ms: float, state: PinState) -> None:
        """Follow the pin."""
        closed = (state == self._on) != self._contact.normally_closed
        if closed != self._contact.closed:
            self._owner.change(at_ms, self._cell, self._contact, closed)
        if state == PinState.RELEASED:
            self._cell.made_ms = NEVER  # the firmware has taken the bench down


class Contacts:
    """All of them."""

    def __init__(self, bench: BenchConfig, judges: Iterable[SwitchJudge]) -> None:
        self.cells = {name: CellContacts(name, cell) for name, cell in bench.cells.items()}
        self.pins = dict(self._fit(bench))
        self._judges = list(judges)
        self.changed: Callable[[float], None] = lambda _at_ms: None
        """Called after any change, when the judges are through."""

    def _fit(self, bench: BenchConfig) -> list[tuple[int, ContactPin]]:
        pins = []
        for name, config in bench.cells.items():
            cell = self.cells[name]
            for relay, contact in (
                (config.short_relay, cell.short),
                (config.measure_relay, cell.measure),
            ):
                if relay is not None and contact is not None:
                    pins.append((relay.pin, ContactPin(self, cell, contact, relay.active)))
        return pins

    def change(self, at_ms: float, cell: CellContacts, contact: Contact, closed: bool) -> None:
        """A pin has moved a contact."""
        contact.closed = closed
        for judge in self._judges:
            (judge.closes if closed else judge.opens)(at_ms, cell, contact)
        _note(at_ms, cell, contact)
        self.changed(at_ms)

    def release(self, at_ms: float) -> None:
        """A reset: every contact is where it is without current."""
        closed = []
        for cell in self.cells.values():
            for contact in cell.contacts:
                if contact.closed != contact.normally_closed:
                    contact.closed = contact.normally_closed
                    if contact.closed:
                        closed.append((cell, contact))
                    else:
                        contact.opened_ms = at_ms
        for judge in self._judges:
            judge.releases(at_ms, closed)
        for cell, contact in closed:
            _note(at_ms, cell, contact)
        for cell in self.cells.values():
            cell.made_ms = NEVER


def _note(at_ms: float, cell: CellContacts, contact: Contact) -> None:
    if contact.closed:
        cell.made_ms = at_ms
    else:
        contact.opened_ms = at_ms
