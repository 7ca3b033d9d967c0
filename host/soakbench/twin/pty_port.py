"""The serial port that the host opens: a raw pseudo-terminal behind a link that stays valid.

Like a USB port it loses what nobody is there to read: with no host the board's output is dropped,
and a pulled cable takes what was under way with it. While a host has the port open nothing is
lost: a host that does not read fills a bounded buffer and the board is told there is no room.
"""

import contextlib
import os
import select
import termios
import tty
from pathlib import Path

OUTPUT_ROOM = 4096  # about what a kernel buffers for a USB serial port
INPUT_MOST = 4096
PACKET = 64  # the board writes this much at most after it was told that there is room
_READ_SIZE = 4096


class PtyPort:
    """The board's end of the cable. `fd` is the terminal's master, None while unplugged."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._slave_name = ""
        self._state = select.poll()
        self._output = bytearray()
        self.input = bytearray()
        """What the host has written and the board has not taken yet."""
        self.fd: int | None = None
        self.host_present = False
        self.bytes_in = 0
        self.bytes_out = 0
        self.bytes_dropped = 0

    @property
    def path(self) -> Path:
        """What the host opens."""
        return self._link

    @property
    def plugged(self) -> bool:
        """Whether there is a port that a host may open."""
        return self.fd is not None

    @property
    def room(self) -> int:
        """Bytes of output that can be taken without losing any."""
        return max(0, OUTPUT_ROOM - len(self._output))

    @property
    def interest(self) -> int:
        """The poll events to wait for on `fd`; 0 while no host is there (it would spin on HUP)."""
        if not self.host_present:
            return 0
        wanted = select.POLLIN if len(self.input) < INPUT_MOST else 0
        return wanted | (select.POLLOUT if self._output else 0)

    def plug(self) -> None:
        """Make a new terminal and let the link lead to it. OSError if the link cannot be made."""
        master, slave = os.openpty()
        self.fd = master
        tty.setraw(slave)  # before anybody can open it: an echo would talk back to the host
        self._slave_name = os.ttyname(slave)
        os.close(slave)  # so that the kernel tells (POLLHUP) whether a host has it open
        os.set_blocking(master, False)
        self._state.register(master, select.POLLIN)
        self._relink()

    def unplug(self) -> None:
        """Pull the cable: link and terminal go, with all bytes under way."""
        if self.fd is None:
            return
        if self._link.is_symlink() and str(self._link.readlink()) == self._slave_name:
            self._link.unlink()
        self._state.unregister(self.fd)
        os.close(self.fd)
        self.fd = None
        self.host_present = False
        self.bytes_dropped += len(self._output)
        self._output.clear()
        self.input.clear()

    def look(self) -> None:
        """Notice whether a host has opened or closed the port, and take what it has written."""
        if self.fd is None:
            return
        ready = self._state.poll(0)
        event = ready[0][1] if ready else 0
        if event & select.POLLIN:
            self._receive()
        hung_up = bool(event & select.POLLHUP)
        if hung_up and self.host_present:
            self._drop_stale()
        self.host_present = not hung_up

    def _receive(self) -> None:
        while self.fd is not None and len(self.input) < INPUT_MOST:
            try:
                data = os.read(self.fd, _READ_SIZE)
            except OSError:  # EAGAIN: nothing left; EIO: and nobody there any more
                return
            self.input += data
            self.bytes_in += len(data)
            if len(data) < _READ_SIZE:
                return

    def send(self, data: bytes) -> None:
        """Queue what the board has written; dropped while no host has the port open."""
        if self.host_present:
            self._output += data
            self.flush()
        else:
            self.bytes_dropped += len(data)

    def flush(self) -> None:
        """Hand over as much as the terminal takes."""
        if self.fd is None or not self._output:
            return
        try:
            written = os.write(self.fd, self._output)
        except OSError:  # EAGAIN: full; EIO: the host has just gone
            return
        self.bytes_out += written
        del self._output[:written]

    def _drop_stale(self) -> None:
        """The next host starts clean, as with a kernel that throws away a closed port's buffer."""
        self.bytes_dropped += len(self._output)
        self._output.clear()
        slave = os.open(self._slave_name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        with contextlib.closing(os.fdopen(slave, "rb", buffering=0)):
            termios.tcflush(slave, termios.TCIFLUSH)

    def _relink(self) -> None:
        """Replace the link in one step: a host that looks never finds half of it."""
        if os.path.lexists(self._link) and not self._link.is_symlink():
            raise FileExistsError(f"{self._link} is there and is no link")
        fresh = self._link.with_name(f".{self._link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self._slave_name)
        fresh.replace(self._link)
