"""Records from the link to the database, and the acknowledgement back after the commit.

Three threads meet here. The link's calls `board_seen` and `records`, the writer's runs the jobs
and what follows them, the event loop's calls `clock_measured` and `produced`. What belongs to one
boot is in one `_Present`, made by the link's thread and replaced as a whole, so that whoever takes
it once has things that belong together; inside it, `Handover` has its own lock.
"""

import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from soakbench.clock import Clock
from soakbench.device.boardclock import HELLO_ERROR_MS, BoardClock, News
from soakbench.device.handover import Handover, NotDueError, Waiting
from soakbench.store import Job, Store, Writer
from soakbench.store.boots import Boot, see_boot
from soakbench.store.clocks import (
    ClockLine,
    ClockPoint,
    add_line,
    add_points,
    newest_version,
    read_points,
)
from soakbench.store.intake import Batch, store_batch
from soakbench.store.notes import add_note
from soakwire import messages, names, slots
from soakwire.host_end import BoardSeen, Records
from soakwire.slots import Record

HIST_AFTER_MS = 5000  # a record that took longer to arrive is marked as replayed

# After these the scratch registers say nothing.
_NOTHING_LEFT = (messages.CAUSE_UNKNOWN, messages.CAUSE_POWER_ON)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Fit:
    """A line and its version: one object, so that nobody sees the one without the other."""

    version: int
    line: ClockLine


@dataclass
class _Present:
    """The boot that the link talks to."""

    device: str
    boot_id: int
    handover: Handover
    clock: BoardClock
    fit: "_Fit"
    """As the clock has it, but only once the writer has been told of it."""

    @property
    def boot(self) -> str:
        """As the database names it."""
        return f"{self.boot_id:08x}"


