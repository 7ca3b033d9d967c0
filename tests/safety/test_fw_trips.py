"""Each trip of the heater's guard, provoked: the time until its pins are off (S5-S12)."""

import pytest
from bounds import within
from fw_rig import (
    BOX,
    CONTACTOR_PIN,
    HEATER_PIN,
    OPEN_CODE,
    PLATE_PIN,
    SHORT_CODE,
    STAGE_PIN,
    code_at,
)
from safety_rig import CONTROL_MS, SLOT_MS, Heating, Sensor, faults_of, off_after, stays_off

from soakfw import limits
from soakwire import records

PINS = (HEATER_PIN, CONTACTOR_PIN)


def gone(rig, rule, case, since, bound):
    """Both pins went off within `bound` of `since`, and stay so."""
    for gpio in PINS:
        within(rule, case, off_after(rig, gpio, since), bound)
    assert rig.track().state == records.PAUSED
    stays_off(rig)


@pytest.mark.rule("S5")
def test_a_sensor_that_is_open_shorted_or_out_of_range():
    cases = (
        ("open", OPEN_CODE, records.FAULT_PLATE_OPEN),
        ("short", SHORT_CODE, records.FAULT_PLATE_SHORT),
        ("out of range", code_at(95), records.FAULT_PLATE_RANGE),
    )
    for name, code, fault in cases:
        rig = Heating()
        rig.run(5000)
        since = rig.now
        rig.board.codes[PLATE_PIN] = code
        assert rig.until_tripped(5000) == fault
        gone(rig, "S5", "sensor " + name, since, limits.BAD_SAMPLES * CONTROL_MS)


@pytest.mark.rule("S5")
def test_a_guard_sensor_that_breaks():
    rig = Heating(guarded=True)
    rig.run(5000)
    since = rig.now
    rig.board.codes[STAGE_PIN] = OPEN_CODE
    assert rig.until_tripped(5000) == records.FAULT_GUARD
    gone(rig, "S5", "guard sensor open", since, limits.BAD_SAMPLES * CONTROL_MS)


@pytest.mark.rule("S6")
def test_a_sensor_that_does_not_answer():
    rig = Heating(converted=1)
    rig.run(5000)
    assert rig.level(CONTACTOR_PIN) == 1
    since, paused_at = rig.now, rig.track().delivered
    rig.chip.silent = True
    rig.run(10000)
    assert not rig.tripped()
    within("S6", "silent sensor: heater off", off_after(rig, HEATER_PIN, since), 2000)
    (hold,) = rig.events(records.EV_HEATER_HOLD)
    assert hold.values["b"] == 1
    assert rig.track().delivered == paused_at
    assert rig.track().state == records.RUNNING
    assert rig.until_tripped(60000) == records.FAULT_STALE
    within("S6", "silent sensor: trip", rig.now - since, 30000 + CONTROL_MS)
    stays_off(rig)


@pytest.mark.rule("S6")
def test_a_sensor_that_answers_again_in_time():
    rig = Heating(converted=1)
    rig.run(5000)
    rig.chip.silent = True
    rig.run(25000)
    rig.chip.silent = False
    rig.run(5000)
    assert not rig.tripped()
    assert rig.level(CONTACTOR_PIN) == 1
    (released,) = rig.events(records.EV_HEATER_RELEASED)
    assert abs(released.values["a"] - 23000) <= 1000  # held from 2 s on
    assert rig.run(900000, lambda: rig.plate.celsius > 49)


def at_full_power(rig):
    return rig.box.heater.pulse.duty >= limits.RISE_DUTY


@pytest.mark.rule("S7")
def test_a_sensor_that_has_come_off_the_plate():
    for ramp in (0, 1000, 200):
        rig = Heating(ramp=ramp)
        rig.read(23)
        weak = [0]

        def look(rig=rig, weak=weak):
            if not rig.tripped() and not at_full_power(rig):
                weak[0] = rig.now
            return rig.tripped()

        assert rig.run(600000, look)
        assert rig.box.guard.faults & records.FAULT_NO_RISE
        within("S7", "no rise at full power", rig.now - weak[0], 60000 + CONTROL_MS)
        assert rig.plate.celsius < 55
        gone(rig, "S7", "no rise: pins off after the trip", rig.now, CONTROL_MS)


@pytest.mark.rule("S7")
def test_a_heater_that_has_no_current():
    rig = Heating()
    rig.plate.HEATER_W = 0.0
    assert rig.run(60000, lambda: at_full_power(rig))
    since = rig.now
    assert rig.until_tripped(120000) & records.FAULT_NO_RISE
    gone(rig, "S7", "no current in the heater", since, 60000 + CONTROL_MS)


@pytest.mark.rule("S8")
def test_a_plate_that_cannot_hold_its_temperature():
    """With soft gains, so that the duty stays below S7's 80 %."""
    rig = Heating(kp=20, feed=10000, ki=1)
    rig.run(600000)
    assert not rig.tripped()
    assert rig.plate.celsius > 46
    rig.plate.LOSS_W_PER_K = 2.5  # a fan
    below = []  # ms and deficit since it came below 45 °C

    def look():
        short = 45 - rig.plate.sensor_c
        if short > 0:
            last, total = below[-1] if below else (rig.now, 0.0)
            below.append((rig.now, total + short * (rig.now - last) / 1000))
        return rig.tripped()

    assert rig.run(600000, look)
    assert rig.box.guard.faults == records.FAULT_TOO_COLD
    full = min(t for t, total in below if total >= 120)
    due = max(full, below[0][0] + limits.RISE_MS)
    gone(rig, "S8", "after 120 °C s below 45 °C", due, 1000)


