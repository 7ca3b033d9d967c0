"""What the host writes and asks, as functions over one connection.

Writing methods are jobs: they take a connection and run inside a transaction of the writer.
Reading methods use the store's own read-only connection per thread.
"""

import json
import sqlite3
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from soakbench.errors import StoreError
from soakbench.store.decode import KIND_NAMES, decode_body
from soakwire import names, records
from soakwire.records import Record

SCHEMA_VERSION = 1
DATABASE = "soakbench.sqlite3"
BUSY_MS = 2000


def open_store(data: Path) -> "Store":
    """Open or create the database under `data`. StoreError says what to do if that fails."""
    path = data / DATABASE
    if sqlite3.sqlite_version_info < (3, 38):
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} is too old",
            hint="use a Python that comes with SQLite 3.38 or newer",
        )
    try:
        data.mkdir(parents=True, exist_ok=True)
        with _connect(path) as connection:
            _set_up(connection, path)
        connection.close()
    except (OSError, sqlite3.Error) as error:
        raise _explain(error, path) from error
    return Store(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    connection.executescript(files("soakbench.store").joinpath("schema.sql").read_text("utf-8"))
    connection.execute(
        "INSERT OR IGNORE INTO meta VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),)
    )
    (found,) = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    if int(found) != SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by another version of soakbench (schema {found})",
            hint="use that version, or choose another directory with --data",
        )


def _explain(error: Exception, path: Path) -> StoreError:
    text = str(error)
    if "locked" in text or "busy" in text:
        hint = "close the program that has the database open (a database browser?) and try again"
    elif "full" in text or "No space" in text or "disk I/O" in text:
        hint = (
            "free some space on that disk (or is it failing?), or choose another directory"
            " with --data"
        )
    elif "malformed" in text or "not a database" in text:
        hint = "move that file away (keep it: it may be readable in part) and start again"
    else:
        hint = "check that the directory exists and is yours, or choose another with --data"
    return StoreError(f"cannot use the database {path}: {text}", hint=hint)


class Store:
    """The database of one data directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def connect_writer(self) -> sqlite3.Connection:
        """A connection for the writer."""
        return _connect(self.path)

    def rows(self, sql: str, parameters: tuple[object, ...] = ()) -> list[sqlite3.Row]:
        """All rows of a query. StoreError if the database cannot be read."""
        try:
            return list(self._reader().execute(sql, parameters))
        except sqlite3.Error as error:
            raise _explain(error, self.path) from error

    def next_seq(self, device: str, boot: str) -> int:
        """The first seq of that boot that is not on disk."""
        sql = "SELECT max(seq) + 1 AS next FROM record WHERE device = ? AND boot = ?"
        return int(self.rows(sql, (device, boot))[0]["next"] or 0)

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000)
            connection.row_factory = sqlite3.Row
            self._local.connection = connection
        return connection


def add_records(
    connection: sqlite3.Connection,
    device: str,
    boot: str,
    run: str | None,
    items: list[Record],
    to_utc: Callable[[int], tuple[int, int]],
    hist_before_utc_ms: int,
) -> None:
    """Store records and move the run's progress along with them.

    Args:
        to_utc: device ms → (UTC ms, estimated error ms).
        hist_before_utc_ms: records older than this are marked as replayed.
    """
    rows = []
    for item in items:
        t_utc, t_err = to_utc(item.t_ms)
        hist = int(t_utc < hist_before_utc_ms)
        body = json.dumps(decode_body(item), ensure_ascii=False, separators=(",", ":"))
        what = (KIND_NAMES[item.kind], item.place, item.t_ms, t_utc, t_err, hist, run)
        rows.append((device, boot, item.seq, *what, item.slot, body))
        if run is not None and item.kind == records.TRACK:
            _advance(connection, run, item, t_utc)
    connection.executemany(
        "INSERT OR IGNORE INTO record (device, boot, seq, kind, place, t_device_ms, t_utc_ms,"
        " t_err_ms, hist, run, slot, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        rows,
    )


def _advance(connection: sqlite3.Connection, run: str, item: Record, t_utc_ms: int) -> None:
    v = item.values
    state = names.TRACK_STATE_NAMES[v["state"] or records.IDLE]
    if state == "idle":
        return  # a board that has restarted and does not yet know its program
    at = (v["step"], v["cycle"], v["delivered"], v["dose"], v["elapsed"])
    connection.execute(
        "INSERT OR REPLACE INTO progress VALUES (?,?,?,?,?,?,?,?,?)",
        (run, item.place, *at, state, t_utc_ms),
    )


def add_note(
    connection: sqlite3.Connection,
    utc_ms: int,
    run: str | None,
    kind: str,
    text: str,
    deviation: bool = False,
) -> None:
    """Write down what the host did or noticed."""
    connection.execute(
        "INSERT INTO note (utc_ms, run, kind, deviation, text) VALUES (?,?,?,?,?)",
        (utc_ms, run, kind, int(deviation), text),
    )
