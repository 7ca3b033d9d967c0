"""The link in virtual time: the session over a cable that the world carries, without a thread."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from soakbench.clock import Clock
from soakbench.link import LinkOwner, Session
from soakwire import records
from soakwire.host_end import PROBE_MS, UP

REOPEN_S = 0.5
SOON_S = 0.1  # between two looks at what is due, while something may be
LOOK_S = 1.0  # while nothing comes
QUIET_S = PROBE_MS / 1000  # after something has come


class Cable(Protocol):
    """The host's end of the simulated cable."""

    def host_open(self) -> None:
        """Open the port. OSError if it is not there."""

    def host_close(self) -> None:
        """Close it, as the kernel does for a process that has died."""

    def host_write(self, data: bytes) -> None:
        """Write all of `data`. OSError if the port is gone."""


class VirtualLink:
    """A `Link`. Whoever owns the cable calls `arrived` and `lost`, from anywhere in the loop."""

    def __init__(
        self, cable: Cable, clock: Clock, owner: LinkOwner, next_number: Callable[[int], int]
    ) -> None:
        """To be made in the event loop that will run it."""
        self._cable = cable
        self._clock = clock
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._session = Session(clock, owner, self._write, next_number)
        self._is_open = False
        self._has_died = False
        self._timer: asyncio.TimerHandle | None = None
        self._is_commanding = False
        self.beat = self._session.beat
        self.committed = self._session.committed
        self.not_stored = self._session.not_stored

    @property
    def state(self) -> str:
        """The state of the session, see soakwire.host_end."""
        return self._session.state

    def start(self) -> None:
        """Open the port, now or when it is there."""
        try:
            self._cable.host_open()
        except OSError as error:
            self._owner.on_port(str(error), "")
            self._again(REOPEN_S, self.start)
            return
        self._is_open = True
        self._owner.on_port("", "")
        self._session.opened(records.USB_WINDOW_SLOTS)
        self._again(SOON_S, self._look)

    def close(self) -> None:
        """Close the port for good."""
        self.die()
        self._session.closed("closed", is_told=False)

    def die(self) -> None:
        """The process is gone: the kernel closes its port, and nobody hears of it."""
        self._has_died = True
        if self._timer is not None:
            self._timer.cancel()
        if self._is_open:
            self._is_open = False
            self._cable.host_close()

    def command(self, verb: int, arguments: bytes, not_after_ms: int = 0) -> int:
        """Send a command; its id. CommandError if there is no session or one is under way."""
        number = self._session.command(verb, arguments, not_after_ms)
        self._is_commanding = True
        self._again(SOON_S, self._look)  # it may have to be repeated
        return number

    def give_up_command(self) -> None:
        """Stop repeating the command under way."""
        self._is_commanding = False
        self._session.give_up_command()

    def arrived(self, data: bytes) -> None:
        """These bytes have come."""
        if self._is_open:
            self._session.heard(data)
            if not self._is_commanding and self.state == UP:
                self._again(QUIET_S, self._look)

    def lost(self, cause: str) -> None:
        """The open port is gone."""
        if not self._is_open:
            return
        self._is_open = False
        self._cable.host_close()
        self._session.closed(cause)
        self._owner.on_port(f"the connection was lost: {cause}", "")
        self._again(REOPEN_S, self.start)

    # --- inside ---

    def _look(self) -> None:
        """Let the session do what is due, and come back when something may be."""
        self._session.heard(b"")
        is_calm = self.state == UP and not self._is_commanding
        self._again(LOOK_S if is_calm else SOON_S, self._look)

    def _again(self, after_s: float, what: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if self._has_died else self._loop.call_later(after_s, what)

    def _write(self, data: bytes) -> None:
        if not self._is_open:
            return
        try:
            self._cable.host_write(data)
        except OSError as error:
            # Not to a caller who only wanted to send a beat.
            self._loop.call_soon(self.lost, str(error))
