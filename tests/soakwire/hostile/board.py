"""The board around its end of the link: it boots, produces, reads, writes and dies."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from hostile.account import Account, Boot
from hostile.plan import Plan
from hostile.timeline import Timeline
from hostile.wire import Wire

WRITE_BYTES = 64
TICKS = 1 << 30


class Core(Protocol):
    """hostile.core.BoardCore, here or in a MicroPython child."""

    def receive(self, data: bytes, ticks: int, t_ms: int) -> list[int]: ...

    def next_frame(self, ticks: int, t_ms: int) -> bytes: ...

    def sample(self, t_ms: int, number: int, count: int) -> None: ...

    def event(self, t_ms: int, number: int) -> None: ...

    def note_next_seq(self) -> None:
        """Tell the account how far this boot has come."""
        if self.core is not None:
            self._boot.next_seq = self.core.status()[0]

    def status(self) -> tuple[int, int, int, int]: ...


MakeCore = Callable[[int, int, int, int], Core]


class BoardMachine:
    """What stays when a boot dies: the chip. `core` is the boot."""

    def __init__(
        self,
        timeline: Timeline,
        plan: Plan,
        account: Account,
        make: MakeCore,
        wires: tuple[Wire, Wire],
        seen: Counter[str],
    ) -> None:
        self._timeline = timeline
        self._plan = plan
        self._rng = random.Random(f"{plan.seed} board")
        self._account = account
        self._make = make
        self._in, self._out = wires
        self._seen = seen
        self.core: Core | None = None
        self.boot_id = 0
        self._boot = Boot()
        self._booted_ms = 0
        self._ticks_at_boot = plan.ticks_at_boot
        self._stalled_until_ms = 0
        self._line = b""
        self.is_producing = True
        self._out.on_room = self.pump
        self.boot()
        timeline.after(plan.board_poll_ms, self._poll)
        timeline.after(plan.round_ms[0], self._sample)
        timeline.after(plan.event_ms[0], self._event)

    # --- life and death ---

    def boot(self) -> None:
        """A new boot id, nothing in RAM."""
        plan = self._plan
        self.boot_id = self._rng.randrange(1 << 32)
        self._boot = self._account.boots[self.boot_id] = Boot()
        self._booted_ms = self._timeline.now_ms
        self._line = b""
        self.core = self._make(self.boot_id, plan.sample_slots, plan.event_slots, plan.board_window)
        self._produce_event()  # the firmware's EV_BOOT
        self._in.attach(self._read)
        self.pump()

    def reset(self) -> None:
        """All of RAM is gone; it boots again in a moment."""
        if self.core is None:
            return
        self._timeline.tell("board", f"RESET of boot {self.boot_id:08x}")
        self._seen["board reset"] += 1
        self.note_next_seq()
        self._boot.is_dead = True
        self.core = None
        self._in.attach(None)
        self._out.damage.forget()
        self._timeline.after(self._rng.randint(20, 1500), self.boot)

    def stall(self, until_ms: int) -> None:
        """The loop is busy: it reads, writes and produces nothing."""
        self._stalled_until_ms = until_ms
        self._in.stall(until_ms)

    def heal(self) -> None:
        """The loop runs."""
        self._stalled_until_ms = 0

    # --- what it does ---

    def pump(self) -> None:
        """Write until the wire is full or there is nothing to say."""
        if self.core is None or self._is_stalled():
            return
        while True:
            if not self._line:
                self._line = self.core.next_frame(self._ticks(), self._uptime())
                if not self._line:
                    return
            written = self._out.write(self._line[:WRITE_BYTES])
            if not written:
                return
            self._line = self._line[written:]

    def note_next_seq(self) -> None:
        """Tell the account how far this boot has come."""
        if self.core is not None:
            self._boot.next_seq = self.core.status()[0]

    def status(self) -> tuple[int, int, int, int]:
        """Next seq, records held, bad and stale frames; zeros while it is dead."""
        return self.core.status() if self.core else (0, 0, 0, 0)

    def _read(self, data: bytes) -> None:
        if self.core is None:
            return
        for number in self.core.receive(data, self._ticks(), self._uptime()):
            self._timeline.tell("board", f"command {number} takes effect")
            self._account.effect(number, self._uptime())
        self.pump()

    def _poll(self) -> None:
        self._timeline.after(self._plan.board_poll_ms, self._poll)
        self.pump()

    def _sample(self) -> None:
        self._timeline.after(self._rng.randint(*self._plan.round_ms), self._sample)
        if self.core is None or self._is_stalled() or not self.is_producing:
            return
        count = self._plan.round_records
        first = self._account.number()
        for i in range(count):
            self._boot.produced[first + i] = (self._uptime(), False)
            if i:
                self._account.number()
        self.core.sample(self._uptime(), first, count)
        self.pump()

    def _event(self) -> None:
        self._timeline.after(self._rng.randint(*self._plan.event_ms), self._event)
        if self.core is None or self._is_stalled() or not self.is_producing:
            return
        for _ in range(self._plan.event_burst):
            self._produce_event()
        self.pump()

    def _produce_event(self) -> None:
        number = self._account.number()
        self._boot.produced[number] = (self._uptime(), True)
        assert self.core is not None
        self.core.event(self._uptime(), number)

    def _is_stalled(self) -> bool:
        return self._timeline.now_ms < self._stalled_until_ms

    def _uptime(self) -> int:
        return self._timeline.now_ms - self._booted_ms

    def _ticks(self) -> int:
        return (self._ticks_at_boot + self._uptime()) % TICKS
