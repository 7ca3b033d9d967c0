"""A daemon in this process, for `daemon`, `run` without one, and `demo`."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from soakbench.cli.output import command_line
from soakbench.config import BenchConfig
from soakbench.errors import BenchFault, DaemonError
from soakbench.status import Status

BOARD_WAIT_S = 15.0
# What will not get better by waiting is told sooner; a port may be away for a moment.
PATIENCE_S = {"no port": 3.0, "wrong firmware": 0.0}
LOOK_S = 0.1


async def board_ready(ask: Callable[[], Status], interrupted: asyncio.Event) -> bool:
    """Wait until the board has reported; False if interrupted.

    BenchFault says why there is none after a while.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while not interrupted.is_set():
        link = ask().link
        if link.state == "up" and link.board is not None:
            return True
        waited_s = loop.time() - begun
        if waited_s >= PATIENCE_S.get(link.state, BOARD_WAIT_S):
            raise BenchFault(
                f"no board on {link.port} after {waited_s:.0f} s: {link.detail or link.state}",
                hint="the bench file names the port, --port another one; `soakbench ports` lists"
                " those of this computer",
            )
        await asyncio.sleep(LOOK_S)
    return False


def refuse_unfinished(status: Status, bench: str, data: Path) -> None:
    """DaemonError if the database holds a run that has not ended."""
    if status.run is not None and status.run.ended is None:
        raise DaemonError(
            f"run {status.run.run} has not ended yet",
            hint=f"`{command_line(f'daemon --bench {bench}', data)}` goes on with it;"
            f" then `{command_line('stop', data)}` in another terminal would end it",
        )


def is_simulated(bench: BenchConfig, port: str | None) -> bool:
    """Whether the daemon brings its own simulated bench, which ends with it."""
    return (port or bench.bench.port) == "twin"


def farewell(status: Status, bench: str, simulated: bool) -> str:
    """What becomes of the bench, of an active run and of the queue when the daemon ends."""
    waiting = len(status.queue)
    left = f"\nThe queue ({waiting}) waits until a daemon is back." if waiting else ""
    return _farewell_to_run(status, bench, simulated) + left


def _farewell_to_run(status: Status, bench: str, simulated: bool) -> str:
    data = Path(status.data)
    active = status.run is not None and status.run.ended is None
    if not active:
        return "No run was active."
    again = command_line(f"daemon --bench {bench}", data)
    if simulated:
        return (
            "The simulated bench ends with this program, in the middle of the run.\n"
            f"`{again}` takes the run up from its last record."
        )
    return (
        "The board goes on with its program by itself: loads, light and times as planned; a heater"
        " only until its lease has run out (lease_s of the plan).\n"
        f"`{again}` takes the run up again and fetches what was recorded meanwhile;"
        f" `{command_line('watch', data)}` shows it."
    )
