"""What the database keeps of a run beside its records: state, boots, progress, notes."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path

from soakbench.clock import Clock, moment
from soakbench.config import BenchConfig
from soakbench.config.cells import CellFacts, with_devices
from soakbench.plan import CompiledProgram
from soakbench.run.account import Stretch
from soakbench.run.comeback import LastSeen
from soakbench.run.evidence import Follower
from soakbench.run.machine import Place, Progress
from soakbench.run.orders import Orders
from soakbench.run.planned import Also
from soakbench.run.sign_reader import SignReader
from soakbench.run.summary import StoredRun, find_run
from soakbench.run.troubles import TrackEvent
from soakbench.status import RunState
from soakbench.store import Store, Writer
from soakbench.store.devices import add_devices, read_devices
from soakbench.store.findings import StoredFinding, read_findings
from soakbench.store.notes import add_note

log = logging.getLogger(__name__)


class Ledger:
    """Writes go through the store's writer, in order; reads see what is committed."""

    def __init__(self, store: Store, writer: Writer, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock

    @property
    def store(self) -> Store:
        """To read from."""
        return self._store

    def newest(self) -> StoredRun | None:
        """The newest run, whatever its state."""
        return find_run(self._store, None)

    def free_name(self, plan: str, new_suffix: Callable[[], str]) -> str:
        """A name for a run of now that no run and no folder has."""
        begin = f"{moment(self._clock.utc_ms()):%Y%m%d-%H%M%S}-{plan}"
        while True:
            name = f"{begin}-{new_suffix()}"
            if find_run(self._store, name) is None and not self.folder(name).exists():
                return name

    async def create(
        self, run: StoredRun, begin: Stretch, devices: Mapping[str, CellFacts], also: Also
    ) -> None:
        """A new run, whose records on the present boot are those from `begin` on.

        Some of those may be on disk already: `begin` is from the board's last report.
        """
        row = (run.run, run.plan, run.title, run.plan_toml, run.bench_toml, run.accelerate)
        first = (begin.device, begin.boot, begin.first_seq)

        def insert(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
                " state, created_utc_ms) VALUES (?,?,?,?,?,?,?,?,?)",
                (*row, run.program_id, run.state, run.created_utc_ms),
            )
            connection.execute(
                "INSERT INTO run_boot VALUES (?,?,?,?,?)", (run.run, *first, begin.end_seq)
            )
            connection.execute(
                "UPDATE record SET run = ? WHERE device = ? AND boot = ? AND seq >= ?",
                (run.run, *first),
            )
            add_devices(connection, run.run, devices)
            also(connection, run.run)

        await asyncio.wrap_future(self._writer.submit(insert))

    def started(self, run: str, utc_ms: int) -> None:
        """All tracks are under way."""
        self._update("state = 'running', started_utc_ms = ?", run, utc_ms)

    def stopping(self, run: str) -> None:
        """The run is to be ended; this outlives the daemon."""
        self._update("state = 'stopping'", run)

    def ended(self, run: str, state: RunState, message: str, then: Callable[[], None]) -> None:
        """The run has ended; `then` is called in the event loop once that is on disk."""
        loop = asyncio.get_running_loop()
        now = self._clock.utc_ms()
        future = self._writer.submit(
            lambda c: c.execute(
                "UPDATE run SET state = ?, message = ?, ended_utc_ms = ? WHERE run = ?",
                (state, message, now, run),
            )
        )
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(then))

    def boots(self, run: str) -> set[str]:
        """The boots that have taken part in `run`."""
        rows = self._store.rows("SELECT boot FROM run_boot WHERE run = ?", (run,))
        return {row["boot"] for row in rows}

    def produced(self, run: str, device: str, boot: str, newest_seq: int) -> "Future[object]":
        """The records of `boot` before `newest_seq` belong to `run`; done when on disk."""
        row = (run, device, boot, 0, newest_seq)
        return self._writer.submit(
            lambda c: c.execute(
                "INSERT INTO run_boot VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE"
                " SET end_seq = max(end_seq, excluded.end_seq)",
                row,
            )
        )

    def progress(self, run: str, program: CompiledProgram) -> dict[int, Progress]:
        """How far each track is; a track that is done is past its last step."""
        progress = {}
        for row in self._store.rows(
            "SELECT track, step, cycle, delivered, dose, elapsed_ms, state FROM progress"
            " WHERE run = ?",
            (run,),
        ):
            track, *at, state = row
            if state == "done":
                at = [len(program.tracks[track].steps), 0, 0, 0, 0]
            progress[track] = Progress(*at)
        return progress

    def last_seen(self, run: str) -> dict[int, LastSeen]:
        """The last record of each track, and whether a pause it stands in ends by itself."""
        rows = self._store.rows(
            "SELECT p.track, p.t_utc_ms, p.state, coalesce((SELECT b FROM event AS e"
            " WHERE e.run = p.run AND e.event = 'paused' AND e.track = p.track"
            " ORDER BY e.t_utc_ms DESC, e.seq DESC LIMIT 1), 0) AS held"
            " FROM progress AS p WHERE p.run = ?",
            (run,),
        )
        return {
            row["track"]: LastSeen(row["t_utc_ms"], row["state"], bool(row["held"])) for row in rows
        }

    def barrier_began(self, run: str, place: Place) -> int | None:
        """When a track has first come to a barrier, in UTC; None if that is not on disk yet."""
        rows = self._store.rows(
            "SELECT min(t_utc_ms) AS t FROM event WHERE run = ? AND event = 'barrier'"
            " AND track = ? AND step = ? AND cycle = ?",
            (run, place.track, place.step, place.cycle),
        )
        return None if rows[0]["t"] is None else int(rows[0]["t"])

    def events_at(self, run: str, place: Place) -> list[TrackEvent]:
        """What the board has recorded of a track's passage through a step, in order of time."""
        rows = self._store.rows(
            "SELECT event, t_utc_ms, b, device, boot, seq FROM event WHERE run = ?"
            " AND track = ? AND step = ? AND cycle = ? ORDER BY t_utc_ms, boot, seq",
            (run, place.track, place.step, place.cycle),
        )
        return [TrackEvent(*row) for row in rows]

    def open_findings(self, run: str) -> list[StoredFinding]:
        """What contradicts the commanded condition now."""
        return read_findings(self._store, run, only_open=True)

    def told_how_often(self, run: str, kind: str, text: str) -> int:
        """How many notes of the run say exactly this."""
        (row,) = self._store.rows(
            "SELECT count(*) AS n FROM note WHERE run = ? AND kind = ? AND text = ?",
            (run, kind, text),
        )
        return int(row["n"])

    def sign_reader(self) -> SignReader:
        """Reads what sensors tell at confirms."""
        return SignReader(self._store)

    async def jv_pending(self, run: str, place: Place, cells: list[str]) -> None:
        """A sweep of `cells` is due at `place`."""
        now = self._clock.utc_ms()
        rows = [(run, place.track, place.step, place.cycle, cell, now) for cell in cells]

        def insert(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR IGNORE INTO jv VALUES (?,?,?,?,?,?,'pending')", rows)

        await asyncio.wrap_future(self._writer.submit(insert))

    def orders(self, run: str) -> Orders:
        """What people have ordered of `run`."""
        return Orders(run, self._store, self._writer, self._clock)

    def note(
        self, run: str | None, kind: str, text: str, deviation: bool = False, who: str = ""
    ) -> None:
        """Write down what happened; a deviation is listed in the account of the run."""
        log.info("%s: %s", kind, text)
        now = self._clock.utc_ms()
        self._writer.submit(lambda c: add_note(c, now, run, kind, text, deviation, who))

    def evidence(self, run: str, bench: BenchConfig, program: CompiledProgram) -> Follower:
        """Whoever judges the records of `run` against its plan."""
        there = with_devices(bench, read_devices(self._store, run))
        return Follower(self._writer, run, there, program)

    def folder(self, run: str) -> Path:
        """Where the copies of plan and bench lie."""
        return self._store.path.parent / "runs" / run

    def keep_copies(self, run: StoredRun, cells_csv: str) -> None:
        """Plan, bench and list of cells as files, for people."""
        folder = self.folder(run.run)
        texts = {"plan.toml": run.plan_toml, "bench.toml": run.bench_toml, "cells.csv": cells_csv}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in texts.items():
                if text:
                    (folder / name).write_text(text, "utf-8")
        except OSError as error:
            # The database holds what they say.
            log.warning("no copies of plan and bench in %s: %s", folder, error)

    def _update(self, what: str, run: str, *values: object) -> None:
        self._writer.submit(
            lambda c: c.execute(f"UPDATE run SET {what} WHERE run = ?", (*values, run))
        )
