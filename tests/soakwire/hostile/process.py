"""One life of the host's daemon. What it does on an event is what soakbench.link.SerialLink and
the daemon do, in virtual time."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from hostile.commander import Commander
from hostile.traps import HostKilled
from hostile.writer import Writer
from soakwire.host_end import (
    UP,
    BoardSeen,
    Event,
    HostEnd,
    Records,
    Response,
    SessionDown,
    State,
    TextLine,
)

if TYPE_CHECKING:
    from hostile.host import HostMachine

LEASE_MS = 30_000
BEAT_MS = 1000
REOPEN_MS = 500
WRITE_TIMEOUT_MS = 2000


class Process:
    """One life of the daemon."""

    def __init__(self, machine: "HostMachine") -> None:
        self._machine = machine
        self._timeline = machine.timeline
        self._rng = machine.rng
        self._step = machine.traps.step
        self.end = HostEnd()
        self._is_alive = True
        self._is_open = False
        self.stalled_until_ms = 0
        self._writing = b""  # lines that the port has not taken yet
        self._blocked_at_ms = 0
        writer = Writer(
            machine.timeline, machine.plan, machine.disk, self._step, self.guard, machine.seen
        )
        self._keeper = machine.make_keeper(writer, machine.plan)
        self._keeper.committed = self._committed
        self._keeper.not_stored = self._not_stored
        self._every(machine.plan.host_tick_ms, self._tick)
        self._every(BEAT_MS, self._beat)
        self.commander = Commander(machine, self.end, self.guard, self._flush)

    def guard(self, call: Callable[[], object]) -> None:
        """Run `call` if the process lives; it may die in it."""
        if not self._is_alive:
            return
        try:
            call()
        except HostKilled:
            self._machine.kill()

    def die(self) -> None:
        """Every waiter goes with it."""
        self._is_alive = False
        self.commander.fail()

    # --- the port ---

    def open_port(self) -> None:
        """Open it, or try again in half a second (HO-2)."""
        machine = self._machine
        if not machine.is_plugged:
            self._timeline.after(REOPEN_MS, lambda: self.guard(self.open_port))
            return
        self._is_open = True
        self._writing = b""
        self.end.port_opened(self._timeline.now_ms)
        machine.wire_out.on_room = lambda: self.guard(self._write)
        machine.wire_in.attach(lambda data: self.guard(lambda: self._read(data)))
        self._flush()

    def port_lost(self, cause: str) -> None:
        """As SerialLink does: tell the session, then open again."""
        if not self._is_open:
            return
        self._is_open = False
        self._machine.seen["port lost"] += 1
        self._timeline.tell("host", f"port lost: {cause}")
        self._machine.close_port()
        self._take(self.end.port_closed(cause))
        self._timeline.after(REOPEN_MS, lambda: self.guard(self.open_port))

    def _read(self, data: bytes) -> None:
        self._step("received")
        events = self.end.receive(data, self._timeline.now_ms)
        self._step("parsed")
        self._flush()
        self._take(events)

    def _flush(self) -> None:
        lines = self.end.take_output()
        if not lines or not self._is_open:
            return
        if not self._writing:
            self._blocked_at_ms = self._timeline.now_ms
        self._writing += b"".join(lines)
        self._write()

    def _write(self) -> None:
        """As much as the port takes; a write that is stuck for 2 s is torn off."""
        if not self._writing:
            return
        now = self._timeline.now_ms
        taken = self._machine.wire_out.write(self._writing)
        self._writing = self._writing[taken:]
        if taken:
            self._blocked_at_ms = now
        elif now - self._blocked_at_ms >= WRITE_TIMEOUT_MS:
            self._machine.seen["write torn off"] += 1
            self._machine.wire_out.damage.forget()
            self._writing = b""

    # --- what happens ---

    def _every(self, period_ms: int, call: Callable[[], None]) -> None:
        def again() -> None:
            if self._is_alive:
                self._timeline.after(period_ms, again)
                if self._timeline.now_ms >= self.stalled_until_ms:
                    self.guard(call)

        self._timeline.after(period_ms, again)

    def _tick(self) -> None:
        self._write()
        self._take(self.end.tick(self._timeline.now_ms))
        self._flush()

    def _beat(self) -> None:
        self.end.beat(LEASE_MS)
        self._flush()

    def _take(self, events: list[Event]) -> None:
        for event in events:
            self._handle(event)
        self._flush()
        if self.end.state != UP:
            self.commander.check_no_waiter()

    def _handle(self, event: Event) -> None:
        match event:
            case BoardSeen():
                self._greet(event)
            case Records():
                self._step("handed to the store")
                self._keeper.records(event)
            case Response():
                self.commander.answered(event)
            case State():
                self.commander.heard(event)
                self._keeper.state(event)
            case SessionDown():
                self._timeline.tell("host", f"session down: {event.cause}")
                self._machine.seen["session down"] += 1
                self.commander.fail()
            case TextLine():
                self._machine.seen["text seen"] += 1
            case _:
                self._timeline.tell("host", type(event).__name__)

    def _greet(self, seen: BoardSeen) -> None:
        next_seq = self._keeper.board_seen(seen)
        session = self._machine.last_session
        while session == self._machine.last_session:  # SE-4
            session = self._rng.randint(1, 0xFFFF)
        self._machine.last_session = session
        self._timeline.tell("host", f"greets boot {seen.boot_id:08x} as {session} from {next_seq}")
        window = self._machine.plan.host_window
        self.end.greet(session, next_seq, self._timeline.now_ms, window)

    def _committed(self, boot_id: int, next_seq: int) -> None:
        self.end.committed(boot_id, next_seq)
        self._step("ACK queued")
        self._timeline.tell("host", f"ACK {next_seq} of {boot_id:08x}")
        try:
            self._step("ACK partly written")
        except HostKilled:
            line = b"".join(self.end.take_output())
            self._machine.wire_out.write(line[: self._rng.randint(0, len(line))])
            raise
        self._flush()

    def _not_stored(self, boot_id: int, next_seq: int) -> None:
        self._machine.seen["batch not stored"] += 1
        self._timeline.tell("host", f"not stored from {next_seq} of {boot_id:08x}")
        self.end.not_stored(boot_id, next_seq)
