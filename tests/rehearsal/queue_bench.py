"""A simulated bench, its computer, and somebody who puts plans into the queue; in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from soakbench.assets import find_bench, firmware_path
from soakbench.clock import moment, utc_ms
from soakbench.config import BenchConfig, CellSheet, load_bench, parse_plan
from soakbench.daemon.engine import Engine
from soakbench.rehearsal.host import EPOCH_UTC_MS, Computer, HostClock, Life, Outside
from soakbench.rehearsal.ids import Ids
from soakbench.rehearsal.lockstep import Lockstep
from soakbench.rehearsal.publisher import Broker
from soakbench.rehearsal.virtual_loop import VirtualLoop
from soakbench.run.planned import Planned
from soakbench.status import JournalEntry, Order
from soakbench.store import open_store
from soakbench.twin.assembly import in_process
from soakbench.twin.memory_port import MemoryPort

LOOK_S = 1.0
TWIN = load_bench(find_bench("twin"))

Script = Callable[["QueueBench"], Awaitable[None]]

PLAN = """
[plan]
name = "{name}"
timezone = "Europe/Berlin"

[tracks.t]
cells = ["A1", "A2"]
station = "simulator"

[[tracks.t.phases]]
phase = "ageing"
until = "{minutes} min"
light = "1 sun"
"""


def planned(name: str, minutes: int = 5, cells: CellSheet | None = None) -> Planned:
    """A few minutes of light."""
    plan = parse_plan(PLAN.format(name=name, minutes=minutes), f"{name}.toml")
    return Planned(plan, 1, cells or CellSheet())


class QueueBench:
    """`play` lives through a script; daemons are killed and come back meanwhile."""

    def __init__(self, data: Path, now: datetime, bench: BenchConfig = TWIN, seed: int = 1) -> None:
        self.bench = bench
        self.store = open_store(data)
        self._ids = Ids(seed)
        self._simulation = in_process(
            self.bench, firmware_path(), MemoryPort(Path("cable")), 1, self._ids.boot_id
        )
        self._world = Lockstep(
            self._simulation,
            lambda data: self._loop.call_soon(self.computer.arrived, data) and None,
            lambda cause: self._loop.call_soon(self.computer.lost, cause) and None,
        )
        self.clock = HostClock(self._world)
        self.clock.set_by(utc_ms(now) - EPOCH_UTC_MS)
        self._loop: asyncio.AbstractEventLoop
        self.computer: Computer
        self._engine: Engine | None = None

    def play(self, script: Script) -> None:
        """From power on to the end of `script`."""
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(self._world)) as runner:
            try:
                self._simulation.start()
                runner.run(self._play(script))
            finally:
                self._simulation.close()

    async def _play(self, script: Script) -> None:
        self._loop = asyncio.get_running_loop()
        outside = Outside(self.bench, self.store, self.clock, self._world, self._ids, Broker())
        self.computer = Computer(outside, self._live)
        self.computer.start()
        await self.ready()
        playing = asyncio.ensure_future(script(self))
        await asyncio.wait({playing, self.computer.broken}, return_when=asyncio.FIRST_COMPLETED)
        if self.computer.broken.done():
            await self.computer.broken
        await playing
        await self.computer.shut_down()

    async def _live(self, life: Life) -> None:
        self._engine = life.engine
        await asyncio.Event().wait()

    @property
    def engine(self) -> Engine:
        """Of the daemon that lives now."""
        assert self._engine is not None
        return self._engine

    @property
    def now(self) -> datetime:
        return moment(self.clock.utc_ms())

    async def until(self, condition: Callable[[], bool], within_h: float) -> None:
        async with asyncio.timeout(within_h * 3600):
            while not condition():
                await asyncio.sleep(LOOK_S)

    async def ready(self) -> None:
        """Until a run can begin, or one is under way."""
        await self.until(
            lambda: self._engine is not None and self.engine.keeper.report is not None, 1 / 60
        )

    async def kill(self, off_s: float) -> None:
        """`kill -9`; until the next daemon knows its board."""
        self.computer.kill(round(off_s * 1000))
        self._engine = None
        await asyncio.sleep(off_s)
        await self.ready()

    async def put(self, plan: Planned, begin: datetime | None = None, who: str = "anna") -> int:
        """Its number."""
        begin_ms = None if begin is None else utc_ms(begin)
        return (await self.engine.queue.put(plan, begin_ms, who)).number

    async def begins(self, name: str, within_h: float = 0.1) -> None:
        """Until a plan is under way."""
        await self.until(lambda: self.running() == name, within_h)

    async def ends(self, within_h: float = 0.5) -> None:
        """Until no run is under way."""
        await self.until(lambda: self.running() == "", within_h)

    async def stop(self) -> None:
        await self.engine.stop_run(Order())

    def running(self) -> str:
        """The plan of the run under way; empty if there is none."""
        active = self.engine.keeper.active
        return "" if active is None else active.stored.plan

    def run_name(self) -> str:
        """Of the run under way."""
        active = self.engine.keeper.active
        assert active is not None
        return active.stored.run

    def runs(self) -> list[tuple[str, str]]:
        """Plan and state of each, in order."""
        rows = self.store.rows("SELECT plan, state FROM run ORDER BY created_utc_ms")
        return [(row["plan"], row["state"]) for row in rows]

    def waits(self) -> list[str]:
        """For what each in the queue waits."""
        return [each.why for each in self.engine.queue.status()]

    def journal(self) -> list[JournalEntry]:
        """Of the newest run, what the queue has said."""
        return [entry for entry in self.engine.summary(None).journal if entry.kind == "queue"]
