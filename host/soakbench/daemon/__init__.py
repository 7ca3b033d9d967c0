"""The daemon: one process per bench that owns the port, the database and the run."""

from soakbench.daemon.daemon import Daemon

__all__ = ["Daemon"]
