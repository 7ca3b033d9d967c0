"""The database file: opened, brought up to date, and read.

Writing is done by jobs, functions that take the writer's connection and run inside one of its
transactions. Reading uses the store's own read-only connection per thread.
"""

import contextlib
import sqlite3
import threading
from importlib.resources import files
from pathlib import Path

from soakbench.errors import StoreError
from soakbench.store.intake import add_records, next_on_disk
from soakbench.store.migrate import SCHEMA_VERSION, migrate

__all__ = ["DATABASE", "Store", "add_records", "open_store"]

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
        with contextlib.closing(_connect(path)) as connection:
            _set_up(connection, path)
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
    migrate(connection, path)
    connection.executescript(files("soakbench.store").joinpath("schema.sql").read_text("utf-8"))
    connection.execute(
        "INSERT OR IGNORE INTO meta VALUES ('schema_version', ?)", (str(SCHEMA_VERSION),)
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
        """The first seq of that boot that is not on disk. StoreError if it cannot be read."""
        try:
            return next_on_disk(self._reader(), device, boot)
        except sqlite3.Error as error:
            raise _explain(error, self.path) from error

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000)
            connection.row_factory = sqlite3.Row
            self._local.connection = connection
        return connection
