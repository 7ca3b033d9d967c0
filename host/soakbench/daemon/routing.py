"""One cell on the source meter, and back at its load: by the board's own word."""

import asyncio
import contextlib
from collections.abc import Callable

from soakbench.clock import Clock
from soakbench.device import CommandRefusedError, Device, LinkLostError
from soakbench.errors import BenchFault
from soakbench.run.live import LivePicture
from soakbench.status import StationStatus
from soakwire.records import MEASURE

ARRIVE_MS = 20_000  # dwell, stagger and break before make, and one period of samples
LIGHT_MS = 20_000  # a shutter, or a lamp that has to start; and one period of samples
LIGHT_WITHIN = 0.1  # of the light wanted
_LOOK_S = 0.05


class NotRoutedError(BenchFault):
    """The board has not said that the cell is on the source meter, or says that it is not."""


class NoLightError(BenchFault):
    """The light that the curves are to be taken under does not come."""


class Router:
    """Switches by the board, and looks at what its records say."""

    def __init__(self, device: Device, live: LivePicture, clock: Clock) -> None:
        self._device = device
        self._live = live
        self._clock = clock
        self._is_routed = False

    async def route(self, cell: int, lease_ms: int) -> None:
        """Put cell number `cell` on the source meter, and take the one that is there off it.

        NotRoutedError if the board does not say that it is there, LinkLostError if it does not
        answer. The lease ends it if nobody else does.
        """
        self._is_routed = True
        self._live.forget_load(cell)
        await self._device.measure(cell, lease_ms)
        if not await self._comes(lambda: self.is_on_meter(cell), ARRIVE_MS):
            raise NotRoutedError("the board does not say that the cell is on the source meter")

    async def release(self) -> None:
        """All cells back at their loads; where the link is gone, the lease sees to that."""
        if self._is_routed:
            self._is_routed = False
            with contextlib.suppress(LinkLostError, CommandRefusedError):
                await self._device.measure(None)

    def is_on_meter(self, cell: int) -> bool:
        """Whether the board's last word is that it is, with no gap in the link since."""
        return self._live.load(cell) == MEASURE

    async def lit(self, station: str, suns: float) -> None:
        """Wait for the light, where something measures it. NoLightError if it does not come."""

        def is_there() -> bool:
            now = self.station(station)
            if now is None:
                return False
            return now.light_suns is None or abs(now.light_suns - suns) <= LIGHT_WITHIN * suns

        if not await self._comes(is_there, LIGHT_MS):
            now = self.station(station)
            has = "nothing" if now is None else f"{now.light_suns:g} suns"
            raise NoLightError(f"{station} has {has} instead of {suns:g} suns")

    def station(self, name: str) -> StationStatus | None:
        """The newest sample of a station."""
        return next((each for each in self._live.stations() if each.station == name), None)

    async def _comes(self, is_so: Callable[[], bool], within_ms: int) -> bool:
        until_ms = self._clock.monotonic_ms() + within_ms
        while not is_so():
            if self._clock.monotonic_ms() >= until_ms:
                return False
            await asyncio.sleep(_LOOK_S)
        return True
