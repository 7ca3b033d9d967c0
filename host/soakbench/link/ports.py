"""Serial ports: which there are, and why one cannot be opened, in words that help."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports as pyserial_ports

BY_ID = Path("/dev/serial/by-id")
RASPBERRY_PI_VID = 0x2E8A


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
            stable=_stable_name(port.device),
            description=port.description or "",
            likely_board=port.vid == RASPBERRY_PI_VID,
        )
        for port in pyserial_ports.comports()
    ]
    return sorted(found, key=lambda p: (not p.likely_board, p.device))


def _stable_name(device: str) -> str:
    """The by-id link of `device`: it survives replugging and renumbering."""
    if BY_ID.is_dir():
        for link in sorted(BY_ID.iterdir()):
            if link.resolve() == Path(device).resolve():
                return str(link)
    return device


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
        return (
            f"port {port} is in use by another program",
            "close the other program (a second daemon, mpremote, a serial monitor, ModemManager?)",
        )
    return f"cannot open {port}: {text}", "`soakbench ports` lists the ports of this machine"


def _exists(port: str) -> bool:
    return "://" in port or os.name == "nt" or Path(port).exists()


def _permission_hint(port: str) -> str:
    try:
        group = Path(port).group()
    except (OSError, KeyError, NotImplementedError):
        group = "dialout"
    return f"join the group that owns it: sudo usermod -aG {group} $USER, then log in again"


OPEN_ERRORS = (serial.SerialException, OSError, ValueError)
