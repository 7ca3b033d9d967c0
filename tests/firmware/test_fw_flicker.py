"""A condition that comes and goes: told at growing intervals, the last state always."""

import pytest
from fw_rig import pairs

from soakfw.flicker import Flicker
from soakfw.limits import CONDITION_CALM_MS, CONDITION_EVENT_MAX_MS, CONDITION_EVENT_MS
from soakwire.ticks import ticks_add

DAY_MS = 86400000
PASS_MS = 1000


def square(half_ms):
    """On and off for `half_ms` each."""
    return lambda ms: ms // half_ms % 2 == 1


def steady(state):
    """Always the same."""
    return lambda ms: state


def told_times(flicker, state_at, until_ms, start=0):
    """[(ms, state)] of what is told when the condition is `state_at(ms)`."""
    told = []
    for ms in range(0, until_ms, PASS_MS):
        state = state_at(ms)
        if flicker.must_tell(state, ticks_add(start, ms)):
            told.append((ms, state))
    return told


@pytest.mark.rule("RE-11")
def test_told_at_growing_intervals():
    for half_ms in (2000, 7000, 60000, 500000):
        told = told_times(Flicker(), square(half_ms), DAY_MS // 2)
        gaps = [then - ms for (ms, _s), (then, _then) in pairs(told)]
        assert len(told) <= 17, half_ms
        assert gaps[-1] >= CONDITION_EVENT_MAX_MS // 2
        assert min(gaps) >= CONDITION_EVENT_MS
        assert all([then[1] != state[1] for state, then in pairs(told)])


@pytest.mark.rule("RE-11")
def test_a_weekend_of_any_flicker_leaves_room():
    """Even one that always comes after a calm."""
    half_ms = CONDITION_CALM_MS + PASS_MS
    told = told_times(Flicker(), square(half_ms), 3 * DAY_MS)
    assert len(told) <= 220


@pytest.mark.rule("RE-11")
def test_the_last_state_is_always_told():
    for end_ms in (3000, 11000, 100000, 4000000):
        for last in (False, True):
            flicker = Flicker()
            before = told_times(flicker, square(PASS_MS), end_ms)
            rest_ms = CONDITION_EVENT_MAX_MS + 2 * PASS_MS
            told = before + told_times(flicker, steady(last), rest_ms, end_ms)
            assert told[-1][1] == last


@pytest.mark.rule("RE-11")
def test_after_a_calm_a_change_is_told_at_once_and_the_next_one_soon():
    flicker = Flicker()
    told_times(flicker, square(3000), 60000)
    calm_ms = 60000 + CONDITION_CALM_MS + PASS_MS
    told_times(flicker, steady(True), CONDITION_CALM_MS + PASS_MS, 60000)
    assert flicker.must_tell(False, calm_ms)
    assert not flicker.must_tell(True, calm_ms + CONDITION_EVENT_MS - 1)
    assert flicker.must_tell(True, calm_ms + CONDITION_EVENT_MS)


def test_a_wrap_of_the_ticks_brings_nothing_back():
    flicker = Flicker()
    assert flicker.must_tell(True, 0)
    for day in range(13):
        flicker.look(day * DAY_MS % (1 << 30))
    assert flicker.must_tell(False, 100)
