"""The session of a link, whatever carries its bytes: commands in, events to the owner."""

import logging
import secrets
import threading
from collections.abc import Callable

from soakbench.clock import Clock
from soakbench.errors import SoakbenchError
from soakbench.link.link import LinkOwner
from soakwire.host_end import BoardSeen, Event, HostEnd, Records

SESSIONS = 0xFFFF

log = logging.getLogger(__name__)


class Session:
    """Greets boards, gives out what they say and writes what is to be said.

    Commands may come from any thread. `opened`, `heard` and `closed` come from whoever serves the
    port, and the owner is called in them.
    """

    def __init__(
        self,
        clock: Clock,
        owner: LinkOwner,
        write: Callable[[bytes], None],
        next_number: Callable[[int], int],
    ) -> None:
        """`write` takes whole lines while a lock is held, and raises nothing; `next_number` gives
        the number that follows one."""
        self._clock = clock
        self._owner = owner
        self._write = write
        self._next_number = next_number
        self._end = HostEnd()
        self._number = 0  # the newest one, also when it has ended
        self._window_slots = 0
        self._lock = threading.Lock()

    @property
    def state(self) -> str:
        """The state of the session, see soakwire.host_end."""
        return self._end.state

    # --- from any thread, as `Link` has it ---

    def beat(self, lease_ms: int) -> int | None:
        """Send a BEAT; its number, or None while there is no session."""
        with self._lock:
            beat = self._end.beat(lease_ms)
            self._flush()
        return beat

    def command(self, verb: int, arguments: bytes, not_after_ms: int = 0) -> int:
        """Send a command; its id. CommandError if there is no session or one is under way."""
        with self._lock:
            number = self._end.command(verb, arguments, not_after_ms, self._clock.monotonic_ms())
            self._flush()
        return number

    def give_up_command(self) -> None:
        """Stop repeating the command under way."""
        with self._lock:
            self._end.give_up_command()

    def committed(self, boot_id: int, next_seq: int) -> None:
        """Tell the board that everything before `next_seq` of `boot_id` is on disk."""
        with self._lock:
            self._end.committed(boot_id, next_seq)
            self._flush()

    def not_stored(self, boot_id: int, next_seq: int) -> None:
        """Records from `next_seq` on of `boot_id` could not be stored: take them once more."""
        with self._lock:
            self._end.not_stored(boot_id, next_seq)

    # --- from whoever serves the port ---

    def opened(self, window_slots: int) -> None:
        """The port is open: ask who is there. `window_slots` is what a board may send ahead."""
        self._window_slots = window_slots
        with self._lock:
            self._end.port_opened(self._clock.monotonic_ms())
            self._flush()

    def heard(self, chunk: bytes) -> None:
        """This has come, perhaps nothing; do what is due as well."""
        with self._lock:
            now = self._clock.monotonic_ms()
            events = self._end.receive(chunk, now) if chunk else []
            events += self._end.tick(now)
            self._flush()
        self._give(events)

    def closed(self, cause: str, is_told: bool = True) -> None:
        """The port is gone; the owner hears of it if `is_told`."""
        with self._lock:
            events = self._end.port_closed(cause)
        if is_told:
            self._give(events)

    # --- inside ---

    def _give(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Records):
                self._owner.on_records(event)
                continue
            if isinstance(event, BoardSeen) and not self._greet(event):
                continue
            self._owner.on_event(event)

    def _greet(self, seen: BoardSeen) -> bool:
        """Open a session with the board; False if that is not possible now."""
        try:
            next_seq = self._owner.on_board(seen)
        except SoakbenchError as error:
            log.error("no session with the board: %s", error)
            return False  # asked again in a second
        with self._lock:
            self._number = self._next_number(self._number)
            now = self._clock.monotonic_ms()
            self._end.greet(self._number, next_seq, now, self._window_slots)
            self._flush()
        return True

    def _flush(self) -> None:
        """Write what the session wants to say. The lock is held."""
        lines = self._end.take_output()
        if lines:
            self._write(b"".join(lines))


def another_session(session: int) -> int:
    """A random session number, never the one before (SE-4)."""
    fresh = secrets.randbelow(SESSIONS - 1) + 1
    return fresh if fresh < session else fresh + 1
