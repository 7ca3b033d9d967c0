"""When BEAT goes out. It renews the board's lease, and its answer is the board's report."""

import asyncio
from collections.abc import Callable

from soakbench.clock import Clock

BEATS_PER_LEASE = 6
MOST_S = 5.0
BUSY_S = 1.0  # while somebody watches, or something has to be brought to an end
WATCHED_MS = 10_000  # so long after the last look


class Heart:
    """Beats as often as is needed, and at once when there is news that a report would explain."""

    def __init__(
        self,
        clock: Clock,
        beat: Callable[[], object],
        lease_s: Callable[[], float],
        is_busy: Callable[[], bool],
    ) -> None:
        self._clock = clock
        self._beat = beat
        self._lease_s = lease_s
        self._is_busy = is_busy
        self._now = asyncio.Event()
        self._watched_until_ms: int | None = None

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            self._now.clear()
            self._beat()
            try:
                async with asyncio.timeout(self.pause_s()):
                    await self._now.wait()
            except TimeoutError:
                continue

    def hurry(self) -> None:
        """Do not wait for the next one."""
        self._now.set()

    def watched(self) -> None:
        """Somebody looks at the bench: what is shown is to be fresh from now on."""
        if not self._is_watched():
            self.hurry()
        self._watched_until_ms = self._clock.monotonic_ms() + WATCHED_MS

    def pause_s(self) -> float:
        """Until the next beat."""
        most_s = BUSY_S if self._is_watched() or self._is_busy() else MOST_S
        return min(self._lease_s() / BEATS_PER_LEASE, most_s)

    def _is_watched(self) -> bool:
        until_ms = self._watched_until_ms
        return until_ms is not None and self._clock.monotonic_ms() < until_ms
