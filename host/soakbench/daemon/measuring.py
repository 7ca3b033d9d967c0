"""Takes the J-V curves of tracks that stand at a `jv`, on a bench with a source meter.

One batch at a time: each cell of the track is routed, measured, and its curves are on disk before
the next one takes its place, so that the light stays on from the first cell to the last. A daemon
that was killed in the midst of it goes on with the cells that have no curves yet.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from soakbench.clock import Clock
from soakbench.config import BenchConfig
from soakbench.daemon.routing import NoLightError, NotRoutedError, Router
from soakbench.device import CommandRefusedError, LinkLostError
from soakbench.errors import ConfigError, SoakbenchError, StoreError
from soakbench.run.active import ActiveRun
from soakbench.run.caretaker import place_words
from soakbench.run.jv_batch import lease_ms, rotated, sweep_plan, visit_number
from soakbench.run.jv_sweeps import Measured, SweepKeeper
from soakbench.run.keeper import RunKeeper
from soakbench.run.ledger import Ledger
from soakbench.run.machine import Place
from soakbench.run.orders import Reason
from soakbench.smu import Settings, Smu, measure
from soakbench.smu.errors import SmuError
from soakbench.smu.result import Sweep
from soakbench.store.sweeps import Conditions

SetSpeed = Callable[[float], Awaitable[None]]
OpenMeter = Callable[[], AbstractAsyncContextManager[Smu]]

TRIES = 3  # of a cell whose routing was lost in mid-sweep, before that counts as a failure
STOP_S = 3.0  # a source meter that does not answer does not keep the board from its safe state

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a cell has no good curve; `is_final`: the next cells would fare no better."""

    why: str
    is_final: bool = False


class _LostError(Exception):
    """The board went away, or the cell was taken off in mid-sweep: to be tried again."""


