"""One daemon per data directory."""

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path

from soakbench.errors import DaemonError

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def data_lock(data: Path) -> Generator[None]:
    """Hold the lock of `data`; the system releases it even after kill -9.

    DaemonError names the process that has it.
    """
    path = data / "daemon.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _take(descriptor)
        except OSError as error:
            owner = path.read_text("utf-8").strip() or "unknown"
            raise DaemonError(
                f"another daemon (process {owner}) uses {data}",
                hint="talk to that one (`soakbench status`), or choose another --data directory",
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
