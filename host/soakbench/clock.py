"""The one source of host time. Whatever needs the time is given a clock."""

import time
from datetime import UTC, datetime


class Clock:
    """The computer's clocks, in milliseconds."""

    def monotonic_ms(self) -> int:
        """Time for intervals and deadlines; never jumps, its zero means nothing."""
        return time.monotonic_ns() // 1_000_000

    def utc_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC; may jump when the computer's clock is set."""
        return time.time_ns() // 1_000_000


class ManualClock(Clock):
    """A clock that stands still until told otherwise, for tests and virtual time."""

    def __init__(self, monotonic_ms: int = 0, utc_ms: int = 1_767_225_600_000) -> None:
        self._monotonic_ms = monotonic_ms
        self._utc_ms = utc_ms

    def monotonic_ms(self) -> int:
        return self._monotonic_ms

    def utc_ms(self) -> int:
        return self._utc_ms

    def advance(self, by_ms: int) -> None:
        """Let `by_ms` pass on both clocks."""
        if by_ms < 0:
            raise ValueError(f"time cannot go back by {-by_ms} ms; use jump_utc for a set clock")
        self._monotonic_ms += by_ms
        self._utc_ms += by_ms

    def jump_utc(self, by_ms: int) -> None:
        """Set the UTC clock forward or back, as a time server may."""
        self._utc_ms += by_ms


def moment(utc_ms: int) -> datetime:
    """UTC milliseconds as a time of day."""
    return datetime.fromtimestamp(utc_ms / 1000, UTC)


def utc_ms(at: datetime) -> int:
    """A time of day as UTC milliseconds."""
    return round(at.timestamp() * 1000)
