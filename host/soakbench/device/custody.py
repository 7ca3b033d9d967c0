"""Records from the link to the database, and the acknowledgement back after the commit."""

import logging
from collections.abc import Callable
from concurrent.futures import Future

from soakbench.clock import Clock
from soakbench.device.clockfit import ClockFit
from soakbench.store import Store, StoreWriter
from soakbench.store.store import add_records
from soakwire import names, records
from soakwire.host_end import BoardSeen
from soakwire.records import Record

HIST_AFTER_MS = 5000  # a record that took longer to arrive is marked as replayed

log = logging.getLogger(__name__)


class Custody:
    """Takes records in the link's thread; the board hears of it only after the commit."""

    def __init__(self, store: Store, writer: StoreWriter, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._fit: ClockFit | None = None
        self._device = ""
        self._boot = 0
        self._next_seq = 0
        self.run: str | None = None
        """The run that new records belong to; set by the daemon."""
        self.committed: Callable[[int, int], None] = lambda _boot, _seq: None
        """Where to say that records are safe; set to the link's method."""

    @property
    def boot_name(self) -> str:
        """The boot as the database names it."""
        return f"{self._boot:08x}"

    @property
    def device_name(self) -> str:
        """The board's unique id as the database names it; empty before the first HELLO."""
        return self._device

    def board_seen(self, seen: BoardSeen) -> int:
        """Note a boot; the first of its records that is not on disk."""
        hello = seen.hello
        utc = self._clock.utc_ms()
        t_ms = records.join_time(hello["t_lo"], hello["t_mid"], hello["t_hi"])
        self._fit = ClockFit(t_ms, utc)
        self._device, self._boot = seen.uid, seen.boot_id
        self._next_seq = self._store.next_seq(self._device, self.boot_name)
        row = (
            self._device,
            self.boot_name,
            utc,
            reset_cause(hello),
            firmware_version(hello),
            hello["newest_seq"],
        )
        self._writer.submit(
            lambda c: c.execute("INSERT OR IGNORE INTO boot VALUES (?,?,?,?,?,?)", row)
        )
        return self._next_seq

    def records(self, items: list[Record]) -> list[Record]:
        """Store `items`, then acknowledge; gives those that are live, not replayed.

        Empty: only known ones came, so acknowledge again.
        """
        boot = self._boot
        if not items:
            self.committed(boot, self._next_seq)
            return []
        fit = self._fit
        assert fit is not None  # records only come in a session, a session only after a HELLO
        device, name, run = self._device, self.boot_name, self.run
        old = self._clock.utc_ms() - HIST_AFTER_MS
        next_seq = items[-1].seq + 1
        future = self._writer.submit(
            lambda c: add_records(c, device, name, run, items, fit.to_utc, old)
        )

        def done(written: "Future[object]") -> None:
            error = written.exception()
            if error is not None:
                log.error("records up to %d were not stored: %s", next_seq - 1, error)
                return
            if boot == self._boot:
                self._next_seq = next_seq
            self.committed(boot, next_seq)

        future.add_done_callback(done)
        return [item for item in items if fit.to_utc(item.t_ms)[0] >= old]

    def clock_measured(self, sent_utc_ms: int, received_utc_ms: int, device_ms: int) -> None:
        """A BEAT was answered."""
        if self._fit is not None:
            self._fit.add(sent_utc_ms, received_utc_ms, device_ms)

    def produced(self, newest_seq: int) -> None:
        """The board says how many records this boot has produced so far."""
        row = (newest_seq, self._device, self.boot_name)
        self._writer.submit(
            lambda c: c.execute(
                "UPDATE boot SET produced = max(produced, ?) WHERE device = ? AND boot = ?", row
            )
        )


def reset_cause(hello: dict[str, int]) -> str:
    """The reset cause of a HELLO in words."""
    words = names.RESET_CAUSE_NAMES
    cause = hello["reset_cause"]
    return words[cause] if cause < len(words) else words[0]


def firmware_version(hello: dict[str, int]) -> str:
    """The firmware version of a HELLO."""
    return f"{hello['fw_major']}.{hello['fw_minor']}.{hello['fw_patch']}"
