"""Time on the board: ticks that wrap at 2**30 ms (12.4 days), and 48 bits of it for records."""

from soakwire.ticks import ticks_add, ticks_diff


class DeviceClock:
    """Milliseconds since boot as wraps and ticks, so that no big integer is ever made.

    Boot is the first `update`'s wrap. `update` must be called at least once per wrap.
    """

    def __init__(self) -> None:
        self._wraps = 0
        self.now = 0  # ticks
        self._stamp: tuple[int, int, int] | None = None  # of now, once somebody has asked

    def update(self, now: int) -> None:
        """Take the current ticks."""
        if now < self.now:
            self._wraps += 1
        if now != self.now:
            self._stamp = None
        self.now = now

    def stamp(self) -> tuple[int, int, int]:
        """Device time as three 16-bit words, lowest first: wraps * 2**30 + ticks."""
        if self._stamp is None:
            now, wraps = self.now, self._wraps
            high = (now >> 16) | (wraps & 3) << 14
            self._stamp = (now & 0xFFFF, high, (wraps >> 2) & 0xFFFF)
        return self._stamp


class Deadline:
    """A time to wait for. Not set counts as passed.

    Once seen as passed it is forgotten, so that ticks 6.2 days later cannot bring it back.
    """

    _at: int | None = None  # of the class: one that is never set takes no room

    def set(self, now: int, ms: int) -> None:
        """Pass `ms` after `now`; `ms` is less than 2**29."""
        self._at = ticks_add(now, ms)

    def clear(self) -> None:
        """Count as passed from now on."""
        self._at = None

    def passed(self, now: int) -> bool:
        """Whether the time has come (or none is set)."""
        return self.left(now) == 0

    def left(self, now: int) -> int:
        """Milliseconds to go, 0 when passed."""
        if self._at is None:
            return 0
        left_ms = ticks_diff(self._at, now)
        if left_ms > 0:
            return left_ms
        self._at = None
        return 0
