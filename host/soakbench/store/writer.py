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

from soakbench.store.transaction import Job, resolve, transact

RETRY_S = 1.0
MOST_JOBS = 2000  # per transaction, so that one commit stays well below the session's patience

_Queued = tuple[Job, "Future[object]"]

log = logging.getLogger(__name__)


class StoreWriter:
    """Owns the only connection that writes. `submit` may be called from any thread."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._jobs: queue.SimpleQueue[_Queued | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._closing = threading.Event()
        self.trouble = ""
        """Why writing does not succeed at the moment; empty when it does."""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, job: Job) -> "Future[object]":
        """As `Writer.submit`. The future cannot be cancelled: a task that stops waiting for it (as
        asyncio.wrap_future does when cancelled) does not undo what was handed over.
        """
        future: Future[object] = Future()
        future.set_running_or_notify_cancel()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        """Write what is queued, then stop. Gives up on what cannot be written."""
        self._closing.set()
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            while (batch := self._gather()) is not None:
                self._write(batch)
        finally:
            if self._connection is not None:
                self._connection.close()

    def _gather(self) -> list[_Queued] | None:
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

    def _write(self, batch: list[_Queued]) -> None:
        while True:
            try:
                results = self._transact([job for job, _ in batch])
            except sqlite3.Error as error:
                self._tell(str(error))
                if self._closing.is_set():
                    for _, future in batch:
                        future.set_exception(error)
                    return
                self._closing.wait(RETRY_S)
                continue
            self._tell("")
            resolve([future for _, future in batch], results)
            return

    def _transact(self, jobs: list[Job]) -> list[object]:
        """All jobs in one transaction. A job that is itself wrong fails alone."""
        if self._connection is None:
            self._connection = self._connect()
        return transact(self._connection, jobs)

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.error("cannot write to the database (%s); records wait on the board", trouble)
        elif self.trouble and not trouble:
            log.warning("the database can be written again")
        self.trouble = trouble
