"""The serial port and the session over it, in a thread of its own."""

from soakbench.link.link import Link, LinkOwner
from soakbench.link.ports import PortInfo, list_ports
from soakbench.link.serial_link import SerialLink
from soakbench.link.session import Session

__all__ = ["Link", "LinkOwner", "PortInfo", "SerialLink", "Session", "list_ports"]
