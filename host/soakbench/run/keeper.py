"""The run of a bench: begins it, keeps it going over restarts of either end, ends it."""

import asyncio
import binascii
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from soakbench.clock import Clock, moment
from soakbench.config import BenchConfig
from soakbench.device import CommandRefusedError, Custody, Device, LinkLostError
from soakbench.errors import BenchFault, DaemonError, SoakbenchError, StoreError
from soakbench.plan import CompiledProgram, compile_config
from soakbench.run import machine
from soakbench.run.account import Stretch
from soakbench.run.active import ActiveRun, program_id_of, program_of, with_id
from soakbench.run.caretaker import Caretaker, Hands
from soakbench.run.comeback import wait_for_person
from soakbench.run.curves.table import pce_shares
from soakbench.run.jv_batch import Measurer
from soakbench.run.ledger import Ledger
from soakbench.run.loop_ends import LoopEnds
from soakbench.run.orders import Reason
from soakbench.run.planned import Also, Planned
from soakbench.run.summary import StoredRun
from soakbench.run.waits import ClockWaits
from soakbench.status import RunState
from soakwire import messages, records
from soakwire.host_end import State

ALIVE = ("arming", "running", "stopping")
STOP_S = 10.0

log = logging.getLogger(__name__)


class RunKeeper:
    """Owns the run. Everything here happens in the event loop; `serve` does the talking."""

    def __init__(
        self,
        bench: BenchConfig,
        ledger: Ledger,
        clock: Clock,
        device: Device,
        custody: Custody,
        ask_state: Callable[[], int | None],
        new_suffix: Callable[[], str],
    ) -> None:
        """`new_suffix` makes the names of runs unique that begin in the same second."""
        self._bench = bench
        self._ledger = ledger
        self._clock = clock
        self._device = device
        self._custody = custody
        self._ask_state = ask_state
        self._new_suffix = new_suffix
        self._config = compile_config(bench)
        self._config_crc = binascii.crc32(self._config)
        self._changed = asyncio.Event()
        self._fresh_from = 0  # the first beat whose answer was given after our last action
        self._newest_seq = 0
        self._produced: tuple[str, int] | None = None  # boot and number last written down
        self._writing: list[Future[object]] = []  # what of that is not on disk yet
        self._one_start = asyncio.Lock()
        self.measurer: Measurer | None = None
        """Who takes J-V curves; None: they are taken elsewhere, and imported."""
        self.active: ActiveRun | None = None
        self.report: machine.BoardReport | None = None
        """The board's last report; None while it is away."""
        self.reported = asyncio.Event()
        """Set at each report; whoever waits for the next one clears it."""
        self.ended = asyncio.Event()
        """Set when there is no run (any more)."""
        self.ended.set()

    @property
    def own_report(self) -> machine.BoardReport | None:
        """The board's last report, if it is there and runs the program of the active run."""
        if self.active is None or self.report is None:
            return None
        return self.report if self.report.program_id == self.active.program_id else None

    def load(self) -> None:
        """Take up the run that was going when the last daemon ended. Call before the link opens."""
        stored = self._ledger.newest()
        if stored is None or stored.state not in ALIVE:
            return
        if stored.bench_toml != self._bench.source.text:
            kept = self._ledger.folder(stored.run) / "bench.toml"
            raise DaemonError(
                f"run {stored.run} is under way with another bench file",
                hint=f"start the daemon with --bench {kept}; `soakbench stop` would end the run",
            )
        self._adopt(stored, program_of(stored, self._bench))
        log.info("taking up run %s (%s)", stored.run, stored.plan)

    def whereabouts(self) -> dict[str, str]:
        """The station at which each cell of the run should be, by what the database says."""
        if self.active is None:
            return {}
        progress = self._ledger.progress(self.active.stored.run, self.active.program)
        where = {}
        for number, track in enumerate(self.active.program.tracks):
            at = progress.get(number, machine.BEGIN).step
            step = track.steps[min(at, len(track.steps) - 1)]
            where.update(dict.fromkeys(track.cells, step.station))
        return where

    async def start(self, planned: Planned, also: Also) -> None:
        """Begin a run, and write `also` in the same transaction. Errors if one is under way or the
        plan does not fit."""
        async with self._one_start:
            obstacle = self.why_not_start()
            if obstacle is not None:
                raise obstacle
            program = planned.program(self._bench)
            run = self._ledger.free_name(program.plan, self._new_suffix)
            stored = planned.draft(run, self._clock.utc_ms(), self._bench, program)
            device, boot = self._custody.device_name, self._custody.boot_name
            self._custody.run = run  # for what arrives while the run is written down
            try:
                begin = Stretch(device, boot, self._newest_seq, self._newest_seq)
                await self._ledger.create(stored, begin, planned.devices(self._bench), also)
            except BaseException:
                self._custody.run = None
                raise
            self._ledger.keep_copies(stored, planned.cells.source.text)
            self._adopt(stored, program)
            self._changed.set()

    def why_not_start(self) -> SoakbenchError | None:
        """What is in the way of any run; None: nothing is."""
        if self.active is not None:
            return DaemonError(
                f"run {self.active.stored.run} is under way",
                hint="`soakbench watch` shows it, `soakbench stop` ends it;"
                " `soakbench run PLAN --queue` waits until it has finished",
            )
        if self.report is None:
            return BenchFault("the board is not there", hint="`soakbench status` says why")
        if self.report.app_state == messages.ACTIVE:
            return BenchFault(
                "the board is running a program that this database does not know",
                hint="`soakbench stop` puts it into the safe state; then start again",
            )
        return None

    async def confirm(self, track: str | None, note: str, who: str = "") -> list[str]:
        """Release the confirm barriers at which `track` (or any) waits; the tracks' names."""
        waiting = self.waiting()
        if track is not None:
            waiting = {place: name for place, name in waiting.items() if name == track}
        if not waiting or self.active is None:
            what = f"track {track}" if track else "no track"
            raise DaemonError(
                f"{what} is not waiting to be confirmed" if track else f"{what} is waiting",
                hint="`soakbench status` shows which track waits for what",
            )
        self.active.confirmed |= waiting.keys()
        names = list(waiting.values())
        text = f"confirmed {', '.join(names)}" + (f": {note}" if note else "")
        self.note("confirm", text, who=who)
        self._changed.set()
        return names

    def waiting(self) -> dict[machine.Place, str]:
        """The confirm barriers at which tracks wait, with the tracks' names."""
        report = self.own_report
        if self.active is None or report is None:
            return {}
        places = machine.waiting_for_person(report, self.active.program)
        return {
            place: self.active.program.tracks[place.track].name
            for place in places
            if place not in self.active.confirmed
        }

    async def stop(self) -> None:
        """End the run, or whatever the board is running: safe state.

        BenchFault if the board is away; the run is then stopped as soon as it is back.
        """
        active = self.active
        if active is None:
            await self._device.stop()
            return
        self._begin_to_stop()
        try:
            async with asyncio.timeout(STOP_S):
                await self.ended.wait()
        except TimeoutError as error:
            raise BenchFault(
                "the board does not answer; it goes on, but for its heaters",
                hint="the run is stopped as soon as the board is back; keep the daemon running",
            ) from error

    def _begin_to_stop(self) -> None:
        assert self.active is not None
        self.active.state = "stopping"
        self._ledger.stopping(self.active.stored.run)
        self._changed.set()

    def state_came(self, state: State, boot: str) -> None:
        """Boot `boot` of the board has reported."""
        self.report = machine.report_of(state.values, state.tracks)
        self._newest_seq = self.report.newest_seq
        self.reported.set()
        self._write_down(boot)
        if state.beat >= self._fresh_from:
            self._changed.set()

    def is_ending(self) -> bool:
        """Whether the end of a run waits for the board's next report."""
        finished = self.report is not None and self.report.app_state == messages.FINISHED
        return self.active is not None and (finished or self._is_stopping())

    def board_away(self) -> None:
        """The session is gone: nothing is known until the next report."""
        self.report = None
        self._fresh_from = 0

    async def serve(self) -> None:
        """Bring board and run together, for ever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._reconcile()
            except StoreError as error:
                log.error("%s; tried again with the next report", error)

    def measured(self, place: machine.Place) -> None:
        """The source meter is through with a J-V: the track goes on."""
        if self.active is not None:
            self.active.measured.add(place)
            self._changed.set()

    def stopped_by_plan(self, why: str) -> None:
        """End the run because the plan says so; why."""
        self.note("stop", why, deviation=True)
        self._begin_to_stop()

    def note(self, kind: str, text: str, deviation: bool = False, who: str = "") -> None:
        """Write down what happened, with the run."""
        run = self.active.stored.run if self.active else None
        self._ledger.note(run, kind, text, deviation, who)

    def hurry(self) -> None:
        """There is something new to bring the board to."""
        self._changed.set()

    # --- inside ---

    async def _reconcile(self) -> None:
        if self.report is None:
            return
        if self.active is not None and self.active.state == "running":
            await self._ask_people(self.active)
            await self._take_care(self.active)
        wanted = self._wanted()
        if self.measurer is not None:
            await self.measurer.stand_at(machine.to_measure(self.report, wanted))
        if self.report is None:
            return  # it has gone meanwhile
        actions = machine.next_actions(self.report, self._config_crc, wanted)
        for action in actions:
            if not await self._do(action):
                break
        if actions:
            self._changed.clear()  # what came meanwhile is older than what we did

    async def _ask_people(self, active: ActiveRun) -> None:
        """Tracks that the board has forgotten, and that do not go on by themselves, are paused."""
        tracks = self.own_report.tracks if self.own_report is not None else ()
        forgotten = [n for n, track in enumerate(tracks) if track.state == records.IDLE]
        seen = self._ledger.last_seen(active.stored.run) if forgotten else {}
        for number in forgotten:
            wait = wait_for_person(
                seen.get(number), self._clock.utc_ms(), active.program.resume_within_ms
            )
            if wait is not None:
                name = active.program.tracks[number].name
                await active.orders.pause(number, name, Reason(why=wait.why), wait.cause)

    async def _take_care(self, active: ActiveRun) -> None:
        """What the plan says to do about trouble, and about people who do not come."""
        report = self.own_report
        if report is not None:
            now = self._clock.utc_ms()
            await active.caretaker.look(report, frozenset(active.confirmed), now)

    def _hands(self) -> Hands:
        return Hands(self._confirmed_by_sensors, self.stopped_by_plan, self._changed.set)

    def _confirmed_by_sensors(self, place: machine.Place, why: str) -> None:
        assert self.active is not None
        self.active.confirmed.add(place)
        name = self.active.program.tracks[place.track].name
        self.note("confirm", f"confirmed {name} {why}")
        self._changed.set()

    async def _do(self, action: machine.Action) -> bool:
        """One action; False if the rest must wait for the next report."""
        try:
            await self._talk(action)
        except LinkLostError as error:
            log.warning("%s", error)
            return False
        except CommandRefusedError as error:
            if error.reason == messages.REASON_NOT_NOW or self._is_stopping():
                log.info("%s", error)  # the report was older than the board; the next one tells
                return False
            self._end("failed", str(error))
            return False
        return True

    def _is_stopping(self) -> bool:
        return self.active is not None and self.active.state == "stopping"

    async def _talk(self, action: machine.Action) -> None:
        match action:
            case machine.UploadConfig():
                await self._device.upload(messages.BLOB_CONFIG, self._config)
            case machine.UploadProgram():
                assert self.active is not None
                await self._device.upload(messages.BLOB_PROGRAM, self.active.blob)
            case machine.StartTrack(track, at):
                await self._device.start(
                    track, at.step, at.cycle, at.delivered, at.dose, at.elapsed_ms
                )
            case machine.SetGoal(place, goal):
                assert self.active is not None
                await self._device.set_goal(place.track, place.step, place.cycle, goal)
                self.active.given[place] = goal
            case machine.ResumeAll():
                await self._device.resume()
                self._started()
            case machine.ResumeTrack(track):
                await self._device.resume(track)
                self._started()
            case machine.PauseTrack(track):
                await self._device.pause(track)
            case machine.Advance(place):
                await self._device.advance(place.track, place.step, place.cycle)
            case machine.JvPending(place):
                assert self.active is not None
                cells = self.active.program.tracks[place.track].cells
                await self._ledger.jv_pending(self.active.stored.run, place, cells)
                return
            case machine.StopProgram():
                await self._device.stop()
            case machine.Finish():
                self._end("stopped" if self._is_stopping() else "finished", "")
                return
            case machine.Fail(message):
                self._end("failed", message)
                return
        self._fresh_from = self._ask_state() or 0

    def _wanted(self) -> machine.Wanted | None:
        if self.active is None or self.active.state not in ALIVE:
            return None
        return machine.Wanted(
            self.active.program,
            self.active.program_id,
            self._progress(self.active),
            frozenset(self.active.confirmed),
            stopping=self._is_stopping(),
            due=self._due(self.active),
            rounds_over=self._rounds_over(self.active),
            paused=self.active.orders.paused,
            skipped=self.active.orders.skipped,
            measured=None if self.measurer is None else frozenset(self.active.measured),
            extended=self.active.orders.extended,
        )

    def _rounds_over(self, active: ActiveRun) -> dict[machine.Place, bool]:
        report = self.own_report
        return {} if report is None else active.loop_ends.judged(report)

    def _due(self, active: ActiveRun) -> frozenset[machine.Place]:
        report = self.own_report
        return frozenset() if report is None else active.waits.over(report, self._clock.utc_ms())

    def _progress(self, active: ActiveRun) -> dict[int, machine.Progress]:
        """How far each track is. Read only where the board has to be told."""
        tracks = self.report.tracks if self.report is not None else ()
        if all(track.state != records.IDLE for track in tracks):
            return {}
        return self._ledger.progress(active.stored.run, active.program)

    def _adopt(self, stored: StoredRun, program: CompiledProgram) -> None:
        program_id = program_id_of(stored)
        blob = with_id(program.blob, program_id)
        boots = self._ledger.boots(stored.run)
        run = stored.run
        waits = ClockWaits(program, lambda place: self._ledger.barrier_began(run, place))
        orders = self._ledger.orders(run)
        self.active = ActiveRun(
            stored,
            program,
            blob,
            program_id,
            stored.state,
            boots,
            orders,
            waits,
            self._ledger.evidence(run, self._bench, program),
            Caretaker(run, self._bench, program, self._ledger, orders, self._hands()),
            LoopEnds(
                program,
                lambda: pce_shares(self._ledger.store, run),
                lambda text: self.note("loop", text),
            ),
        )
        self._custody.run = stored.run
        self.ended.clear()

    def _started(self) -> None:
        active = self.active
        if active is None or active.state != "arming":
            return
        active.state = "running"
        now = self._clock.utc_ms()
        active.stored = replace(active.stored, started=moment(now))
        self._ledger.started(active.stored.run, now)

    def _end(self, state: RunState, message: str) -> None:
        active = self.active
        if active is None or active.state not in ALIVE:
            log.error("%s", message)
            return
        active.state = state
        self.note("run", f"{state}{': ' if message else ''}{message}")
        self._custody.run = None
        active.evidence.finish()
        self._ledger.ended(active.stored.run, state, message, self._ended)

    def _ended(self) -> None:
        """The end is on disk."""
        self.active = None
        self.ended.set()

    def _write_down(self, boot: str) -> None:
        """How many records there are. Not every second while nothing is new; and while the disk
        takes nothing, what waits for it must not grow: the next report says it again."""
        produced = (boot, self._newest_seq)
        if produced == self._produced or not all(future.done() for future in self._writing):
            return
        self._produced = produced
        self._writing = [self._custody.produced(*produced)]
        if self.active is not None:
            self._writing.append(self._note_boot(self.active, boot))
            self.active.evidence.follow()

    def _note_boot(self, active: ActiveRun, boot: str) -> "Future[object]":
        """Which records of which boot belong to the run, and that the board has restarted."""
        if boot not in active.boots:
            active.boots.add(boot)
            self.note(
                "restart",
                "the board restarted; each track goes on from its last stored record, and what was"
                " delivered between that record and the restart is not counted",
                deviation=True,
            )
        device = self._custody.device_name
        return self._ledger.produced(active.stored.run, device, boot, self._newest_seq)
