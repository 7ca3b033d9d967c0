"""What every kind of chip does in the same way: its clock, its resets, what ends its waits."""

from soakbench.twin.channel import SCRATCH_REGISTERS, TICKS_MASK, UNIQUE_ID_SIZE, Wants
from soakbench.twin.chip import CTRL_C, Observer, ResetCause, Wait


class BaseChip:
    """A `Chip` but for its program."""

    def __init__(self, unique_id: bytes, start_ticks: int, observer: Observer | None) -> None:
        self._unique_id = unique_id[:UNIQUE_ID_SIZE].ljust(UNIQUE_ID_SIZE, b"\0")
        self._start_ticks = start_ticks
        self._scratch = [0] * SCRATCH_REGISTERS
        self._boot_ms = 0
        self._told_ms = 0
        self._hung = False
        self._interrupt = False
        self.observer = observer
        self.wait: Wait | None = None
        """What the program waits for; None while it computes, and when there is none."""
        self.boots = 0
        self.exchanges = 0
        self.watchdog_resets = 0
        self.reset_requested = False
        """The firmware has called machine.reset(); `reset` is due."""

    @property
    def ticks(self) -> int:
        """The time as the program was last told."""
        return self._ticks(self._told_ms)

    @property
    def due_ms(self) -> int | None:
        """When the wait ends by itself, or the watchdog bites; None: neither."""
        until = None if self.wait is None else self.wait.until_ms
        bite = self._next_bite_ms()
        if until is None or bite is None:
            return bite if until is None else until
        return min(until, bite)

    def power_on(self, now_ms: int) -> None:
        """Start with empty scratch registers."""
        self._scratch = [0] * SCRATCH_REGISTERS
        self._boot(now_ms, ResetCause.POWER_ON)

    def power_off(self, now_ms: int) -> None:
        """Take the power away: the program is gone, the pins float."""
        raise NotImplementedError

    def reset(self, now_ms: int) -> None:
        """Restart with the scratch registers as they are."""
        self.power_off(now_ms)
        self._boot(now_ms, ResetCause.WATCHDOG)

    def hang(self) -> None:
        """Let the program be stuck from its next wait on; interrupts go on."""
        self._hung = True

    def ends_wait(self, input_waits: bool, room: bool) -> bool:
        """Whether what the program wants has come."""
        if self.wait is None or self._hung:
            return False
        wants = self.wait.wants
        wanted = (input_waits and Wants.INPUT in wants) or (room and Wants.ROOM in wants)
        return wanted or self._interrupt

    def _boot(self, now_ms: int, cause: ResetCause) -> None:
        raise NotImplementedError

    def _next_bite_ms(self) -> int | None:
        """When the watchdog bites if it is not fed; None if it has not been started."""
        raise NotImplementedError

    def _filter_ctrl_c(self, data: bytearray) -> None:
        if CTRL_C in data:
            data[:] = data.replace(bytes((CTRL_C,)), b"")
            self._interrupt = True

    def _ticks(self, at_ms: int) -> int:
        return (self._start_ticks + at_ms - self._boot_ms) & TICKS_MASK
