"""Keeps the queue of runs, and begins what is next. All of it happens in the event loop."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from soakbench.clock import Clock, moment
from soakbench.config import BenchConfig, parse_cells, parse_plan
from soakbench.config.cells import CellSheet
from soakbench.errors import BenchFault, ConfigError, DaemonError, StoreError
from soakbench.run.keeper import RunKeeper
from soakbench.run.planned import Also, Planned
from soakbench.run.queue import (
    Entry,
    Situation,
    check_begin,
    clock_words,
    delay_words,
    wait_of_first,
    waits,
)
from soakbench.run.queue_ledger import Begin, QueueLedger
from soakbench.status import QueuedRun

LOOK_S = 2.0  # while something waits: for the end of a run, for the board, for a clock that is set

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Queued:
    """An entry, and whether it can run on this bench."""

    entry: Entry
    planned: Planned | None
    """None where plan or list of cells cannot be read (any more)."""
    unfit: str
    """Why it cannot run; empty if it can."""

    @property
    def zone(self) -> str | None:
        """Of the plan; None: the computer's."""
        return None if self.planned is None else self.planned.plan.plan.timezone


class RunQueue:
    """The plans that wait. `serve` begins them, where the daemon is not for one run only."""

    def __init__(
        self,
        bench: BenchConfig,
        ledger: QueueLedger,
        keeper: RunKeeper,
        clock: Clock,
        start: Callable[[Planned, Also], Awaitable[None]],
        is_served: bool,
    ) -> None:
        """`start` begins a run, or raises; `is_served`: whether `serve` will be called."""
        self._bench = bench
        self._ledger = ledger
        self._keeper = keeper
        self._clock = clock
        self._start = start
        self._queue: list[Queued] = []
        self._is_served = is_served
        self._stirred = asyncio.Event()
        self._one_change = asyncio.Lock()

    def load(self) -> None:
        """Read what waits, and check it: the bench file may be another one than it was."""
        self._queue = [self._checked(entry) for entry in self._ledger.entries()]

    async def put(self, planned: Planned, begin_utc_ms: int | None, who: str) -> QueuedRun:
        """Put a plan at the end. ConfigError if it does not fit the bench, DaemonError if it could
        not begin at its time."""
        if not self._is_served:
            raise DaemonError(
                "this daemon ends with its run and does not begin what is queued",
                hint="start `soakbench daemon` when it has ended, and put the plan in then",
            )
        planned.program(self._bench)
        async with self._one_change:
            now = self._clock.utc_ms()
            check_begin(begin_utc_ms, [each.entry for each in self._queue], now)
            entry = self._new(planned, begin_utc_ms, who, now)
            number = await self._ledger.put(entry, self._vouched_for())
            self._queue = [*self._queue, self._checked(replace(entry, number=number))]
        log.info("queue: number %d, %s, put in by %s", number, entry.plan, who)
        self._stirred.set()
        return self.status()[-1]

    async def remove(self, number: int, who: str) -> QueuedRun:
        """Take a plan out; what it was."""
        async with self._one_change:
            shown = next((each for each in self.status() if each.number == number), None)
            if shown is None:
                there = ", ".join(str(each.entry.number) for each in self._queue)
                raise DaemonError(
                    f"there is no number {number} in the queue",
                    hint=f"there is: {there}" if there else "nothing waits",
                )
            (gone,) = [each for each in self._queue if each.entry.number == number]
            await self._ledger.remove(gone.entry, who)
            self._queue = [each for each in self._queue if each is not gone]
        log.info("queue: number %d, %s, taken out by %s", number, shown.plan, who)
        self._stirred.set()
        return shown

    async def resume(self, who: str) -> list[QueuedRun]:
        """Let the queue go on after a run that was stopped or has failed; what waits now."""
        async with self._one_change:
            last = self._ledger.last_run()
            if not self._queue:
                hint = "`soakbench run PLAN --queue` puts a plan in"
                raise DaemonError("nothing waits in the queue", hint=hint)
            if last is None or not last.holds:
                first = self.status()[0]
                raise DaemonError(
                    "the queue does not wait for this",
                    hint=f"number {first.number}, {first.plan}: {first.why}",
                )
            await self._ledger.resume(last.run, who)
        log.info("queue: let go on after run %s by %s", last.run, who)
        self._stirred.set()
        return self.status()

    def status(self) -> list[QueuedRun]:
        """What waits, in order."""
        if not self._queue:
            return []
        why = waits([(each.entry, each.unfit) for each in self._queue], self._situation())
        return [
            QueuedRun(
                number=each.entry.number,
                plan=each.entry.plan if each.planned is None else each.planned.plan.plan.name,
                title="" if each.planned is None else each.planned.plan.plan.title,
                begin=None if (at := each.entry.begin_utc_ms) is None else moment(at),
                who=each.entry.who,
                queued=moment(each.entry.queued_utc_ms),
                why=wait.text,
                needs_person=wait.needs_person,
            )
            for each, wait in zip(self._queue, why, strict=True)
        ]

    async def serve(self) -> None:
        """Begin what is next when it is time, for ever."""
        while True:
            self._stirred.clear()
            try:
                await self._begin_next()
            except StoreError as error:
                log.error("%s", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s()):
                    await self._stirred.wait()

    # --- inside ---

    async def _begin_next(self) -> None:
        async with self._one_change:
            if not self._queue:
                return
            first, now = self._queue[0], self._situation()
            if wait_of_first(first.entry, first.unfit, now) is not None:
                return
            assert first.planned is not None
            try:
                await self._start(first.planned, self._also(first, now))
            except (DaemonError, BenchFault) as error:
                log.info("%s", error)  # somebody was quicker, or the board has gone; look again
                return
            except ConfigError as error:
                self._queue[0] = Queued(first.entry, first.planned, str(error))
                return
            self._queue = self._queue[1:]

    def _also(self, first: Queued, now: Situation) -> Also:
        """What is written with the run."""
        entry, zone = first.entry, first.zone
        begin = Begin(
            entry,
            clock_words(entry.queued_utc_ms, zone),
            now.last,
            delay_words(entry, now.last, now.now_utc_ms, zone),
        )
        return lambda connection, run: begin.write(connection, run, now.now_utc_ms)

    def _pause_s(self) -> float | None:
        """Until the next look; None: until something changes."""
        if not self._queue:
            return None
        begin_utc_ms = self._queue[0].entry.begin_utc_ms or 0
        left_s = (begin_utc_ms - self._clock.utc_ms()) / 1000
        return min(LOOK_S, left_s) if left_s > 0 else LOOK_S

    def _situation(self) -> Situation:
        obstacle = self._keeper.why_not_start()
        return Situation(
            self._clock.utc_ms(),
            self._ledger.last_run(),
            "" if obstacle is None else str(obstacle),
            self._is_served,
        )

    def _vouched_for(self) -> str | None:
        """The stopped or failed run after which whoever fills the empty queue lets it go on."""
        last = self._ledger.last_run()
        return last.run if last is not None and last.holds and not self._queue else None

    def _new(self, planned: Planned, begin_utc_ms: int | None, who: str, now_utc_ms: int) -> Entry:
        plan, cells = planned.plan.source, planned.cells.source
        return Entry(
            number=0,
            bench=self._bench.bench.name,
            plan=plan.name,
            plan_toml=plan.text,
            accelerate=planned.accelerate,
            cells=cells.name,
            cells_csv=cells.text,
            begin_utc_ms=begin_utc_ms,
            who=who,
            queued_utc_ms=now_utc_ms,
        )

    def _checked(self, entry: Entry) -> Queued:
        planned = None
        try:
            planned = _planned(entry)
            planned.program(self._bench)
        except ConfigError as error:
            return Queued(entry, planned, str(error))
        here = self._bench.bench.name
        unfit = "" if entry.bench == here else f"it is for bench {entry.bench}, and this is {here}"
        return Queued(entry, planned, unfit)


def _planned(entry: Entry) -> Planned:
    plan = parse_plan(entry.plan_toml, entry.plan)
    cells = parse_cells(entry.cells_csv, entry.cells) if entry.cells_csv else CellSheet()
    return Planned(plan, entry.accelerate, cells)
