"""Trips latch: what clears them, what does not, and what is on record about them (S13)."""

import pytest
from bounds import within
from fake_board import FakeBoard
from fw_rig import (
    BOX,
    CONTACTOR_PIN,
    HEATER_PIN,
    OPEN_CODE,
    STAGE_PIN,
    Rig,
    code_at,
    config_blob,
    thermal,
)
from safety_rig import HOUR_MS, Heating, Sensor, box, off_after, simulator, stays_off

from soakfw import scratch
from soakwire import messages, records
from soakwire.messages import (
    REASON_NOT_NOW,
    REASON_OK,
    REASON_STILL_HOT,
    REASON_VOUCH,
    VOUCH_NONE,
    VOUCH_OPERATOR,
    VOUCH_SENSOR,
)


def over_temperature(rig):
    """Tripped by a reading above the ceiling; its fault."""
    rig.sensor.code = lambda: code_at(60.5)
    assert rig.until_tripped(1000) == records.FAULT_OVER_TEMP
    rig.sensor.code = rig.plate.code
    return records.FAULT_OVER_TEMP


def frozen_in_the_hold(guarded):
    """Where the guard thermistor does not notice it first."""
    rig = Heating(guarded=guarded)
    rig.settle()
    rig.freeze()
    return rig


def restarted(rig, cause=messages.CAUSE_WATCHDOG):
    """The same bench after a reset that the chip's registers survive, as the host sets it up."""
    board = FakeBoard()
    board.boot_scratch = [rig.board.recall(i) for i in range(scratch.REGISTERS)]
    board.boot_scratch[scratch.CAUSE] = scratch.pack_cause(cause, 1)
    again = Rig(board=board)
    again.configure(stations=[simulator(), box()])
    again.fit_plate(rig.plate.celsius)
    again.load([(0xFF, [thermal(HOUR_MS)])])
    again.resume()
    return again


@pytest.mark.rule("S13")
def test_a_trip_stays_until_it_is_cleared_by_name_and_cool():
    rig = Heating()
    rig.settle()
    fault = over_temperature(rig)
    tripped_at = rig.now
    rig.resume()  # by a person, too early
    stays_off(rig, 20000)
    assert rig.track().state == records.PAUSED
    assert rig.plate.celsius > 45.5
    assert rig.clear(BOX, fault) == REASON_STILL_HOT
    stays_off(rig)
    assert rig.plate.celsius < 44.5
    assert rig.clear(BOX, records.FAULT_STUCK_ON) == REASON_OK  # another one: no effect
    stays_off(rig, 5000)
    assert rig.clear(BOX, fault) == REASON_OK
    cleared = rig.events(records.EV_FAULT_CLEARED)[-1]
    assert cleared.values["a"] == fault
    within("S13", "duration on record: error", abs(cleared.values["b"] - rig.now + tripped_at), 250)
    rig.resume()
    rig.run(2000)
    assert rig.level(CONTACTOR_PIN) == 1


@pytest.mark.rule("S13")
def test_after_a_trip_no_run_resumes_by_itself():
    rig = Heating()
    rig.run(5000)
    fault = over_temperature(rig)
    rig.run(2000)
    assert rig.clear(BOX, fault) == REASON_OK
    stays_off(rig)
    assert rig.track().state == records.PAUSED


@pytest.mark.rule("S13")
def test_a_present_cause_cannot_be_cleared():
    rig = Heating()
    rig.run(5000)
    rig.sensor.code = lambda: OPEN_CODE
    fault = rig.until_tripped(2000)
    for vouch in (VOUCH_NONE, VOUCH_SENSOR, VOUCH_OPERATOR):
        assert rig.clear(BOX, fault, vouch) == REASON_NOT_NOW
    rig = Heating()
    rig.freeze()
    fault = rig.until_tripped(60000)
    assert rig.clear(BOX, fault, VOUCH_OPERATOR) == REASON_NOT_NOW  # it still stands still
    stays_off(rig, 2000)


