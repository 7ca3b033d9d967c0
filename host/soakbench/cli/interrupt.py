"""Ctrl-C and SIGTERM as an event, so that everything can stop in order."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.asynccontextmanager
async def interruption() -> AsyncGenerator[asyncio.Event]:
    """An event that the first Ctrl-C or SIGTERM sets; a second one ends the process as usual."""
    loop = asyncio.get_running_loop()
    interrupted = asyncio.Event()

    def come() -> None:
        interrupted.set()
        _release(loop)

    try:
        for number in SIGNALS:
            loop.add_signal_handler(number, come)
    except NotImplementedError:  # Windows: asyncio.run turns Ctrl-C into a cancellation
        yield interrupted
        return
    try:
        yield interrupted
    finally:
        _release(loop)


def _release(loop: asyncio.AbstractEventLoop) -> None:
    for number in SIGNALS:
        loop.remove_signal_handler(number)
