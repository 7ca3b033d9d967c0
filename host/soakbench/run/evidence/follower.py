"""Follows the records of a run in the database and writes down what the judge finds.

It reads what is committed, in the order of the records, so it does not matter when they arrived or
how often the daemon died: a daemon that takes a run up judges it from its first record again, and
finds what is known already (`keep_finding`).
"""

import logging
import sqlite3
from concurrent.futures import Future

from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram
from soakbench.run.evidence.finding import Finding, Moment
from soakbench.run.evidence.judge import Judge
from soakbench.store import Writer
from soakbench.store.findings import StoredFinding, keep_finding
from soakwire import records
from soakwire.layout import LayoutError
from soakwire.slots import Record

AT_ONCE = 2000  # records in one job, about 50 ms: commits of new ones must not wait long

# What the board had told of devices and cells before the run began still holds.
_STANDING = (
    records.EV_DEVICE,
    records.EV_SC_VOLTAGE,
    records.EV_OC_CURRENT,
    records.EV_AS_COMMANDED,
)

log = logging.getLogger(__name__)


class Follower:
    """Judges one run. Its jobs run in the writer's thread, one after the other."""

    def __init__(
        self, writer: Writer, run: str, bench: BenchConfig, program: CompiledProgram
    ) -> None:
        self._writer = writer
        self._run = run
        self._judge = Judge(bench, program)
        self._at: tuple[str, str] | None = None  # device and boot
        self._next_seq = 0
        self._under_way: Future[object] | None = None
        self._unkept: list[Finding] = []
        """Not known to be on disk: a transaction may be undone after its jobs have run."""

    def follow(self) -> "Future[object]":
        """Judge what has been stored since, job by job. While the disk takes nothing, what waits
        for it does not grow."""
        if self._under_way is None or self._under_way.done():
            self._under_way = self._submit(AT_ONCE)
        return self._under_way

    def finish(self) -> "Future[object]":
        """Judge all that is stored; the run has ended."""
        return self._submit(None)

    def _submit(self, most: int | None) -> "Future[object]":
        future = self._writer.submit(lambda connection: self._step(connection, most))
        future.add_done_callback(self._done)
        return future

    # --- in the writer's thread ---

    def _done(self, written: "Future[object]") -> None:
        error = written.exception()
        if error is not None:
            log.error("evidence was not judged: %s", error)
            return
        self._unkept.clear()
        if written.result():
            self._under_way = self._submit(AT_ONCE)

    def _step(self, connection: sqlite3.Connection, most: int | None) -> bool:
        """One job; whether there may be more to judge. Without `most` it is the last one.

        Records never change, so what the judge has taken in stays true if this is undone; what it
        has found is written again then.
        """
        is_behind = self._read(connection, most)
        if most is None:
            self._judge.finish()
        self._unkept += self._judge.changed()
        for finding in self._unkept:
            stored = _stored(self._run, finding)
            if keep_finding(connection, stored):
                level = logging.WARNING if stored.deviation else logging.INFO
                log.log(level, "%s: %s", stored.rule, stored.text)
        return is_behind

    def _read(self, connection: sqlite3.Connection, most: int | None) -> bool:
        """Judge at most so many records, of a boot that is over all before those of the next;
        whether it were as many."""
        boots = _boots(connection, self._run)
        begin = 0 if self._at is None else [boot[:2] for boot in boots].index(self._at)
        for device, boot, first_seq in boots[begin:]:
            if (device, boot) != self._at:
                self._at, self._next_seq = (device, boot), first_seq
                self._take(_before(connection, device, boot, first_seq))
            from_here = (device, boot, self._next_seq)
            rows = _rows(connection, self._run, from_here, self._judge.kinds, most)
            self._take(rows)
            if most is not None:
                most -= len(rows)
                if most <= 0:
                    return True
        return False

    def _take(self, rows: list[tuple[int, bytes, int, int]]) -> None:
        assert self._at is not None
        for seq, slot, t_ms, utc_ms in rows:
            self._next_seq = max(self._next_seq, seq + 1)
            try:
                self._judge.take(Record(slot, seq), Moment(*self._at, seq, t_ms, utc_ms))
            except LayoutError as error:
                log.warning("record %d is no evidence: %s", seq, error)


def _boots(connection: sqlite3.Connection, run: str) -> list[tuple[str, str, int]]:
    """The boots of the run in order, with the first record of each that belongs to it."""
    return connection.execute(
        "SELECT device, boot, first_seq FROM run_boot JOIN boot USING (device, boot) WHERE run = ?"
        " ORDER BY seen_utc_ms, boot",
        (run,),
    ).fetchall()


def _rows(
    connection: sqlite3.Connection,
    run: str,
    begin: tuple[str, str, int],
    kinds: list[str],
    most: int | None,
) -> list[tuple[int, bytes, int, int]]:
    # The + keeps SQLite with the primary key, in whose order the records are wanted.
    return connection.execute(
        "SELECT seq, slot, t_device_ms, t_utc_ms FROM record WHERE device = ? AND boot = ?"
        f" AND seq >= ? AND +run = ? AND +kind IN ({','.join('?' * len(kinds))})"
        " ORDER BY seq LIMIT ?",
        (*begin, run, *kinds, -1 if most is None else most),
    ).fetchall()


def _before(
    connection: sqlite3.Connection, device: str, boot: str, first_seq: int
) -> list[tuple[int, bytes, int, int]]:
    """What the board had told of devices and cells before `first_seq`."""
    places = ",".join(map(str, _STANDING))
    return connection.execute(
        "SELECT seq, slot, t_device_ms, t_utc_ms FROM record WHERE device = ? AND boot = ?"
        f" AND seq < ? AND kind = 'event' AND place IN ({places}) ORDER BY seq",
        (device, boot, first_seq),
    ).fetchall()


def _stored(run: str, finding: Finding) -> StoredFinding:
    begin, end = finding.begin, finding.end
    first, worst = finding.first, finding.worst
    return StoredFinding(
        run=run,
        rule=finding.rule.id,
        subject=finding.subject,
        station=finding.station,
        cells=finding.cells,
        device=begin.device,
        boot=begin.boot,
        begin_seq=begin.seq,
        begin_utc_ms=begin.utc_ms,
        end_boot=None if end is None else end.boot,
        end_seq=None if end is None else end.seq,
        end_utc_ms=None if end is None else end.utc_ms,
        value=None if first is None else first.value,
        worst=None if worst is None else worst.value,
        limit=None if worst is None else worst.limit,
        unit="" if worst is None else worst.unit,
        deviation=finding.rule.deviation,
        text=finding.words(),
    )
