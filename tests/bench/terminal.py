"""MicroPython behind a pseudo-terminal: what a serial port is to a program that opens it.

The interpreter has the terminal's far end as its stdin and stdout, with nothing in between that
would cost time, and everybody opens the near end by name through pyserial.
"""

import contextlib
import os
import subprocess
import tty
from collections.abc import Iterator
from pathlib import Path

from soakbench.twin.child import find_interpreter

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BOARD = HERE / "board"
MAIN = ROOT / "firmware" / "main.py"
# An RP2040's heap, and what the modules of `board` take, which a real one does not have there.
HEAP = f"heapsize={240 + 24}k"
_PATH = ":".join(str(folder) for folder in (BOARD, ROOT / "firmware", ROOT / "protocol"))


@contextlib.contextmanager
def micropython(script: list[str] | None = None) -> Iterator[str]:
    """A MicroPython with a script and its arguments, or a prompt; gives the port's name."""
    command = [*find_interpreter(), "-X", HEAP, *(script or [])]
    far, near = os.openpty()
    tty.setraw(near)
    try:
        child = subprocess.Popen(command, stdin=far, stdout=far, stderr=far, env=_environment())
        try:
            yield os.ttyname(near)
        finally:
            child.kill()
            child.wait()
    finally:
        os.close(far)
        os.close(near)  # open until now: without it the port is gone while nobody has it open


def firmware(application: str = "", *arguments: str) -> list[str]:
    """What to run: main.py, with the `App` of another module of `board` if one is named."""
    if not application:
        return [str(MAIN)]
    return [str(BOARD / "instead.py"), str(MAIN), application, *arguments]


def output_of(*arguments: str) -> str:
    """What MicroPython prints, without a terminal."""
    done = subprocess.run(
        [*find_interpreter(), "-X", HEAP, *arguments],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def _environment() -> dict[str, str]:
    return os.environ | {"MICROPYPATH": _PATH}
