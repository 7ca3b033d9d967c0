"""Following a run until it ends or a person has seen enough."""

import asyncio
from collections.abc import Callable

from soakbench.cli.view.screen import Screen
from soakbench.errors import DaemonError
from soakbench.status import Status

LOOK_S = 0.5  # a person does not read faster
ENDED = ("finished", "stopped", "failed")

Ask = Callable[[], Status]


async def follow(ask: Ask, screen: Screen, interrupted: asyncio.Event) -> None:
    """Show the status until interrupted."""
    while not await _pause(interrupted):
        screen.show(ask())


async def follow_run(ask: Ask, screen: Screen, interrupted: asyncio.Event, run: str) -> bool:
    """Show the status until `run` has ended (True) or interrupted (False)."""
    while True:
        status = ask()
        screen.show(status)
        if status.run is None or status.run.run != run or status.run.state in ENDED:
            return True
        if await _pause(interrupted):
            return False


def current_run(status: Status) -> str:
    """The name of the run in `status`. DaemonError if there has been none."""
    if status.run is None:
        raise DaemonError("there is no run yet", hint="`soakbench run PLAN` starts one")
    return status.run.run


async def _pause(interrupted: asyncio.Event) -> bool:
    """Wait until the next look; whether it was interrupted."""
    try:
        async with asyncio.timeout(LOOK_S):
            await interrupted.wait()
    except TimeoutError:
        return False
    return True
