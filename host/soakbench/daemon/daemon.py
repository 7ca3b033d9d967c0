"""The engine of a bench with all that belongs around it, and the answers people get.

Threads: the link's (port and session), the store's (commits), and this event loop (beats, run,
MQTT, API). A loop that stalls stops the beats, so that the board's dead-man sees it; records go
on being read, stored and acknowledged.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path

from soakbench.api import serve
from soakbench.clock import Clock, utc_ms
from soakbench.config import BenchConfig, CellSheet, parse_cells, parse_plan
from soakbench.daemon.engine import Engine
from soakbench.daemon.lock import data_lock
from soakbench.errors import ConfigError, leaves
from soakbench.jv.messages import ImportCurves, Imported, Recompute
from soakbench.link import SerialLink
from soakbench.mqtt import Broker, Publisher
from soakbench.run.curves.importing import import_curves
from soakbench.run.curves.results import recompute
from soakbench.run.planned import Planned
from soakbench.status import (
    Clear,
    Confirm,
    Extend,
    MqttStatus,
    Note,
    Order,
    QueuedRun,
    QueueRun,
    RunStatus,
    StartRun,
    Status,
    Summary,
    Unqueue,
)
from soakbench.store import Job, Store, StoreWriter, open_store
from soakbench.twin import TwinHandle


class Daemon:
    """One bench. Use `async with daemon.running()`; the methods work inside."""

    def __init__(
        self,
        bench: BenchConfig,
        data: Path,
        port: str | None = None,
        broker: Broker | None = None,
        clock: Clock | None = None,
        serves_queue: bool = False,
    ) -> None:
        """`serves_queue`: begin what waits in the queue, as a daemon that lasts does."""
        self.bench = bench
        self.data = data.absolute()
        self._port = port or bench.bench.port
        self._broker = broker or _broker_of(bench)
        self._clock = clock or Clock()
        self._serves_queue = serves_queue
        self._twin: TwinHandle | None = None
        self._publisher: Publisher | None = None
        # Made in `running`, in this order.
        self._store: Store
        self._writer: StoreWriter
        self._engine: Engine

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator["Daemon"]:
        """Run everything; at the end stop in order. The board goes on with its program."""
        async with contextlib.AsyncExitStack() as stack:
            store = self._store = open_store(self.data)
            stack.enter_context(data_lock(self.data))
            self._writer = StoreWriter(store.connect_writer)
            self._writer.start()
            stack.push_async_callback(asyncio.to_thread, self._writer.close)
            port = self._port
            if port == "twin":
                twin = await stack.enter_async_context(TwinHandle.start(self.bench.source.name))
                self._twin, port = twin, twin.port
            self._build(store, port)
            await self._take_up()
            self._engine.link.start()
            stack.push_async_callback(asyncio.to_thread, self._engine.link.close)
            try:
                async with self._tasks():
                    yield self
            except BaseExceptionGroup as errors:
                # Where there is just one, callers can catch it by its type.
                first, *others = leaves(errors)
                if others:
                    raise
                raise first from None

    @contextlib.asynccontextmanager
    async def _tasks(self) -> AsyncGenerator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = self._engine.tasks(group)
            tasks.append(group.create_task(serve(self, self.data), name="api"))
            if self._publisher is not None:
                tasks.append(group.create_task(self._publisher.run(), name="mqtt"))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    def status(self) -> Status:
        """What the bench is doing now, for somebody who looks at it."""
        self._engine.watched()
        return self._snapshot()

    def _snapshot(self) -> Status:
        engine = self._engine
        return Status(
            bench=self.bench.bench.name,
            time=engine.now(),
            data=str(self.data),
            link=engine.link_status(),
            run=engine.run_status(),
            stations=engine.station_status(),
            cells=engine.cell_status(),
            mqtt=self._mqtt_status(),
            storage=self._writer.trouble or "ok",
            worn_relays=engine.worn_relays(),
            findings=engine.findings(),
            queue=engine.queue.status(),
        )

    def summary(self, run: str | None) -> Summary:
        """The account of a run, the newest if None. DaemonError if there is none."""
        return self._engine.summary(run)

    async def start_run(self, request: StartRun) -> RunStatus:
        """Begin a run."""
        return await self._engine.start_run(self._planned(request), request.who)

    async def put_in_queue(self, request: QueueRun) -> QueuedRun:
        """Let a plan wait for its turn."""
        begin_utc_ms = None if request.begin is None else utc_ms(request.begin)
        return await self._engine.queue.put(self._planned(request), begin_utc_ms, request.who)

    async def remove_from_queue(self, request: Unqueue) -> QueuedRun:
        """Take a plan out of the queue; what it was."""
        return await self._engine.queue.remove(request.number, request.who)

    async def resume_queue(self, request: Order) -> list[QueuedRun]:
        """Let the queue go on after a run that has not finished; what waits."""
        return await self._engine.queue.resume(request.who)

    def _planned(self, request: StartRun) -> Planned:
        """The plan comes as text, so that the caller's file is the one that counts."""
        plan = parse_plan(request.plan_toml, request.plan)
        cells = parse_cells(request.cells_csv, request.cells) if request.cells_csv else CellSheet()
        factor = plan.plan.accelerate if request.accelerate is None else request.accelerate
        if factor != 1 and self._twin is None and not self.bench.is_twin:
            raise ConfigError(
                f"{request.plan} is accelerated {factor:g} times",
                hint="acceleration is for the simulated bench only; set accelerate = 1",
            )
        return Planned(plan, factor, cells)

    async def confirm(self, request: Confirm) -> list[str]:
        """Release confirm barriers. On the simulated bench this moves the cells as well."""
        names, moved = await self._engine.confirm(request.track, request.note, request.who)
        await self._move(moved)
        return names

    async def stop_run(self, request: Order | None = None) -> None:
        """End the run: safe state."""
        await self._engine.stop_run(request or Order())

    async def clear(self, request: Clear) -> None:
        """Clear latched faults; tracks go on only if the request says so."""
        await self._engine.clear(request)

    async def pause(self, request: Order) -> list[str]:
        """Let tracks wait; the names of those that do."""
        return await self._engine.pause(request)

    async def resume(self, request: Order) -> list[str]:
        """Let tracks go on; their names."""
        return await self._engine.resume(request)

    async def skip(self, request: Order) -> str:
        """End a track's phase; what was skipped, in words."""
        return await self._engine.skip(request)

    async def extend(self, request: Extend) -> str:
        """Give a track's phase another goal; what was done, in words."""
        return await self._engine.extend(request)

    async def note(self, request: Note) -> None:
        """Keep what somebody says, with the run."""
        self._engine.note(request)

    async def import_curves(self, request: ImportCurves) -> Imported:
        """Keep J-V curves that were taken elsewhere, and what they say. CurveError."""
        now = self._clock.utc_ms()
        return await asyncio.to_thread(import_curves, self._store, self._commit, request, now)

    async def recompute(self, request: Recompute) -> int:
        """Extract the values of a run's sweeps anew; how many sweeps."""
        return await asyncio.to_thread(recompute, self._store, self._commit, request.run)

    async def wait_run_end(self) -> RunStatus:
        """Wait until there is no active run; the last one's status."""
        return await self._engine.wait_run_end()

    # --- inside ---

    def _commit(self, job: Job) -> object:
        """Not for the event loop: it waits until the job is on disk."""
        return self._writer.submit(job).result()

    def _build(self, store: Store, port: str) -> None:
        self._engine = Engine(
            self.bench,
            store,
            self._writer,
            self._clock,
            port,
            lambda owner: SerialLink(port, self._clock, owner),
            set_speed=self._set_speed,
            serves_queue=self._serves_queue,
        )
        if self._broker is not None:
            self._publisher = Publisher(
                self._broker,
                self.bench.bench.name,
                store,
                self._writer,
                self._snapshot,
                list(self.bench.stations),
                list(self.bench.cells),
            )

    async def _take_up(self) -> None:
        """Go on with the run of the daemon before, if it had one."""
        self._engine.load()
        active = self._engine.keeper.active
        if active is not None:
            await self._set_speed(active.stored.accelerate)
            await self._move(self._engine.keeper.whereabouts())

    async def _move(self, station_of: dict[str, str]) -> None:
        """Move cells of the simulated bench, which has no hands of its own."""
        if self._twin is not None:
            for cell, station in station_of.items():
                await self._twin.command("move", cells=[cell], station=station)

    async def _set_speed(self, factor: float) -> None:
        if self._twin is not None:
            await self._twin.command("speed", factor=factor)

    def _mqtt_status(self) -> MqttStatus:
        if self._publisher is None:
            return MqttStatus(enabled=False, connected=False, broker="", backlog=0, published=0)
        return self._publisher.status()


def _broker_of(bench: BenchConfig) -> Broker | None:
    if bench.mqtt is None:
        return None
    return Broker(bench.mqtt.host, bench.mqtt.port, bench.mqtt.username, bench.mqtt.password)
