"""When the board sends unacknowledged records again (RE-7)."""

from soakwire.ticks import ticks_diff

RESEND_MS = 1000
RESEND_MAX_MS = 8000
_NOTHING = -1


class ResendTimer:
    """One session's timer: max(1 s, 4 x the smoothed delay), doubling to 8 s, until an ACK."""

    def __init__(self, now: int) -> None:
        self._since = now  # the last ACK, or when the oldest unacknowledged went out
        self._wait_ms = RESEND_MS
        self._delay_8ths = 0  # smoothed delay between sending and ACK
        self._probe = _NOTHING  # the ACK of this seq will show the delay
        self._probe_at = 0
        self._repeated = False  # the probe has gone out more than once

    def sending(self, next_seq: int, now: int, alone: bool) -> None:
        """Records up to `next_seq` go out; `alone` if nothing else is unacknowledged."""
        if alone:
            self._since = now
        if self._probe == _NOTHING:
            self._probe = next_seq
            self._probe_at = now
            self._repeated = False

    def acknowledged(self, next_seq: int, now: int) -> None:
        """An ACK has moved on to `next_seq`."""
        self._since = now
        if self._probe != _NOTHING and next_seq >= self._probe:
            self._learn(max(ticks_diff(now, self._probe_at), 0))
            self._probe = _NOTHING
        self._wait_ms = min(max(RESEND_MS, self._delay_8ths // 2), RESEND_MAX_MS)

    def due(self, now: int) -> bool:
        """Whether it is time to send again; the next time is further away then."""
        if ticks_diff(now, self._since) < self._wait_ms:
            return False
        self._wait_ms = min(2 * self._wait_ms, RESEND_MAX_MS)
        self._repeated = True
        return True

    def _learn(self, delay_ms: int) -> None:
        """Of a record sent twice nobody knows which one was acknowledged: a second at most.

        So a slow disk is learnt all the same, and a lossy wire does not pass for one.
        """
        if self._repeated:
            delay_ms = min(delay_ms, RESEND_MS)
        if self._delay_8ths == 0:
            self._delay_8ths = 8 * delay_ms
        else:
            self._delay_8ths += delay_ms - self._delay_8ths // 8
