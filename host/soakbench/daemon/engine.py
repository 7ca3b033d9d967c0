"""What runs a bench: link, custody, run machine and the account of it.

This part of the daemon takes part in virtual time: it opens no socket and starts no thread. Which
link and which writer it works with is up to whoever makes it: the daemon gives it one in a thread
each, a rehearsal gives it others.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from soakbench.clock import Clock, moment
from soakbench.config import BenchConfig, parse_bench
from soakbench.daemon import clearing, steering
from soakbench.daemon.bridge import Bridge
from soakbench.daemon.heart import Heart
from soakbench.device import Custody, Device
from soakbench.errors import DaemonError
from soakbench.link import Link, LinkOwner
from soakbench.plan import CompiledProgram
from soakbench.plan.board_config import LOAD_CODES
from soakbench.run.account import Account
from soakbench.run.active import program_id_of, program_of
from soakbench.run.evidence.status import finding_status
from soakbench.run.goals import Goals, read_extended
from soakbench.run.keeper import RunKeeper
from soakbench.run.ledger import Ledger
from soakbench.run.live import LivePicture, track_status
from soakbench.run.planned import Also, Planned, random_suffix
from soakbench.run.queue_keeper import RunQueue
from soakbench.run.queue_ledger import QueueLedger
from soakbench.run.summary import StoredRun, find_run, summarise
from soakbench.status import (
    CellStatus,
    Clear,
    Extend,
    FindingStatus,
    LinkStatus,
    Note,
    Order,
    RunStatus,
    StationStatus,
    Summary,
)
from soakbench.store import Store, Writer
from soakbench.store.findings import read_findings
from soakbench.store.notes import add_note
from soakbench.store.wear import WARN_SHARE, WEAR_SQL, Wired, know_bench, relay_wear

DEFAULT_LEASE_S = 30.0

MakeLink = Callable[[LinkOwner], Link]
SetSpeed = Callable[[float], Awaitable[None]]


async def _in_real_time(_: float) -> None:
    """Of a bench whose cells live as fast as everybody's."""


