"""asyncio in virtual time: where an event loop would sleep, the world moves on instead.

The loop asks its `World` to let time pass only when nothing is left to do at the present moment.
Nothing in it waits for the computer's clock, for a thread or for a socket.
"""

import asyncio
import math
import selectors
from typing import Protocol

_ROUNDING_MS = 1e-3  # of what floating-point seconds make of whole milliseconds


class World(Protocol):
    """What happens outside of the event loop."""

    @property
    def now_ms(self) -> int:
        """The present."""

    def pass_time(self, until_ms: int | None) -> None:
        """Go on to `until_ms`, or to the first moment before it at which the loop is needed.

        None: the loop has nothing planned and waits for the world.
        """


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is that of `world`, to the millisecond.

    Everything in it happens in one thread: it is never woken from outside.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        super().__init__(_Selector(world))

    def time(self) -> float:
        """Seconds of the world."""
        return self._world.now_ms / 1000

    def _write_to_self(self) -> None:
        """Futures of other threads would wake the loop so; two system calls each."""


class _Selector(selectors.SelectSelector):
    """The loop's only way to wait. It holds the loop's own wake-up pipe and nothing else, so it
    never asks the operating system."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Nothing is ever ready; if `timeout` (seconds) is not 0, time passes."""
        if timeout != 0:
            self._world.pass_time(None if timeout is None else self._deadline_ms(timeout))
        return []

    def _deadline_ms(self, timeout_s: float) -> int:
        """Rounded up: the loop must not be woken before the moment it has waited for."""
        return self._world.now_ms + max(1, math.ceil(timeout_s * 1000 - _ROUNDING_MS))
