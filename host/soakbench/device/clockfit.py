"""Device time to UTC. The board's clock is never set; the host measures the offset.

A BEAT and its STATE give one measurement: the device time lies between sending and receiving, so
the offset is known to half the round trip. The one with the shortest round trip of the last
`KEEP` wins. (Drift over a boot is fitted later; a crystal drifts 30 ppm at most: 0.1 s per hour,
and measurements are minutes old at most.)
"""

from collections import deque

KEEP = 30
HELLO_ERROR_MS = 500  # a HELLO may have waited that long in a buffer


class ClockFit:
    """Offset between one boot's device time and UTC, in milliseconds."""

    def __init__(self, device_ms: int, utc_ms: int) -> None:
        """Start from a HELLO, which gives a first, rough offset."""
        self._measured: deque[tuple[int, int]] = deque(maxlen=KEEP)
        self._best = (HELLO_ERROR_MS, utc_ms - device_ms)

    def add(self, sent_utc_ms: int, received_utc_ms: int, device_ms: int) -> None:
        """Take one round trip into account."""
        half = max(received_utc_ms - sent_utc_ms, 0) // 2
        self._measured.append((half + 1, sent_utc_ms + half - device_ms))
        self._best = min(self._measured, key=lambda m: m[0])

    def to_utc(self, device_ms: int) -> tuple[int, int]:
        """(UTC ms, estimated error ms) of a device time."""
        error, offset = self._best
        return device_ms + offset, error
