"""What survives a reset: the layout of the watchdog scratch registers.

`machine.reset()` and a watchdog reset look the same to MicroPython, so the firmware leaves its own
cause. Register 0: mark (8 bits), unused, cause (8), fast resets in a row (8). Register 1: next seq
when a sample was last taken. Registers 2 and 3: the stations' trips, 16 bits each (S13). All are
zero after power-on.
"""

from soakwire import messages

CAUSE = 0
NEXT_SEQ = 1
TRIPS = 2
REGISTERS = 4

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.board import Board

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


def forget_foreign(board: "Board") -> None:
    """Trips that are not ours: registers that another program has left."""
    if board.boot_scratch[CAUSE] >> 24 != _MARK:
        board.keep(TRIPS, 0)
        board.keep(TRIPS + 1, 0)


def trips(board: "Board", station: int) -> int:
    """The fault bits that hold at `station`."""
    return board.recall(TRIPS + (station >> 1)) >> (station & 1) * 16 & 0xFFFF


def keep_trips(board: "Board", station: int, faults: int) -> None:
    """These and no others."""
    register, shift = TRIPS + (station >> 1), (station & 1) * 16
    neighbour = board.recall(register) & 0xFFFF0000 >> shift
    board.keep(register, neighbour | faults << shift)
