"""The log of a data directory, and of the daemon also on standard error."""

import contextlib
import logging
import logging.handlers
from collections.abc import Iterator
from pathlib import Path

from soakbench.errors import StoreError

LOG_BYTES = 5_000_000
LOGS_KEPT = 5

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_NOISY = ("aiomqtt", "amqtt", "asyncio", "httpx", "transitions", "uvicorn")


def log_path(data: Path) -> Path:
    """The log file of `data`."""
    return data / "logs" / "soakbench.log"


def set_up_logs(data: Path, to_stderr: bool = False) -> None:
    """Log to the file of `data`, and to standard error if asked. StoreError if that fails."""
    path = log_path(data)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        to_file = logging.handlers.RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8"
        )
    except OSError as error:
        raise StoreError(
            f"cannot write in the data directory {data}: {error.strerror or error}",
            hint="choose a directory of yours with --data",
        ) from error
    handlers: list[logging.Handler] = [to_file]
    if to_stderr:
        handlers.append(logging.StreamHandler())
    logging.basicConfig(level=logging.INFO, format=_FORMAT, handlers=handlers, force=True)
    # A log on a full disk must not fill the terminal with tracebacks instead.
    logging.raiseExceptions = False
    # Warnings of libraries belong in the log, not between the lines of a table.
    logging.captureWarnings(True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextlib.contextmanager
def quiet_logs() -> Iterator[None]:
    """No log lines of ours meanwhile: a rehearsal tells all of it in the end."""
    logger = logging.getLogger("soakbench")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
