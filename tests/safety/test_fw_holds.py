"""What holds or ends the heat without a trip: lease, ceiling, dead-man, time-out, stop."""

import pytest
from bounds import within
from fake_board import ResetError
from fw_rig import (
    CONTACTOR_PIN,
    HEATER_PIN,
    LIGHT_PIN,
    Rig,
    ageing,
    config_blob,
    program_blob,
    thermal,
)
from safety_rig import HOUR_MS, SLOT_MS, Heating, box, off_after, simulator, stays_off

from soakwire import messages, records
from soakwire.layout import LayoutError

PINS = (HEATER_PIN, CONTACTOR_PIN)


@pytest.mark.rule("S1")
def test_a_lease_that_runs_out():
    for lease_ms in (3000, 30000):
        rig = Heating()
        rig.run(5000)
        rig.lease(lease_ms)
        ends = rig.now + lease_ms
        rig.run(lease_ms + 5000)
        for gpio in PINS:
            within("S1", "lease out: heater and contactor", off_after(rig, gpio, ends), 100)
        assert rig.track().state == records.RUNNING
        rig.lease(30000)
        rig.run(2000)
        assert rig.level(CONTACTOR_PIN) == 1  # by itself
        (held,) = rig.events(records.EV_HEATER_HOLD)
        (released,) = rig.events(records.EV_HEATER_RELEASED)
        assert (held.values["a"], held.values["b"]) == (lease_ms, 0)  # why
        assert abs(held.t_ms - ends) <= 100  # when
        assert abs(released.values["a"] - 5000) <= 1000  # for how long


@pytest.mark.rule("S1")
def test_light_and_relays_go_on_without_a_lease():
    rig = Rig()
    rig.configure()
    rig.load([(0xFF, [ageing(HOUR_MS)])])
    rig.lease(3000)
    rig.resume()
    rig.run(60000)
    assert rig.level(LIGHT_PIN) == 1
    assert rig.track().delivered > 55000


@pytest.mark.rule("S2")
def test_nothing_heats_above_the_ceiling():
    rig = Rig()
    rig.configure(stations=[simulator(), box()])
    blob = program_blob([(0xFF, [thermal(1000, target=6001)])])
    assert rig.upload(messages.BLOB_PROGRAM, blob) == messages.REASON_BLOB_INVALID
    try:
        config_blob(stations=[simulator(), box(ceiling=8501)])
    except LayoutError:
        pass
    else:
        raise AssertionError("no bench may heat above 85 °C")
    blob = config_blob(stations=[simulator(), box(ceiling=0)])
    assert rig.upload(messages.BLOB_CONFIG, blob) == messages.REASON_BLOB_INVALID


@pytest.mark.rule("S3")
def test_a_control_job_that_stalls():
    rig = Heating()
    for wait_ms in (5000, 4930, 4870, 4810):  # against the timer's phase
        rig.run(wait_ms)
        stalled = rig.now
        rig.idle(stalled + 3000)  # interrupts go on, nothing else
        off_ms = off_after(rig, HEATER_PIN, stalled)
        within("S3", "control job stalls: heater off", off_ms, 1000)
        rig.run(1000)
        told = rig.events(records.EV_DEAD_MAN)[-1]  # when, and for how long
        within("S3", "time on record: error", abs(told.values["a"] - (3000 - off_ms)), 2 * SLOT_MS)
        assert rig.level(CONTACTOR_PIN) == 1


@pytest.mark.rule("S14")
def test_a_boot_drives_nothing():
    rig = Rig()
    rig.run(60000)
    assert rig.board.pins == {}
    assert rig.board.changes == 0
    rig.configure(stations=[simulator(), box()])
    rig.run(60000)
    assert [rig.level(gpio) for gpio in (HEATER_PIN, CONTACTOR_PIN, LIGHT_PIN)] == [0, 0, 0]
    assert rig.board.changes == 0


@pytest.mark.rule("S14")
def test_three_fast_resets_leave_it_talking_only():
    rig = Rig(fast_resets=3)
    blob = config_blob(stations=[simulator(), box()])
    assert rig.upload(messages.BLOB_CONFIG, blob) == messages.REASON_SAFE_IDLE
    rig.run(10000)
    assert rig.board.pins == {}
    (boot,) = rig.events(records.EV_BOOT)
    assert boot.values["b"] == 3


@pytest.mark.rule("S15")
def test_before_a_reset_heat_and_light_drop_at_once():
    rig = Heating()
    rig.run(5000)
    assert rig.level(CONTACTOR_PIN) == 1
    since = rig.now
    rig.app.drop_outputs()
    for gpio in PINS:
        within("S15", "an exception: heater and contactor", off_after(rig, gpio, since), 0)


@pytest.mark.rule("S17")
def test_a_step_that_takes_too_long():
    rig = Heating(timeout=600)
    rig.plate.LOSS_W_PER_K = 2.0  # too weak for 50 °C, and so it would heat for ever
    rig.plate.HEATER_W = 50.0
    rig.plate.CAPACITY_J_PER_K = 60.0
    rig.box.guard.watch._check_hold = lambda *_: 0  # S7 and S8 would end it sooner
    rig.box.guard.watch._check_rise = lambda *_: 0
    rig.run(700000)
    for gpio in PINS:
        within("S17", "heating for longer than the step may", off_after(rig, gpio, 600000), 250)
    assert rig.track().state == records.PAUSED
    stays_off(rig)


def stopped(rig):
    assert rig.command(messages.STOP) == 0


def replaced(rig):
    stopped(rig)
    blob = config_blob(stations=[simulator(), box()])
    assert rig.upload(messages.BLOB_CONFIG, blob) == 0


def paused(rig):
    assert rig.command(messages.PAUSE, None) == 0


def maintained(rig):
    assert rig.command(messages.PAUSE, None) == 0
    assert rig.command(messages.STOP) == 0
    assert rig.command(messages.MAINTENANCE) == 0


@pytest.mark.rule("S18")
def test_however_a_run_ends_heat_and_light_are_off():
    for end in (stopped, replaced, paused, maintained):
        rig = Heating()
        rig.run(5000)
        assert rig.level(CONTACTOR_PIN) == 1
        since = rig.now
        end(rig)
        try:
            rig.run(2000)
        except ResetError:
            assert end is maintained
        for gpio in PINS:
            within("S18", end.__name__ + ": heater, contactor", off_after(rig, gpio, since), 1000)


@pytest.mark.rule("S18")
def test_a_run_that_is_through_is_off():
    rig = Rig()
    rig.configure(stations=[simulator(), box()])
    rig.fit_plate(50.0)
    rig.load([(0xFF, [thermal(5000)])])
    rig.resume()
    assert rig.run(60000, lambda: rig.track().state == records.DONE)
    since = rig.now
    rig.run(2000)
    for gpio in PINS:
        within("S18", "through: heater, contactor", off_after(rig, gpio, since), 1000)
