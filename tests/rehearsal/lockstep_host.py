"""A host of the fewest lines on a lockstep world: it commits at once and keeps what it saw."""

import binascii
import itertools
from pathlib import Path

from soakbench.assets import firmware_path
from soakbench.config import BenchConfig, parse_plan
from soakbench.plan import compile_config, compile_program
from soakbench.rehearsal.lockstep import Lockstep
from soakbench.twin.assembly import in_micropython, in_process
from soakbench.twin.memory_port import MemoryPort
from soakbench.twin.simulation import Simulation
from soakwire import messages, names
from soakwire.host_end import BoardSeen, Event, HostEnd, Records, Response

LEASE_MS = 30_000
BEAT_MS = 1000


class Seen:
    """An observer that keeps everything, in order."""

    def __init__(self) -> None:
        self.slots: list[bytes] = []
        self.absent: list[tuple[int, int]] = []

    def produced(self, slot: bytes) -> None:
        self.slots.append(slot)

    def left_out(self, first_seq: int, count: int) -> None:
        self.absent.append((first_seq, count))


def simulate(bench: BenchConfig, chip: str, seen: Seen | None, seed: int = 1) -> Simulation:
    """A bench with a cable in memory; boots are numbered from 1."""
    make = {"micropython": in_micropython, "in_process": in_process}[chip]
    ids = itertools.count(1).__next__
    return make(bench, firmware_path(), MemoryPort(Path("cable")), seed, ids, seen)


class LockstepHost:
    """Beats once a second, and answers at the moment it hears something."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.world = Lockstep(simulation, self._hear, self.gone)
        self.heard = bytearray()
        """Every byte from the board."""
        self.slots: list[bytes] = []
        self.boot_ids: list[int] = []
        self.causes: list[str] = []
        self._end = HostEnd()
        self._hello: dict[str, int] = {}
        self._reason: int | None = None
        self._beat_ms = 0

    def gone(self, cause: str) -> None:
        self.causes.append(cause)
        self.world.host_close()
        self._end.port_closed(cause)

    def start(self) -> None:
        self.simulation.start()
        self.open()
        while self._end.state != "up":
            self.run_for(100)

    def open(self) -> None:
        self.world.host_open()
        self._end.port_opened(self.world.now_ms)

    def run_for(self, ms: int) -> None:
        """Let time pass, and beat."""
        end_ms = self.world.now_ms + ms
        while self.world.now_ms < end_ms:
            if self.world.now_ms >= self._beat_ms:
                self._beat_ms = self.world.now_ms + BEAT_MS
                self._end.beat(LEASE_MS)
            self._tick()
            self.world.pass_time(min(end_ms, self._beat_ms))

    def command(self, verb: int, values: list[int | None], data: bytes = b"") -> None:
        self._reason = None
        self._end.command(verb, messages.ARGS[verb].pack(values) + data, 0, self.world.now_ms)
        while self._reason is None:
            self.run_for(20)
        assert self._reason == messages.REASON_OK, names.REASONS[self._reason]

    def prepare(self, bench: BenchConfig, plan: str) -> None:
        """Bench and plan on the board, nothing started."""
        self._upload(messages.BLOB_CONFIG, compile_config(bench))
        program = compile_program(parse_plan(plan, "lockstep.toml"), bench)
        self._upload(messages.BLOB_PROGRAM, program.blob)

    def run(self, tracks: list[int]) -> None:
        for track in tracks:
            self.command(messages.START, [track, 0, 0, 0, 0, 0])
        self.command(messages.RESUME, [None])

    def _upload(self, blob: int, data: bytes) -> None:
        self.command(messages.BLOB_BEGIN, [blob, len(data), binascii.crc32(data)])
        for offset in range(0, len(data), messages.BLOB_CHUNK):
            chunk = data[offset : offset + messages.BLOB_CHUNK]
            self.command(messages.BLOB_DATA, [blob, offset], chunk)
        self.command(messages.BLOB_COMMIT, [blob])

    def _tick(self) -> None:
        for event in self._end.tick(self.world.now_ms):
            self._take(event)
        self._write()

    def _hear(self, data: bytes) -> None:
        self.heard += data
        for event in self._end.receive(data, self.world.now_ms):
            self._take(event)
        self._write()

    def _write(self) -> None:
        for line in self._end.take_output():
            if self._end.state != "closed":
                self.world.host_write(line)

    def _take(self, event: Event) -> None:
        if isinstance(event, BoardSeen):
            self._hello = event.hello
            self.boot_ids.append(event.boot_id)
            self._end.greet(1, event.hello["oldest_seq"], self.world.now_ms)
        elif isinstance(event, Response):
            self._reason = event.reason
        elif isinstance(event, Records):
            self.slots += [bytes(record.slot) for record in event.items]
            self._end.committed(event.boot_id, event.items[-1].seq + 1)
