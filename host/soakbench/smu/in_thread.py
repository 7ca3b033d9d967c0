"""A Driver for the event loop: its calls block, so they run in a thread of their own.

One thread, so they run one after the other in the order they were asked for. Who is cancelled while
a reading is under way has `output_off` run after it, not beside it.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from soakbench.smu.finishing import finish
from soakbench.smu.smu import Driver, Identity, Reading, Settings

Result = TypeVar("Result")


class InThread:
    """An Smu. To be made by `open`."""

    def __init__(self, driver: Driver, thread: ThreadPoolExecutor) -> None:
        self._driver = driver
        self._thread = thread

    @classmethod
    async def open(cls, connect: Callable[[], Driver]) -> Self:
        """Connect in the thread. If we are cancelled meanwhile, what was opened is closed."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="smu")
        opening = asyncio.get_running_loop().run_in_executor(thread, connect)
        try:
            return cls(await finish(opening), thread)
        except BaseException:
            if opening.exception() is None:
                thread.submit(opening.result().close)
            thread.shutdown(wait=False)
            raise

    @property
    def identity(self) -> Identity:
        """Which one it is."""
        return self._driver.identity

    @property
    def found_on(self) -> bool:
        """Whether its output was on when it was connected."""
        return self._driver.found_on

    def reading_ms(self, settings: Settings, zeroed: bool) -> int:
        """Asks nobody, so it needs no thread."""
        return self._driver.reading_ms(settings, zeroed)

    async def prepare(self, settings: Settings, most_v: float, zeroed: bool) -> None:
        """See Driver."""
        await self._run(lambda: self._driver.prepare(settings, most_v, zeroed))

    async def source_v(self, voltage_v: float) -> None:
        """See Driver."""
        await self._run(lambda: self._driver.source_v(voltage_v))

    async def output_on(self) -> None:
        """See Driver."""
        await self._run(self._driver.output_on)

    async def read(self) -> Reading:
        """See Driver."""
        return await self._run(self._driver.read)

    async def output_off(self) -> None:
        """See Driver."""
        await self._run(self._driver.output_off)

    async def close(self) -> None:
        """Let go of the instrument and end the thread."""
        await self._run(self._driver.close)
        self._thread.shutdown(wait=False)

    async def _run(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
