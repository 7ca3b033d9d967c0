"""The curves of a run: kept by the daemon where one runs, else by this process alone."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from soakbench.api import ApiClient
from soakbench.clock import Clock
from soakbench.daemon.lock import data_lock
from soakbench.errors import StoreError
from soakbench.jv.messages import ImportCurves, Imported, JvTable
from soakbench.run.curves.importing import import_curves
from soakbench.run.curves.known_run import known_run
from soakbench.run.curves.results import Commit, recompute
from soakbench.run.curves.table import jv_table
from soakbench.store import Job, Store, open_store
from soakbench.store.store import DATABASE
from soakbench.store.sweeps import StoredSweep, read_sweeps
from soakbench.store.transaction import transact


def keep_curves(data: Path, request: ImportCurves) -> Imported:
    """Store the curves of `request` in the database under `data`. CurveError."""
    with ApiClient(data) as client:
        if client.is_running():
            return client.import_curves(request)
    store = existing_store(data)
    with _alone(data, store) as commit:
        return import_curves(store, commit, request, Clock().utc_ms())


def compute_anew(data: Path, run: str | None) -> int:
    """Extract the values of a run's sweeps anew; how many sweeps."""
    with ApiClient(data) as client:
        if client.is_running():
            return client.recompute(run)
    store = existing_store(data)
    with _alone(data, store) as commit:
        return recompute(store, commit, run)


def read_table(data: Path, run: str | None) -> JvTable:
    """The sweeps of a run, the newest if None. Works with and without a daemon."""
    store = existing_store(data)
    return jv_table(store, known_run(store, run))


def read_curves_of(data: Path, run: str, cell: str) -> dict[int, StoredSweep]:
    """The sweeps of a cell with their points, by id."""
    return {sweep.id: sweep for sweep in read_sweeps(existing_store(data), run, cell)}


def existing_store(data: Path) -> Store:
    """The database under `data`. StoreError if there is none."""
    if not (data / DATABASE).is_file():
        raise StoreError(
            f"there is no database in {data}",
            hint="name the data directory of your runs with --data; the first run makes one",
        )
    return open_store(data)


@contextlib.contextmanager
def _alone(data: Path, store: Store) -> Iterator[Commit]:
    """Write without a daemon; while this lasts, none can start."""
    with data_lock(data), contextlib.closing(store.connect_writer()) as connection:

        def commit(job: Job) -> object:
            (done,) = transact(connection, [job])
            if isinstance(done, Exception):
                raise done
            return done

        yield commit
