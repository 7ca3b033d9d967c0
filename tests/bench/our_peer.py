"""Our own side of the round trips: the whole firmware on the board, the host's API on the computer.

Measured at three heights: `Device` in an event loop, as the daemon uses it; the link's thread
alone; and the two protocol ends with nothing but the port between them.
"""

import asyncio
import binascii
import contextlib
import queue
import time
from collections.abc import Callable, Iterator

import serial
from rtt import Block, block_of
from terminal import ROOT, firmware, micropython

from soakbench.clock import Clock
from soakbench.config import load_bench
from soakbench.device import Device
from soakbench.link import LinkOwner, SerialLink
from soakbench.plan.board_config import compile_config
from soakwire import messages
from soakwire.host_end import UP, BoardSeen, Event, HostEnd, Records, Response, SessionUp

BENCH = ROOT / "benches" / "pico-8cell.toml"
PATIENCE_S = 10.0


class BenchDevice(Device):
    """A device with the command that the bench sends."""

    async def load(self, cell: int, load: int, lease_ms: int) -> None:
        """Set a cell's load by hand."""
        await self._send(messages.LOAD, [cell, load, lease_ms])


class Owner(LinkOwner):
    """Acknowledges records at once and hands events to `listener`, in the link's thread."""

    def __init__(self) -> None:
        self.listener: Callable[[Event], object] = lambda event: None
        self.committed: Callable[[int, int], None] = lambda boot_id, next_seq: None
        self.problem = ""

    def on_event(self, event: Event) -> None:
        self.listener(event)

    def on_board(self, seen: BoardSeen) -> int:
        return 0

    def on_records(self, batch: Records) -> None:
        if batch.items:
            self.committed(batch.boot_id, batch.items[-1].seq + 1)

    def on_port(self, problem: str, hint: str) -> None:
        self.problem = f"{problem} {hint}".strip()


class Session:
    """A link in its own thread, a device in an event loop, and a bench that is configured."""

    def __init__(self, port: str, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._loop = runner.get_loop()
        self._up = asyncio.Event()
        self.owner = Owner()
        self.owner.listener = self._from_thread
        self.link = SerialLink(port, Clock(), self.owner)
        self.owner.committed = self.link.committed
        self.device = BenchDevice(self.link)

    def open(self) -> None:
        """Start the link, wait for the board and hand it its configuration."""
        self.link.start()
        self._runner.run(self._configure())

    async def _configure(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._up.wait()
        await self.device.upload(messages.BLOB_CONFIG, compile_config(load_bench(BENCH)))

    def _from_thread(self, event: Event) -> None:
        self._loop.call_soon_threadsafe(self._take, event)

    def _take(self, event: Event) -> None:
        if isinstance(event, SessionUp):
            self._up.set()
        self.device.feed(event)


@contextlib.contextmanager
def open_session(runner: asyncio.Runner, script: list[str]) -> Iterator[Session]:
    """A session with a MicroPython of its own that runs `script`."""
    with micropython(script) as port:
        session = Session(port, runner)
        try:
            session.open()
            yield session
        finally:
            session.link.close()


@contextlib.contextmanager
def device_peer(cell: int, load: int, lease_ms: int) -> Iterator[Block]:
    """Commands through `Device` in an event loop."""
    with asyncio.Runner() as runner, open_session(runner, firmware()) as session:

        async def timed(calls: int) -> list[float]:
            spent_us = []
            for _ in range(calls):
                begun = time.perf_counter_ns()
                await session.device.load(cell, load, lease_ms)
                spent_us.append((time.perf_counter_ns() - begun) / 1000)
            return spent_us

        yield lambda calls: runner.run(timed(calls))


@contextlib.contextmanager
def link_peer(cell: int, load: int, lease_ms: int) -> Iterator[Block]:
    """Commands through the link's thread, without an event loop."""
    arguments = messages.ARGS[messages.LOAD].pack([cell, load, lease_ms])
    answers: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with asyncio.Runner() as runner, open_session(runner, firmware()) as session:
        session.owner.listener = answers.put

        def call() -> None:
            session.link.command(messages.LOAD, arguments)
            while not isinstance(answers.get(timeout=PATIENCE_S), Response):
                pass

        yield block_of(call)


@contextlib.contextmanager
def bare_peer(cell: int, load: int, lease_ms: int) -> Iterator[Block]:
    """Commands through the protocol's two ends and the port, in one thread."""
    arguments = messages.ARGS[messages.LOAD].pack([cell, load, lease_ms])
    with micropython(firmware()) as port, serial.Serial(port, timeout=PATIENCE_S) as line:
        end = BareEnd(line)
        end.configure(compile_config(load_bench(BENCH)))
        yield block_of(lambda: end.command(messages.LOAD, arguments))


class BareEnd:
    """The host's end of the protocol on a port, in the caller's thread."""

    def __init__(self, line: serial.Serial) -> None:
        self._line = line
        self._end = HostEnd()
        self._end.port_opened(_now_ms())
        while self._end.state != UP:
            self._exchange()

    def configure(self, blob: bytes) -> None:
        """Hand over the configuration, as `Device.upload` does."""
        begin = [messages.BLOB_CONFIG, len(blob), binascii.crc32(blob)]
        self.command(messages.BLOB_BEGIN, messages.ARGS[messages.BLOB_BEGIN].pack([*begin]))
        for at in range(0, len(blob), messages.BLOB_CHUNK):
            where = messages.ARGS[messages.BLOB_DATA].pack([messages.BLOB_CONFIG, at])
            self.command(messages.BLOB_DATA, where + blob[at : at + messages.BLOB_CHUNK])
        commit = messages.ARGS[messages.BLOB_COMMIT].pack([messages.BLOB_CONFIG])
        self.command(messages.BLOB_COMMIT, commit)

    def command(self, verb: int, arguments: bytes) -> None:
        """Send a command and wait for its answer."""
        self._end.command(verb, arguments, 0, _now_ms())
        while not any(isinstance(event, Response) for event in self._exchange()):
            pass

    def _exchange(self) -> list[Event]:
        self._line.write(b"".join(self._end.take_output()))
        chunk = self._line.read(1)
        if not chunk:
            raise TimeoutError(f"nothing from the board in {PATIENCE_S:.0f} s")
        events = self._end.receive(chunk + self._line.read(self._line.in_waiting), _now_ms())
        for event in events:
            if isinstance(event, BoardSeen):
                self._end.greet(1, 0, _now_ms())
            elif isinstance(event, Records) and event.items:
                self._end.committed(event.boot_id, event.items[-1].seq + 1)
        return events


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
