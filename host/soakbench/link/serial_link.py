"""The port and the session over it, served by one thread.

Reading, acknowledging and greeting happen here and do not wait for the run loop, the database or
the broker. Only BEAT comes from outside, from the loop that runs the experiment: a host that has
stalled is to look stalled to the board.
"""

import logging
import secrets
import threading

import serial

from soakbench.clock import Clock
from soakbench.errors import SoakbenchError
from soakbench.link.ports import OPEN_ERRORS, explain_open_error
from soakwire.host_end import BoardSeen, Event, HostEnd, Records

READ_TIMEOUT_S = 0.05  # how late a repeat or a HELLO_REQ may go out
WRITE_TIMEOUT_S = 2.0  # a board that does not read for so long is treated as gone
REOPEN_S = 0.5
READ_MOST = 65536
BAUD = 115200  # USB ignores it

log = logging.getLogger(__name__)


class LinkOwner:
    """What the link tells its owner. All methods are called in the link's thread."""

    def on_event(self, event: Event) -> None:
        """A session event; never `BoardSeen` or `Records`."""
        raise NotImplementedError

    def on_board(self, seen: BoardSeen) -> int:
        """A board wants a session: the first seq of its boot that is not yet on disk."""
        raise NotImplementedError

    def on_records(self, batch: Records) -> None:
        """Records to be stored; call `committed` when they are on disk."""
        raise NotImplementedError

    def on_port(self, problem: str, hint: str) -> None:
        """The port could not be opened or was lost; empty strings when it is open."""
        raise NotImplementedError


class SerialLink:
    """Keeps `port` open and a session over it. All methods may be called from any thread."""

    def __init__(self, port: str, clock: Clock, owner: LinkOwner) -> None:
        self._port_name = port
        self._clock = clock
        self._owner = owner
        self._end = HostEnd()
        self._lock = threading.Lock()
        self._port: serial.SerialBase | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serial-link", daemon=True)

    @property
    def state(self) -> str:
        """The state of the session, see soakwire.host_end."""
        return self._end.state

    def start(self) -> None:
        """Start to open the port and to keep it open."""
        self._thread.start()

    def close(self) -> None:
        """Close the port and end the thread."""
        self._stop.set()
        self._thread.join()

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

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                port = serial.serial_for_url(
                    self._port_name,
                    baudrate=BAUD,
                    timeout=READ_TIMEOUT_S,
                    write_timeout=WRITE_TIMEOUT_S,
                    **({"exclusive": True} if "://" not in self._port_name else {}),
                )
            except OPEN_ERRORS as error:
                self._owner.on_port(*explain_open_error(self._port_name, error))
                self._stop.wait(REOPEN_S)
                continue
            self._owner.on_port("", "")
            cause = self._serve(port)
            if not self._stop.is_set():
                self._owner.on_port(f"the connection to {self._port_name} was lost: {cause}", "")
                self._stop.wait(REOPEN_S)

    def _serve(self, port: serial.SerialBase) -> str:
        """Read until the port fails or we stop; why it ended."""
        cause = "closed"
        with self._lock:
            self._port = port
            self._end.port_opened(self._clock.monotonic_ms())
            self._flush()
        try:
            while not self._stop.is_set():
                self._read_once(port)
        except OPEN_ERRORS as error:
            cause = str(error)
        with self._lock:
            self._port = None
            events = self._end.port_closed(cause)
        self._close_port(port)
        if not self._stop.is_set():
            self._give(events)
        return cause

    def _read_once(self, port: serial.SerialBase) -> None:
        chunk = port.read(1)
        waiting = min(port.in_waiting, READ_MOST) if chunk else 0
        if waiting:
            chunk += port.read(waiting)
        with self._lock:
            now = self._clock.monotonic_ms()
            events = self._end.receive(chunk, now) if chunk else []
            events += self._end.tick(now)
            self._flush()
        self._give(events)

    def _give(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, BoardSeen):
                try:
                    next_seq = self._owner.on_board(event)
                except SoakbenchError as error:
                    log.error("no session with the board: %s", error)
                    continue  # asked again in a second
                with self._lock:
                    session = secrets.randbelow(0xFFFF) + 1
                    self._end.greet(session, next_seq, self._clock.monotonic_ms())
                    self._flush()
                self._owner.on_event(event)
            elif isinstance(event, Records):
                self._owner.on_records(event)
            else:
                self._owner.on_event(event)

    def _flush(self) -> None:
        """Write what the session wants to say. The lock is held."""
        lines = self._end.take_output()
        if self._port is None or not lines:
            return
        try:
            self._port.write(b"".join(lines))
        except OPEN_ERRORS as error:
            # The reading side meets the same fault and closes the port; here it must not reach
            # a caller who only wanted to send a beat.
            log.debug("write failed: %s", error)

    @staticmethod
    def _close_port(port: serial.SerialBase) -> None:
        try:
            port.close()
        except OPEN_ERRORS as error:
            log.debug("closing the lost port: %s", error)
