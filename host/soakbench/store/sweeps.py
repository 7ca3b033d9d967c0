"""J-V sweeps in the database: where they belong, their points, and how they were measured."""

import sqlite3
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from soakbench.jv.sweep import Direction, Floats, Sweep
from soakbench.store.store import Store

Quantity = Literal["mA", "mA/cm2"]


class JvPlace(NamedTuple):
    """A passage of a track through a `jv` step, as the board counts: from 0."""

    track: int
    step: int
    cycle: int


@dataclass(frozen=True)
class Conditions:
    """How a sweep was measured; None where that is not known."""

    measured_utc_ms: int | None = None
    since_phase_s: float | None = None
    """Real seconds since the phase before it has ended."""
    cell_temp_c: float | None = None
    irradiance_suns: float | None = None
    compliance_ma: float | None = None


@dataclass(frozen=True)
class Source:
    """Where a sweep comes from: a file, by its hash and the columns read, or the source meter."""

    kind: Literal["file", "smu"]
    who: str = ""
    file_name: str | None = None
    file_sha256: str | None = None
    file_columns: str | None = None


@dataclass(frozen=True, eq=False)
class StoredSweep:
    """A row of the table `sweep`; `id` is 0 before it is there."""

    run: str
    place: JvPlace
    cell: str
    direction: Direction
    quantity: Quantity
    area_cm2: float
    voltage_v: Floats
    current: Floats
    """In `quantity`; NaN where a point is missing."""
    time_s: Floats | None
    conditions: Conditions
    source: Source
    stored_utc_ms: int
    id: int = 0

    @property
    def sweep(self) -> Sweep:
        """In current density, for extraction."""
        limit, light = self.conditions.compliance_ma, self.conditions.irradiance_suns
        if self.quantity == "mA":
            return Sweep.of_current(
                self.voltage_v,
                self.current,
                self.area_cm2,
                self.direction,
                self.time_s,
                limit,
                light,
            )
        density = None if limit is None else limit / self.area_cm2
        return Sweep(self.voltage_v, self.current, self.direction, self.time_s, density, light)


def add_sweep(connection: sqlite3.Connection, sweep: StoredSweep) -> StoredSweep:
    """Store a sweep; it with its id. IntegrityError if there is one of that direction already."""
    points = np.column_stack([sweep.voltage_v, sweep.current])
    times = None if sweep.time_s is None else _packed(sweep.time_s)
    values = {
        "run": sweep.run,
        **sweep.place._asdict(),
        "cell": sweep.cell,
        "direction": sweep.direction,
        "quantity": sweep.quantity,
        "area_cm2": sweep.area_cm2,
        "points": _packed(points),
        "times": times,
        **vars(sweep.conditions),
        "source": sweep.source.kind,
        **{key: value for key, value in vars(sweep.source).items() if key != "kind"},
        "stored_utc_ms": sweep.stored_utc_ms,
    }
    marks = ", ".join(f":{name}" for name in values)
    cursor = connection.execute(f"INSERT INTO sweep ({', '.join(values)}) VALUES ({marks})", values)
    return replace(sweep, id=cursor.lastrowid or 0)


def withdraw_sweeps(connection: sqlite3.Connection, ids: list[int], utc_ms: int) -> None:
    """These are replaced: kept, and shown no more. Their places wait for a curve again."""
    for one in ids:
        connection.execute("UPDATE sweep SET withdrawn_utc_ms = ? WHERE id = ?", (utc_ms, one))
        connection.execute(
            "UPDATE jv SET state = 'pending' FROM sweep AS s WHERE s.id = ? AND jv.run = s.run"
            " AND jv.track = s.track AND jv.step = s.step AND jv.cycle = s.cycle"
            " AND jv.cell = s.cell AND NOT EXISTS (SELECT 1 FROM sweep AS other"
            " WHERE other.run = s.run AND other.track = s.track AND other.step = s.step"
            " AND other.cycle = s.cycle AND other.cell = s.cell"
            " AND other.withdrawn_utc_ms IS NULL)",
            (one,),
        )


def read_sweeps(store: Store, run: str, cell: str | None = None) -> list[StoredSweep]:
    """The sweeps of `run` that stand, by cell and in order of time; the reverse one first."""
    rows = store.rows(
        "SELECT sweep.* FROM sweep LEFT JOIN jv USING (run, track, step, cycle, cell)"
        " WHERE run = ?1 AND withdrawn_utc_ms IS NULL AND (?2 IS NULL OR cell = ?2)"
        " ORDER BY cell, utc_ms, track, cycle, step, direction DESC",
        (run, cell),
    )
    return [stored_sweep(row) for row in rows]


def stored_sweep(row: sqlite3.Row) -> StoredSweep:
    """A row of the table as what it is."""
    points = np.frombuffer(row["points"], dtype="<f8").reshape(-1, 2)
    return StoredSweep(
        run=row["run"],
        place=JvPlace(row["track"], row["step"], row["cycle"]),
        cell=row["cell"],
        direction=row["direction"],
        quantity=row["quantity"],
        area_cm2=row["area_cm2"],
        voltage_v=points[:, 0],
        current=points[:, 1],
        time_s=None if row["times"] is None else np.frombuffer(row["times"], dtype="<f8"),
        conditions=Conditions(**{name: row[name] for name in Conditions.__annotations__}),
        source=Source(
            row["source"], row["who"], row["file_name"], row["file_sha256"], row["file_columns"]
        ),
        stored_utc_ms=row["stored_utc_ms"],
        id=row["id"],
    )


def _packed(values: Floats) -> bytes:
    return values.astype("<f8").tobytes()
