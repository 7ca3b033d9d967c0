"""Pins and what hangs on them: coils, shutters, solid-state relays."""

from dataclasses import dataclass

from soakbench.twin.channel import PinState


@dataclass
class Drive:
    """What a pin drives: a coil, a shutter, an SSR. Released pins are pulled to inactive."""

    active: str
    on: bool = False
    switched: int = 0
    """How often it came on."""

    def take(self, state: PinState) -> None:
        """Follow the pin."""
        on = state is (PinState.HIGH if self.active == "high" else PinState.LOW)
        self.switched += on and not self.on
        self.on = on


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