@pytest.mark.rule("S9")
def test_above_the_target_there_is_no_heat():
    """Whatever the law says: here its integral and feed-forward ask for heat up to 60 °C."""
    rig = Heating(kp=1, feed=60000)
    rig.run(5000)
    rig.read(54)
    rig.run(5000)
    assert rig.level(HEATER_PIN) == 1
    since = rig.now
    rig.read(56)
    rig.run(5000)
    within("S9", "target + 5 °C: duty cut", off_after(rig, HEATER_PIN, since), CONTROL_MS + SLOT_MS)
    (event,) = rig.events(records.EV_OVER_TARGET)
    assert abs(event.values["a"] - 5600) < 50
    assert event.values["b"] == 5000
    assert not rig.tripped()
    rig.read(52)
    rig.run(1000)
    assert rig.level(HEATER_PIN) == 1  # an event, no more


@pytest.mark.rule("S9")
def test_above_the_ceiling_it_trips_and_far_above_it_says_so():
    for celsius, faults in (
        (60.5, records.FAULT_OVER_TEMP),
        (65.5, records.FAULT_OVER_TEMP | records.FAULT_RUNAWAY),
    ):
        for guarded in (False, True):
            rig = Heating(guarded=guarded)
            rig.run(5000)
            since = rig.now
            sensor = rig.board.codes[STAGE_PIN if guarded else PLATE_PIN]
            sensor.code = lambda celsius=celsius: code_at(celsius)
            assert rig.until_tripped(1000) == faults
            gone(rig, "S9", f"above {celsius:.1f} °C", since, CONTROL_MS)


@pytest.mark.rule("S10")
def test_a_welded_relay_is_cut_off_by_the_contactor():
    rig = Heating()
    rig.plate.CAPACITY_J_PER_K = 600.0
    rig.settle()
    rig.welded = True
    assert rig.run(60000, lambda: rig.box.heater.pulse.duty == 0)
    since = rig.now
    assert rig.until_tripped(200000) == records.FAULT_STUCK_ON
    within("S10", "welded relay", off_after(rig, CONTACTOR_PIN, since), 60000 + CONTROL_MS)
    assert rig.plate.celsius < 60
    rig.run(600000)
    assert rig.plate.celsius < 45  # the contactor has opened


@pytest.mark.rule("S10")
def test_a_relay_that_leaks_is_cut_off_by_the_contactor():
    """It holds the plate at 57 °C, too slowly for a rise to show."""
    rig = Heating()
    rig.settle()
    rig.run(600000)
    rig.plate.LOSS_W_PER_K = 1e-9
    rig.plate.sensor_c = rig.plate.celsius = 54.9
    rig.run(2000)
    rig.plate.sensor_c = rig.plate.celsius = 55.6
    since = rig.now
    assert rig.until_tripped(200000) == records.FAULT_STUCK_ON
    off_ms = off_after(rig, CONTACTOR_PIN, since)
    within("S10", "hot and not falling", off_ms, 30000 + 2 * CONTROL_MS)


@pytest.mark.rule("S10")
def test_a_plate_that_warms_up_at_rest_is_told():
    """Without a contactor only a person can pull the plug: the trip is the alarm."""
    rig = Heating()
    rig.stop()
    rig.run(120000)
    since = rig.now
    rig.heated = lambda: True  # no contactor could help
    assert rig.until_tripped(120000) == records.FAULT_STUCK_ON
    within("S10", "welded relay at rest: alarm", rig.now - since, 60000)


@pytest.mark.rule("S11")
def test_a_plate_sensor_that_is_stuck_while_cold():
    rig = Heating()
    rig.freeze()
    rig.run(1000)
    assert rig.level(CONTACTOR_PIN) == 1
    assert rig.until_tripped(60000) == records.FAULT_FROZEN
    gone(rig, "S11", "stuck while cold", 0, limits.FROZEN_MS + 2 * CONTROL_MS)
    assert rig.plate.celsius < 40


@pytest.mark.rule("S11")
def test_a_plate_sensor_that_gets_stuck_in_the_hold():
    rig = Heating()
    rig.settle()
    since = rig.now
    rig.freeze()
    assert rig.until_tripped(60000) == records.FAULT_FROZEN
    gone(rig, "S11", "stuck in the hold", since, limits.FROZEN_MS + 2 * CONTROL_MS)


@pytest.mark.rule("S12")
def test_two_sensors_that_disagree():
    for offset in (-5.5, 5.5):
        rig = Heating(guarded=True)
        rig.settle()
        since = rig.now
        rig.board.codes[STAGE_PIN] = Sensor(
            lambda rig=rig, offset=offset: code_at(rig.plate.sensor_c + offset)
        )
        assert rig.until_tripped(20000) == records.FAULT_APART
        gone(rig, "S12", "5.5 °C apart", since, limits.APART_MS + 2 * CONTROL_MS)


@pytest.mark.rule("S12")
def test_sensors_apart_for_a_moment_or_a_little_are_no_trip():
    rig = Heating(guarded=True)
    rig.settle()
    good = rig.board.codes[STAGE_PIN]
    for offset, ms in ((4.5, 600000), (8, 4000), (-8, 4000)):
        rig.board.codes[STAGE_PIN] = lambda offset=offset: code_at(rig.plate.sensor_c + offset)
        rig.run(ms)
        rig.board.codes[STAGE_PIN] = good
        rig.run(2000)
    assert faults_of(rig) == []
    assert rig.app.bench.stations[BOX].guard.faults == 0
