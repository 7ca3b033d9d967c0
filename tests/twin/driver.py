"""A simulation in virtual time with a host at its port: no sleeps, no wall clock.

Time jumps to whatever is due next. Only the kernel is waited for: the child's requests and bytes
on the pseudo-terminal, each with a limit after which the test fails.
"""

import os
import select
import tty
from pathlib import Path

from soakbench.config import BenchConfig
from soakbench.twin.assembly import in_micropython
from soakbench.twin.pty_port import PtyPort

FIRMWARE = Path(__file__).parent / "firmware"
_LIMIT_MS = 10_000
_EXCHANGES_MOST = 10_000


def readable(fd: int, limit_ms: int = _LIMIT_MS) -> bool:
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(limit_ms))


class VirtualBench:
    """A bench with a host; `ask` gives the test firmware a command and takes its answer."""

    def __init__(self, bench: BenchConfig, link: Path, firmware: list[Path]) -> None:
        self.link = link
        self.sim = in_micropython(bench, firmware, PtyPort(link), seed=1)
        self.now_ms = 0
        self.quiet_until_ms: int | None = None
        self.host: int | None = None
        self._text = b""
        self._sent = 0  # in the port's own counts, from its start
        self._got = 0

    def start(self) -> None:
        """Power on with a host at the port."""
        self.sim.start()
        self.open_host()
        self.run_until_waiting()

    def close(self) -> None:
        self.close_host()
        self.sim.close()

    # the host

    def open_host(self) -> None:
        self.host = os.open(self.link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.host)
        self.sim.port.look()
        assert self.sim.port.host_present
        self._sent = self.sim.port.bytes_in
        self._got = self.sim.port.bytes_out

    def close_host(self) -> None:
        if self.host is not None:
            os.close(self.host)
        self.host = None
        self._text = b""

    def send(self, data: bytes) -> None:
        """Write to the port and let it arrive; the board's time stands still meanwhile."""
        assert self.host is not None
        self._sent += len(data)
        while data:
            try:
                data = data[os.write(self.host, data) :]
            except BlockingIOError:
                self.pump()
        while self.sim.port.bytes_in < self._sent:
            assert self.sim.port.fd is not None
            assert readable(self.sim.port.fd)
            self.pump()

    def pump(self) -> None:
        """Do what can be done now, until the child waits again."""
        self.sim.step(self.now_ms, self.quiet_until_ms)
        self.run_until_waiting()

    def settle(self) -> None:
        """Do all that can be done without time passing: a prompt takes its bytes one by one."""
        for _ in range(_EXCHANGES_MOST):
            before = self.sim.mcu.exchanges
            self.pump()
            if self.sim.mcu.exchanges == before:
                return
        raise AssertionError("the firmware waits for nothing, for ever")

    def line(self) -> str:
        """The board's next line; time passes only if it has nothing to say now."""
        while b"\n" not in self._text:
            self.pump()
            data = self.read()
            self._text += data
            if not data:
                self.jump()
        line, _, self._text = self._text.partition(b"\n")
        return line.decode()

    def ask(self, command: str) -> str:
        """The answer to a command, without the command's name."""
        self.send(command.encode() + b"\n")
        name, _, answer = self.line().partition(" ")
        assert name == command.split(" ")[0]
        return answer

    def read(self) -> bytes:
        """What the board has sent; waits only for bytes that are on their way."""
        assert self.host is not None
        data = b""
        while self._got < self.sim.port.bytes_out:
            assert readable(self.host)
            chunk = os.read(self.host, 65536)
            self._got += len(chunk)
            data += chunk
        return data

    # time

    def jump(self) -> None:
        """To the next moment at which something is due."""
        due = self.sim.due_ms
        assert due is not None, "nothing will ever happen"
        self.now_ms = max(self.now_ms, due)
        self.pump()

    def advance(self, ms: int) -> None:
        """Let `ms` pass."""
        end = self.now_ms + ms
        while self.sim.due_ms is not None and self.sim.due_ms <= end:
            self.jump()
        self.now_ms = end
        self.settle()

    def run_until_waiting(self) -> None:
        """Wait for the child's request; it always comes, or its end does."""
        mcu = self.sim.mcu
        while mcu.running and mcu.wait is None:
            assert mcu.request_fd is not None
            assert readable(mcu.request_fd), "the firmware neither waits nor ends"
            mcu.receive()
            if mcu.reset_requested:
                self.sim.step(self.now_ms)