class Engine:
    """One bench, from its serial line to the account of its runs."""

    def __init__(
        self,
        bench: BenchConfig,
        store: Store,
        writer: Writer,
        clock: Clock,
        port: str,
        make_link: MakeLink,
        new_suffix: Callable[[], str] = random_suffix,
        set_speed: SetSpeed = _in_real_time,
        serves_queue: bool = True,
    ) -> None:
        """To be made in the event loop that will run it; `port` is for messages, `new_suffix` makes
        the names of runs unique, `set_speed` is told before a run how fast its cells are to live.
        Without `serves_queue` nothing that is queued begins.
        """
        self._bench = bench
        self._store = store
        self._writer = writer
        self._clock = clock
        self._stations = list(bench.stations)
        self._shown: tuple[StoredRun, CompiledProgram] | None = None
        self._custody = Custody(store, writer, clock)
        self._live = LivePicture(self._stations, list(bench.cells))
        self._bridge = Bridge(port, self._custody, self._live, clock)
        self.link = make_link(self._bridge)
        self._custody.committed = self.link.committed
        self._custody.not_stored = self.link.not_stored
        device = self._device = Device(self.link)
        ledger = Ledger(store, writer, clock)
        self.keeper = RunKeeper(bench, ledger, clock, device, self._custody, self._beat, new_suffix)
        self._set_speed = set_speed
        queue_ledger = QueueLedger(store, writer, clock)
        self.queue = RunQueue(bench, queue_ledger, self.keeper, clock, self._start, serves_queue)
        """The plans that wait."""
        self._serves_queue = serves_queue
        self._heart = Heart(clock, self._beat, self._lease_s, self.keeper.is_ending)
        self._account = Account(store)
        self._bridge.attach(device, self.keeper, asyncio.get_running_loop(), self._heart.hurry)

    def load(self) -> None:
        """Take up the run that was going. Call before the link is started."""
        bench = self._bench
        cells = [
            Wired(name, LOAD_CODES[cell.rest], LOAD_CODES[cell.power_off])
            for name, cell in bench.cells.items()
        ]
        self._writer.submit(
            lambda c: know_bench(c, bench.bench.name, bench.relays.rated_cycles, cells)
        )
        self.keeper.load()
        self.queue.load()

    def tasks(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start what runs for ever; whoever started it cancels it."""
        tasks = [
            group.create_task(self._heart.run(), name="beats"),
            group.create_task(self.keeper.serve(), name="run"),
        ]
        if self._serves_queue:
            tasks.append(group.create_task(self.queue.serve(), name="queue"))
        return tasks

    async def start_run(self, planned: Planned, who: str = "") -> RunStatus:
        """Begin a run."""
        now = self._clock.utc_ms()

        def begun(connection: sqlite3.Connection, run: str) -> None:
            if who:
                add_note(connection, now, run, "run", "begun", who=who)

        await self._start(planned, begun)
        status = self.run_status()
        assert status is not None
        return status

    async def confirm(
        self, track: str | None, note: str, who: str = ""
    ) -> tuple[list[str], dict[str, str]]:
        """Release confirm barriers: their tracks, and where which cells have been moved to."""
        waiting = self.keeper.waiting()
        names = await self.keeper.confirm(track, note, who)
        moved: dict[str, str] = {}
        active = self.keeper.active
        if active is not None:
            for place, name in waiting.items():
                entry = active.program.tracks[place.track]
                station = entry.steps[place.step].moves_to
                if name in names and station is not None:
                    moved |= dict.fromkeys(entry.cells, station)
        return names, moved

    async def clear(self, request: Clear) -> None:
        """Clear latched faults of a station."""
        await clearing.clear(request, self._stations, self._device, self.keeper)

    async def stop_run(self, request: Order) -> None:
        """End the run: safe state."""
        await steering.stop(request, self.keeper)

    async def pause(self, request: Order) -> list[str]:
        """Let tracks wait; the names of those that do."""
        return await steering.pause(request, self.keeper)

    async def resume(self, request: Order) -> list[str]:
        """Let tracks go on; their names."""
        return await steering.resume(request, self.keeper, self._device)

    async def skip(self, request: Order) -> str:
        """End a track's phase; what was skipped, in words."""
        return await steering.skip(request, self.keeper)

    async def extend(self, request: Extend) -> str:
        """Give a track's phase another goal; what was done, in words."""
        return await steering.extend(request, self.keeper)

    def note(self, request: Note) -> None:
        """Keep what somebody says, with the run."""
        steering.note(request, self.keeper)

    async def wait_run_end(self) -> RunStatus:
        """Wait until there is no active run; the last one's status."""
        await self.keeper.ended.wait()
        status = self.run_status()
        assert status is not None
        return status

    # --- what it shows ---

    def watched(self) -> None:
        """Somebody looks at what it shows, which is to be fresh for a while."""
        self._heart.watched()

    def now(self) -> datetime:
        """The time of day."""
        return datetime.fromtimestamp(self._clock.utc_ms() / 1000, UTC)

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
            self._bench_then(stored),
            self._bridge.boot,
        )

    def link_status(self) -> LinkStatus:
        """The link, and how well the board's clock is known."""
        status = self._bridge.link_status(self.link.state, self.keeper.report)
        clock = {
            "clock_error_ms": self._custody.clock_error_ms,
            "drift_ppm": self._custody.drift_ppm,
        }
        return status.model_copy(update=clock)

    def station_status(self) -> list[StationStatus]:
        """What is known of the stations."""
        return self._live.stations()

    def worn_relays(self) -> list[str]:
        """Relays of this bench that have most of their rated life behind them."""
        known = relay_wear(tuple(row) for row in self._store.rows(WEAR_SQL))
        return [
            f"{relay.name} {relay.share:.0%}"
            for relay in known
            if relay.bench == self._bench.bench.name and relay.share >= WARN_SHARE
        ]

    def findings(self) -> list[FindingStatus]:
        """What contradicts the commanded condition now."""
        active = self.keeper.active
        if active is None:
            return []
        return finding_status(read_findings(self._store, active.stored.run, only_open=True))

    def cell_status(self) -> list[CellStatus]:
        """What is known of the cells."""
        active = self.keeper.active
        track_of = {}
        if active is not None:
            track_of = {c: track.name for track in active.program.tracks for c in track.cells}
        return self._live.cells(track_of)

    def run_status(self) -> RunStatus | None:
        """The active run, or the newest one."""
        active = self.keeper.active
        if active is not None:
            stored, program, state = active.stored, active.program, active.state
        else:
            newest = find_run(self._store, None)
            if newest is None:
                return None
            stored, program, state = newest, self._program_of(newest), newest.state
        report = self.keeper.report
        pauses = active.orders.pauses if active is not None else {}
        waits = {}
        if active is not None and self.keeper.own_report is not None:
            pending = active.waits.pending(self.keeper.own_report)
            waits = {place.track: moment(end_ms) for place, end_ms in pending.items()}
        reports = report.tracks if report is not None and self._is_running(stored) else ()
        orders = None if active is None else active.orders
        extended = orders.extended if orders else read_extended(self._store, stored.run)
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
                    Goals(program, extended),
                    n,
                    reports[n] if n < len(reports) else None,
                    pauses.get(n),
                    waits.get(n),
                )
                for n in range(len(program.tracks))
            ],
            records=self._account.counts(
                stored.run, self._bridge.boot if active is not None else None
            ),
            message=stored.message,
        )

    # --- inside ---

    async def _start(self, planned: Planned, also: Also) -> None:
        obstacle = self.keeper.why_not_start()
        if obstacle is not None:
            raise obstacle
        await self._set_speed(planned.accelerate)
        await self.keeper.start(planned, also)

    def _beat(self) -> int | None:
        sent = self.link.beat(round(self._lease_s() * 1000))
        if sent is None:
            return None
        self._bridge.beat_sent(sent)
        return sent

    def _lease_s(self) -> float:
        active = self.keeper.active
        return DEFAULT_LEASE_S if active is None else active.program.lease_ms / 1000

    def _is_running(self, stored: StoredRun) -> bool:
        """Whether what the board reports is about this run."""
        report = self.keeper.report
        return report is not None and report.program_id == program_id_of(stored)

    def _bench_then(self, stored: StoredRun) -> BenchConfig:
        """As it was when `stored` began: since then, cells may have been mapped anew."""
        if stored.bench_toml == self._bench.source.text:
            return self._bench
        return parse_bench(stored.bench_toml, f"bench file of run {stored.run}")

    def _program_of(self, stored: StoredRun) -> CompiledProgram:
        if self._shown is None or self._shown[0].run != stored.run:
            self._shown = stored, program_of(stored, self._bench_then(stored))
        return self._shown[1]
