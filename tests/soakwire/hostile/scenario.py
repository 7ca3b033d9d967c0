"""One seed: faults for a while, then everything is put right, and the account is settled."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from hostile import plan as plans
from hostile.account import Account
from hostile.board import BoardMachine, MakeCore
from hostile.core import BoardCore
from hostile.damage import Damage
from hostile.host import HostMachine
from hostile.keeper import Keeper, Memory, MemoryKeeper
from hostile.plan import Mishap, Plan
from hostile.timeline import Timeline
from hostile.traps import Traps
from hostile.wire import Wire
from hostile.writer import Disk, Writer
from soakwire.host_end import UP
from soakwire.records import LOSS
from soakwire.slots import Record

UP_WITHIN_MS = 15_000  # after healing: 12 s until silence is noticed, then asking and greeting
DRAIN_MS = 40_000
STEP_MS = 250
DISK_MS = 20_000  # a disk that does not write for longer is not survived in silence
TRICKLE_MS = 1500  # production goes on for so long after healing


class MemoryHost:
    """The model of custody; `real_keeper.RealHost` is the real one."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.disk: Disk[Memory] = self.memory

    def heal(self) -> None:
        """From now on a fast disk and no bad batches."""
        self.memory.is_healed = True

    def make(self, writer: "Writer[Memory]", plan: Plan) -> Keeper:
        """A keeper for a new process."""
        return MemoryKeeper(self.memory, writer, plan)

    def stored(self) -> dict[int, dict[int, bytes]]:
        """boot id: seq: slot."""
        return self.memory.stored()

    def known(self) -> set[int]:
        """The boots in the database."""
        return self.memory.known()

    def faults(self) -> list[str]:
        """What the database itself has met."""
        return self.memory.faults

    def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class Result:
    """What a scenario has come to."""

    seed: int
    faults: tuple[str, ...]
    seen: Counter[str]
    trace: tuple[str, ...] = ()


