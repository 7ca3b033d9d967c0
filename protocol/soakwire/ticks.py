"""Arithmetic on device ticks: milliseconds that wrap at 2**30, as MicroPython's `ticks_ms` does.

No intermediate leaves the 31 bits of a small integer on the board, so nothing is allocated.
Times may be compared only if they lie less than `HALF` (6.2 days) apart.
"""

HALF = 1 << 29


def ticks_diff(a: int, b: int) -> int:
    """a - b in milliseconds, in -HALF..HALF-1."""
    d = a - b
    if d >= HALF:
        return d - HALF - HALF
    if d < -HALF:
        return d + HALF + HALF
    return d


def ticks_add(t: int, ms: int) -> int:
    """The ticks `ms` after `t`; `ms` is in 0..HALF-1."""
    s = t - HALF + ms
    return s - HALF if s >= HALF else s + HALF
