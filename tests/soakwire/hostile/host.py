"""The computer: its serial port, its disk, and a daemon that is started again when it dies."""

import random
from collections import Counter
from collections.abc import Callable

from hostile.account import Account
from hostile.keeper import Keeper
from hostile.plan import KILL_HOST, Plan
from hostile.process import Process
from hostile.timeline import Timeline
from hostile.traps import Traps
from hostile.wire import Wire
from hostile.writer import Disk, Writer

RESTART_MS = (50, 3000)

MakeKeeper = Callable[["Writer[object]", Plan], Keeper]


class HostMachine:
    """What stays when a process dies."""

    def __init__(
        self,
        timeline: Timeline,
        plan: Plan,
        account: Account,
        disk: Disk[object],
        make_keeper: MakeKeeper,
        wires: tuple[Wire, Wire],
        traps: Traps,
        seen: Counter[str],
    ) -> None:
        self.timeline = timeline
        self.plan = plan
        self.account = account
        self.disk = disk
        self.make_keeper = make_keeper
        self.wire_in, self.wire_out = wires
        self.traps = traps
        self.seen = seen
        self.rng = random.Random(f"{plan.seed} host")
        self.last_session = 0
        self.is_plugged = True
        self.is_commanding = True
        self.is_healed = False
        self.process: Process | None = None
        self.start()

    def start(self) -> None:
        """A new life of the daemon."""
        self.process = Process(self)
        self.process.guard(self.process.open_port)

    def kill(self) -> None:
        """All of the process is gone; what the operating system holds for the port may stay."""
        if self.process is None:
            return
        self.timeline.tell("host", "KILLED")
        self.seen[KILL_HOST] += 1
        self.process.die()
        self.process = None
        self.close_port()
        self.timeline.after(self.rng.randint(*RESTART_MS), self.start)

    def close_port(self) -> None:
        """Nobody reads; bytes under way may wait for the next who opens it."""
        self.wire_in.attach(None)
        self.wire_out.damage.forget()
        if self.rng.random() < 0.5:
            self.wire_in.flush()

    def lose_port(self, cause: str) -> None:
        """The port is gone under the process; it opens it again as soon as that is possible."""
        if self.process is not None:
            self.process.guard(lambda: self.process and self.process.port_lost(cause))

    def stall(self, until_ms: int) -> None:
        """The process does not run until then; its writing thread does."""
        self.wire_in.stall(until_ms)
        if self.process is not None:
            self.process.stalled_until_ms = until_ms

    def is_idle(self) -> bool:
        """Whether no command waits for its answer."""
        return self.process is not None and self.process.commander.waiting is None

    @property
    def state(self) -> str:
        """The session's state; empty while no process lives."""
        return self.process.end.state if self.process else ""
