"""The host's clocks."""

import pytest

from soakbench.clock import Clock, ManualClock


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(monotonic_ms=5, utc_ms=1000)
    clock.advance(20)
    assert (clock.monotonic_ms(), clock.utc_ms()) == (25, 1020)
    clock.jump_utc(-500)
    assert (clock.monotonic_ms(), clock.utc_ms()) == (25, 520)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-1)


def test_the_real_clock_counts_milliseconds() -> None:
    clock = Clock()
    assert clock.monotonic_ms() <= clock.monotonic_ms()
    assert clock.utc_ms() > 1_700_000_000_000
