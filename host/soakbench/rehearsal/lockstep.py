"""Firmware and host in lockstep: time jumps to the earliest of board, host and script.

The board goes on by itself up to the moment at which the host or a scripted fault may do something,
so that a poll of the firmware is one exchange with it. At the same moment the script comes first,
then the board, then the host. Nothing here looks at a clock: two runs are the same.
"""

import contextlib
import heapq
import os
import select
from collections.abc import Callable, Iterator
from pathlib import Path

from soakbench.errors import BenchFault
from soakbench.twin.memory_port import MemoryPort
from soakbench.twin.simulation import Simulation

_COMPUTING_MOST_MS = 10_000  # of the computer's time; a poll of the firmware takes less than one
_NEVER_MS = 1 << 62
_STAT_PROCESSOR = 36  # of what stands behind the name in /proc/PID/stat: field 39 in proc(5)


class Lockstep:
    """The world of a VirtualLoop: `simulation`, and the host's end of its cable.

    `host_bytes` gets what the board has sent, `host_gone` the cause when an open port goes away.
    """

    def __init__(
        self,
        simulation: Simulation,
        host_bytes: Callable[[bytes], None],
        host_gone: Callable[[str], None] | None = None,
    ) -> None:
        if not isinstance(simulation.port, MemoryPort):
            raise TypeError("lockstep needs a cable in memory")
        self._simulation = simulation
        self._cable = simulation.port
        self._host_bytes = host_bytes
        self._host_gone = host_gone
        self._script: list[tuple[int, int, Callable[[], None]]] = []
        self._scripted = 0
        self._stirred = True  # something has happened that the simulation has not seen
        self._told_gone = False
        self._requests = _Requests()
        self.now_ms = simulation.now_ms

    @property
    def polls(self) -> int:
        """How often the firmware was answered."""
        return self._simulation.mcu.exchanges

    def at(self, ms: int, action: Callable[[], None]) -> None:
        """Do this at `ms`, or now if that is over."""
        self._scripted += 1
        heapq.heappush(self._script, (ms, self._scripted, action))

    def pass_time(self, until_ms: int | None) -> None:
        """Go on until the host has got bytes, an action has run, or it is `until_ms`.

        None: the host has nothing planned. BenchFault if nothing will ever happen.
        """
        end_ms = _NEVER_MS if until_ms is None else until_ms
        while True:
            due_ms = self._due_ms()
            if due_ms > end_ms:
                self.now_ms = max(self.now_ms, end_ms)
                return
            if due_ms == _NEVER_MS:
                raise BenchFault("the rehearsal stands still: nobody plans anything")
            self.now_ms = max(self.now_ms, due_ms)
            acted = self._act()
            self._step(end_ms)
            if self._deliver() or acted:
                return

    def _due_ms(self) -> int:
        """When something happens next but for the host."""
        mcu = self._simulation.mcu
        if self._stirred or (mcu.running and mcu.wait is None):
            return self.now_ms
        due_ms = self._simulation.due_ms
        due_ms = _NEVER_MS if due_ms is None else due_ms
        return min(due_ms, self._script[0][0]) if self._script else due_ms

    def _act(self) -> bool:
        """Do what the script has for now; whether there was anything."""
        self._simulation.reach(self.now_ms)
        acted = False
        while self._script and self._script[0][0] <= self.now_ms:
            heapq.heappop(self._script)[2]()
            acted = True
        return acted

    def _step(self, quiet_until_ms: int) -> None:
        """Let the board do what is due, up to its next wait."""
        if self._script:
            quiet_until_ms = min(quiet_until_ms, self._script[0][0])
        mcu = self._simulation.mcu
        self._settle()
        answered, boots = mcu.exchanges, mcu.boots
        self._simulation.step(self.now_ms, quiet_until_ms)
        self._settle()
        if mcu.exchanges != answered:
            self._simulation.collect()
        self._stirred = mcu.boots != boots  # it could not be served before it had started

    def _settle(self) -> None:
        """Let the board compute until it waits, and take what it says meanwhile."""
        mcu = self._simulation.mcu
        while mcu.running and mcu.wait is None:
            self._requests.await_one(mcu.request_fd)
            self._simulation.collect()

    # --- the host's end ---

    def host_open(self) -> None:
        """Open the port. OSError if it is not there."""
        self._cable.host_open()
        self._told_gone = False
        self._stirred = True

    def host_close(self) -> None:
        """Close it."""
        self._cable.host_close()
        self._stirred = True

    def host_write(self, data: bytes) -> None:
        """Write all of `data`. OSError if the port is gone, or if the board takes no more."""
        self._stirred = True
        if self._cable.host_write(data) < len(data):
            raise TimeoutError("the board does not read")

    def _deliver(self) -> bool:
        """Hand the host what is there for it; whether there was anything."""
        delivered = False
        while self._cable.host_ready and not self._told_gone:
            delivered = True
            try:
                data = self._cable.host_read()
            except OSError as error:
                self._told_gone = True
                if self._host_gone is not None:
                    self._host_gone(str(error))
            else:
                self._host_bytes(data)
        return delivered


class _Requests:
    """Waits for a program in another process."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._fd: int | None = None

    def await_one(self, fd: int | None) -> None:
        """Until `fd` is readable. BenchFault if it never is."""
        if fd != self._fd:
            if self._fd is not None:
                self._poll.unregister(self._fd)
            if fd is not None:
                self._poll.register(fd, select.POLLIN)
            self._fd = fd
        if not self._poll.poll(_COMPUTING_MOST_MS):
            raise BenchFault("the firmware neither waits nor ends")


@contextlib.contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this process and those it starts on the core where it is, if this computer can.

    Of two processes that wait for each other in turn only one runs at a time; waking another core
    takes ten times as long as changing over on the same.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {_core(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _core(allowed: set[int]) -> int:
    """Where this process runs now: another rehearsal has chosen another one."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
        if int(fields[_STAT_PROCESSOR]) in allowed:
            return int(fields[_STAT_PROCESSOR])
    return min(allowed)