class Custody:
    """Takes records in the link's thread; the board hears of it only after the commit."""

    def __init__(self, store: Store, writer: Writer, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._present: _Present | None = None
        self.run: str | None = None
        """The run that new records belong to; set by the daemon."""
        self.committed: Callable[[int, int], None] = lambda _boot, _seq: None
        """Where to say that records are safe; set to the link's method."""
        self.not_stored: Callable[[int, int], None] = lambda _boot, _seq: None
        """Where to ask for records once more, from a seq on; set to the link's method."""

    @property
    def boot_name(self) -> str:
        """The boot as the database names it."""
        return self._present.boot if self._present else f"{0:08x}"

    @property
    def device_name(self) -> str:
        """The board's unique id as the database names it; empty before the first HELLO."""
        return self._present.device if self._present else ""

    @property
    def clock_error_ms(self) -> int | None:
        """The estimated error of the newest times; None before the first HELLO."""
        present = self._present
        if present is None:
            return None
        return present.fit.line.to_utc(present.clock.newest_ms)[1]

    @property
    def drift_ppm(self) -> float | None:
        """By how much the board's clock is slow; None before the first HELLO."""
        present = self._present
        return None if present is None else present.fit.line.drift_ppm

    # --- in the link's thread ---

    def board_seen(self, seen: BoardSeen) -> int:
        """Note a boot; the first of its records that is not on disk."""
        present = self._present
        if present is None or (present.device, present.boot_id) != (seen.uid, seen.boot_id):
            present = self._meet(seen)
            self._present = present
        return present.handover.safe

    def records(self, batch: Records) -> list[Record]:
        """Store records, then acknowledge; gives those that are live, not replayed.

        Where only known ones come the acknowledgement is repeated.
        """
        present = self._present
        if present is None or batch.boot_id != present.boot_id:
            return []  # of a session that has ended: the board has them, or they are lost with it
        fit, run = present.fit, self.run
        try:
            new, begun = present.handover.put(batch.after, batch.items, (run, fit.version))
        except NotDueError as error:
            self.not_stored(present.boot_id, error.due)
            return []
        now = self._clock.utc_ms()
        if begun is not None:
            self._store_soon(present, begun, run, fit, now - HIST_AFTER_MS)
        elif not new:
            self.committed(present.boot_id, present.handover.safe)
        return _since(new, fit.line, now - HIST_AFTER_MS)

    def _meet(self, seen: BoardSeen) -> _Present:
        """A boot that this custody has not talked to before, or not last."""
        hello, device, boot = seen.hello, seen.uid, f"{seen.boot_id:08x}"
        utc = self._clock.utc_ms()
        t_ms = slots.join_time(hello["t_lo"], hello["t_mid"], hello["t_hi"])
        clock = BoardClock(
            ClockPoint(t_ms, utc, HELLO_ERROR_MS),
            read_points(self._store, device, boot),
            newest_version(self._store, device, boot),
        )
        handover = Handover(self._store.next_seq(device, boot))
        fit = _Fit(clock.version, clock.line)
        present = _Present(device, seen.boot_id, handover, clock, fit)
        left = None if hello["reset_cause"] in _NOTHING_LEFT else hello["scratch1"]
        row = Boot(
            device,
            boot,
            utc,
            reset_cause(hello),
            firmware_version(hello),
            hello["newest_seq"],
            left,
        )
        self._submit("the boot", lambda c: see_boot(c, row))
        self._keep(present, clock.current())
        return present

    def _store_soon(
        self, present: _Present, waiting: Waiting, run: str | None, fit: _Fit, old_utc_ms: int
    ) -> None:
        device, boot = present.device, present.boot

        def store(connection: sqlite3.Connection) -> None:
            present.handover.close(waiting)
            batch = Batch(device, boot, waiting.after, waiting.items, run, fit.version, old_utc_ms)
            store_batch(connection, batch, fit.line.to_utc)

        future = self._writer.submit(store)
        future.add_done_callback(lambda written: self._answer(present, waiting, written))

    # --- in the writer's thread ---

    def _answer(self, present: _Present, waiting: Waiting, written: "Future[object]") -> None:
        """Acknowledge what is on disk, or ask for it again."""
        error = written.exception()
        if error is None:
            self.committed(present.boot_id, present.handover.stored(waiting))
            return
        due = present.handover.failed(waiting)
        log.error("records %d to %d were not stored: %s", waiting.after, waiting.end - 1, error)
        if due is not None:
            self.not_stored(present.boot_id, due)

    # --- in the event loop ---

    def clock_measured(self, sent_utc_ms: int, received_utc_ms: int, device_ms: int) -> None:
        """A BEAT was answered."""
        present = self._present
        if present is not None:
            self._keep(present, present.clock.add(sent_utc_ms, received_utc_ms, device_ms))

    def produced(self, boot: str, newest_seq: int) -> "Future[object]":
        """The board says how many records `boot` has produced so far; done when on disk."""
        row = (newest_seq, self.device_name, boot)
        return self._submit(
            "the number of records",
            lambda c: c.execute(
                "UPDATE boot SET produced = max(produced, ?) WHERE device = ? AND boot = ?", row
            ),
        )

    # --- in any of them ---

    def _keep(self, present: _Present, news: News) -> None:
        """Write down what a measurement has changed, before any record refers to it."""
        device, boot, utc_ms, run = present.device, present.boot, self._clock.utc_ms(), self.run
        points, line, set_by_ms = news.points, news.line, news.set_by_ms
        if points:
            self._submit("the clock", lambda c: add_points(c, device, boot, points))
        if set_by_ms is not None:
            text = (
                f"the computer's clock was set by {set_by_ms / 1000:+.3f} s; the times of records"
                " before this are as they were (`soakbench retime` computes them anew)"
            )
            log.warning("%s", text)
            self._submit("a note", lambda c: add_note(c, utc_ms, run, "clock", text))
        if line is not None:
            version, segment = news.version, news.segment
            self._submit(
                "the clock's fit",
                lambda c: add_line(c, device, boot, version, segment, utc_ms, line),
            )
            present.fit = _Fit(version, line)

    def _submit(self, what: str, job: Job) -> "Future[object]":
        def done(written: "Future[object]") -> None:
            if written.exception() is not None:
                log.error("%s was not written down: %s", what, written.exception())

        future = self._writer.submit(job)
        future.add_done_callback(done)
        return future


def reset_cause(hello: dict[str, int]) -> str:
    """The reset cause of a HELLO in words."""
    words = names.RESET_CAUSE_NAMES
    cause = hello["reset_cause"]
    return words[cause] if cause < len(words) else words[0]


def firmware_version(hello: dict[str, int]) -> str:
    """The firmware version of a HELLO."""
    return f"{hello['fw_major']}.{hello['fw_minor']}.{hello['fw_patch']}"


def _since(items: list[Record], line: ClockLine, utc_ms: int) -> list[Record]:
    """The records made since `utc_ms`; they come in order of time."""
    if not items or line.to_utc(items[0].t_ms)[0] >= utc_ms:
        return items
    return [item for item in items if line.to_utc(item.t_ms)[0] >= utc_ms]
