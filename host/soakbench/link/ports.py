"""Serial ports: which there are, what kind, and why one cannot be opened, in words that help."""

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports as pyserial_ports

from soakbench.link.holders import who_holds
from soakwire import records

BY_ID = Path("/dev/serial/by-id")
RASPBERRY_PI_VID = 0x2E8A

# A board's own USB (Linux, macOS) and pseudo-terminals carry as much as there is. Everything else,
# adapters to a UART and what is not known, is taken for a slow line.
_USB = re.compile(r"(ttyACM\d+|cu\.usbmodem.*|tty\.usbmodem.*|pts/\d+|ttys\d+)$")


@dataclass(frozen=True)
class PortInfo:
    """A serial port. `stable` is the name to put into the bench file."""

    device: str
    stable: str
    description: str
    likely_board: bool


def list_ports() -> list[PortInfo]:
    """All serial ports of this machine, likely boards first."""
    found = [
        PortInfo(
            device=port.device,
            stable=stable_name(port.device) or port.device,
            description=port.description or "",
            likely_board=port.vid == RASPBERRY_PI_VID,
        )
        for port in pyserial_ports.comports()
    ]
    return sorted(found, key=lambda p: (not p.likely_board, p.device))


def stable_name(device: str, by_id: Path = BY_ID) -> str | None:
    """The by-id link of `device`, which survives replugging and renumbering; None without one."""
    target = Path(device).resolve()
    try:
        links = sorted(by_id.iterdir())
    except OSError:
        return None  # no such folder: another system, or nothing is plugged in
    return next((str(link) for link in links if link.resolve() == target), None)


class PortName:
    """The port as the bench file names it, found again when it comes back under another number."""

    def __init__(self, given: str, by_id: Path = BY_ID) -> None:
        self._given = given
        self._by_id = by_id
        self._stable: str | None = None

    def find(self) -> str:
        """What to open now. Once remembered never the old number: it may be another device's."""
        return self._stable or self._given

    def remember(self) -> None:
        """A board has answered where `find` led to."""
        given = self._given
        if self._stable is None and "://" not in given and not Path(given).is_symlink():
            self._stable = stable_name(given, self._by_id)


def window_slots(port: str) -> int:
    """The host's window on this kind of port, in record slots (RE-6)."""
    if _USB.search(os.path.realpath(port)):
        return records.USB_WINDOW_SLOTS
    if os.name == "nt" and _is_board(port):
        return records.USB_WINDOW_SLOTS
    return records.UART_WINDOW_SLOTS


def _is_board(port: str) -> bool:
    vids = {info.device: info.vid for info in pyserial_ports.comports()}
    return vids.get(port) == RASPBERRY_PI_VID


def explain_open_error(port: str, error: Exception) -> tuple[str, str]:
    """What happened and what to do, for a port that could not be opened."""
    number = getattr(error, "errno", None)
    text = str(error)
    if number == errno.ENOENT or "could not find" in text or not _exists(port):
        return (
            f"port {port} does not exist",
            "plug the board in; `soakbench ports` lists what is there",
        )
    if number in (errno.EACCES, errno.EPERM) or "Permission" in text:
        return f"no permission to open {port}", _permission_hint(port)
    if number in (errno.EBUSY, errno.EAGAIN) or "lock" in text or "Access is denied" in text:
        return _busy(port)
    return f"cannot open {port}: {text}", "`soakbench ports` lists the ports of this machine"


def _busy(port: str) -> tuple[str, str]:
    holders = [f"{holder.program} (process {holder.pid})" for holder in who_holds(port)]
    if holders:
        return f"port {port} is in use by {' and '.join(holders)}", "close that program"
    close = "close the other program (a second daemon, mpremote, a serial monitor, ModemManager?)"
    if os.name == "posix":
        close += f"; `sudo fuser -v {port}` says which it is"
    return f"port {port} is in use by another program", close


def _exists(port: str) -> bool:
    return "://" in port or os.name == "nt" or Path(port).exists()


def _permission_hint(port: str) -> str:
    try:
        group = Path(port).group()
    except (OSError, KeyError, NotImplementedError):
        group = "dialout"
    return f"join the group that owns it: sudo usermod -aG {group} $USER, then log in again"
