"""Findings of evidence in the database, each once, however often its records are judged.

A finding is known by its run, rule, subject and first record. With it goes a note of the run.
These functions are jobs or parts of jobs: they take the writer's connection.
"""

import json
import sqlite3
from dataclasses import dataclass

from soakbench.store.notes import add_note
from soakbench.store.store import Store

NOTE_KIND = "evidence"

_COLUMNS = (
    "run, rule, subject, station, cells, device, boot, begin_seq, begin_utc_ms, end_boot, end_seq,"
    " end_utc_ms, value, worst, limit_value, unit, deviation, text"
)


@dataclass(frozen=True)
class StoredFinding:
    """A row of the table `finding`. Values are in `unit`: mV, uA, suns or lux."""

    run: str
    rule: str
    subject: str
    station: str
    cells: tuple[str, ...]
    device: str
    boot: str
    begin_seq: int
    begin_utc_ms: int
    end_boot: str | None
    end_seq: int | None
    end_utc_ms: int | None
    value: float | None
    worst: float | None
    limit: float | None
    unit: str
    deviation: bool
    text: str

    @property
    def code(self) -> str:
        """What it is about, in one word: `oc_no_voltage-A1`."""
        return f"{self.rule}-{self.subject}"

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What it is known by."""
        return self.run, self.rule, self.subject, self.boot, self.begin_seq


_WHERE = "run = ? AND rule = ? AND subject = ? AND boot = ? AND begin_seq = ?"


def keep_finding(connection: sqlite3.Connection, finding: StoredFinding) -> bool:
    """Write down that a finding has begun or ended; whether it is a new one.

    One that has ended already stays so: records that are judged once more begin before its end.
    """
    known = connection.execute(
        f"SELECT note, end_seq FROM finding WHERE {_WHERE}", finding.key
    ).fetchone()
    if known is None:
        note = add_note(
            connection,
            finding.begin_utc_ms,
            finding.run,
            NOTE_KIND,
            finding.text,
            finding.deviation,
        )
        values = (*_row(finding), note)
        marks = ",".join("?" * len(values))
        connection.execute(f"INSERT INTO finding ({_COLUMNS}, note) VALUES ({marks})", values)
        return True
    note, end_seq = known
    if end_seq is None and finding.end_seq is not None:
        connection.execute(
            "UPDATE finding SET end_boot = ?, end_seq = ?, end_utc_ms = ?, worst = ?, text = ?"
            f" WHERE {_WHERE}",
            (
                finding.end_boot,
                finding.end_seq,
                finding.end_utc_ms,
                finding.worst,
                finding.text,
                *finding.key,
            ),
        )
        connection.execute("UPDATE note SET text = ? WHERE id = ?", (finding.text, note))
    return False


def read_findings(store: Store, run: str, only_open: bool = False) -> list[StoredFinding]:
    """The findings of `run` in the order in which they began."""
    where = " AND end_seq IS NULL" if only_open else ""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM finding WHERE run = ?{where}"
        " ORDER BY begin_utc_ms, boot, begin_seq, rule, subject",
        (run,),
    )
    return [_finding(row) for row in rows]


def untold_findings(store: Store) -> list[tuple[StoredFinding, bool]]:
    """Those whose begin or end the broker has not got yet, oldest first, and whether it knows the
    begin."""
    rows = store.rows(
        f"SELECT {_COLUMNS}, told FROM finding WHERE told < 2"
        " AND (told = 0 OR end_seq IS NOT NULL) ORDER BY begin_utc_ms, begin_seq"
    )
    return [(_finding(row), bool(row["told"])) for row in rows]


def told_findings(store: Store) -> list[StoredFinding]:
    """Those that the broker should know as going on."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM finding WHERE told = 1 AND end_seq IS NULL")
    return [_finding(row) for row in rows]


def mark_told(connection: sqlite3.Connection, findings: list[StoredFinding]) -> None:
    """The broker has got them as they are here."""
    connection.executemany(
        f"UPDATE finding SET told = ? WHERE {_WHERE}",
        [(1 if finding.end_seq is None else 2, *finding.key) for finding in findings],
    )


def _row(finding: StoredFinding) -> tuple[object, ...]:
    values = dict(vars(finding), cells=json.dumps(finding.cells), deviation=int(finding.deviation))
    return tuple(values.values())


def _finding(row: sqlite3.Row) -> StoredFinding:
    values = dict(row)
    values.pop("told", None)
    values["limit"] = values.pop("limit_value")
    values["cells"] = tuple(json.loads(values["cells"]))
    values["deviation"] = bool(values["deviation"])
    return StoredFinding(**values)
