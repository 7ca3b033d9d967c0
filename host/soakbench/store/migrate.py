"""A database of an earlier version becomes one of this version, in place and in one transaction."""

import logging
import sqlite3
from pathlib import Path

from soakbench.errors import StoreError

SCHEMA_VERSION = 4

# What leads from each version to the next one. New tables come from schema.sql afterwards.
_STEPS: dict[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE record ADD COLUMN fit INTEGER",
        "DROP INDEX IF EXISTS record_of_run",
        "ALTER TABLE boot ADD COLUMN lost_from INTEGER",
        # Version 1 declared nothing lost. A boot that was followed by another is long over; only
        # the newest of each board may still be running.
        "UPDATE boot SET lost_from = coalesce((SELECT max(seq) + 1 FROM record"
        " WHERE record.device = boot.device AND record.boot = boot.boot), 0)"
        " WHERE seen_utc_ms < (SELECT max(seen_utc_ms) FROM boot AS other"
        " WHERE other.device = boot.device)",
    ),
    2: ("ALTER TABLE note ADD COLUMN who TEXT NOT NULL DEFAULT ''",),
    3: (),  # new tables only
}


log = logging.getLogger(__name__)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the database to SCHEMA_VERSION; an empty one is left to schema.sql.

    StoreError if a newer soakbench has written it.
    """
    if _version(connection) in (None, SCHEMA_VERSION):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again: another program may have done it while we waited.
        found = _version(connection) or SCHEMA_VERSION
        _refuse_newer(found, path)
        log.info("bringing %s to schema %d", path, SCHEMA_VERSION)
        for version in range(found, SCHEMA_VERSION):
            for statement in _STEPS[version]:
                connection.execute(statement)
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(SCHEMA_VERSION),)
        )
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int | None:
    """The schema version of the database; None if it has no tables yet."""
    tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    if connection.execute(tables).fetchone() is None:
        return None
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    return None if row is None else int(row[0])


def _refuse_newer(found: int, path: Path) -> None:
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer soakbench (schema {found}; this one knows up to"
            f" {SCHEMA_VERSION})",
            hint="update soakbench, or choose another directory with --data",
        )
