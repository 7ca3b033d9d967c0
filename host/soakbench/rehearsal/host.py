"""The computer of a rehearsal: the daemon's real parts in virtual time, life after life."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from soakbench.clock import Clock
from soakbench.config import BenchConfig
from soakbench.daemon.engine import Engine
from soakbench.errors import StoreError
from soakbench.link import LinkOwner
from soakbench.rehearsal.ids import Ids
from soakbench.rehearsal.link import Cable, VirtualLink
from soakbench.rehearsal.publisher import Broker, RecordingPublisher
from soakbench.rehearsal.virtual_loop import World
from soakbench.rehearsal.writer import VirtualWriter
from soakbench.store import Store

EPOCH_UTC_MS = 1_767_225_600_000  # 2026-01-01, when a rehearsal begins that says nothing else
RESTART_MS = 1000  # what a daemon takes to be back after it was killed
PORT = "the simulated cable"


class HostClock(Clock):
    """The computer's clocks, by the time of the world."""

    def __init__(self, world: World, start_utc_ms: int = EPOCH_UTC_MS) -> None:
        self._world = world
        self._start_utc_ms = start_utc_ms
        self._set_by_ms = 0

    def monotonic_ms(self) -> int:
        return self._world.now_ms

    def utc_ms(self) -> int:
        return self._start_utc_ms + self._set_by_ms + self._world.now_ms

    def set_by(self, ms: int) -> None:
        """Somebody sets the time of day."""
        self._set_by_ms += ms


@dataclass(frozen=True)
class Outside:
    """What a daemon finds when it starts, and what outlives it."""

    bench: BenchConfig
    store: Store
    clock: HostClock
    cable: Cable
    ids: Ids
    broker: Broker


class Life:
    """One daemon, from its start to its death."""

    def __init__(self, outside: Outside, on_trouble: Callable[[sqlite3.Error], None]) -> None:
        """To be made in the event loop that will run it."""
        self._outside = outside
        store = outside.store
        self._writer = VirtualWriter(store, outside.ids.commits, on_trouble)
        self._publisher = RecordingPublisher(
            outside.broker, outside.bench.bench.name, store, self._writer
        )
        self.link: VirtualLink
        self.engine = Engine(
            outside.bench,
            store,
            self._writer,
            outside.clock,
            PORT,
            self._make_link,
            outside.ids.run_suffix,
        )

    async def run(self, work: "Work") -> None:
        """Live until cancelled, and do `work` meanwhile."""
        self.engine.load()
        self.link.start()
        async with asyncio.TaskGroup() as group:
            self.engine.tasks(group)
            group.create_task(self._publisher.run(), name="mqtt")
            group.create_task(work(self), name="work")

    async def close(self) -> None:
        """Publish what waits, write what is queued, and close the port."""
        await self._publisher.drain()
        await asyncio.wrap_future(self._writer.submit(lambda _: None))  # jobs end in their order
        self.link.close()

    def die(self) -> None:
        """As by `kill -9`: nothing is cleaned up, and what is not committed is gone."""
        self.link.die()
        self._writer.die()

    def _make_link(self, owner: LinkOwner) -> VirtualLink:
        outside = self._outside
        self.link = VirtualLink(outside.cable, outside.clock, owner, outside.ids.next_session)
        return self.link


Work = Callable[[Life], Coroutine[None, None, None]]


class Computer:
    """Starts the daemon, and starts it again whenever it was killed. Lives in the event loop."""

    def __init__(self, outside: Outside, work: Work) -> None:
        """`work` is done in each life anew. To be made in the event loop that will run it."""
        self._outside = outside
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._off_until_ms = 0
        self._life: Life | None = None
        self._task: asyncio.Task[None] | None = None
        self.broken: asyncio.Future[None] = self._loop.create_future()
        """Fails with what a daemon has ended of by itself."""
        self.lives = 0

    def start(self) -> None:
        """Start the daemon, if the computer is on and it is not running."""
        if self._life is not None or self._outside.clock.monotonic_ms() < self._off_until_ms:
            return
        self.lives += 1
        self._life = Life(self._outside, self._disk_trouble)
        self._task = self._loop.create_task(self._life.run(self._work), name="daemon")
        self._task.add_done_callback(self._ended)

    def kill(self, off_ms: int = RESTART_MS) -> None:
        """`kill -9`; the daemon is back after `off_ms`."""
        until_ms = self._outside.clock.monotonic_ms() + off_ms
        self._off_until_ms = max(self._off_until_ms, until_ms)
        self._end()
        self._loop.call_later(off_ms / 1000, self.start)

    async def shut_down(self) -> None:
        """The daemon's orderly end."""
        if self._life is not None:
            await self._life.close()
        self._end()

    def arrived(self, data: bytes) -> None:
        """Bytes from the board."""
        if self._life is not None:
            self._life.link.arrived(data)

    def lost(self, cause: str) -> None:
        """The port that the daemon has open is gone."""
        if self._life is not None:
            self._life.link.lost(cause)

    def _end(self) -> None:
        if self._life is not None:
            self._life.die()
        if self._task is not None:
            self._task.remove_done_callback(self._ended)
            self._task.cancel()
        self._life = self._task = None

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """By itself, which no daemon should; cancelled it is when the loop ends, as by Ctrl-C."""
        if not task.cancelled():
            self._fail(task.exception() or RuntimeError("the daemon has ended by itself"))

    def _disk_trouble(self, error: sqlite3.Error) -> None:
        path = self._outside.store.path
        self._fail(StoreError(f"cannot write to {path}: {error}", hint="is the disk full?"))

    def _fail(self, error: BaseException) -> None:
        if not self.broken.done():
            self.broken.set_exception(error)
