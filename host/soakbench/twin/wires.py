"""Pins and what hangs on them: coils, shutters, solid-state relays."""

from dataclasses import dataclass
from enum import Enum

from soakbench.twin.channel import PinState


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

    def take(self, state: PinState) -> None:
        """Follow the pin."""
        self.driven = state is (PinState.HIGH if self.active == "high" else PinState.LOW)
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


class Wires:
    """All pins: their states as last told, and what hangs on them."""

    def __init__(self) -> None:
        self.states: dict[int, PinState] = {}
        self.changes: dict[int, int] = {}
        self._drives: dict[int, Drive] = {}

    def drive(self, gpio: int, active: str) -> Drive:
        """Put something on a pin."""
        self._drives[gpio] = Drive(active)
        return self._drives[gpio]

    def set(self, gpio: int, state: PinState) -> None:
        """The board drives a pin, or lets go of it."""
        self.states[gpio] = state
        self.changes[gpio] = self.changes.get(gpio, 0) + 1
        if gpio in self._drives:
            self._drives[gpio].take(state)

    def release_all(self) -> None:
        """A reset: every pin is an input again."""
        for gpio, state in list(self.states.items()):
            if state is not PinState.RELEASED:
                self.set(gpio, PinState.RELEASED)
