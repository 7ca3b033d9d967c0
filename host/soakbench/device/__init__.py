"""The board as the host sees it: custody of its records, its clock, and typed commands."""

from soakbench.device.boardclock import BoardClock
from soakbench.device.custody import Custody
from soakbench.device.device import CommandRefusedError, Device, LinkLostError

__all__ = ["BoardClock", "CommandRefusedError", "Custody", "Device", "LinkLostError"]
