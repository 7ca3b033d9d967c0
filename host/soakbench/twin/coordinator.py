"""Runs a simulation in real time: waits for bytes, requests, commands and the next due moment.

A plain poll loop: an exchange with the child costs little more than its system calls. In virtual
time another loop takes this one's place; the simulation does not know the difference.
"""

import os
import select
from collections.abc import Callable

from soakbench.clock import Clock
from soakbench.twin.simulation import Simulation

_HOST_CHECK_MS = 50  # how soon a host that opens the port is noticed
_COMPUTING_CHECK_MS = 50  # how often to look at a child that computes: it may never come back
_LINE_MOST = 65536
_READ_SIZE = 65536

_READABLE = select.POLLIN | select.POLLHUP


class RealTime:
    """The loop. `commands` is the file descriptor of the command lines; its end ends the twin."""

    def __init__(
        self,
        simulation: Simulation,
        commands: int,
        obey: Callable[[bytes], None],
        clock: Clock,
    ) -> None:
        self._simulation = simulation
        self._commands = commands
        self._obey = obey
        self._clock = clock
        self._start_ms = clock.monotonic_ms()
        self._poll = select.poll()
        self._poll.register(commands, select.POLLIN)
        self._watched: dict[str, tuple[int, int]] = {}
        self._line = b""

    def run(self) -> None:
        """Until the command lines end."""
        while True:
            now_ms = self._clock.monotonic_ms() - self._start_ms
            self._simulation.step(now_ms)
            ready = self._wait(now_ms)
            if self._commands in ready and not self._take_commands():
                return

    def _wait(self, now_ms: int) -> set[int]:
        """Until something happens or is due."""
        mcu, port = self._simulation.mcu, self._simulation.port
        request = mcu.request_fd if mcu.wait is None else None
        self._watch("request", request, select.POLLIN)
        self._watch("port", port.fd if port.interest else None, port.interest)
        ready = self._poll.poll(self._timeout_ms(now_ms))
        return {fd for fd, event in ready if event & _READABLE}

    def _timeout_ms(self, now_ms: int) -> int | None:
        simulation = self._simulation
        limits = []
        if simulation.due_ms is not None:
            limits.append(max(0, simulation.due_ms - now_ms))
        if simulation.mcu.running and simulation.mcu.wait is None:
            limits.append(_COMPUTING_CHECK_MS)
        if simulation.port.plugged and not simulation.port.interest:
            limits.append(_HOST_CHECK_MS)
        return min(limits) if limits else None

    def _watch(self, name: str, fd: int | None, events: int) -> None:
        """Change what is polled, if it has changed."""
        wanted = None if fd is None else (fd, events)
        old = self._watched.get(name)
        if wanted == old:
            return
        if old is not None:
            self._poll.unregister(old[0])
            del self._watched[name]
        if wanted is not None:
            self._poll.register(*wanted)
            self._watched[name] = wanted

    def _take_commands(self) -> bool:
        """Carry out whole lines. False at the end of the input."""
        data = os.read(self._commands, _READ_SIZE)
        if not data or len(self._line) > _LINE_MOST:
            return False
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            if line.strip():
                self._obey(line)
        return True
