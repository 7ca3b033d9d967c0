"""The watch by itself: integers of 31 bits, nothing allocated, and no state of the control law."""

import gc

import pytest
from safety_rig import CONTROL_MS

from soakfw.watch import Watch
from soakwire import records

LARGEST = (1 << 30) - 1  # a small integer of the board
COLD, HOT, TOP = -5000, 9000, 20000


def numbers(watch):
    """Every number it holds."""
    return [value for value in watch.__dict__.values() if isinstance(value, int)]


def look(watch, plate, target=5000, point=5000, duty=1000, other=None, still=False, ms=CONTROL_MS):
    return watch.look(plate, other, still, target, point, duty, ms)


def test_what_it_remembers_stays_small():
    """A trip turns the heater off; the watch must not depend on that."""
    watch = Watch()
    for plate in (COLD, None, HOT, TOP):
        for target in (0, 5000, 8500, None):
            for duty in (0, 1000):
                for _ in range(400):
                    look(watch, plate, target, target, duty, other=COLD, still=True, ms=1 << 29)
                    assert all(-LARGEST <= number <= LARGEST for number in numbers(watch))


@pytest.mark.rule("S7", "S8")
def test_both_checks_of_a_cold_plate_end_with_a_rise():
    watch = Watch()
    faults = 0
    for i in range(4 * 60 * 30):  # half an hour, 2.4 °C a minute from -50 °C
        faults |= look(watch, COLD + i)
    assert faults == 0
    for _ in range(4 * 61):
        faults |= look(watch, COLD)
    assert faults & (records.FAULT_NO_RISE | records.FAULT_TOO_COLD)


@pytest.mark.rule("S10")
def test_stuck_on_needs_a_minute_without_heat_and_two_degrees():
    for rise_per_min, trips in ((180, False), (260, True), (2000, True)):
        watch = Watch()
        plate, faults, tripped_at = 2300 * 60000, 0, None
        for now in range(0, 180000, CONTROL_MS):
            plate += rise_per_min * CONTROL_MS
            if look(watch, plate // 60000, None, None, 0) and tripped_at is None:
                tripped_at = now
            faults |= look(watch, plate // 60000, None, None, 0, ms=0)
        assert (tripped_at is not None) == trips, rise_per_min
        if tripped_at is not None:
            assert 59000 <= tripped_at <= 90000


def test_nothing_is_allocated():
    """On MicroPython: a thousand looks in all moods leave the heap as it was."""
    if not hasattr(gc, "mem_alloc"):
        return
    watch = Watch()
    plates = (2300, 4990, 5600, 4300)
    for plate in plates:
        look(watch, plate)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    i = 0
    while i < 1000:
        watch.look(plates[i & 3], 5000, False, 5000, 5000, (i & 1) * 900, CONTROL_MS)
        i += 1
    after = gc.mem_alloc()
    gc.enable()
    assert after - before <= 64, after - before  # the test's own number
