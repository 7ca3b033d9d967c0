"""What can be wrong with a source meter. All of them leave its output off, or say that they do not
know."""

from soakbench.errors import BenchFault


class SmuError(BenchFault):
    """The source meter is not what a measurement needs."""


class SmuNotFoundError(SmuError):
    """It could not be opened: driver, address or cable."""


class SmuBusyError(SmuError):
    """Another soakbench process is using it."""


class SmuIdentityError(SmuError):
    """Something else is at that address."""


class SmuSilentError(SmuError):
    """It did not answer in time."""


class SmuLostError(SmuError):
    """The connection broke: unplugged, or switched off."""


class SmuGarbledError(SmuError):
    """Its answer makes no sense."""


class SmuRefusedError(SmuError):
    """It reports an error of its own: a setting it cannot have, or a reading with output off."""
