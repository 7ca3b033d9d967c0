"""Time: ticks that wrap at 2**30, 48-bit stamps, deadlines."""

from soakfw.clock import Deadline, DeviceClock
from soakwire.slots import join_time
from soakwire.ticks import HALF, ticks_add, ticks_diff

WRAP = 1 << 30


def test_ticks_across_the_wrap():
    for start in (0, 1, HALF - 1, HALF, WRAP - 1):
        for ms in (0, 1, 1000, HALF - 1):
            later = ticks_add(start, ms)
            assert 0 <= later < WRAP
            assert later == (start + ms) % WRAP
            assert ticks_diff(later, start) == ms
            assert ticks_diff(start, later) == -ms


def test_stamp_counts_on_over_wraps():
    clock = DeviceClock()
    expected = 0
    clock.update(0)
    for _ in range(40):  # more than 16 bits of 2**30: into the highest word
        expected += HALF - 7
        clock.update(expected % WRAP)
        assert join_time(*clock.stamp()) == expected
        assert all(0 <= word <= 0xFFFF for word in clock.stamp())


def test_a_deadline_passes_once_and_stays_passed():
    deadline = Deadline()
    assert deadline.passed(5)
    deadline.set(WRAP - 10, 30)
    assert deadline.left(WRAP - 10) == 30
    assert not deadline.passed(19)
    assert deadline.passed(20)
    assert deadline.passed(ticks_add(20, HALF))  # a plain comparison would say no
