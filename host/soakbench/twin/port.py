"""What the simulated bench needs of its cable, whatever the host at the other end is."""

from pathlib import Path
from typing import Protocol


class Port(Protocol):
    """The board's end: soakbench.twin.pty_port for other processes, memory_port for this one."""

    input: bytearray
    """What the host has written and the board has not taken yet."""
    bytes_in: int
    bytes_out: int
    bytes_dropped: int

    @property
    def path(self) -> Path:
        """What the host opens."""

    @property
    def fd(self) -> int | None:
        """What to poll for `interest`; None if there is nothing to poll."""

    @property
    def plugged(self) -> bool:
        """Whether there is a port that a host may open."""

    @property
    def host_present(self) -> bool:
        """Whether a host has the port open."""

    @property
    def room(self) -> int:
        """Bytes of output that can be taken without losing any."""

    @property
    def interest(self) -> int:
        """The poll events to wait for on `fd`."""

    def plug(self) -> None:
        """Let there be a port. OSError if it cannot be made."""

    def unplug(self) -> None:
        """Pull the cable: the port is gone, with all bytes under way."""

    def look(self) -> None:
        """Notice whether a host is there, and take what it has written."""

    def send(self, data: bytes) -> None:
        """Queue what the board has written."""

    def flush(self) -> None:
        """Hand over as much as the host's side takes."""
