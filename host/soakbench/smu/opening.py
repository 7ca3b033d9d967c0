"""The source meter of a bench file, opened for a while; its output is off before and after."""

import contextlib
import logging
import re
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import platformdirs

from soakbench.config.smu_table import SmuTable
from soakbench.file_lock import HeldError, file_lock
from soakbench.smu.errors import SmuBusyError, SmuError
from soakbench.smu.finishing import finish
from soakbench.smu.in_thread import InThread
from soakbench.smu.keithley2400 import connected
from soakbench.smu.simulated import SimulatedSmu, Terminals, nothing_connected
from soakbench.smu.smu import Driver, Smu
from soakbench.smu.visa import ANSWER_MS, open_visa

_log = logging.getLogger(__name__)


def lock_folder() -> Path:
    """Where the locks of source meters lie: one for each, whatever bench file names it."""
    return platformdirs.user_state_path("soakbench", appauthor=False)


@contextlib.asynccontextmanager
async def open_smu(
    table: SmuTable, terminals: Terminals = nothing_connected, locks: Path | None = None
) -> AsyncGenerator[Smu]:
    """Connect and identify it. However the block ends, output off comes before letting go.

    SmuError if it is not there. `terminals` are a simulated one's.
    """
    if table.driver == "simulated":
        async with _switched_off(SimulatedSmu(terminals)) as simulated:
            yield simulated
        return

    def connect() -> Driver:
        return connected(open_visa(table, ANSWER_MS), table)

    with _alone(table.resource or "", locks or lock_folder()):
        async with _switched_off(await InThread.open(connect)) as smu:
            yield smu


@contextlib.asynccontextmanager
async def _switched_off(smu: Smu) -> AsyncGenerator[Smu]:
    try:
        yield smu
    except BaseException:
        await finish(_leave(smu))
        raise
    else:
        await finish(smu.output_off())
    finally:
        await finish(smu.close())


async def _leave(smu: Smu) -> None:
    """Output off after an error, which is the one to be told."""
    try:
        await smu.output_off()
    except SmuError as error:
        _log.error("the source meter's output may still be on: %s", error)


@contextlib.contextmanager
def _alone(resource: str, folder: Path) -> Generator[None]:
    """Two programs that talk to one instrument read each other's answers."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"smu-{re.sub(r'[^A-Za-z0-9]+', '-', resource)}.lock"
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(file_lock(path))
        except HeldError as error:
            raise SmuBusyError(
                f"the source meter at {resource} is in use by process {error.owner}",
                hint="a daemon uses it while it measures; try again later, or stop that process",
            ) from error
        yield
