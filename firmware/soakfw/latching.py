"""Latching relays with two coils: a pulse moves the contact, and it stays there without current.

Imported only where a bench has one. `Latch` stands where a plain relay has its `Output`. A pulse is
ended by the bank's next polls, and by the hard timer should there be none: no coil is energised for
more than COIL_TICKS slots, and never both of a relay. Where a contact is after a start nobody
knows: each gets one pulse into its power-off load, `stagger_ms` apart, before anything else.
"""

from soakfw.clock import Deadline
from soakfw.pulse import Output
from soakfw.relays import Cell, RelayBank
from soakwire.records import SC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from soakfw.board import Board

COIL_TICKS = 3  # of PULSE_MS: 200 to 300 ms, where pulses are 100 ms at most


class Latch(Output):
    """The two coils of one relay."""

    def __init__(self, board: "Board", values: dict) -> None:
        active: int = values["short_active"]
        reset_pin = board.pin(values["reset_pin"], 1 - active)
        super().__init__(reset_pin, active)
        self._pins = (reset_pin, board.pin(values["short_pin"], 1 - active))
        self._pulse_ms: int = values["pulse"]
        self._end = Deadline()
        self._left = 0  # ticks until the hard timer ends the pulse
        self._fresh = False  # begun since the last poll
        self.is_known = False  # `is_on`, the position: set or reset

    def set(self, on: bool) -> None:
        """Begin a pulse into the position, unless the contact is there."""
        if self.is_known and on == self.is_on:
            return
        self.off()
        self.is_on = on
        self.is_known = True
        self._left = COIL_TICKS
        self._fresh = True
        self._pins[on](self._active)

    def off(self) -> None:
        """No current in either coil."""
        self._left = 0
        for pin in self._pins:
            pin(1 - self._active)

    def tick(self) -> None:
        """One slot of the hard timer."""
        left = self._left
        if left:
            self._left = left - 1
            if left == 1:
                self.off()

    def poll(self, now: int) -> int:
        """End the pulse when it is due; milliseconds until then, -1 if there is none."""
        if self._fresh:
            self._fresh = False
            self._end.set(now, self._pulse_ms)
        left_ms = self._end.left(now)
        if left_ms == 0:
            if self._left:
                self.off()
            return -1
        return left_ms


class LatchingBank(RelayBank):
    """A bank some of whose short relays latch."""

    def __init__(
        self,
        cells: list[Cell],
        head: dict,
        switched: "Callable[[int, int], None]",
        wear: "array[int]",
    ) -> None:
        super().__init__(cells, head, switched, wear)
        self._latching: list = [cell for cell in cells if isinstance(cell.short, Latch)]
        self.latches: list[Latch] = [cell.short for cell in self._latching]
        for cell in self._latching:
            cell.at = SC  # taken for it: whatever comes next begins with a pulse that opens

    def poll(self, now: int) -> int:
        """As any bank; ends pulses before it makes a contact, and begins with the unknown ones."""
        if self._resting:
            return -1
        self._end_pulses(now)
        unknown = self._find_position(now)
        wait_ms = super().poll(now)
        if unknown:
            self._resting = False
            left_ms = max(self._stagger.left(now), 1)
            wait_ms = left_ms if wait_ms < 0 else min(wait_ms, left_ms)
        left_ms = self._end_pulses(now)
        if left_ms < 0:
            return wait_ms
        self._resting = False
        return left_ms if wait_ms < 0 else min(wait_ms, left_ms)

    def take_settled(self) -> bool:
        """Not before every position is known."""
        for latch in self.latches:
            if not latch.is_known:
                return False
        return super().take_settled()

    def settled(self, mask: int) -> bool:
        """Likewise."""
        for cell in self._latching:
            if mask >> cell.number & 1 and not cell.short.is_known:
                return False
        return super().settled(mask)

    def _find_position(self, now: int) -> bool:
        """Pulse a cell that is to be shorted, and is only taken to be; whether any is left. Those
        that are to be open go there as from any short."""
        for cell in self._latching:
            if not cell.short.is_known and cell.wanted() == SC:
                if not self._stagger.passed(now):
                    return True
                self._stagger.set(now, self._stagger_ms)
                cell.close(SC)
                cell.dwell.set(now, self._dwell_ms)
                self._moved = True
                self._switched(cell.number, SC)
        return False

    def _end_pulses(self, now: int) -> int:
        wait_ms = -1
        for latch in self.latches:
            left_ms = latch.poll(now)
            if left_ms >= 0 and (wait_ms < 0 or left_ms < wait_ms):
                wait_ms = left_ms
        return wait_ms
