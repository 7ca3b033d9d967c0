"""One rehearsal: a plan through the real firmware and the real host, in virtual time."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from soakbench.assets import firmware_path
from soakbench.config import BenchConfig, FaultScript, PlanConfig
from soakbench.errors import StoreError
from soakbench.plan import CompiledProgram, compile_program
from soakbench.rehearsal import faults
from soakbench.rehearsal.director import Director, Ending
from soakbench.rehearsal.fingerprint import db_hash
from soakbench.rehearsal.host import EPOCH_UTC_MS, Computer, HostClock, Outside
from soakbench.rehearsal.ids import Ids
from soakbench.rehearsal.judge import Account, read_stored
from soakbench.rehearsal.lockstep import Lockstep, on_one_core
from soakbench.rehearsal.operator import Operator
from soakbench.rehearsal.progress import Tell, Teller
from soakbench.rehearsal.publisher import Broker
from soakbench.rehearsal.report import Report, passages, trips
from soakbench.rehearsal.script import check_faults
from soakbench.rehearsal.virtual_loop import VirtualLoop
from soakbench.rehearsal.witness import Witness
from soakbench.run.account import Account as Records
from soakbench.run.goals import Goals, read_extended
from soakbench.run.summary import find_run, summarise
from soakbench.status import Summary
from soakbench.store import Store, open_store
from soakbench.store.store import DATABASE
from soakbench.twin import assembly
from soakbench.twin.memory_port import MemoryPort
from soakbench.twin.simulation import Simulation

Chip = Literal["micropython", "in-process"]

PATIENCE_MS = 2 * 3_600_000


@dataclass(frozen=True)
class Order:
    """What is to be rehearsed. The same order gives the same database."""

    plan: PlanConfig
    bench: BenchConfig
    seed: int = 1
    faults: FaultScript = field(default_factory=FaultScript)
    chip: Chip = "micropython"
    start_utc_ms: int = EPOCH_UTC_MS
    operator_delay_ms: int = 0
    patience_ms: int = PATIENCE_MS
    """A run that gets no further for so long is given up; to this come the operator's delay and the
    longest time-out of the plan."""


def rehearse(order: Order, data: Path | None = None, tell: Tell | None = None) -> Report:
    """Rehearse, and judge.

    Args:
        data: a directory without a database that is to keep it; None: it is thrown away.
        tell: called now and then with how far it is.

    ConfigError if plan, bench and faults do not fit each other; BenchFault without a MicroPython.
    """
    program = compile_program(order.plan, order.bench)
    check_faults(order.faults, order.bench)
    # Firmware and host take turns; in one process there is nothing to take turns with.
    core = on_one_core() if order.chip == "micropython" else nullcontext()
    with _folder(data) as folder, core:
        return _Rehearsal(order, program, open_store(folder), tell).run(str(data or ""))


class _Rehearsal:
    """The parts, wired."""

    def __init__(
        self, order: Order, program: CompiledProgram, store: Store, tell: Tell | None
    ) -> None:
        self._order = order
        self._program = program
        self._store = store
        self._ids = Ids(order.seed)
        self._account = Account(order.bench, program)
        self._witness = Witness(self._account, order.bench.twin.start_ticks_ms)
        self._port = MemoryPort(Path("cable"))
        self._simulation = self._make_simulation()
        self._world = Lockstep(self._simulation, self._arrived, self._lost)
        self._clock = HostClock(self._world, order.start_utc_ms)
        self._broker = Broker()
        self._teller = Teller(program, tell)
        self._lives = 0
        # Made in the event loop.
        self._loop: asyncio.AbstractEventLoop
        self._computer: Computer
        self._operator: Operator

    def run(self, data: str) -> Report:
        """From power on to the verdict."""
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(self._world)) as runner:
            try:
                self._simulation.start()
                self._simulation.speed(self._program.accelerate)
                ending = runner.run(self._play())
            finally:
                self._simulation.close()
        return self._report(ending, data)

    async def _play(self) -> Ending:
        self._loop = asyncio.get_running_loop()
        self._operator = Operator(
            self._order.operator_delay_ms, self._simulation.move, self._simulation.light_leak
        )
        director = self._make_director()
        outside = Outside(
            self._order.bench, self._store, self._clock, self._world, self._ids, self._broker
        )
        self._computer = Computer(outside, director.work)
        faults.Faults(self._order.faults, self._targets(self._computer)).plan(self._witness)
        self._computer.start()
        ending = await director.wait(self._computer.broken)
        await self._computer.shut_down()
        return ending

    def _make_simulation(self) -> Simulation:
        order = self._order
        make = assembly.in_process if order.chip == "in-process" else assembly.in_micropython
        simulation = make(
            order.bench,
            firmware_path(),
            self._port,
            order.seed,
            self._ids.boot_id,
            self._witness,
        )
        simulation.board.observer = self._witness
        return simulation

    def _make_director(self) -> Director:
        order = self._order
        return Director(
            order.plan,
            self._store,
            self._clock,
            self._operator,
            self._teller,
            order.patience_ms + order.operator_delay_ms + _longest_timeout_ms(order.plan),
            faults.last_ms(order.faults),
        )

    def _targets(self, computer: Computer) -> faults.Targets:
        return faults.Targets(
            schedule=self._world,
            simulation=self._simulation,
            port=self._port,
            computer=computer,
            clock=self._clock,
            broker=self._broker,
            operator_away=self._operator.be_away,
            chance=self._ids.chance("cable"),
            in_loop=self._in_loop,
        )

    # Called by the world while the loop waits in it.

    def _in_loop(self, action: Callable[[], None]) -> None:
        self._loop.call_soon(action)

    def _arrived(self, data: bytes) -> None:
        self._loop.call_soon(self._computer.arrived, data)

    def _lost(self, cause: str) -> None:
        self._loop.call_soon(self._computer.lost, cause)

    # --- afterwards ---

    def _report(self, ending: Ending, data: str) -> Report:
        order, events = self._order, self._witness.events
        goals = self._goals()
        stored = read_stored(self._store.path)
        verdict = self._account.verdict(stored, ending.settled_ms, goals.extended)
        summary = self._summary()
        return Report(
            plan=self._program.plan,
            seed=order.seed,
            simulated_s=self._world.now_ms / 1000,
            wall_s=self._teller.wall_ms / 1000,
            polls=self._world.polls,
            lives=self._computer.lives,
            why_not=ending.why_not,
            verdict=verdict,
            deviations=summary.noted if summary else [],
            trips=trips(events, list(order.bench.stations)),
            passages=passages(events, goals),
            published=self._broker.records,
            db_hash=db_hash(self._store),
            summary=summary,
            data=data,
        )

    def _goals(self) -> Goals:
        """The plan's, and what people have ordered on the way."""
        run = find_run(self._store, None)
        extended = {} if run is None else read_extended(self._store, run.run)
        return Goals(self._program, extended)

    def _summary(self) -> Summary | None:
        stored = find_run(self._store, None)
        if stored is None:
            return None
        bench = self._order.bench
        return summarise(self._store, Records(self._store), stored, self._program, bench, None)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is None:
        with tempfile.TemporaryDirectory(prefix="soakbench-rehearsal-") as folder:
            yield Path(folder)
        return
    if (data / DATABASE).exists():
        raise StoreError(
            f"there is a database in {data} already",
            hint="a rehearsal begins with none: name a new directory with --data",
        )
    yield data


def _longest_timeout_ms(plan: PlanConfig) -> int:
    phases = [phase for track in plan.tracks.values() for phase in track.phases]
    return max((getattr(phase, "timeout_ms", None) or 0 for phase in phases), default=0)
