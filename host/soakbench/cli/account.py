"""The account of a run, from the daemon or, where none is running, from the database."""

from pathlib import Path

from soakbench.api import ApiClient
from soakbench.api.client import RemoteError
from soakbench.config import parse_bench
from soakbench.errors import DaemonError, StoreError
from soakbench.run.account import Account
from soakbench.run.active import program_of
from soakbench.run.summary import find_run, summarise
from soakbench.status import Summary
from soakbench.store import Store, open_store
from soakbench.store.store import DATABASE


def read_summary(data: Path, run: str | None) -> Summary:
    """The account of `run` (the newest if None) in `data`. DaemonError if there is no such run."""
    try:
        with ApiClient(data) as client:
            return client.summary(run)
    except RemoteError:
        raise
    except DaemonError:
        return _from_database(data, run)


def _from_database(data: Path, run: str | None) -> Summary:
    if not (data / DATABASE).is_file():
        raise StoreError(
            f"there is no database in {data}",
            hint="name the data directory of your runs with --data; the first run makes one",
        )
    return _summarise(open_store(data), run)


def _summarise(store: Store, run: str | None) -> Summary:
    stored = find_run(store, run)
    if stored is None:
        raise DaemonError(
            f"there is no run {run}" if run else "there is no run yet",
            hint="`soakbench run PLAN` starts one",
        )
    # The run's own bench file counts, not the one of today.
    bench = parse_bench(stored.bench_toml, f"bench file of run {stored.run}")
    return summarise(store, Account(store), stored, program_of(stored, bench), bench, None)
