"""What the tests hold in their hands: a bench, a daemon for it, and plans that fit its wiring."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from soakbench.api import ApiClient
from soakbench.config import BenchConfig, load_bench
from soakbench.daemon import Daemon
from soakbench.status import StartRun, Status, Summary
from soakbench.store import Store, open_store
from soakbench.twin import TwinHandle

LINK_S = 20.0
LOOK_S = 0.02

HEAD = """
[plan]
name = "hil"
sample_s = 0.5
fast_sample_s = 0.2
"""


class Rig:
    """One bench for one test. Everything async is used inside `async with rig.bench()`."""

    def __init__(self, bench_file: Path, port: str | None, data: Path) -> None:
        self.bench_file = bench_file
        self.config: BenchConfig = load_bench(bench_file)
        self.data = data / "data"
        self.port = port or ""
        self.twin: TwinHandle | None = None
        self._real = port is not None

    @contextlib.asynccontextmanager
    async def bench(self) -> AsyncGenerator["Rig"]:
        """Power on: starts the twin, or takes the real board as it is."""
        if self._real:
            yield self
            return
        async with TwinHandle.start(self.bench_file, seed=1) as twin:
            self.twin, self.port = twin, twin.port
            yield self

    def need_twin(self) -> TwinHandle:
        """The twin, for what cannot be done to a real bench by a program."""
        if self.twin is None:
            pytest.skip("needs the simulated bench: nobody pulls the cable of a real one")
        return self.twin

    def press_ctrl_c(self) -> None:
        """As in a terminal that somebody has opened beside the daemon (nothing forbids that)."""
        port = os.open(self.port, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(port, b"\x03")
        finally:
            os.close(port)

    def station_with(self, *parts: str) -> str:
        """The first station that has all `parts`; skips the test if there is none."""
        for name, station in self.config.stations.items():
            if all(getattr(station, part) is not None for part in parts):
                return name
        pytest.skip(f"no station of this bench has {' and '.join(parts)}")

    def switched_cells(self) -> list[str]:
        """The cells whose load is switched; skips the test if there are fewer than two."""
        cells = [name for name, cell in self.config.cells.items() if cell.short_relay is not None]
        if len(cells) < 2:
            pytest.skip("needs two cells with a short relay")
        return cells

    def plan(self, cells: list[str], station: str, *phases: str) -> str:
        """A plan of one track."""
        head = f'{HEAD}\n[tracks.t]\ncells = {cells!r}\nstation = "{station}"\n'
        return head + "".join(f"\n[[tracks.t.phases]]\n{phase}\n" for phase in phases)

    @contextlib.asynccontextmanager
    async def daemon(self) -> AsyncGenerator[Daemon]:
        """A daemon in this process, in session with the board, nothing running."""
        daemon = Daemon(self.config, self.data, port=self.port)
        async with daemon.running():
            await until(lambda: _ready(daemon.status()), LINK_S, "a session with the board")
            if daemon.status().link.board == "active":
                await daemon.stop_run()
            yield daemon

    async def run(self, daemon: Daemon, plan: str, within_s: float) -> Summary:
        """Run `plan` to its end; its account."""
        await daemon.start_run(StartRun(plan="hil", plan_toml=plan))
        async with asyncio.timeout(within_s):
            status = await daemon.wait_run_end()
        assert status.state == "finished", status.message
        return daemon.summary(None)

    @contextlib.asynccontextmanager
    async def daemon_process(self) -> AsyncGenerator[asyncio.subprocess.Process]:
        """A daemon in a process of its own, that a test may kill."""
        line = ["daemon", "--bench", self.bench_file, "--data", self.data, "--port", self.port]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "soakbench",
            *[str(word) for word in line],
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            with ApiClient(self.data) as api:
                await until(
                    lambda: api.is_running() and _ready(api.status()), LINK_S, "the daemon's answer"
                )
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    def store(self) -> Store:
        """The database, to look into."""
        return open_store(self.data)


def _ready(status: Status) -> bool:
    return status.link.state == "up" and status.link.board not in (None, "empty")


async def until(condition: Callable[[], bool], within_s: float, what: str) -> None:
    """Wait for `condition`; fails the test saying `what` was waited for."""
    try:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        pytest.fail(f"waited {within_s:g} s in vain for {what}")


def assert_custody(store: Store, summary: Summary) -> None:
    """Every record the board produced is on disk once, with its number, and none was lost."""
    assert summary.records.lost == 0
    assert summary.records.stored == summary.records.produced > 0
    (of_run,) = store.rows("SELECT count(*) AS n FROM record WHERE run = ?", (summary.run,))
    assert of_run["n"] == summary.records.stored
    for boot in store.rows("SELECT DISTINCT device, boot FROM record"):
        rows = store.rows(
            "SELECT seq FROM record WHERE device = ? AND boot = ? ORDER BY seq", tuple(boot)
        )
        assert [row["seq"] for row in rows] == list(range(rows[0]["seq"], rows[-1]["seq"] + 1))


def events(store: Store, run: str, name: str) -> list[tuple[object, ...]]:
    """The events of a run by name: (track, step, cycle, station, a, b), in order."""
    rows = store.rows(
        "SELECT track, step, cycle, station, a, b FROM event WHERE run = ? AND event = ?"
        " ORDER BY t_device_ms, seq",
        (run, name),
    )
    return [tuple(row) for row in rows]
