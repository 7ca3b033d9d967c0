"""The records as the database has them."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import NamedTuple


class Stored(NamedTuple):
    """One row of the table `record`."""

    boot: str
    """Device and boot id, as one name."""
    seq: int
    slot: bytes
    run: str | None


def read_stored(path: Path) -> list[Stored]:
    """All records, by boot and seq. sqlite3.Error if the database cannot be read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        rows = connection.execute(
            "SELECT device || '/' || boot, seq, slot, run FROM record ORDER BY device, boot, seq"
        )
        return [Stored(*row) for row in rows]


def by_boot(rows: Iterable[Stored]) -> dict[str, list[Stored]]:
    """The rows of each boot, in the order in which they come."""
    ordered = sorted(rows, key=lambda row: (row.boot, row.seq))
    return {boot: list(group) for boot, group in groupby(ordered, key=lambda row: row.boot)}