class Scenario:
    """The bench of one seed."""

    def __init__(
        self,
        plan: Plan,
        make_core: MakeCore = BoardCore,
        make_host: Callable[[], MemoryHost] = MemoryHost,
        trace: bool = False,
    ) -> None:
        self.plan = plan
        self.seen: Counter[str] = Counter()
        self.account = Account()
        self.timeline = Timeline()
        self.timeline.trace = [] if trace else None
        self.store = make_host()
        self._rng = random.Random(f"{plan.seed} scenario")
        self.down = self._wire("down", plan.down, plan.harm[0])
        self.up = self._wire("up", plan.up, plan.harm[1])
        traps = Traps(plan, self._reset_board, self.seen)
        self._traps = traps
        self.board = BoardMachine(
            self.timeline, plan, self.account, make_core, (self.down, self.up), self.seen
        )
        self.host = HostMachine(
            self.timeline,
            plan,
            self.account,
            self.store.disk,
            self.store.make,
            (self.up, self.down),
            traps,
            self.seen,
        )

    def run(self) -> Result:
        """All of it; what was found wrong."""
        for mishap in self.plan.mishaps:
            self.timeline.at(mishap.at_ms, lambda m=mishap: self._befall(m))
        self.timeline.run(self.plan.faults_ms)
        self._heal()
        faults = self._recover()
        self.board.note_next_seq()
        faults += self.account.settle(self.store.stored(), self.store.known())
        faults += self.store.faults()
        self._count()
        self.store.close()
        return Result(self.plan.seed, tuple(faults), self.seen, tuple(self.timeline.trace or ()))

    # --- mishaps ---

    def _befall(self, mishap: Mishap) -> None:
        self.seen[mishap.what] += 1
        self.timeline.tell("bench", f"{mishap.what} for {mishap.for_ms} ms")
        until = self.timeline.now_ms + mishap.for_ms
        match mishap.what:
            case plans.STALL_HOST:
                self.host.stall(until)
            case plans.STALL_BOARD:
                self.board.stall(until)
            case plans.CABLE_OUT:
                self._cable_out(mishap.for_ms)
            case plans.REOPEN:
                self.host.lose_port("reopened")
            case plans.DISK:
                self._disk_full(min(mishap.for_ms, DISK_MS))
            case plans.KILL:
                self.host.kill()
            case plans.RESET:
                self._reset_board()

    def _reset_board(self) -> None:
        """On USB the port goes with the board, and with it what is under way to it."""
        self.board.reset()
        if self.plan.is_usb:
            self.down.flush()
            self.timeline.after(0, lambda: self.host.lose_port("the board has left the bus"))

    def _cable_out(self, for_ms: int) -> None:
        """On USB the port is gone; a UART just hears nothing."""
        for wire in (self.up, self.down):
            wire.cut = True
            wire.flush()
        if self.plan.is_usb:
            self.host.is_plugged = False
            self.host.lose_port("unplugged")
        self.timeline.after(for_ms, self._cable_in)

    def _cable_in(self) -> None:
        self.up.cut = self.down.cut = False
        self.host.is_plugged = True

    def _disk_full(self, for_ms: int) -> None:
        self.store.disk.is_full = True
        self.timeline.after(for_ms, self._disk_free)

    def _disk_free(self) -> None:
        self.store.disk.is_full = False

    def _heal(self) -> None:
        self.timeline.tell("bench", "HEALED")
        self._traps.disarm()
        self._cable_in()
        self._disk_free()
        self.store.heal()
        self.board.heal()
        self.host.stall(0)
        self.host.is_healed = True
        for wire in (self.up, self.down):
            wire.heal()

    # --- the verdict ---

    def _recover(self) -> list[str]:
        """UP in bounded time, then the rings drain while nothing new comes."""
        healed = self.timeline.now_ms
        self.timeline.at(healed + TRICKLE_MS, self._quieten)
        is_up = False
        while self.timeline.now_ms < healed + UP_WITHIN_MS + DRAIN_MS:
            self.timeline.run(self.timeline.now_ms + STEP_MS)
            is_up = self.host.state == UP
            if is_up and not self.board.is_producing and self._is_quiet():
                return []
            if not is_up and self.timeline.now_ms >= healed + UP_WITHIN_MS:
                break
        if not is_up:
            return [f"the link is {self.host.state or 'dead'} {UP_WITHIN_MS} ms after healing"]
        return [f"{self.board.status()[1]} records are still on the board"]

    def _quieten(self) -> None:
        self.board.is_producing = False
        self.host.is_commanding = False

    def _is_quiet(self) -> bool:
        return self.board.status()[1] == 0 and self.host.is_idle()

    def _wire(self, name: str, kind: "plans.wire.WireKind", harm: float) -> Wire:
        rng = random.Random(f"{self.plan.seed} {name}")
        damage = Damage(rng, harm, self.plan.kinds, self.seen)
        return Wire(self.timeline, rng, kind, damage, self.seen)

    def _count(self) -> None:
        """What the ends say of themselves, for the account of what was exercised."""
        seen = self.seen
        process = self.host.process
        if process:
            seen["duplicates at the host"] += process.end.duplicates
            seen["gaps at the host"] += process.end.gaps
            seen["bad frames at the host"] += process.end.bad_frames
            seen["stale frames at the host"] += process.end.stale_frames
        _, _, bad, stale = self.board.status()
        seen["bad frames at the board"] += bad
        seen["stale frames at the board"] += stale
        for slots in self.store.stored().values():
            seen["records stored"] += len(slots)
            for slot in slots.values():
                record = Record(slot)
                if record.kind == LOSS:
                    seen[_kind_of_loss(record)] += 1
        unseen = set(self.account.boots) - self.store.known()
        seen["a boot that nobody has seen"] += len(unseen)
        seen["effects"] += sum(self.account.effects.values())
        seen[self.plan.up.arrival] += 1
        if self.plan.ticks_at_boot + self.timeline.now_ms >= plans.TICKS:
            seen["ticks wrapped"] += 1


def _kind_of_loss(record: Record) -> str:
    if record.values["last_seq"] is None:
        return "open LOSS"
    return "samples thinned" if record.values["stride"] else "LOSS without a stride"


def run_seed(seed: int, trace: bool = False) -> Result:
    """One seed with the model of custody."""
    return Scenario(plans.draw(seed), trace=trace).run()
