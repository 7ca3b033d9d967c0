"""The serial port and the session over it, in a thread of its own."""

from soakbench.link.ports import PortInfo, list_ports
from soakbench.link.serial_link import LinkOwner, SerialLink

__all__ = ["LinkOwner", "PortInfo", "SerialLink", "list_ports"]
