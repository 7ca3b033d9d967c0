"""The hotplate: the closed loop, its lease, its trips, and the pin when nobody controls it."""

from fw_rig import (
    BOX,
    CONTACTOR_PIN,
    HEATER_PIN,
    OPEN_CODE,
    PLATE_PIN,
    SHORT_CODE,
    Rig,
    code_at,
    program_blob,
    thermal,
)

from soakwire import messages, records

HOUR_MS = 3600000


def heating(goal_ms=HOUR_MS, lease_ms=HOUR_MS, celsius=23.0):
    """A rig whose only track heats to 50 °C."""
    rig = Rig()
    rig.configure()
    rig.fit_plate(celsius)
    rig.load([(0xFF, [thermal(goal_ms)])], sample_ms=60000)
    rig.lease(lease_ms)
    rig.resume()
    return rig


def box(rig):
    return rig.app.bench.stations[BOX]


def test_closed_loop_holds_50_within_a_degree():
    rig = heating()
    hottest = 0.0
    assert rig.run(300000, lambda: rig.plate.celsius > 49)
    rig.run(60000)
    for _ in range(600):
        rig.run(1000)
        hottest = max(hottest, rig.plate.celsius)
        assert 49 < rig.plate.celsius < 51
    assert hottest < 50.8
    assert abs(rig.plate.celsius - 50) < 0.2  # the integral has done its work


def test_overshoot_of_a_heat_up_is_small():
    for start_c in (10.0, 23.0, 45.0):
        rig = heating(celsius=start_c)
        hottest = 0.0
        for _ in range(400):
            rig.run(1000)
            hottest = max(hottest, rig.plate.celsius)
        assert 49.5 < hottest < 50.8


def test_band_time_counts_only_in_band():
    rig = heating(goal_ms=30000)
    assert rig.run(600000, lambda: rig.track().in_condition)
    entered = rig.now
    assert rig.run(60000, lambda: rig.track().state == records.DONE)
    assert 30000 <= rig.now - entered <= 30100
    assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0


def test_lease_runs_out_and_comes_back():
    rig = heating(lease_ms=30000)
    rig.run(29000)
    assert rig.level(HEATER_PIN) == 1
    rig.run(1100)
    assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0  # S1: lease + 0.1 s
    on_ms = rig.on_ms
    rig.run(20000)
    assert rig.on_ms == on_ms
    assert box(rig).readings()[-2] & records.OUT_HOLD
    (hold,) = rig.events(records.EV_HEATER_HOLD)
    assert hold.t_ms == hold.values["a"] == 30000
    rig.lease(30000)
    rig.run(1000)
    assert rig.level(HEATER_PIN) == 1
    (released,) = rig.events(records.EV_HEATER_RELEASED)
    assert abs(released.values["a"] - 20000) < 1500
    assert rig.track().state == records.RUNNING


def test_without_any_lease_nothing_heats():
    rig = heating(lease_ms=0)
    rig.run(10000)
    assert rig.on_ms == 0


def test_dead_man_when_the_control_job_stops():
    rig = heating()
    rig.run(5000)
    assert rig.level(HEATER_PIN) == 1
    stopped = rig.now
    rig.idle(stopped + 3000)  # interrupts go on, `poll` is not called
    t, gpio, level = rig.board.log()[-1]
    assert (gpio, level) == (HEATER_PIN, 0)
    assert t - stopped <= 1000
    rig.run(1000)
    assert len(rig.events(records.EV_DEAD_MAN)) == 1
    assert rig.level(HEATER_PIN) == 1


def check_trip(code, fault):
    rig = heating()
    rig.run(5000)
    broken = rig.now
    rig.board.codes[PLATE_PIN] = code
    rig.run(2000, lambda: rig.events(records.EV_FAULT))
    assert rig.now - broken <= 1000  # S5: four samples of 250 ms
    assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0
    assert box(rig).guard.faults == fault
    assert rig.track().state == records.PAUSED
    on_ms = rig.on_ms
    assert rig.clear(BOX, fault) == messages.REASON_NOT_NOW
    rig.board.codes[PLATE_PIN] = code_at(30)
    rig.run(60000)
    assert rig.command(messages.RESUME, None) == 0
    rig.run(60000)
    assert rig.on_ms == on_ms
    assert rig.clear(BOX, fault) == messages.REASON_VOUCH
    assert rig.clear(BOX, fault, messages.VOUCH_OPERATOR) == 0
    rig.run(2000)
    assert rig.on_ms == on_ms
    assert rig.command(messages.RESUME, None) == 0
    rig.run(2000)
    assert rig.on_ms > on_ms


def test_an_open_plate_sensor_trips_and_stays():
    check_trip(OPEN_CODE, records.FAULT_PLATE_OPEN)


def test_a_shorted_plate_sensor_trips_and_stays():
    check_trip(SHORT_CODE, records.FAULT_PLATE_SHORT)


def test_a_single_bad_sample_trips_nothing():
    rig = heating()
    rig.run(5000)
    rig.board.codes[PLATE_PIN] = OPEN_CODE
    rig.run(600)
    rig.board.codes[PLATE_PIN] = code_at(30)
    rig.run(2000)
    assert not rig.events(records.EV_FAULT)
    assert rig.level(HEATER_PIN) == 1


def test_above_the_ceiling_the_heater_trips():
    rig = heating()
    rig.run(5000)
    rig.board.codes[PLATE_PIN] = code_at(60.5)
    rig.run(300)
    assert box(rig).guard.faults == records.FAULT_OVER_TEMP
    assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0
    rig.board.codes[PLATE_PIN] = code_at(50)
    rig.run(2000)
    fault = records.FAULT_OVER_TEMP
    assert rig.clear(BOX, fault) == messages.REASON_STILL_HOT
    rig.board.codes[PLATE_PIN] = code_at(40)
    rig.run(2000)
    assert rig.clear(BOX, fault) == 0
    assert rig.events(records.EV_FAULT_CLEARED)


def test_a_target_above_the_ceiling_is_refused():
    rig = Rig()
    rig.configure()
    blob = program_blob([(0xFF, [thermal(1000, target=6001)])])
    assert rig.upload(messages.BLOB_PROGRAM, blob) == messages.REASON_BLOB_INVALID
