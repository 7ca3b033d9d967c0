"""What the demo's database says about loads, temperatures and records."""

import json
from dataclasses import dataclass

from soakbench.config import PlanConfig
from soakbench.config.phases import Ageing, ThermalRecovery
from soakbench.store import Store

RecordKey = tuple[str, str, int]  # device, boot, seq


@dataclass(frozen=True)
class Plate:
    """The plate's temperatures during a thermal recovery, from the first in its band on."""

    wanted: ThermalRecovery
    values_c: list[float]


def records_of(store: Store, run: str) -> set[RecordKey]:
    """The keys of the records of `run`."""
    rows = store.rows("SELECT device, boot, seq FROM record WHERE run = ?", (run,))
    return {(row["device"], row["boot"], row["seq"]) for row in rows}


def loads_under_light(
    store: Store, run: str, plan: PlanConfig, cells: list[str]
) -> dict[str, set[tuple[str, str]]]:
    """Cell → the (wanted, sampled) loads while it was aged; `cells` in the order of the bench."""
    found: dict[str, set[tuple[str, str]]] = {}
    for number, track in enumerate(plan.tracks.values()):
        for step, phase in enumerate(track.phases):
            if not isinstance(phase, Ageing):
                continue
            for loads in _load_samples(store, run, number, step):
                for cell in track.cells:
                    wanted = phase.loads.get(cell) or phase.load or track.loads.get(cell)
                    pair = (wanted or track.load, loads[cells.index(cell)])
                    found.setdefault(cell, set()).add(pair)
    return found


def _load_samples(store: Store, run: str, track: int, step: int) -> list[list[str]]:
    """The sampled loads of the first cells (those of one record) while the step counted."""
    rows = store.rows(
        "SELECT body ->> 'loads' AS loads FROM record, (SELECT min(t_utc_ms) AS begun,"
        " max(t_utc_ms) AS ended FROM track_sample WHERE run = ?1 AND track = ?2 AND step = ?3"
        " AND in_condition) WHERE run = ?1 AND kind = 'cells' AND place = 0"
        " AND t_utc_ms BETWEEN begun AND ended",
        (run, track, step),
    )
    return [json.loads(row["loads"]) for row in rows]


def plates(store: Store, run: str, plan: PlanConfig) -> list[Plate]:
    """One for each thermal recovery of the plan."""
    return [
        Plate(phase, _plate_samples(store, run, number, step))
        for number, track in enumerate(plan.tracks.values())
        for step, phase in enumerate(track.phases)
        if isinstance(phase, ThermalRecovery)
    ]


def _plate_samples(store: Store, run: str, track: int, step: int) -> list[float]:
    rows = store.rows(
        "SELECT plate_c, outputs LIKE '%in_band%' AS in_band FROM station_sample"
        " WHERE run = ? AND track = ? AND step = ? ORDER BY t_utc_ms",
        (run, track, step),
    )
    held = [row["in_band"] for row in rows]
    first = held.index(1) if 1 in held else len(rows)
    return [row["plate_c"] for row in rows[first:] if row["plate_c"] is not None]


def firmware_of(store: Store) -> str | None:
    """The version that the board gave, or None if none has been seen."""
    rows = store.rows("SELECT firmware FROM boot ORDER BY seen_utc_ms DESC LIMIT 1")
    return str(rows[0]["firmware"]) if rows else None
