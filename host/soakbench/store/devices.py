"""The devices on the bench during a run."""

import sqlite3
from collections.abc import Mapping

from soakbench.config.cells import CellFacts
from soakbench.store.store import Store

_KEYS = tuple(CellFacts.model_fields)
_COLUMNS = ", ".join(_KEYS)
_MARKS = ",".join("?" * (len(_KEYS) + 2))


def add_devices(connection: sqlite3.Connection, run: str, facts: Mapping[str, CellFacts]) -> None:
    """Write down what lies at which cell's place."""
    connection.executemany(
        f"INSERT INTO cell_of_run (run, cell, {_COLUMNS}) VALUES ({_MARKS})",
        [(run, cell, *each.model_dump(mode="json").values()) for cell, each in facts.items()],
    )


def read_devices(store: Store, run: str) -> dict[str, CellFacts]:
    """What lay at which cell's place; nothing for a run of before this was kept."""
    rows = store.rows(f"SELECT cell, {_COLUMNS} FROM cell_of_run WHERE run = ?", (run,))
    return {row["cell"]: CellFacts.model_validate({key: row[key] for key in _KEYS}) for row in rows}
