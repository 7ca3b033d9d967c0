"""One daemon per data directory."""

import contextlib
from collections.abc import Generator
from pathlib import Path

from soakbench.errors import DaemonError
from soakbench.file_lock import HeldError, file_lock


@contextlib.contextmanager
def data_lock(data: Path) -> Generator[None]:
    """Hold the lock of `data`. DaemonError names the process that has it."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(file_lock(data / "daemon.lock"))
        except HeldError as error:
            raise DaemonError(
                f"another daemon (process {error.owner}) uses {data}",
                hint="talk to that one (`soakbench status`), or choose another --data directory",
            ) from error
        yield
