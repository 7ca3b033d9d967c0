"""A calibration's session in virtual time: the real engine, link, database and firmware."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from soakbench.assets import firmware_path
from soakbench.cli.session import BenchSession
from soakbench.config import BenchConfig, parse_plan
from soakbench.rehearsal.host import Computer, HostClock, Life, Outside
from soakbench.rehearsal.ids import Ids
from soakbench.rehearsal.lockstep import Lockstep
from soakbench.rehearsal.publisher import Broker
from soakbench.rehearsal.virtual_loop import VirtualLoop
from soakbench.run.planned import Planned
from soakbench.status import MqttStatus, Order, RunStatus, StartRun, Status
from soakbench.store import open_store
from soakbench.twin.assembly import in_process
from soakbench.twin.memory_port import MemoryPort
from soakbench.twin.simulation import Simulation

Work = Callable[[BenchSession, "VirtualBench"], Awaitable[object]]


class EngineAlone:
    """What a session asks of a daemon, without its sockets."""

    def __init__(self, bench: BenchConfig, life: Life, data: Path) -> None:
        self.bench = bench
        self._engine = life.engine
        self._data = data

    def status(self) -> Status:
        engine = self._engine
        engine.watched()
        return Status(
            bench=self.bench.bench.name,
            time=engine.now(),
            data=str(self._data),
            link=engine.link_status(),
            run=engine.run_status(),
            stations=engine.station_status(),
            cells=engine.cell_status(),
            mqtt=MqttStatus(enabled=False, connected=False, broker="", backlog=0, published=0),
        )

    async def start_run(self, request: StartRun) -> RunStatus:
        plan = parse_plan(request.plan_toml, request.plan)
        return await self._engine.start_run(Planned(plan, 1))

    async def stop_run(self) -> None:
        await self._engine.stop_run(Order())

    async def wait_run_end(self) -> RunStatus:
        return await self._engine.wait_run_end()


class VirtualBench:
    """A simulated bench with a computer; `play` lives through one session on it."""

    def __init__(self, bench: BenchConfig, data: Path) -> None:
        self.bench = bench
        self._data = data
        self.store = open_store(data)
        ids = self._ids = Ids(1)
        self.interrupted: asyncio.Event
        self._computer: Computer
        self._loop: asyncio.AbstractEventLoop
        self.simulation: Simulation = in_process(
            bench, firmware_path(), MemoryPort(Path("cable")), 1, ids.boot_id
        )
        self.world = Lockstep(
            self.simulation,
            lambda data: self._loop.call_soon(self._computer.arrived, data) and None,
            lambda cause: self._loop.call_soon(self._computer.lost, cause) and None,
        )

    def play(self, work: Work, file: BenchConfig | None = None) -> object:
        """Open the bench, do `work` with the session, close; what it returned or raised.

        `file` is the bench as the computer knows it, if that is another one.
        """
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(self.world)) as runner:
            try:
                self.simulation.start()
                return runner.run(self._play(work, file or self.bench))
            finally:
                self.simulation.close()

    async def _play(self, work: Work, file: BenchConfig) -> object:
        self._loop = asyncio.get_running_loop()
        self.interrupted = asyncio.Event()
        done: asyncio.Future[object] = self._loop.create_future()

        async def live(life: Life) -> None:
            daemon = EngineAlone(file, life, self._data)
            session = BenchSession(daemon, self.interrupted, self.store)
            await session.watch(lambda status: status.link.board == "configured")
            try:
                done.set_result(await work(session, self))
            except Exception as error:
                done.set_exception(error)

        clock = HostClock(self.world)
        outside = Outside(file, self.store, clock, self.world, self._ids, Broker())
        self._computer = Computer(outside, live)
        self._computer.start()
        await asyncio.wait({done, self._computer.broken}, return_when=asyncio.FIRST_COMPLETED)
        if self._computer.broken.done():
            await self._computer.broken
        await self._computer.shut_down()
        return await done
