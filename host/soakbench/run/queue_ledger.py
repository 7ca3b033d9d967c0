"""What the database keeps of the queue. Each change is on disk when its call returns."""

import asyncio
import sqlite3
from dataclasses import astuple, dataclass

from soakbench.clock import Clock
from soakbench.run.queue import Entry, LastRun
from soakbench.store import Job, Store, Writer
from soakbench.store.notes import add_note

_COLUMNS = "bench, plan, plan_toml, accelerate, cells, cells_csv, begin_utc_ms, who, queued_utc_ms"


class QueueLedger:
    """Writes go through the store's writer, in order; reads see what is committed."""

    def __init__(self, store: Store, writer: Writer, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock

    def entries(self) -> list[Entry]:
        """The plans that wait, in order."""
        rows = self._store.rows(f"SELECT number, {_COLUMNS} FROM queue ORDER BY number")
        return [Entry(*row) for row in rows]

    def last_run(self) -> LastRun | None:
        """The newest run, whatever its state."""
        rows = self._store.rows(
            "SELECT run.run, state, ended_utc_ms, q.utc_ms, coalesce(q.who, '') FROM run"
            " LEFT JOIN queue_resumed AS q ON q.run = run.run"
            " ORDER BY created_utc_ms DESC LIMIT 1"
        )
        return LastRun(*rows[0]) if rows else None

    async def put(self, entry: Entry, resumes: str | None) -> int:
        """Put in a new entry, whatever its number says; its number. Whoever puts it in also lets
        the queue go on after run `resumes`."""
        _, *values = astuple(entry)

        def insert(connection: sqlite3.Connection) -> int:
            marks = ",".join("?" * len(values))
            made = connection.execute(f"INSERT INTO queue ({_COLUMNS}) VALUES ({marks})", values)
            number = made.lastrowid
            assert number is not None
            text = f"number {number}, {entry.plan}, put in"
            add_note(connection, entry.queued_utc_ms, None, "queue", text, who=entry.who)
            if resumes is not None:
                _resume(connection, resumes, entry.queued_utc_ms, entry.who)
            return number

        number = await self._do(insert)
        assert isinstance(number, int)
        return number

    async def remove(self, entry: Entry, who: str) -> None:
        """Take an entry out."""
        now = self._clock.utc_ms()

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM queue WHERE number = ?", (entry.number,))
            text = f"number {entry.number}, {entry.plan}, taken out"
            add_note(connection, now, None, "queue", text, who=who)

        await self._do(delete)

    async def resume(self, run: str, who: str) -> None:
        """Let the queue go on after `run`, which has not finished."""
        now = self._clock.utc_ms()
        await self._do(lambda c: _resume(c, run, now, who))

    async def _do(self, job: Job) -> object:
        return await asyncio.wrap_future(self._writer.submit(job))


def _resume(connection: sqlite3.Connection, run: str, utc_ms: int, who: str) -> None:
    connection.execute("INSERT OR REPLACE INTO queue_resumed VALUES (?,?,?)", (run, utc_ms, who))


@dataclass(frozen=True)
class Begin:
    """What the journal of a run says that comes from the queue."""

    entry: Entry
    queued: str
    """When it was put in, as clocks showed it."""
    last: LastRun | None
    late: str | None
    """Of a delay."""

    def write(self, connection: sqlite3.Connection, run: str, utc_ms: int) -> None:
        """The entry has become `run`: it leaves the queue in the same transaction."""
        entry, last = self.entry, self.last
        connection.execute("DELETE FROM queue WHERE number = ?", (entry.number,))
        text = f"begun from the queue, put in as number {entry.number} on {self.queued}"
        add_note(connection, utc_ms, run, "queue", text, who=entry.who)
        if last is not None and last.resumed_utc_ms is not None:
            text = f"the queue was let go on after {last.end_in_words}"
            add_note(connection, utc_ms, run, "queue", text, who=last.resumed_by)
        if self.late is not None:
            add_note(connection, utc_ms, run, "queue", self.late)
