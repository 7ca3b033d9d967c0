"""What the twin tells of itself, handed to the judge with the time at which it was."""

from soakbench.rehearsal.judge import Account
from soakwire.records import EVENT
from soakwire.slots import Record


class Witness:
    """The chip's and the board's observer. It keeps the events, for the timeline."""

    def __init__(self, account: Account, start_ticks_ms: int) -> None:
        self._account = account
        self._start_ticks_ms = start_ticks_ms
        self._number = 0
        self._boot_ms = self._last_ms = 0.0
        self.events: list[tuple[float, Record]] = []
        """The firmware's events with their true times."""
        self.fault = account.fault
        # By the million:
        self.pin = account.pin
        self.plate = account.plate
        self.light = account.light
        self.released = account.released
        self.moved = account.moved

    def boot(self, at_ms: float, number: int) -> None:
        """The board starts."""
        self._number = number
        self._boot_ms = self._last_ms = at_ms
        self._account.boot(at_ms, number)

    def produced(self, slot: bytes) -> None:
        """The firmware has taken this record into its journal."""
        record = Record(slot)
        at_ms = self._boot_ms + record.t_ms - self._start_ticks_ms
        self._last_ms = at_ms
        self._account.produced(at_ms, self._number, slot)
        if record.kind == EVENT:
            self.events.append((at_ms, record))

    def left_out(self, first_seq: int, count: int) -> None:
        """`count` records were due and not taken in."""
        self._account.left_out(self._last_ms, self._number, first_seq, count)
