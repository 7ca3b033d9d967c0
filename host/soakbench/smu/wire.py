"""Texts to an instrument and back, however they travel."""

from typing import Protocol


class Wire(Protocol):
    """One open connection. All calls raise SmuSilentError or SmuLostError."""

    @property
    def name(self) -> str:
        """Its address, for messages."""

    @property
    def overhead_ms(self) -> int:
        """What a reading takes beside its integration, on this way."""

    def write(self, command: str) -> None:
        """Send a command that has no answer."""

    def query(self, command: str) -> str:
        """Send a command and wait for its answer, without white space around it."""

    def clear(self) -> None:
        """Let the instrument drop what it is doing and what it still had to say."""

    def close(self) -> None:
        """End the connection."""
