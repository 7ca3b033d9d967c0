"""What is computed from stored sweeps, and kept beside them."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from soakbench.run.curves.known_run import known_run
from soakbench.store import Job, Store
from soakbench.store.sweep_results import SweepResults, keep_hysteresis, keep_results
from soakbench.store.sweeps import JvPlace, StoredSweep, read_sweeps

Commit = Callable[[Job], object]
"""Run a job in a transaction of its own: what it gives, or its exception."""


@dataclass(frozen=True)
class PlaceResults:
    """What the sweeps of one cell at one place say, in their order."""

    run: str
    place: JvPlace
    cell: str
    sweeps: list[SweepResults]
    indices: dict[str, float | None]
    """Hysteresis by formula; empty where there is one sweep only."""


def results_of(sweeps: list[StoredSweep]) -> PlaceResults:
    """Everything that can be computed from the sweeps of one cell at one place."""
    # Only here: SciPy takes half a second, which no other command needs.
    from soakbench.jv.hysteresis import hysteresis

    first = sweeps[0]
    by_direction = {each.direction: each.sweep for each in sweeps}
    indices = (
        hysteresis(by_direction["reverse"], by_direction["forward"]) if len(sweeps) > 1 else {}
    )
    return PlaceResults(
        first.run, first.place, first.cell, [_one(each) for each in sweeps], indices
    )


def keep(connection: sqlite3.Connection, sweeps: list[StoredSweep], results: PlaceResults) -> None:
    """Store them, part of a job."""
    for sweep, each in zip(sweeps, results.sweeps, strict=True):
        keep_results(connection, sweep.id, each)
    keep_hysteresis(connection, results.run, results.place, results.cell, results.indices)


def recompute(store: Store, commit: Commit, run: str | None) -> int:
    """Compute the results of all sweeps of `run` (the newest if None) anew, by today's methods;
    how many. CurveError if there is no such run."""
    sweeps = read_sweeps(store, known_run(store, run).run)
    for at_place in _by_place(sweeps):
        results = results_of(at_place)
        commit(lambda c, s=at_place, r=results: keep(c, s, r))  # type: ignore[misc]
    return len(sweeps)


def _one(sweep: StoredSweep) -> SweepResults:
    from soakbench.jv.extract import extract
    from soakbench.jv.single_diode import fit_single_diode

    extracted = extract(sweep.sweep)
    fit = fit_single_diode(sweep.sweep, extracted, sweep.conditions.cell_temp_c)
    return SweepResults(extracted, fit)


def _by_place(sweeps: Iterable[StoredSweep]) -> Iterable[list[StoredSweep]]:
    for _, group in groupby(sweeps, key=lambda sweep: (sweep.cell, sweep.place)):
        yield list(group)
