"""Wires the parts of the host together and gives people their answers.

Threads: the link's (port and session), the store's (commits), and this event loop (beats, run,
MQTT, API). A loop that stalls stops the beats, so that the board's dead-man sees it; records go
on being read, stored and acknowledged.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

from soakbench.api import serve
from soakbench.clock import Clock
from soakbench.config import BenchConfig, parse_plan
from soakbench.daemon.bridge import Bridge
from soakbench.daemon.lock import data_lock
from soakbench.device import Custody, Device
from soakbench.errors import ConfigError, DaemonError, leaves
from soakbench.link import SerialLink
from soakbench.mqtt import Broker, Publisher
from soakbench.plan import CompiledProgram
from soakbench.run.account import Account
from soakbench.run.keeper import ActiveRun, RunKeeper, program_id_of, program_of
from soakbench.run.ledger import Ledger
from soakbench.run.live import LivePicture, track_status
from soakbench.run.summary import StoredRun, find_run, summarise
from soakbench.status import (
    CellStatus,
    Confirm,
    MqttStatus,
    RunStatus,
    StartRun,
    Status,
    Summary,
)
from soakbench.store import Store, StoreWriter, open_store
from soakbench.twin import TwinHandle

DEFAULT_LEASE_S = 30.0
MOST_BEAT_S = 1.0  # also how fresh the status is
BEATS_PER_LEASE = 6

log = logging.getLogger(__name__)


class Daemon:
    """One bench. Use `async with daemon.running()`; the methods work inside."""

    def __init__(
        self,
        bench: BenchConfig,
        data: Path,
        port: str | None = None,
        broker: Broker | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.bench = bench
        self.data = data.absolute()
        self._port = port or bench.bench.port
        self._broker = broker or _broker_of(bench)
        self._clock = clock or Clock()
        self._twin: TwinHandle | None = None
        self._stations = list(bench.stations)
        self._cells = list(bench.cells)
        self._shown: tuple[StoredRun, CompiledProgram] | None = None
        self._publisher: Publisher | None = None
        # Made in `running`, in this order.
        self._store: Store
        self._writer: StoreWriter
        self._live: LivePicture
        self._link: SerialLink
        self._bridge: Bridge
        self._keeper: RunKeeper
        self._account: Account

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator["Daemon"]:
        """Run everything; at the end stop in order. The board goes on with its program."""
        async with contextlib.AsyncExitStack() as stack:
            self._store = open_store(self.data)
            stack.enter_context(data_lock(self.data))
            self._writer = StoreWriter(self._store.connect_writer)
            self._writer.start()
            stack.push_async_callback(asyncio.to_thread, self._writer.close)
            port = self._port
            if port == "twin":
                twin = await stack.enter_async_context(TwinHandle.start(self.bench.source.name))
                self._twin, port = twin, twin.port
            self._build(port)
            self._keeper.load()
            if self._keeper.active is not None:
                await self._set_speed(self._keeper.active.stored.accelerate)
                await self._move(self._keeper.whereabouts())
            self._link.start()
            stack.push_async_callback(asyncio.to_thread, self._link.close)
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
            tasks = [
                group.create_task(self._beats(), name="beats"),
                group.create_task(self._keeper.serve(), name="run"),
                group.create_task(serve(self, self.data), name="api"),
            ]
            if self._publisher is not None:
                tasks.append(group.create_task(self._publisher.run(), name="mqtt"))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    def status(self) -> Status:
        """What the bench is doing now."""
        active = self._keeper.active
        return Status(
            bench=self.bench.bench.name,
            time=datetime.fromtimestamp(self._clock.utc_ms() / 1000, UTC),
            data=str(self.data),
            link=self._bridge.link_status(self._link.state, self._keeper.report),
            run=self._run_status(active),
            stations=self._live.stations(),
            cells=self._cell_status(active),
            mqtt=self._mqtt_status(),
            storage=self._writer.trouble or "ok",
        )

    def summary(self, run: str | None) -> Summary:
        """The account of a run, the newest if None. DaemonError if there is none."""
        stored = find_run(self._store, run)
        if stored is None:
            raise DaemonError(
                f"there is no run {run}" if run else "there is no run yet",
                hint="`soakbench run PLAN` starts one",
            )
        return summarise(
            self._store,
            self._account,
            stored,
            self._program_of(stored),
            self._stations,
            self._bridge.boot,
        )

    async def start_run(self, request: StartRun) -> RunStatus:
        """Begin a run. The plan comes as text, so that the caller's file is the one that counts."""
        plan = parse_plan(request.plan_toml, request.plan)
        factor = plan.plan.accelerate if request.accelerate is None else request.accelerate
        if factor != 1 and self._twin is None and not self.bench.is_twin:
            raise ConfigError(
                f"{request.plan} is accelerated {factor:g} times",
                hint="acceleration is for the simulated bench only; set accelerate = 1",
            )
        await self._set_speed(factor)
        await self._keeper.start(plan, factor)
        status = self._run_status(self._keeper.active)
        assert status is not None
        return status

    async def confirm(self, request: Confirm) -> list[str]:
        """Release confirm barriers. On the simulated bench this moves the cells as well."""
        waiting = self._keeper.waiting()
        names = await self._keeper.confirm(request.track, request.note)
        active = self._keeper.active
        if active is not None:
            for place, name in waiting.items():
                track = active.program.tracks[place.track]
                station = track.steps[place.step].moves_to
                if name in names and station is not None:
                    await self._move(dict.fromkeys(track.cells, station))
        return names

    async def stop_run(self) -> None:
        """End the run: safe state."""
        await self._keeper.stop()

    async def wait_run_end(self) -> RunStatus:
        """Wait until there is no active run; the last one's status."""
        await self._keeper.ended.wait()
        status = self._run_status(None)
        assert status is not None
        return status

    # --- inside ---

    def _build(self, port: str) -> None:
        custody = Custody(self._store, self._writer, self._clock)
        self._live = LivePicture(self._stations, self._cells)
        self._bridge = Bridge(port, custody, self._live, self._clock)
        self._link = SerialLink(port, self._clock, self._bridge)
        custody.committed = self._link.committed
        device = Device(self._link)
        ledger = Ledger(self._store, self._writer, self._clock)
        self._keeper = RunKeeper(self.bench, ledger, self._clock, device, custody, self._beat)
        self._account = Account(self._store)
        self._bridge.attach(device, self._keeper, asyncio.get_running_loop())
        if self._broker is not None:
            self._publisher = Publisher(
                self._broker,
                self.bench.bench.name,
                self._store,
                self._writer,
                self.status,
                self._stations,
                self._cells,
            )

    async def _beats(self) -> None:
        while True:
            self._beat()
            await asyncio.sleep(min(self._lease_s() / BEATS_PER_LEASE, MOST_BEAT_S))

    def _beat(self) -> int | None:
        sent = self._link.beat(round(self._lease_s() * 1000))
        if sent is None:
            return None
        self._bridge.beat_sent(sent)
        return sent

    def _lease_s(self) -> float:
        active = self._keeper.active
        return DEFAULT_LEASE_S if active is None else active.program.lease_ms / 1000

    async def _move(self, station_of: dict[str, str]) -> None:
        """Move cells of the simulated bench, which has no hands of its own."""
        if self._twin is not None:
            for cell, station in station_of.items():
                await self._twin.command("move", cells=[cell], station=station)

    async def _set_speed(self, factor: float) -> None:
        if self._twin is not None:
            await self._twin.command("speed", factor=factor)

    def _run_status(self, active: ActiveRun | None) -> RunStatus | None:
        """The active run, or the newest one."""
        if active is not None:
            stored, program, state = active.stored, active.program, active.state
        else:
            newest = find_run(self._store, None)
            if newest is None:
                return None
            stored, program, state = newest, self._program_of(newest), newest.state
        report = self._keeper.report
        reports = report.tracks if report is not None and self._is_running(stored) else ()
        return RunStatus(
            run=stored.run,
            plan=stored.plan,
            title=stored.title,
            state=state,
            accelerate=stored.accelerate,
            started=stored.started,
            ended=stored.ended,
            tracks=[
                track_status(
                    program, n, reports[n] if n < len(reports) else None, stored.accelerate
                )
                for n in range(len(program.tracks))
            ],
            records=self._account.counts(
                stored.run, self._bridge.boot if active is not None else None
            ),
            message=stored.message,
        )

    def _is_running(self, stored: StoredRun) -> bool:
        """Whether what the board reports is about this run."""
        report = self._keeper.report
        return report is not None and report.program_id == program_id_of(stored)

    def _cell_status(self, active: ActiveRun | None) -> list[CellStatus]:
        track_of = {}
        if active is not None:
            track_of = {c: track.name for track in active.program.tracks for c in track.cells}
        return self._live.cells(track_of)

    def _mqtt_status(self) -> MqttStatus:
        if self._publisher is None:
            return MqttStatus(enabled=False, connected=False, broker="", backlog=0, published=0)
        return self._publisher.status()

    def _program_of(self, stored: StoredRun) -> CompiledProgram:
        if self._shown is None or self._shown[0].run != stored.run:
            self._shown = stored, program_of(stored, self.bench)
        return self._shown[1]


def _broker_of(bench: BenchConfig) -> Broker | None:
    if bench.mqtt is None:
        return None
    return Broker(bench.mqtt.host, bench.mqtt.port, bench.mqtt.username, bench.mqtt.password)
