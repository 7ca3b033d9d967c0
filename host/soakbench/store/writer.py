"""The writing thread: jobs in, one transaction for all that has arrived meanwhile, then answers.

The writer commits whenever it is idle; while it commits, new jobs gather. A disk that is full or
a locked database does not lose anything: the transaction is tried again until it succeeds, and
since nothing is acknowledged before, the board keeps its records.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future

Job = Callable[[sqlite3.Connection], object]

RETRY_S = 1.0
MOST_JOBS = 2000  # per transaction, so that one commit stays well below the session's patience

log = logging.getLogger(__name__)


class StoreWriter:
    """Owns the only connection that writes. `submit` may be called from any thread."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._jobs: queue.SimpleQueue[tuple[Job, Future[object]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._closing = threading.Event()
        self.trouble = ""
        """Why writing does not succeed at the moment; empty when it does."""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, job: Job) -> "Future[object]":
        """Run `job(connection)` in a transaction; the future resolves after the commit."""
        future: Future[object] = Future()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Write what is queued, then stop. Gives up on what cannot be written."""
        self._closing.set()
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection = self._connect()
        try:
            while (batch := self._gather()) is not None:
                self._write(connection, batch)
        finally:
            connection.close()

    def _gather(self) -> list[tuple[Job, "Future[object]"]] | None:
        """Wait for a job, then take what else is there; None at the end."""
        item = self._jobs.get()
        batch = []
        while item is not None:
            batch.append(item)
            if len(batch) == MOST_JOBS or self._jobs.empty():
                return batch
            item = self._jobs.get()
        if batch:
            self._jobs.put(None)  # the end comes after what was queued before it
            return batch
        return None

    def _write(
        self, connection: sqlite3.Connection, batch: list[tuple[Job, "Future[object]"]]
    ) -> None:
        while True:
            try:
                results = self._transact(connection, [job for job, _ in batch])
            except sqlite3.OperationalError as error:
                self._tell(str(error))
                if self._closing.is_set():
                    for _, future in batch:
                        future.set_exception(error)
                    return
                self._closing.wait(RETRY_S)
                continue
            self._tell("")
            for (_, future), result in zip(batch, results, strict=True):
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
            return

    def _transact(self, connection: sqlite3.Connection, jobs: list[Job]) -> list[object]:
        """All jobs in one transaction. A job that is itself wrong fails alone."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            results: list[object] = []
            for job in jobs:
                connection.execute("SAVEPOINT job")
                try:
                    results.append(job(connection))
                except sqlite3.OperationalError:
                    raise
                except Exception as error:  # noqa: BLE001  (goes to the job's own future)
                    connection.execute("ROLLBACK TO job")
                    results.append(error)
                connection.execute("RELEASE job")
            connection.execute("COMMIT")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return results

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.error("cannot write to the database (%s); records wait on the board", trouble)
        elif self.trouble and not trouble:
            log.warning("the database can be written again")
        self.trouble = trouble
