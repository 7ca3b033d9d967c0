"""Errors a person can act on. The type says whose fault it is; the CLI maps it to an exit code."""

from collections.abc import Iterator


class SoakbenchError(Exception):
    """Anything that ends a command with a message instead of a traceback.

    `hint` says what to do next; it may be empty. `exit_code` is the process's.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(SoakbenchError):
    """A bench or plan file is wrong, or the two do not fit each other."""


class BenchFault(SoakbenchError):  # noqa: N818 (a fault of the bench, not of the program)
    """The port, the board or its firmware is not what the run needs."""

    exit_code = 3


class StoreError(SoakbenchError):
    """The database cannot be opened, read or written."""


class CurveError(SoakbenchError):
    """A file of J-V curves cannot be read, or does not fit the run it is to belong to."""


class DaemonError(SoakbenchError):
    """The daemon is not there, does not answer, or refuses what was asked."""


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors themselves, out of the groups that task groups put around them."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error
