"""The host's writing thread in virtual time: what has gathered goes into one transaction."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from hostile.plan import Plan
from hostile.timeline import Timeline

C = TypeVar("C")

RETRY_MS = 1000
QUICK_MS = 5  # a commit on a disk that has nothing else to do


class Disk(Protocol[C]):
    """What survives the host."""

    is_full: bool
    is_healed: bool

    def transact(self, jobs: list[Callable[[C], object]]) -> list[object]:
        """Run the jobs in one transaction and commit it; each job's result or its exception."""
        ...


class Writer(Generic[C]):
    """As soakbench.store.StoreWriter: `submit` gives a future that resolves after the commit."""

    def __init__(
        self,
        timeline: Timeline,
        plan: Plan,
        disk: Disk[C],
        step: Callable[[str], None],
        guard: Callable[[Callable[[], None]], None],
        seen: Counter[str],
    ) -> None:
        self._timeline = timeline
        self._plan = plan
        self._rng = random.Random(f"{plan.seed} writer {timeline.now_ms}")
        self._disk = disk
        self._step = step
        self._guard = guard
        self._seen = seen
        self._jobs: list[tuple[Callable[[C], object], Future[object]]] = []
        self._is_busy = False

    def submit(self, job: Callable[[C], object]) -> "Future[object]":
        """Queue a job."""
        future: Future[object] = Future()
        self._jobs.append((job, future))
        if not self._is_busy:
            self._is_busy = True
            self._timeline.after(0, lambda: self._guard(self._begin))
        return future

    def _begin(self) -> None:
        batch, self._jobs = self._jobs, []
        self._step("in the transaction")
        delay = QUICK_MS if self._disk.is_healed else self._rng.randint(*self._plan.commit_ms)
        self._timeline.after(delay, lambda: self._guard(lambda: self._commit(batch)))

    def _commit(self, batch: list[tuple[Callable[[C], object], "Future[object]"]]) -> None:
        if self._disk.is_full:
            self._seen["commit tried on a full disk"] += 1
            self._timeline.after(RETRY_MS, lambda: self._guard(lambda: self._commit(batch)))
            return
        results = self._disk.transact([job for job, _ in batch])
        self._timeline.tell("disk", f"{len(batch)} jobs committed")
        self._step("committed")
        for (_, future), result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
        self._is_busy = bool(self._jobs)
        if self._jobs:
            self._timeline.after(0, lambda: self._guard(self._begin))
