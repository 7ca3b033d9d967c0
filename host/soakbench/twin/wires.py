"""Pins and what hangs on them: coils, shutters, solid-state relays."""

from dataclasses import dataclass
from enum import Enum

from soakbench.twin.channel import PinState

OPERATE_MS = 5.0
"""What a coil needs to move a latching contact: data sheets promise 3 to 4 ms."""


class SsrFault(Enum):
    """What can happen to a heater's solid-state relay."""

    WELDED = "welded"
    DEAD = "dead"


@dataclass
class Drive:
    """What a pin drives: a coil, a shutter, an SSR. Released pins are pulled to inactive."""

    active: str
    on: bool = False
    switched: int = 0
    """How often it came on."""
    stuck: bool = False
    """It stays as it is, whatever the pin does."""
    driven: bool = False
    """What the pin asks for."""

    def take(self, state: PinState, _at_ms: float) -> None:
        """Follow the pin."""
        self.driven = state is level(self.active)
        if not self.stuck:
            self._follow()

    def stick(self, stuck: bool) -> None:
        """Stay as it is, or follow the pin again."""
        self.stuck = stuck
        if not stuck:
            self._follow()

    def _follow(self) -> None:
        self.switched += self.driven and not self.on
        self.on = self.driven


@dataclass
class LatchDrive(Drive):
    """Two coils that move one contact: `on` is set. It moves under a coil that has been energised
    alone for OPERATE_MS, and is told as moved when that coil is let go."""

    coils: tuple[float | None, float | None] = (None, None)
    """Since when the reset and the set coil are energised."""

    def stick(self, stuck: bool) -> None:
        """Stay as it is, or follow the next pulse."""
        self.stuck = stuck

    def energise(self, which: int, on: bool, at_ms: float) -> None:
        """Coil 0 resets, coil 1 sets."""
        since_ms, other_ms = self.coils[which], self.coils[1 - which]
        if on == (since_ms is not None):
            return
        if since_ms is not None and other_ms is None and at_ms - since_ms >= OPERATE_MS:
            self.driven = bool(which)
            if not self.stuck:
                self._follow()
        now = at_ms if on else None
        self.coils = (now, other_ms) if which == 0 else (other_ms, now)


class Coil:
    """One of the two."""

    def __init__(self, latch: LatchDrive, which: int) -> None:
        self._latch = latch
        self._which = which

    def take(self, state: PinState, at_ms: float) -> None:
        """Follow the pin."""
        self._latch.energise(self._which, state is level(self._latch.active), at_ms)


def level(active: str) -> PinState:
    """What a pin has to be to energise what hangs on it."""
    return PinState.HIGH if active == "high" else PinState.LOW


class Wires:
    """All pins: their states as last told, and what hangs on them."""

    def __init__(self) -> None:
        self.states: dict[int, PinState] = {}
        self.changes: dict[int, int] = {}
        self._drives: dict[int, Drive | Coil] = {}

    def drive(self, gpio: int, active: str) -> Drive:
        """Put something on a pin."""
        drive = self._drives[gpio] = Drive(active)
        return drive

    def latch(self, set_gpio: int, reset_gpio: int, active: str) -> LatchDrive:
        """Put a latching relay on two pins; it is reset."""
        latch = LatchDrive(active)
        self._drives[reset_gpio] = Coil(latch, 0)
        self._drives[set_gpio] = Coil(latch, 1)
        return latch

    def set(self, gpio: int, state: PinState, at_ms: float) -> None:
        """The board drives a pin, or lets go of it."""
        self.states[gpio] = state
        self.changes[gpio] = self.changes.get(gpio, 0) + 1
        if gpio in self._drives:
            self._drives[gpio].take(state, at_ms)

    def release_all(self, at_ms: float) -> None:
        """A reset: every pin is an input again."""
        for gpio, state in list(self.states.items()):
            if state is not PinState.RELEASED:
                self.set(gpio, PinState.RELEASED, at_ms)
