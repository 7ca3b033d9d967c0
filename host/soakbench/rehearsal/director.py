"""Begins the run, looks after it with each report of the board, and knows when it is over."""

import asyncio
from dataclasses import dataclass
from typing import Any

from soakbench.config import PlanConfig
from soakbench.daemon.engine import Engine
from soakbench.errors import BenchFault
from soakbench.rehearsal.host import HostClock, Life
from soakbench.rehearsal.operator import Operator
from soakbench.rehearsal.progress import Teller
from soakbench.run.machine import BoardReport
from soakbench.run.planned import Planned
from soakbench.run.summary import find_run
from soakbench.store import Store
from soakbench.units import format_duration
from soakwire import names, records

_LOOK_S = 60.0  # at a run of which nothing is heard


@dataclass(frozen=True)
class Ending:
    """How a rehearsal ended."""

    why_not: str
    """Why the run did not finish; empty if it did."""
    settled_ms: int | None
    """What the board had made before is on disk or declared; None: that cannot be known."""


class Director:
    """One run from its begin to its end, over all lives of the daemon."""

    def __init__(
        self,
        plan: PlanConfig,
        store: Store,
        clock: HostClock,
        operator: Operator,
        teller: Teller,
        patience_ms: int,
        faults_end_ms: int,
    ) -> None:
        """`patience_ms`: a run that gets no further for so long is given up, but not before
        `faults_end_ms`. To be made in the event loop that will run it."""
        self._plan = plan
        self._store = store
        self._clock = clock
        self._operator = operator
        self._teller = teller
        self._patience_ms = patience_ms
        self._moved_ms = faults_end_ms
        self._place: object = None
        self._report: BoardReport | None = None
        self._ended_ms: int | None = None
        self.over: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    async def work(self, life: Life) -> None:
        """In each life of the daemon: look whenever the board has reported."""
        keeper = life.engine.keeper
        while True:
            await keeper.reported.wait()
            keeper.reported.clear()
            if keeper.report is not None and not self.over.done():
                await self._look(life.engine, keeper.report)

    async def wait(self, broken: "asyncio.Future[None]") -> Ending:
        """Until it is over, or gets no further. Raises what has ended the daemon."""
        while not self.over.done():
            ends: set[asyncio.Future[Any]] = {self.over, broken}
            await asyncio.wait(ends, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            if broken.done():
                broken.result()
            if not self.over.done() and self._clock.monotonic_ms() > self._given_up_ms():
                return Ending(self._complaint(), None)
        return self.over.result()

    async def _look(self, engine: Engine, report: BoardReport) -> None:
        now_ms = self._clock.monotonic_ms()
        keeper = engine.keeper
        is_ours = keeper.active is not None and report.program_id == keeper.active.program_id
        self._report = report
        self._teller.look(now_ms, report, is_ours)
        self._note_place(report, now_ms)
        if keeper.active is not None and is_ours and keeper.active.waits.pending(report):
            # a clock that ticks is something going on
            self._moved_ms = max(self._moved_ms, now_ms)
        if not keeper.ended.is_set():
            await self._operator.look(engine, now_ms)
        elif find_run(self._store, None) is None:
            await self._begin(engine)
        elif self._ended_ms is None:
            self._ended_ms = now_ms
        elif now_ms > self._ended_ms and report.acked_seq >= report.newest_seq:
            self.over.set_result(Ending(self._outcome(), self._ended_ms))

    async def _begin(self, engine: Engine) -> None:
        try:
            await engine.start_run(Planned(self._plan, self._plan.plan.accelerate))
        except BenchFault:
            return  # tried again with the next report

    def _note_place(self, report: BoardReport, now_ms: int) -> None:
        place = [(t.state, t.step, t.cycle, t.delivered, t.dose) for t in report.tracks]
        if place != self._place:
            self._place = place
            self._moved_ms = max(self._moved_ms, now_ms)

    def _given_up_ms(self) -> int:
        return self._moved_ms + self._patience_ms

    def _outcome(self) -> str:
        run = find_run(self._store, None)
        if run is None or run.state == "finished":
            return ""
        return f"the run has {run.state}" + (f": {run.message}" if run.message else "")

    def _complaint(self) -> str:
        """Where it stands, and for how long."""
        patience = format_duration(self._patience_ms)
        where = "the board does not answer"
        if self._report is not None:
            where = ", ".join(self._standing(self._report)) or "the run does not begin"
        return f"nothing has gone on for {patience}: {where}"

    def _standing(self, report: BoardReport) -> list[str]:
        return [
            f"track {name} is {names.TRACK_STATE_NAMES[track.state]} at phase {track.step + 1}"
            + ("" if track.in_condition else ", not in condition")
            for name, track in zip(self._plan.tracks, report.tracks, strict=False)
            if track.state != records.DONE
        ]
