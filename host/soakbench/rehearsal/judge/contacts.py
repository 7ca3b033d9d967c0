"""The relays' contacts as the pins put them, cell by cell.

A coil's contact is taken to follow its pin at once. Who wants to know of changes is told after
each; a reset changes all at the same time, so it is told as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from soakbench.config import BenchConfig
from soakbench.config.bench import Cell, ShortRelay
from soakbench.twin.channel import PinState
from soakbench.twin.wires import OPERATE_MS

OC, SC, MEASURE = "OC", "SC", "MEASURE"
NEVER = float("-inf")
MOST_PULSE_MS = 300


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
        self._on = level_on(level)
        self._is_on = False

    def take(self, at_ms: float, state: PinState) -> None:
        """Follow the pin."""
        is_on = state == self._on
        if is_on and not self._is_on:
            self._owner.energised(at_ms, self._cell.name, self._contact.load)
        self._is_on = is_on
        closed = (state == self._on) != self._contact.normally_closed
        if closed != self._contact.closed:
            self._owner.change(at_ms, self._cell, self._contact, closed)
        if state == PinState.RELEASED:
            self._cell.made_ms = NEVER  # the firmware has taken the bench down

    def release(self) -> None:
        """A reset: nothing is driven."""
        self._is_on = False


class Latch:
    """The two coils of a latching relay, and where they have put its contact. It is taken to move
    at once, and to have stayed where it was if the pulse turns out too short."""

    def __init__(
        self, owner: "Contacts", cell: CellContacts, contact: Contact, relay: ShortRelay
    ) -> None:
        self._owner = owner
        self._cell = cell
        self._contact = contact
        self._on = level_on(relay.active)
        self._since: list[float | None] = [None, None]  # reset and set coil energised
        self._before = contact.closed

    def energise(self, at_ms: float, which: int, state: PinState) -> None:
        """Coil 0 resets, coil 1 sets."""
        since_ms = self._since[which]
        if (state == self._on) == (since_ms is not None):
            return
        if since_ms is not None:
            self._since[which] = None
            self._judge(at_ms, at_ms - since_ms, cut=state == PinState.RELEASED)
            return
        self._since[which] = at_ms
        if self._since[1 - which] is not None:
            self._owner.coils(at_ms, f"both coils of {self._contact} are energised")
        if which == 1:
            self._owner.energised(at_ms, self._cell.name, self._contact.load)
        self._before = self._contact.closed
        closed = (which == 1) != self._contact.normally_closed
        if closed != self._before:
            self._owner.change(at_ms, self._cell, self._contact, closed)

    def release(self, at_ms: float) -> None:
        """A reset lets go of both: the contact stays, unless a pulse was cut off."""
        for which in (0, 1):
            self.energise(at_ms, which, PinState.RELEASED)

    def _judge(self, at_ms: float, ms: float, cut: bool) -> None:
        if ms < OPERATE_MS:
            self._contact.closed = self._before
            if not cut:
                self._owner.coils(at_ms, f"a pulse of {ms:.0f} ms does not move {self._contact}")
        elif ms > MOST_PULSE_MS:
            self._owner.coils(at_ms, f"a coil of {self._contact} was energised for {ms:.0f} ms")


class LatchPin:
    """One of its pins."""

    def __init__(self, latch: Latch, which: int) -> None:
        self._latch = latch
        self._which = which

    def take(self, at_ms: float, state: PinState) -> None:
        """Follow the pin."""
        self._latch.energise(at_ms, self._which, state)


def level_on(active: str) -> PinState:
    """The level that energises."""
    return PinState.HIGH if active == "high" else PinState.LOW


class Contacts:
    """All of them. `energised` and `coils` are told of coils, and of what is wrong with them."""

    def __init__(
        self,
        bench: BenchConfig,
        judges: Iterable[SwitchJudge],
        energised: Callable[[float, str, str], None] = lambda _at_ms, _cell, _load: None,
        coils: Callable[[float, str], None] = lambda _at_ms, _text: None,
    ) -> None:
        self.energised = energised
        self.coils = coils
        self._latches: list[Latch] = []
        self._latched: list[Contact] = []
        self.cells = {name: CellContacts(name, cell) for name, cell in bench.cells.items()}
        self.pins = dict(self._fit(bench))
        self._judges = list(judges)
        self.changed: Callable[[float], None] = lambda _at_ms: None
        """Called after any change, when the judges are through."""

    def _fit(self, bench: BenchConfig) -> Iterator[tuple[int, ContactPin | LatchPin]]:
        for name, config in bench.cells.items():
            cell = self.cells[name]
            short, measure = config.short_relay, config.measure_relay
            if short is not None and cell.short is not None:
                yield from self._fit_short(cell, cell.short, short)
            if measure is not None and cell.measure is not None:
                yield measure.pin, ContactPin(self, cell, cell.measure, measure.active)

    def _fit_short(
        self, cell: CellContacts, contact: Contact, relay: ShortRelay
    ) -> Iterator[tuple[int, ContactPin | LatchPin]]:
        if relay.reset_pin is None:
            yield relay.coil_pin, ContactPin(self, cell, contact, relay.active)
            return
        latch = Latch(self, cell, contact, relay)
        self._latches.append(latch)
        self._latched.append(contact)
        yield relay.reset_pin, LatchPin(latch, 0)
        yield relay.coil_pin, LatchPin(latch, 1)

    def change(self, at_ms: float, cell: CellContacts, contact: Contact, closed: bool) -> None:
        """A pin has moved a contact."""
        contact.closed = closed
        for judge in self._judges:
            (judge.closes if closed else judge.opens)(at_ms, cell, contact)
        _note(at_ms, cell, contact)
        self.changed(at_ms)

    def release(self, at_ms: float) -> None:
        """A reset: every contact is where it is without current; a latching one where it was."""
        for latch in self._latches:
            latch.release(at_ms)
        for pin in self.pins.values():
            if isinstance(pin, ContactPin):
                pin.release()
        closed = []
        for cell in self.cells.values():
            for contact in cell.contacts:
                if contact not in self._latched and contact.closed != contact.normally_closed:
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
