"""The writer in virtual time: one connection, no thread, and commits that take their time."""

import asyncio
import random
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future

from soakbench.store import Job, Store
from soakbench.store.transaction import resolve, transact

MOST_JOBS = 2000
_SLOW_SHARE = 0.02  # of all commits: the disk does something else
_QUICK_MS = (2, 9)
_SLOW_MS = (20, 600)

_Queued = tuple[Job, "Future[object]"]


class VirtualWriter:
    """A `Writer`. While a commit takes its time, new jobs gather, as they do for the thread.

    A database that cannot be written is no part of a rehearsal: `on_trouble` is told of it once.
    """

    def __init__(
        self, store: Store, chance: random.Random, on_trouble: Callable[[sqlite3.Error], None]
    ) -> None:
        """To be made in the event loop that will run it."""
        self._connection = store.connect_writer()
        # What a crash of this computer would lose is rehearsed anew.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._chance = chance
        self._on_trouble = on_trouble
        self._loop = asyncio.get_running_loop()
        self._waiting: list[_Queued] = []
        self._batch: list[_Queued] = []
        self._commit: asyncio.Handle | None = None  # under way, or about to begin
        self._is_open = True

    def submit(self, job: Job) -> "Future[object]":
        """As `Writer.submit`; after `die` the future never resolves."""
        future: Future[object] = Future()
        future.set_running_or_notify_cancel()
        if self._is_open:
            self._waiting.append((job, future))
            self._begin_soon()
        return future

    def die(self) -> None:
        """The process is gone, and with it all that is not committed."""
        self._is_open = False
        self._waiting, self._batch = [], []
        if self._commit is not None:
            self._commit.cancel()
        self._connection.close()

    def _begin_soon(self) -> None:
        """Take with it what else is submitted at this instant."""
        if self._commit is None and self._waiting:
            self._commit = self._loop.call_soon(self._begin)

    def _begin(self) -> None:
        self._batch, self._waiting = self._waiting[:MOST_JOBS], self._waiting[MOST_JOBS:]
        self._commit = self._loop.call_later(self._latency_ms() / 1000, self._end)

    def _end(self) -> None:
        """The commit is through: what it took with it is safe."""
        self._commit = None
        batch, self._batch = self._batch, []
        try:
            results = transact(self._connection, [job for job, _ in batch])
        except sqlite3.Error as error:
            self._on_trouble(error)
            return
        resolve([future for _, future in batch], results)
        self._begin_soon()

    def _latency_ms(self) -> int:
        is_slow = self._chance.random() < _SLOW_SHARE
        return self._chance.randint(*(_SLOW_MS if is_slow else _QUICK_MS))
