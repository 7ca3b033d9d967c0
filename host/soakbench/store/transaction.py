"""Jobs that write, and how many of them become one transaction."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

# May be called more than once: a transaction that fails is tried again from its begin.
Job = Callable[[sqlite3.Connection], object]

# These are the fault of the job; any other error of SQLite is one of the disk or the database.
_FAULTS_OF_THE_JOB = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.NotSupportedError,
)


class Writer(Protocol):
    """Whoever writes to the database, in the order of the calls."""

    def submit(self, job: Job) -> "Future[object]":
        """Run `job(connection)` in a transaction; the future resolves after the commit.

        It fails with what the job itself did wrong, or when the writer is closed before the
        database could be written.
        """


def transact(connection: sqlite3.Connection, jobs: list[Job]) -> list[object]:
    """All jobs in one transaction: what each gives, or the exception of one that is itself wrong.

    sqlite3.Error if the database cannot be written; then nothing has changed.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [_do(connection, job) for job in jobs]
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results


def resolve(futures: list["Future[object]"], results: list[object]) -> None:
    """Tell the waiters what came of their jobs."""
    for future, result in zip(futures, results, strict=True):
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


def _do(connection: sqlite3.Connection, job: Job) -> object:
    """What `job` gives, or what it did wrong; then it has changed nothing."""
    connection.execute("SAVEPOINT job")
    try:
        result = job(connection)
    except Exception as error:
        if isinstance(error, sqlite3.Error) and not isinstance(error, _FAULTS_OF_THE_JOB):
            raise
        connection.execute("ROLLBACK TO job")
        result = error
    connection.execute("RELEASE job")
    return result
