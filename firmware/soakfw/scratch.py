"""What survives a reset: the layout of the watchdog scratch registers.

`machine.reset()` and a watchdog reset look the same to MicroPython, so the firmware leaves its own
cause. Register 0: mark (8 bits), unused, cause (8), fast resets in a row (8). Register 1: next seq
when a sample was last taken. Register 2: the step of each track, 8 bits each. 3 is free. All are
zero after power-on.
"""

from soakwire import messages

CAUSE = 0
NEXT_SEQ = 1
STEPS = 2
REGISTERS = 4

_MARK = 0x5B


def pack_cause(cause: int, fast_resets: int) -> int:
    """Register 0. Cause 0 says: running; a reset that finds it was the watchdog's."""
    return _MARK << 24 | cause << 8 | min(fast_resets, 255)


def boot_cause(word: int, by_watchdog: bool) -> int:
    """Why the board has started, from register 0 and the chip's own account."""
    if word >> 24 != _MARK:
        return messages.CAUSE_UNKNOWN if by_watchdog else messages.CAUSE_POWER_ON
    return (word >> 8) & 0xFF or messages.CAUSE_WATCHDOG


def fast_resets(word: int, cause: int) -> int:
    """Resets in a row that nobody asked for, this one included."""
    if cause in (messages.CAUSE_WATCHDOG, messages.CAUSE_EXCEPTION):
        return (word & 0xFF) + 1
    return 0
