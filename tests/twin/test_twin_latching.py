"""A latching relay of the twin: what moves it, and what does not."""

import pytest

from soakbench.twin.channel import PinState
from soakbench.twin.wires import OPERATE_MS, Wires

SET, RESET = 4, 5


def pulsed(wires: Wires, gpio: int, at_ms: float, ms: float) -> None:
    wires.set(gpio, PinState.HIGH, at_ms)
    wires.set(gpio, PinState.LOW, at_ms + ms)


def test_pulses_set_and_reset_it_and_it_stays_without_power() -> None:
    wires = Wires()
    latch = wires.latch(SET, RESET, "high")
    pulsed(wires, SET, 0, 10)
    assert latch.on
    wires.release_all(20)
    assert latch.on
    pulsed(wires, RESET, 30, 10)
    assert not latch.on
    assert latch.switched == 1


@pytest.mark.parametrize("ms", [0, OPERATE_MS - 1])
def test_a_pulse_shorter_than_it_needs_moves_nothing(ms: float) -> None:
    wires = Wires()
    latch = wires.latch(SET, RESET, "high")
    pulsed(wires, SET, 0, ms)
    assert not latch.on


def test_both_coils_at_once_move_nothing() -> None:
    wires = Wires()
    latch = wires.latch(SET, RESET, "high")
    wires.set(RESET, PinState.HIGH, 0)
    pulsed(wires, SET, 1, 10)
    assert not latch.on


def test_a_reset_in_the_middle_of_a_pulse() -> None:
    for ms, moved in ((OPERATE_MS - 1, False), (OPERATE_MS, True)):
        wires = Wires()
        latch = wires.latch(SET, RESET, "low")
        wires.set(SET, PinState.LOW, 0)
        wires.release_all(ms)
        assert latch.on == moved


def test_a_stuck_one_follows_the_next_pulse_once_it_is_free() -> None:
    wires = Wires()
    latch = wires.latch(SET, RESET, "high")
    latch.stick(True)
    pulsed(wires, SET, 0, 10)
    latch.stick(False)
    assert not latch.on
    pulsed(wires, SET, 20, 10)
    assert latch.on
