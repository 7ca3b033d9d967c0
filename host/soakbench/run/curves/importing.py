"""Curves that were taken elsewhere become sweeps of a run."""

import sqlite3
from dataclasses import dataclass

import numpy as np

from soakbench.errors import CurveError
from soakbench.jv.messages import CurveSent, FileSent, ImportCurves, Imported, Numbers
from soakbench.jv.sweep import Floats
from soakbench.run.curves.known_run import KnownRun, known_run
from soakbench.run.curves.places import CellPlace, Wish, cell_places, choose_place
from soakbench.run.curves.results import Commit, keep, results_of
from soakbench.run.curves.table import jv_table
from soakbench.store import Store
from soakbench.store.notes import add_note
from soakbench.store.sweep_results import keep_hysteresis
from soakbench.store.sweeps import (
    Conditions,
    Source,
    StoredSweep,
    add_sweep,
    read_sweeps,
    withdraw_sweeps,
)

EARLY_MS = 120_000  # a time to the minute, by another computer's clock


@dataclass(frozen=True)
class _Change:
    """What an import does to the database."""

    place: CellPlace
    withdrawn: list[StoredSweep]
    standing: list[StoredSweep]
    """Of the other direction at the place."""
    added: list[StoredSweep]


def import_curves(store: Store, commit: Commit, request: ImportCurves, utc_ms: int) -> Imported:
    """Store the curves of `request` at their place in the run, with what they say.

    CurveError if they do not belong there. A file that is there already is not stored again.
    """
    known = known_run(store, request.run)
    if request.cell not in known.bench.cells:
        cells = ", ".join(known.bench.cells)
        raise CurveError(f"there is no cell {request.cell} in this run", hint=f"there is: {cells}")
    sweeps = read_sweeps(store, known.run)
    files = _new_files(request, sweeps)
    seen = [file.name for file in request.files if file not in files]
    if not files:
        return Imported(run=known.run, known=seen, sweeps=[], replaced=0)
    change = _change(store, known, request, files, sweeps, utc_ms)
    added = _commit(commit, change, request.who, utc_ms)
    rows = [row for row in jv_table(store, known).sweeps if row.id in added]
    return Imported(run=known.run, known=seen, sweeps=rows, replaced=len(change.withdrawn))


def _new_files(request: ImportCurves, sweeps: list[StoredSweep]) -> list[FileSent]:
    """Those that are not in the run yet; with `replace`, all."""
    if request.replace:
        return request.files
    return [file for file in request.files if not _is_known(file, request.cell, sweeps)]


def _is_known(file: FileSent, cell: str, sweeps: list[StoredSweep]) -> bool:
    there = [sweep for sweep in sweeps if _is_from(sweep, file)]
    if there and there[0].cell != cell:
        raise CurveError(
            f"{file.name} is in this run already, as a curve of {there[0].cell}",
            hint=f"if it is {cell}'s, --replace takes it from {there[0].cell}",
        )
    return bool(there)


def _is_from(sweep: StoredSweep, file: FileSent) -> bool:
    source = sweep.source
    return (source.file_sha256, source.file_columns) == (file.sha256, file.columns)


def _change(
    store: Store,
    known: KnownRun,
    request: ImportCurves,
    files: list[FileSent],
    sweeps: list[StoredSweep],
    utc_ms: int,
) -> _Change:
    curves = [(file, curve) for file in files for curve in file.curves]
    directions = [curve.direction for _, curve in curves]
    for direction in set(directions):
        if directions.count(direction) > 1:
            raise CurveError(
                f"there are {directions.count(direction)} {direction} curves in these files",
                hint="import the curves of one J-V at a time",
            )
    same = [sweep for sweep in sweeps if any(_is_from(sweep, file) for file in files)]
    at = _place(store, known, request, same)
    here = [s for s in sweeps if (s.cell, s.place) == (request.cell, at.place) and s not in same]
    replaced = [sweep for sweep in here if sweep.direction in directions]
    conditions = _conditions(request, at)
    added = [_stored(known, request, file, curve, at, conditions, utc_ms) for file, curve in curves]
    standing = [sweep for sweep in here if sweep not in replaced]
    return _Change(at, same + replaced, standing, added)


