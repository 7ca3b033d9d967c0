"""The heaters' outputs: time-proportioning and dead-man, run from the 100 ms hard timer (S3).

`tick` is called in interrupt context: integers only, no allocation, no exception. A first-order
sigma-delta spreads `duty` per mille over the slots: 500 is on, off, on, off. The output is driven
only while the control job keeps refreshing it; a stalled program leaves the heater off within a
second, whatever the duty was.
"""

from soakfw.limits import DEAD_MAN_TICKS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

FULL = 1000  # per mille


class Output:
    """A digital output that is on or off; `pin` is called with the level."""

    is_known = True  # where the contact is, that it moves (but see soakfw.latching)

    def __init__(self, pin: "Callable[[int], object]", active: int) -> None:
        self._pin = pin
        self._active = active
        self.is_on = False

    def set(self, on: bool) -> None:
        """Drive the pin. It is driven even if nothing changes."""
        self.is_on = on
        self._pin(self._active if on else 1 - self._active)


class Pulse:
    """One heater output."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._left = 0  # ticks until the dead-man
        self._sum = 0
        self.duty = 0
        self.lapsed = 0  # ticks since the dead-man has acted; cleared by who reports it

    def refresh(self, duty: int) -> None:
        """Drive at `duty` per mille for at most DEAD_MAN_TICKS slots."""
        self.duty = duty
        self._left = DEAD_MAN_TICKS

    def off(self) -> None:
        """Off now, not at the next slot."""
        self.duty = 0
        self._left = 0  # before the pin: a tick in between cannot switch it on again
        self._sum = 0
        self._output.set(False)

    def tick(self) -> None:
        """One slot."""
        left = self._left
        if left == 0:
            if self.lapsed:
                self.lapsed += 1
            self._output.set(False)
            return
        left -= 1
        self._left = left
        if left == 0:
            self.lapsed = 1
            self.duty = 0
            self._sum = 0
            self._output.set(False)
            return
        total = self._sum + self.duty
        on = total >= FULL
        self._sum = total - FULL if on else total
        self._output.set(on)


class PulseBank:
    """What the timer calls; the list of pulses is replaced whole, never changed in place."""

    def __init__(self) -> None:
        self._pulses: list[Pulse] = []

    def use(self, pulses: list[Pulse]) -> None:
        """Serve these pulses from the next slot on."""
        self._pulses = pulses

    def tick(self, _timer: object) -> None:
        """One slot of every heater."""
        for pulse in self._pulses:
            pulse.tick()