class Measuring:
    """A Measurer. `serve` runs beside the keeper."""

    def __init__(
        self,
        bench: BenchConfig,
        keeper: RunKeeper,
        ledger: Ledger,
        sweeps: SweepKeeper,
        router: Router,
        clock: Clock,
        open_meter: OpenMeter,
        set_speed: SetSpeed,
    ) -> None:
        """`set_speed`: of simulated cells, which live at their own pace while they are measured."""
        self._bench = bench
        self._keeper = keeper
        self._ledger = ledger
        self._sweeps = sweeps
        self._router = router
        self._clock = clock
        self._open_meter = open_meter
        self._set_speed = set_speed
        self._places: list[Place] = []
        self._through: list[Place] = []  # that wait for others at their station
        self._at: Place | None = None
        self._stop = asyncio.Event()
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._tries: dict[tuple[Place, str], int] = {}

    async def stand_at(self, places: Sequence[Place]) -> None:
        """See Measurer."""
        known = [*self._through, self._at]
        self._places = [place for place in places if place not in known]
        if self._at is not None and self._at not in places:
            self._stop.set()
            try:
                async with asyncio.timeout(STOP_S):
                    await self._idle.wait()
            except TimeoutError:
                _log.error("the source meter has not let go of its cell yet")
        if self._places:
            self._news.set()

    async def serve(self) -> None:
        """Measure, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._places:
                await self._batch(self._places.pop(0))
                self._let_go()

    def _let_go(self) -> None:
        """Tracks that stand at a J-V of one station together go on together: else one of them would
        age, or wait for the other's light, longer than its plan says."""
        active = self._keeper.active
        if active is None:
            self._through.clear()
            return
        awaited = {self._station_of(active, place) for place in self._places}
        for place in list(self._through):
            if self._station_of(active, place) not in awaited:
                self._through.remove(place)
                self._keeper.measured(place)

    def _station_of(self, active: ActiveRun, place: Place) -> str:
        return active.program.tracks[place.track].steps[place.step].station

    async def _batch(self, place: Place) -> None:
        """All cells of a track that have no curves at `place`; then it may go on."""
        active = self._keeper.active
        if active is None:
            return
        self._at = place
        self._stop.clear()
        self._idle.clear()
        try:
            await self._set_speed(1)
            goes_on = await self._cells(active, place)
            if goes_on and not self._stop.is_set():
                self._through.append(place)
        except (LinkLostError, CommandRefusedError, StoreError, _LostError) as error:
            _log.warning("J-V: %s; tried again with the board's next report", error)
        finally:
            await self._router.release()
            await self._set_speed(active.program.accelerate)
            self._at = None
            self._idle.set()

    async def _cells(self, active: ActiveRun, place: Place) -> bool:
        """Whether the track may go on."""
        run, program = active.stored.run, active.program
        cells = program.tracks[place.track].cells
        await self._ledger.jv_pending(run, place, cells)
        done = self._sweeps.measured(run, place)
        order = [c for c in rotated(cells, visit_number(program, place)) if c not in done]
        if not order:
            return True
        words = place_words(place, program)
        station = self._station_of(active, place)
        if program.jv.light_suns > 0 and self._bench.stations[station].light is None:
            text = f"{words}: {station} has no light; its J-V curves stay pending"
            self._keeper.note("jv", text)
            return True
        self._keeper.note("jv", f"{words}: J-V curves of {', '.join(order)}, in this order")
        for number, cell in enumerate(order):
            if self._stop.is_set():
                return False
            failure = await self._cell(active, place, cell)
            if failure is None:
                continue
            left = order[number + 1 :] if failure.is_final else []
            if left:
                text = f"{words}: J-V of {', '.join(left)} not measured: {failure.why}"
                self._keeper.note("jv", text, deviation=True)
            goes_on = await self._keep_policy(active, place, f"{words}: {failure.why}")
            if not goes_on or failure.is_final:
                return goes_on
        return True

    async def _keep_policy(self, active: ActiveRun, place: Place, why: str) -> bool:
        """What the plan says to do about a failure; whether the track may go on."""
        do = active.program.jv.on_failure
        if do == "pending":
            return True
        if do == "pause":
            name = active.program.tracks[place.track].name
            reason = Reason(why=f"J-V failed: {why}")
            await active.orders.pause(place.track, name, reason, "policy")
            self._keeper.hurry()
        else:
            self._keeper.stopped_by_plan(f"the run is to be ended, J-V failed: {why}")
        return False

    # --- one cell ---

    async def _cell(self, active: ActiveRun, place: Place, cell: str) -> Failure | None:
        """Open the source meter, measure, and store what came of it."""
        failure: Failure | None = None
        is_through = False
        try:
            async with self._open_meter() as smu:
                failure = await self._routed(active, place, cell, smu)
                is_through = True
        except (SmuError, NoLightError, ConfigError) as error:
            if not is_through:
                return self._fail(cell, error, is_final=True)
            if failure is None:  # a good curve, and then no word that its output is off
                text = f"the source meter fails after the J-V of {cell}: {error}"
                self._keeper.note("jv", text, deviation=True)
                return Failure(text, is_final=True)
        except NotRoutedError as error:
            return self._fail(cell, error, is_final=False)
        return failure

    def _fail(self, cell: str, error: SoakbenchError, is_final: bool) -> Failure:
        """Nothing to store: write down why."""
        hint = f" ({error.hint})" if error.hint else ""
        text = f"J-V of {cell} not measured: {error}{hint}"
        self._keeper.note("jv", text, deviation=True)
        return Failure(text, is_final)

    async def _routed(self, active: ActiveRun, place: Place, cell: str, smu: Smu) -> Failure | None:
        program = active.program
        assert self._bench.smu is not None
        plan = sweep_plan(
            program.jv,
            Settings.of(self._bench.smu),
            program.accelerate,
            lambda settings: smu.reading_ms(settings, zeroed=False),
        )
        station = self._station_of(active, place)
        number = self._bench.cell_index(cell)
        await self._router.route(number, lease_ms(plan))
        if program.jv.light_suns > 0:
            await self._router.lit(station, program.jv.light_suns)
        sweep = await measure(smu, plan, self._clock, self._stop)
        stayed = self._router.is_on_meter(number)
        conditions = self._conditions(active, place, sweep, station)
        if not stayed:
            return self._lost(place, cell)
        if not sweep.outcome.points and not sweep.outcome.problem:
            return None  # stopped before it had begun
        area_cm2 = self._bench.cells[cell].area_cm2
        run, who = active.stored.run, str(smu.identity)
        measured = Measured(run, place, cell, area_cm2, sweep, conditions, who)
        return await self._keep(measured)

    def _lost(self, place: Place, cell: str) -> Failure | None:
        """What was measured may be of a cell that was not there. It is not kept."""
        tries = self._tries[place, cell] = self._tries.get((place, cell), 0) + 1
        text = f"J-V of {cell}: nobody knows that it was on the source meter throughout"
        self._keeper.note("jv", f"{text}; not kept", deviation=True)
        if tries < TRIES:
            raise _LostError(text)
        return Failure(text)

    def _conditions(
        self, active: ActiveRun, place: Place, sweep: Sweep, station: str
    ) -> Conditions:
        """As they were at the end of the sweep, by the newest samples."""
        now = self._router.station(station)
        began_ms = self._ledger.barrier_began(active.stored.run, place)
        measured_ms = sweep.outcome.began_utc_ms
        temp_c = None
        if now is not None:
            temp_c = now.plate_c if now.stage_c is None else now.stage_c
        return Conditions(
            measured_utc_ms=measured_ms,
            since_phase_s=None if began_ms is None else max(measured_ms - began_ms, 0) / 1000,
            cell_temp_c=temp_c,
            irradiance_suns=None if now is None else now.light_suns,
            compliance_ma=sweep.plan.settings.compliance_ma,
        )

    async def _keep(self, measured: Measured) -> Failure | None:
        """Store it; what is wrong with it, if anything."""
        outcome, flags = measured.sweep.outcome, measured.sweep.flags
        told = f" ({', '.join(flags)})" if flags else ""
        text = f"J-V of {measured.cell} by the source meter{told}"
        if outcome.ended != "complete":
            text = f"J-V of {measured.cell} {outcome.ended} in mid-sweep{told}"
            text += f": {outcome.problem}" if outcome.problem else ""
        wrong = bool(flags) and outcome.ended != "stopped"
        await self._sweeps.keep(measured, text, deviation=bool(flags))
        return Failure(text) if wrong and flags != ("rate",) else None
