"""The plate's thermistor on a converter: the rules hold as on a pin, by its own conversions."""

import pytest
from bounds import within
from fw_rig import BOX, CONTACTOR_PIN, HEATER_PIN, OPEN_CODE, SHORT_CODE, code_at
from safety_rig import CONTROL_MS, CONVERTER, HOUR_MS, SLOT_MS, Heating, off_after, stays_off

from soakfw import limits
from soakwire import messages, records

INPUTS = 4  # in use: each is converted every second
SAMPLE_MS = INPUTS * CONTROL_MS
HEAT_GOES = SAMPLE_MS + CONTROL_MS + SLOT_MS  # no reading, no heat: after one conversion


def gone(rig, rule, case, since, bound):
    for gpio in (HEATER_PIN, CONTACTOR_PIN):
        within(rule, case, off_after(rig, gpio, since), bound)
    assert rig.track().state == records.PAUSED
    stays_off(rig)


@pytest.mark.rule("S5")
def test_a_sensor_that_is_open_or_shorted_trips_after_four_conversions():
    for code, fault in (
        (OPEN_CODE, records.FAULT_PLATE_OPEN),
        (SHORT_CODE, records.FAULT_PLATE_SHORT),
        (code_at(95), records.FAULT_PLATE_RANGE),
    ):
        rig = Heating(converted=INPUTS)
        rig.run(5000)
        since = rig.now
        rig.chip.begun = []
        rig.sensor.code = lambda code=code: code
        rig.run(HEAT_GOES)
        assert rig.level(HEATER_PIN) == 0
        assert not rig.tripped()
        assert rig.until_tripped(60000) == fault
        of_the_plate = [number for _t, number in rig.chip.begun if number == 0]
        assert limits.BAD_SAMPLES <= len(of_the_plate) <= limits.BAD_SAMPLES + 1
        bound = (limits.BAD_SAMPLES + 1) * SAMPLE_MS
        gone(rig, "S5", "sensor on one of a converter's four inputs", since, bound)


@pytest.mark.rule("S6")
def test_a_converter_that_is_silent_lost_its_power_or_hangs_is_no_reading():
    def silence(rig):
        rig.chip.silent = True

    def hold(rig):
        rig.board.bus.held = True

    def stop(rig):
        rig.chip.slow = True

    for fail in (silence, hold, stop):
        rig = Heating(converted=INPUTS)
        rig.run(5000)
        since = rig.now
        fail(rig)
        rig.run(10000)
        assert not rig.tripped()
        assert rig.box.plate_centi_c is None
        within("S6", "silent converter: heater off", off_after(rig, HEATER_PIN, since), 2000)
        (device,) = rig.events(records.EV_DEVICE)
        assert (device.values["a"], device.values["b"]) == (CONVERTER, 1)
        assert rig.until_tripped(60000) == records.FAULT_STALE
        within("S6", "silent converter: trip", rig.now - since, 30000 + SAMPLE_MS)
        stays_off(rig)


@pytest.mark.rule("S6")
def test_a_moment_without_power_costs_a_second_of_heat_and_no_zero_is_believed():
    rig = Heating(converted=INPUTS)
    rig.settle()
    rig.chip.lose_power()
    seen = []

    def look():
        seen.append(rig.box.plate_centi_c)
        return False

    rig.run(5000, look)
    assert None in seen
    assert min(c for c in seen if c is not None) > 4900
    assert seen[-1] is not None
    assert not rig.tripped()
    assert rig.events(records.EV_HEATER_HOLD) == []


@pytest.mark.rule("S9")
def test_over_the_ceiling_within_one_conversion():
    rig = Heating(converted=INPUTS)
    rig.settle()
    since = rig.now
    rig.read(61)
    assert rig.until_tripped(60000) & records.FAULT_OVER_TEMP
    gone(rig, "S9", "over the ceiling, on a converter", since, HEAT_GOES)


@pytest.mark.rule("S11")
def test_a_converter_that_gives_one_code():
    rig = Heating(converted=INPUTS)
    rig.settle()
    since = rig.now
    rig.freeze()
    assert rig.until_tripped(60000) == records.FAULT_FROZEN
    gone(rig, "S11", "stuck, on a converter", since, limits.FROZEN_MS + 3 * SAMPLE_MS)
    reason = rig.clear(BOX, records.FAULT_FROZEN, messages.VOUCH_OPERATOR)
    assert reason == messages.REASON_NOT_NOW
    rig.sensor.code = rig.plate.code
    rig.run(HOUR_MS)
    assert rig.clear(BOX, records.FAULT_FROZEN, messages.VOUCH_OPERATOR) == messages.REASON_OK


@pytest.mark.rule("S12")
def test_two_sensors_on_one_converter_that_disagree():
    rig = Heating(converted=INPUTS, guarded=True)
    rig.settle()
    since = rig.now
    rig.read(50 - 5.5)
    assert rig.until_tripped(60000) & records.FAULT_APART
    gone(rig, "S12", "apart, on a converter", since, limits.APART_MS + SAMPLE_MS + 2 * CONTROL_MS)


@pytest.mark.rule("S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12")
def test_a_plate_on_a_converter_heats_up_and_holds():
    rig = Heating(converted=INPUTS, guarded=True)
    assert rig.run(900000, lambda: rig.plate.celsius > 49.5)
    rig.run(1800000)
    assert abs(rig.plate.celsius - 50) < 0.5
    assert rig.hottest_c < 51.5
    assert rig.box.guard.faults == 0