@pytest.mark.rule("S13")
def test_a_sensor_fault_needs_somebody_else_to_vouch():
    for guarded in (False, True):
        rig = frozen_in_the_hold(guarded)
        fault = rig.until_tripped(60000)
        rig.sensor.code = rig.plate.code
        rig.plate.celsius = rig.plate.sensor_c = 40
        rig.run(1000)
        assert rig.clear(BOX, fault) == REASON_VOUCH
        assert rig.clear(BOX, fault, VOUCH_SENSOR) == (REASON_OK if guarded else REASON_VOUCH)
        if not guarded:
            assert rig.clear(BOX, fault, VOUCH_OPERATOR) == REASON_OK


@pytest.mark.rule("S13")
def test_nobody_vouches_against_a_sensor_that_reads_hot():
    rig = frozen_in_the_hold(True)
    fault = rig.until_tripped(60000)
    rig.sensor.code = rig.plate.code
    rig.board.codes[STAGE_PIN] = Sensor(lambda: code_at(47))
    rig.run(1000)
    assert rig.clear(BOX, fault, VOUCH_OPERATOR) == REASON_STILL_HOT


@pytest.mark.rule("S13")
def test_where_both_sensors_are_in_doubt_only_a_person_can_vouch():
    rig = Heating(guarded=True)
    rig.run(5000)
    good = rig.board.codes[STAGE_PIN]
    rig.board.codes[STAGE_PIN] = Sensor(lambda: code_at(rig.plate.sensor_c + 8))
    fault = rig.until_tripped(20000)
    assert fault == records.FAULT_APART
    rig.board.codes[STAGE_PIN] = good
    rig.run(1000)
    assert rig.clear(BOX, fault, VOUCH_SENSOR) == REASON_VOUCH
    assert rig.clear(BOX, fault, VOUCH_OPERATOR) == REASON_OK


@pytest.mark.rule("S13")
def test_a_trip_survives_a_restart():
    for cause in (messages.CAUSE_WATCHDOG, messages.CAUSE_EXCEPTION, messages.CAUSE_MAINTENANCE):
        rig = Heating()
        rig.run(5000)
        fault = over_temperature(rig)
        again = restarted(rig, cause)
        (kept,) = again.events(records.EV_FAULT_KEPT)
        assert kept.values["a"] == fault
        assert kept.values["station"] == BOX
        again.run(60000)
        within("S13", "after a restart: heater on for", again.on_ms, 0)
        assert again.track().state == records.PAUSED
        assert off_after(again, HEATER_PIN, 0) == off_after(again, CONTACTOR_PIN, 0) == 0
        assert again.clear(BOX, fault) == REASON_OK
        assert restarted(again).app.bench.stations[BOX].guard.faults == 0


@pytest.mark.rule("S13")
def test_a_new_configuration_clears_no_trip():
    rig = Heating()
    rig.run(5000)
    fault = over_temperature(rig)
    rig.stop()
    blob = config_blob(stations=[simulator(), box()])
    assert rig.upload(messages.BLOB_CONFIG, blob) == 0
    assert rig.box.guard.faults == fault


@pytest.mark.rule("S13")
def test_registers_that_are_not_ours_are_no_trips():
    board = FakeBoard()
    board.boot_scratch = [0x12345678] * scratch.REGISTERS
    rig = Rig(board=board)
    rig.configure()
    assert [station.guard.faults for station in rig.app.bench.stations] == [0, 0]


@pytest.mark.rule("S13")
def test_a_trip_does_not_hang_on_the_program():
    """Whoever asks for heat, however well leased: the station itself refuses."""
    rig = Heating()
    rig.run(5000)
    over_temperature(rig)
    rig.box.demand((0, 0, 0), False, 5000, 100)
    rig.box.control(250, True, 0)
    rig.idle(rig.now + 900)
    assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0


def test_each_station_has_its_own_register():
    board = FakeBoard()
    for i in range(4):
        scratch.keep_trips(board, i, 0x8001 + i)
    scratch.keep_trips(board, 2, 0)
    assert [scratch.trips(board, i) for i in range(4)] == [0x8001, 0x8002, 0, 0x8004]
