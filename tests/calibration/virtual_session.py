"""A calibration's bench session in virtual time: the real host and firmware, a simulated bench
whose sensors are not as its file says, and answers that come from the truth."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, cast

from rich.console import Console

from soakbench.assets import find_bench, firmware_path
from soakbench.cli.output import THEME
from soakbench.cli.session import BenchSession
from soakbench.config import BenchConfig, parse_bench, parse_plan
from soakbench.daemon import Daemon
from soakbench.daemon.engine import Engine
from soakbench.rehearsal.host import Computer, HostClock, Life, Outside
from soakbench.rehearsal.ids import Ids
from soakbench.rehearsal.lockstep import Lockstep
from soakbench.rehearsal.publisher import Broker
from soakbench.rehearsal.virtual_loop import VirtualLoop
from soakbench.status import MqttStatus, Order, RunStatus, StartRun, Status
from soakbench.store import open_store
from soakbench.twin.assembly import in_process
from soakbench.twin.memory_port import MemoryPort
from soakbench.twin.simulation import Simulation

Made = TypeVar("Made")
Work = Callable[[BenchSession], Awaitable[Made]]

READY_S = 0.25


def wrong_bench(*truths: str, **changed: str) -> BenchConfig:
    """The twin with `[twin.sensors...]` tables; `changed` are texts to be replaced in its file."""
    text = find_bench("twin").read_text("utf-8")
    for old, new in changed.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    return parse_bench("\n".join([text, *truths]), "lab.toml")


class VirtualBench:
    """A simulated bench and a host for it."""

    def __init__(self, bench: BenchConfig, folder: Path, seed: int = 1) -> None:
        self.bench = bench
        self._store = open_store(folder)
        self._ids = Ids(seed)
        self.sim: Simulation = in_process(
            bench, firmware_path(), MemoryPort(Path("cable")), seed, self._ids.boot_id
        )
        self.world = Lockstep(self.sim, self._arrived, self._lost)
        self._clock = HostClock(self.world)
        self._computer: Computer
        self._loop: asyncio.AbstractEventLoop

    def calibrate(self, work: Work[Made], bench: BenchConfig | None = None) -> Made:
        """What `work` makes of a session, whose host reads the board with `bench`."""
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(self.world)) as runner:
            try:
                self.sim.start()
                return runner.run(self._work(work, bench or self.bench))
            finally:
                self.sim.close()

    async def _work(self, work: Work[Made], bench: BenchConfig) -> Made:
        self._loop = asyncio.get_running_loop()
        made: asyncio.Future[Made] = self._loop.create_future()

        async def live(life: Life) -> None:
            try:
                session = await self._session(bench, life.engine)
                made.set_result(await work(session))
            except Exception as error:
                made.set_exception(error)

        outside = Outside(bench, self._store, self._clock, self.world, self._ids, Broker())
        self._computer = Computer(outside, live)
        self._computer.start()
        await asyncio.wait({made, self._computer.broken}, return_when=asyncio.FIRST_COMPLETED)
        await self._computer.shut_down()
        if self._computer.broken.done():
            self._computer.broken.result()
        return made.result()

    async def _session(self, bench: BenchConfig, engine: Engine) -> BenchSession:
        daemon = _Daemon(bench, engine)
        while daemon.status().link.board != "configured":
            await asyncio.sleep(READY_S)
        return BenchSession(cast(Daemon, daemon), asyncio.Event(), self._store)

    def _arrived(self, data: bytes) -> None:
        self._loop.call_soon(self._computer.arrived, data)

    def _lost(self, cause: str) -> None:
        self._loop.call_soon(self._computer.lost, cause)


class _Daemon:
    """What BenchSession needs of a daemon, from an engine in virtual time."""

    def __init__(self, bench: BenchConfig, engine: Engine) -> None:
        self.bench = bench
        self._engine = engine

    def status(self) -> Status:
        engine = self._engine
        engine.watched()
        return Status(
            bench=self.bench.bench.name,
            time=engine.now(),
            data="",
            link=engine.link_status(),
            run=engine.run_status(),
            stations=engine.station_status(),
            cells=engine.cell_status(),
            mqtt=MqttStatus(enabled=False, connected=False, broker="", backlog=0, published=0),
        )

    async def start_run(self, request: StartRun) -> RunStatus:
        plan = parse_plan(request.plan_toml, request.plan)
        return await self._engine.start_run(plan, 1)

    async def stop_run(self) -> None:
        await self._engine.stop_run(Order())

    async def wait_run_end(self) -> RunStatus:
        return await self._engine.wait_run_end()


class Told:
    """A person who looks at the true value and says it; and the questions they were asked."""

    def __init__(self, *answers: Callable[[], float] | float) -> None:
        self._answers = list(answers)
        self.questions: list[str] = []

    async def number(self, question: str) -> float:
        self.questions.append(question)
        await asyncio.sleep(5)  # the time of the world
        answer = self._answers.pop(0)
        return answer if isinstance(answer, int | float) else answer()


def silent() -> Console:
    return Console(theme=THEME, file=io.StringIO(), width=100)