def _place(
    store: Store, known: KnownRun, request: ImportCurves, same: list[StoredSweep]
) -> CellPlace:
    """What is imported again stays where it was, if nobody says otherwise."""
    places = [at for at in cell_places(store, known.run, known.stages) if at.cell == request.cell]
    wish = Wish(request.stage, request.step, request.cycle)
    if wish.is_open and same and same[0].cell == request.cell:
        wish = Wish(step=same[0].place.step, cycle=same[0].place.cycle)
    directions = [curve.direction for file in request.files for curve in file.curves]
    if request.replace and not wish.is_open:
        directions = []
    return choose_place(places, wish, directions, request.cell)


def _conditions(request: ImportCurves, at: CellPlace) -> Conditions:
    since_s = None
    if request.measured_utc_ms is not None:
        since_ms = request.measured_utc_ms - at.since_utc_ms
        if since_ms < -EARLY_MS:
            raise CurveError(
                f"measured before the J-V had come due: {at.words}",
                hint="is --measured-at right? --step and --cycle name an earlier place",
            )
        since_s = max(since_ms, 0) / 1000
    return Conditions(
        measured_utc_ms=request.measured_utc_ms,
        since_phase_s=since_s,
        cell_temp_c=request.cell_temp_c,
        irradiance_suns=request.irradiance_suns,
    )


def _stored(
    known: KnownRun,
    request: ImportCurves,
    file: FileSent,
    curve: CurveSent,
    at: CellPlace,
    conditions: Conditions,
    utc_ms: int,
) -> StoredSweep:
    return StoredSweep(
        run=known.run,
        place=at.place,
        cell=request.cell,
        direction=curve.direction,
        quantity=curve.quantity,
        area_cm2=known.bench.cells[request.cell].area_cm2,
        voltage_v=_array(curve.voltage_v),
        current=_array(curve.current),
        time_s=None if curve.time_s is None else np.array(curve.time_s),
        conditions=conditions,
        source=Source("file", request.who, file.name, file.sha256, file.columns),
        stored_utc_ms=utc_ms,
    )


def _array(numbers: Numbers) -> Floats:
    return np.array([np.nan if number is None else number for number in numbers])


def _commit(commit: Commit, change: _Change, who: str, utc_ms: int) -> set[int]:
    """The ids of the new sweeps."""
    results = results_of([*change.added, *change.standing])

    def job(connection: sqlite3.Connection) -> set[int]:
        withdraw_sweeps(connection, [sweep.id for sweep in change.withdrawn], utc_ms)
        for gone in change.withdrawn:
            keep_hysteresis(connection, gone.run, gone.place, gone.cell, {})
        added = [add_sweep(connection, sweep) for sweep in change.added]
        keep(connection, [*added, *change.standing], results)
        first = added[0]
        connection.execute(
            "UPDATE jv SET state = 'taken' WHERE run = ? AND track = ? AND step = ?"
            " AND cycle = ? AND cell = ?",
            (first.run, *first.place, first.cell),
        )
        add_note(connection, utc_ms, first.run, "jv", _note(change), who=who)
        return {sweep.id for sweep in added}

    try:
        done = commit(job)
    except sqlite3.IntegrityError as error:
        raise CurveError(
            "somebody else has imported a curve to the same place just now",
            hint="`soakbench jv` shows it",
        ) from error
    assert isinstance(done, set)
    return done


def _note(change: _Change) -> str:
    names = dict.fromkeys(sweep.source.file_name or "" for sweep in change.added)
    directions = " and ".join(sweep.direction for sweep in change.added)
    text = f"J-V of {change.place.cell}, {change.place.stage.words}: {directions} from"
    text += f" {', '.join(names)}"
    count = len(change.withdrawn)
    return f"{text}, in the place of {count} earlier" if count else text
