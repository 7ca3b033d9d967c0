"""The port and the session over it, served by one thread.

Reading, acknowledging and greeting happen here and do not wait for the run loop, the database or
the broker. Only BEAT comes from outside, from the loop that runs the experiment: a host that has
stalled is to look stalled to the board.
"""

import threading
from pathlib import Path

from soakbench.clock import Clock
from soakbench.link.line import OPEN_ERRORS, Line, open_line
from soakbench.link.link import LinkOwner
from soakbench.link.ports import BY_ID, PortName, explain_open_error, window_slots
from soakbench.link.session import Session, another_session

REOPEN_S = 0.5


class SerialLink:
    """Keeps `port` open and a session over it. All methods may be called from any thread."""

    def __init__(
        self,
        port: str,
        clock: Clock,
        owner: LinkOwner,
        by_id: Path = BY_ID,
        reopen_s: float = REOPEN_S,
    ) -> None:
        self._name = PortName(port, by_id)
        self._owner = owner
        self._reopen_s = reopen_s
        self._session = Session(clock, owner, self._write, self._next_session)
        self._line: Line | None = None
        self._write_error = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="serial-link", daemon=True)
        self.beat = self._session.beat
        self.command = self._session.command
        self.give_up_command = self._session.give_up_command
        self.committed = self._session.committed
        self.not_stored = self._session.not_stored

    @property
    def state(self) -> str:
        """The state of the session, see soakwire.host_end."""
        return self._session.state

    def start(self) -> None:
        """Start to open the port and to keep it open."""
        self._thread.start()

    def close(self) -> None:
        """Close the port and end the thread."""
        self._stop.set()
        self._thread.join()

    # --- the thread ---

    def _run(self) -> None:
        while not self._stop.is_set():
            name = self._name.find()
            try:
                line = open_line(name)
            except OPEN_ERRORS as error:
                self._owner.on_port(*explain_open_error(name, error))
            else:
                self._owner.on_port("", "")
                cause = self._serve(line, window_slots(name))
                if not self._stop.is_set():
                    self._owner.on_port(f"the connection to {name} was lost: {cause}", "")
            self._stop.wait(self._reopen_s)

    def _serve(self, line: Line, slots: int) -> str:
        """Read until the port fails or we stop; why it ended."""
        cause = "closed"
        self._line, self._write_error = line, ""
        self._session.opened(slots)
        try:
            while not self._stop.is_set() and not self._write_error:
                self._session.heard(line.read())
        except OPEN_ERRORS as error:
            cause = str(error)
        self._line = None
        cause = self._write_error or cause
        self._session.closed(cause, is_told=not self._stop.is_set())
        line.close()  # now nobody writes to it any more
        return cause

    def _next_session(self, number: int) -> int:
        """A board has answered here."""
        self._name.remember()
        return another_session(number)

    # --- in whatever thread has something to say; one at a time ---

    def _write(self, data: bytes) -> None:
        line = self._line
        if line is None:
            return
        try:
            line.write(data)
        except OPEN_ERRORS as error:
            # Not to a caller who only wanted to send a beat: the thread closes the port.
            self._write_error = str(error)
