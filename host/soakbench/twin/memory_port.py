"""The simulated cable without a pseudo-terminal, for a host in the same process.

It loses what `soakbench.twin.pty_port` loses and nothing else: what the board writes while no host
has the port open, what is under way when the cable is pulled, and what a host that has closed the
port left unread. Both directions are bounded, as a kernel's buffers are.
"""

import errno
from collections.abc import Callable
from pathlib import Path

from soakbench.twin.pty_port import INPUT_MOST, OUTPUT_ROOM

HOST_BUFFER = 20480  # each way: what Linux keeps for a terminal, in packets of 64 bytes
Harm = Callable[[bytes], bytes]


class MemoryPort:
    """Both ends of the cable; `path` is only a name. Times play no part."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._output = bytearray()  # written by the board
        self._arrived = bytearray()  # for the host to read
        self._written = bytearray()  # by the host
        self._plugged = False
        self._open = False
        self._gone = False  # pulled while the host had it open
        self.input = bytearray()
        """What the host has written and the board has not taken yet."""
        self.fd: int | None = None
        """There is nothing to poll."""
        self.bytes_in = 0
        self.bytes_out = 0
        self.bytes_dropped = 0
        self.harm_in: Harm | None = None
        """What a bad cable makes of the bytes to the board."""
        self.harm_out: Harm | None = None
        """What it makes of those to the host."""

    # The board's side

    @property
    def plugged(self) -> bool:
        """Whether there is a port that a host may open."""
        return self._plugged

    @property
    def host_present(self) -> bool:
        """Whether a host has the port open."""
        return self._open and not self._gone

    @property
    def room(self) -> int:
        """Bytes of output that can be taken without losing any."""
        return max(0, OUTPUT_ROOM - len(self._output))

    @property
    def interest(self) -> int:
        """The poll events to wait for on `fd`: none."""
        return 0

    def plug(self) -> None:
        """Let there be a port."""
        self._plugged = True

    def unplug(self) -> None:
        """Pull the cable: all bytes under way are gone, and a host that has it open notices."""
        self._plugged = False
        self._gone = self._open
        self._drop_output()
        self._written.clear()
        self.input.clear()

    def look(self) -> None:
        """Take what the host has written."""
        if not self._written or len(self.input) >= INPUT_MOST:
            return
        data = bytes(self._written)
        self._written.clear()
        self.bytes_in += len(data)
        self.input += data if self.harm_in is None else self.harm_in(data)

    def send(self, data: bytes) -> None:
        """Queue what the board has written; dropped while no host has the port open."""
        if not data:
            return
        if self.host_present:
            self._output += data
            self.flush()
        else:
            self.bytes_dropped += len(data)

    def flush(self) -> None:
        """Hand over as much as the host's buffer takes."""
        room = HOST_BUFFER - len(self._arrived)
        if not self._output or room <= 0:
            return
        data = bytes(self._output[:room])
        del self._output[:room]
        self.bytes_out += len(data)
        self._arrived += data if self.harm_out is None else self.harm_out(data)

    # The host's side

    @property
    def host_ready(self) -> bool:
        """Whether the host has something to read, or the port it has open is gone."""
        return bool(self._arrived) or self._gone

    def host_open(self) -> None:
        """Open the port. OSError if it is not there, or open already."""
        if not self._plugged:
            raise FileNotFoundError(errno.ENOENT, "the simulated board is not plugged in")
        if self._open:
            raise OSError(errno.EBUSY, "the simulated port is open already")
        self._open = True

    def host_close(self) -> None:
        """Close it. What was not read is thrown away; what was written still arrives."""
        self._open = self._gone = False
        self._drop_output()

    def host_write(self, data: bytes) -> int:
        """Write; how many bytes were taken. OSError if the port is gone or not open."""
        self._check_open()
        taken = min(len(data), HOST_BUFFER - len(self._written))
        self._written += data[:taken]
        return taken

    def host_read(self) -> bytes:
        """All that has arrived. OSError if the port is gone or not open."""
        self._check_open()
        data = bytes(self._arrived)
        self._arrived.clear()
        self.flush()
        return data

    def _drop_output(self) -> None:
        self.bytes_dropped += len(self._output)
        self._output.clear()
        self._arrived.clear()

    def _check_open(self) -> None:
        if self._gone:
            raise OSError(errno.EIO, "the simulated cable was pulled")
        if not self._open:
            raise OSError(errno.EBADF, "the simulated port is not open")
