"""Normal operation provokes no rule: heat-up, hold, ramp, cool-down, opened lid, other plates."""

import pytest
from bounds import calm
from fw_rig import CONTACTOR_PIN, HEATER_PIN, STAGE_PIN, code_at
from safety_rig import HOUR_MS, Heating, Sensor, faults_of

from soakwire import records

MINUTE_MS = 60000
RULES = ("S1", "S3", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12")
FALSE = (
    records.EV_FAULT,
    records.EV_HEATER_HOLD,
    records.EV_DEAD_MAN,
    records.EV_OVER_TARGET,
    records.EV_STEP_TIMEOUT,
)


def no_trips(rig, case):
    trips = [code for code in FALSE for _ in rig.events(code)]
    calm(case, rig.now / HOUR_MS, trips)


@pytest.mark.rule(*RULES)
def test_heat_up_three_hours_of_hold_and_cool_down():
    rig = Heating(celsius=25.0, guarded=True)
    rig.settle()
    lowest, highest = 99.0, 0.0
    for _ in range(180):
        rig.run(MINUTE_MS)
        lowest = min(lowest, rig.plate.celsius)
        highest = max(highest, rig.plate.celsius)
    assert 49.7 < lowest <= highest < 50.3
    rig.stop()
    rig.run(HOUR_MS)
    assert rig.plate.celsius < 25
    no_trips(rig, "25 -> 50 °C, 3 h of hold, cool-down")


@pytest.mark.rule(*RULES)
def test_plates_of_other_mass():
    for share in (0.8, 1.2, 2.0):
        rig = Heating()
        rig.plate.CAPACITY_J_PER_K *= share
        rig.settle()
        rig.run(20 * MINUTE_MS)
        rig.stop()
        rig.run(20 * MINUTE_MS)
        no_trips(rig, f"plate of {share:.1f} times the mass")


@pytest.mark.rule(*RULES)
def test_an_opened_lid():
    rig = Heating()
    rig.settle()
    for loss, minutes in ((1.2, 2), (0.6, 10), (1.2, 20), (0.6, 10)):  # W/K
        rig.plate.LOSS_W_PER_K = loss
        rig.run(minutes * MINUTE_MS)
    assert abs(rig.plate.celsius - 50) < 0.3
    no_trips(rig, "lid opened for 2 and 20 min")


@pytest.mark.rule(*RULES)
def test_a_lid_that_is_open_during_the_heat_up():
    rig = Heating()
    rig.plate.LOSS_W_PER_K = 1.8
    rig.plate.CAPACITY_J_PER_K = 400.0
    rig.run(30 * MINUTE_MS)
    rig.plate.LOSS_W_PER_K = 0.6
    rig.run(30 * MINUTE_MS)
    assert abs(rig.plate.celsius - 50) < 0.3
    no_trips(rig, "lid open during the heat-up")


@pytest.mark.rule(*RULES)
def test_ramps():
    for ramp in (100, 500, 1000):  # centi-°C a minute
        rig = Heating(celsius=25.0, ramp=ramp)
        steepest = last = 0.0
        while rig.plate.celsius < 49.5:
            rig.run(MINUTE_MS)
            if last:
                steepest = max(steepest, rig.plate.celsius - last)
            last = rig.plate.celsius
            assert rig.now < 3 * HOUR_MS
        assert steepest < ramp / 100 * 1.15 + 0.1
        hottest = 0.0
        for _ in range(30):
            rig.run(MINUTE_MS)
            hottest = max(hottest, rig.plate.celsius)
        assert hottest < 51
        no_trips(rig, f"ramp of {ramp // 100} °C/min")


@pytest.mark.rule(*RULES)
def test_a_host_that_goes_and_comes():
    """The lease's hold is told; nothing trips while the plate cools down and warms up again."""
    rig = Heating()
    rig.settle()
    for _ in range(3):
        rig.lease(1000)
        rig.run(10 * MINUTE_MS)
        rig.lease(12 * HOUR_MS)
        rig.settle()
    assert len(rig.events(records.EV_HEATER_HOLD)) == 3
    assert faults_of(rig) == []


@pytest.mark.rule(*RULES)
def test_pause_and_resume_on_a_hot_plate():
    rig = Heating()
    rig.settle()
    for _ in range(3):
        rig.run(MINUTE_MS)
        assert rig.level(CONTACTOR_PIN) == 1
        rig.app.runner.pause(None, rig.now)
        rig.run(MINUTE_MS)
        assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0
        rig.resume()
        rig.run(10 * MINUTE_MS)
    no_trips(rig, "pause and resume")


@pytest.mark.rule(*RULES)
def test_a_guard_sensor_at_the_edge_of_the_plate():
    """2 °C cooler when hot, and slower."""
    rig = Heating(guarded=True)
    edge = [23.0]

    def code():
        edge[0] += (rig.plate.sensor_c - edge[0]) / 200
        return code_at(edge[0] - (edge[0] - 23) / 14)

    rig.board.codes[STAGE_PIN] = Sensor(code)
    rig.settle()
    rig.run(30 * MINUTE_MS)
    no_trips(rig, "guard sensor at the plate's edge")
