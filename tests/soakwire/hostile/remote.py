"""The board's end in real MicroPython: one child process, in lockstep with the scenario."""

import os
import struct
import subprocess
import sys
from pathlib import Path
from types import TracebackType

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
HEAP = "240k"  # the RP2040's


class MicroPython:
    """The child; a context manager. One board at a time lives in it."""

    def __enter__(self) -> "MicroPython":
        folders = (HERE, ROOT / "firmware", ROOT / "protocol")
        command = [sys.executable, "-m", "micropython_unix", "-X", f"heapsize={HEAP}"]
        self._child = subprocess.Popen(
            [*command, str(HERE / "core_child.py")],
            env=os.environ | {"MICROPYPATH": ":".join(map(str, folders))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._requests, self._answers = self._child.stdin, self._child.stdout
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._requests.close()
        self._child.wait(10)
        self._answers.close()

    def boot(
        self, boot_id: int, sample_slots: int, event_slots: int, window_slots: int
    ) -> "RemoteCore":
        """A new boot, in place of the one before."""
        body = struct.pack("<IHHH", boot_id, sample_slots, event_slots, window_slots)
        self.call(b"B", 0, 0, body)
        return RemoteCore(self)

    def call(self, what: bytes, ticks: int, t_ms: int, body: bytes = b"") -> bytes:
        """One request and its answer."""
        request = what + struct.pack("<II", ticks, t_ms) + body
        self._requests.write(struct.pack("<H", len(request)) + request)
        self._requests.flush()
        size = self._answers.read(2)
        if len(size) < 2:
            raise RuntimeError("the MicroPython child has died")
        return self._answers.read(struct.unpack("<H", size)[0])


class RemoteCore:
    """As hostile.core.BoardCore."""

    def __init__(self, child: MicroPython) -> None:
        self._call = child.call

    def receive(self, data: bytes, ticks: int, t_ms: int) -> list[int]:
        done = self._call(b"R", ticks, t_ms, data)
        return list(struct.unpack(f"<{len(done) // 4}I", done))

    def next_frame(self, ticks: int, t_ms: int) -> bytes:
        return self._call(b"N", ticks, t_ms)

    def sample(self, t_ms: int, number: int, count: int) -> None:
        self._call(b"S", 0, t_ms, struct.pack("<IH", number, count))

    def event(self, t_ms: int, number: int) -> None:
        self._call(b"E", 0, t_ms, struct.pack("<I", number))

    def status(self) -> tuple[int, int, int, int]:
        next_seq, held, bad, stale = struct.unpack("<IIII", self._call(b"Q", 0, 0))
        return next_seq, held, bad, stale
