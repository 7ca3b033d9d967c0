"""What has been computed from stored sweeps; each row says by which method."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from soakbench.jv.flags import Flag
from soakbench.jv.values import METHOD, Extracted, SingleDiode
from soakbench.store.store import Store
from soakbench.store.sweeps import JvPlace


@dataclass(frozen=True)
class SweepResults:
    """What one sweep says."""

    extracted: Extracted
    fit: SingleDiode


def keep_results(connection: sqlite3.Connection, sweep: int, results: SweepResults) -> None:
    """Store the results of a sweep, in the place of earlier ones."""
    flags = json.dumps(list(results.extracted.flags))
    extracted = vars(results.extracted) | {"sweep": sweep, "flags": flags}
    _replace(connection, "sweep_result", extracted)
    _replace(connection, "sweep_fit", vars(results.fit) | {"sweep": sweep})


def keep_hysteresis(
    connection: sqlite3.Connection,
    run: str,
    place: JvPlace,
    cell: str,
    indices: dict[str, float | None],
) -> None:
    """Store the indices of a place by formula; none where it has one sweep only."""
    where = {"run": run, **place._asdict(), "cell": cell}
    connection.execute(
        "DELETE FROM hysteresis WHERE run = :run AND track = :track AND step = :step"
        " AND cycle = :cycle AND cell = :cell",
        where,
    )
    for formula, value in indices.items():
        row = where | {"formula": formula, "value": value, "method": METHOD}
        _replace(connection, "hysteresis", row)


def read_results(store: Store, run: str) -> dict[int, SweepResults]:
    """The results of the run's sweeps, by the sweep's id."""
    found = {}
    of_run = "JOIN sweep ON sweep.id = sweep WHERE run = ? AND withdrawn_utc_ms IS NULL"
    fits = {
        row["sweep"]: SingleDiode(**_values(row, SingleDiode))
        for row in store.rows(f"SELECT sweep_fit.* FROM sweep_fit {of_run}", (run,))
    }
    for row in store.rows(f"SELECT sweep_result.* FROM sweep_result {of_run}", (run,)):
        flags = tuple(Flag(flag) for flag in json.loads(row["flags"]))
        extracted = Extracted(**_values(row, Extracted) | {"flags": flags})
        found[row["sweep"]] = SweepResults(extracted, fits[row["sweep"]])
    return found


def read_hysteresis(store: Store, run: str) -> dict[tuple[JvPlace, str], dict[str, float | None]]:
    """The indices by place and cell, each by its formula's name."""
    found: dict[tuple[JvPlace, str], dict[str, float | None]] = {}
    for row in store.rows("SELECT * FROM hysteresis WHERE run = ? ORDER BY formula", (run,)):
        key = JvPlace(row["track"], row["step"], row["cycle"]), row["cell"]
        found.setdefault(key, {})[row["formula"]] = row["value"]
    return found


def _values(row: sqlite3.Row, kind: type[Extracted] | type[SingleDiode]) -> dict[str, Any]:
    return {name: row[name] for name in kind.__annotations__}


def _replace(connection: sqlite3.Connection, table: str, values: dict[str, object]) -> None:
    marks = ", ".join(f":{name}" for name in values)
    names = ", ".join(values)
    connection.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)
