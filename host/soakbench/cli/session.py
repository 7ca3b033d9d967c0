"""A bench that a calibration has for itself, in this process: no daemon beside it, and the safe
state at the end whatever happens.

    async with bench_session(here) as session:
        run = await session.run(PLAN, look)
        rows = session.store.rows("SELECT ... FROM station_sample WHERE run = ?", (run.run,))
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path

from soakbench.api import ApiClient
from soakbench.cli.foreground import board_ready, refuse_unfinished
from soakbench.cli.interrupt import interruption
from soakbench.cli.output import command_line
from soakbench.config import BenchConfig
from soakbench.daemon import Daemon
from soakbench.errors import BenchFault, DaemonError
from soakbench.status import RunStatus, StartRun, Status
from soakbench.store import Store, open_store

LOOK_S = 0.25

Look = Callable[[Status], bool]
"""Shown what the bench is doing, several times a second; True: that is enough."""


class InterruptedByUserError(DaemonError):
    """Ctrl-C. The bench is in the safe state."""

    def __init__(self) -> None:
        super().__init__(
            "interrupted: the bench is in the safe state, and nothing was stored in the bench file"
        )


@dataclass(frozen=True)
class Here:
    """Which bench, and where its records go. `name` is the bench as the person gave it."""

    bench: BenchConfig
    name: str
    data: Path
    port: str | None


class BenchSession:
    """The bench while it is ours. Made by `bench_session`."""

    def __init__(self, daemon: Daemon, interrupted: asyncio.Event, store: Store) -> None:
        self.bench = daemon.bench
        self.store = store
        """What has been recorded; a run's records are all there once `run` has returned."""
        self._daemon = daemon
        self._interrupted = interrupted

    def status(self) -> Status:
        """What the bench is doing now, with the newest sample of each station."""
        return self._daemon.status()

    async def watch(self, look: Look) -> None:
        """Let `look` see the bench until it has seen enough. Without a run the board samples every
        10 s. InterruptedByUserError."""
        while not look(self.status()):
            await self._pause()

    async def run(self, plan: str, look: Look) -> RunStatus:
        """Run the plan in the TOML text `plan`, recorded like any run; its status at the end.

        It ends by itself or when `look` has seen enough; either way in the safe state and with all
        records on disk. InterruptedByUserError, and BenchFault if the board goes away for good.
        """
        started = await self._daemon.start_run(StartRun(plan="calibration", plan_toml=plan))
        try:
            while _is_under_way(self.status(), started.run) and not look(self.status()):
                await self._pause()
        finally:
            if _is_under_way(self.status(), started.run):
                await self._daemon.stop_run()
        return await self._daemon.wait_run_end()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await self._interrupted.wait()
        if self._interrupted.is_set():
            raise InterruptedByUserError


@contextlib.asynccontextmanager
async def bench_session(here: Here) -> AsyncGenerator[BenchSession]:
    """Open the bench once its board answers.

    DaemonError while a daemon keeps the data directory or a run in it has not ended; BenchFault if
    there is no board.
    """
    refuse_daemon(here.data)
    daemon = Daemon(here.bench, here.data, port=here.port)
    async with interruption() as interrupted, daemon.running():
        refuse_unfinished(daemon.status(), here.name, here.data)
        if not await board_ready(daemon.status, interrupted):
            raise InterruptedByUserError
        await _configured(daemon, interrupted)
        yield BenchSession(daemon, interrupted, open_store(here.data))


def refuse_daemon(data: Path) -> None:
    """DaemonError if a daemon keeps `data`: two programs cannot have one board."""
    with ApiClient(data) as client:
        if not client.is_running():
            return
        run = client.status().run
    if run is not None and run.ended is None:
        raise DaemonError(
            f"run {run.run} is under way",
            hint=f"calibrate when it has ended; `{command_line('watch', data)}` shows it",
        )
    raise DaemonError(
        f"a daemon keeps {data}, and a calibration needs the bench for itself",
        hint="end the daemon (Ctrl-C, or `systemctl stop` of its service), calibrate, and start it"
        " again: only then does it know the new values",
    )


async def _configured(daemon: Daemon, interrupted: asyncio.Event) -> None:
    """The daemon hands the board this bench file as soon as it may."""
    while daemon.status().link.board not in ("configured", "loaded", "finished"):
        status = daemon.status()
        if status.link.board == "active":
            raise BenchFault(
                "the board is running a program that this database does not know",
                hint="`soakbench stop` with a daemon puts it into the safe state; then try again",
            )
        if interrupted.is_set():
            raise InterruptedByUserError
        await asyncio.sleep(LOOK_S)


def _is_under_way(status: Status, run: str) -> bool:
    now = status.run
    return now is not None and now.run == run and now.state in ("arming", "running", "stopping")
