"""The local HTTP API of the daemon, and the client that the CLI uses."""

from soakbench.api.client import ApiClient
from soakbench.api.server import Bench, serve

__all__ = ["ApiClient", "Bench", "serve"]
