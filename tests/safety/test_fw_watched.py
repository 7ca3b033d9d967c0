"""A plate that regulates itself is only watched: band checks and alarms, no output."""

import pytest
from fw_rig import BOX, OPEN_CODE, PLATE_PIN, Rig, code_at, station, thermal
from safety_rig import HOUR_MS, Sensor, simulator

from soakwire import records


class Watched(Rig):
    """The box has a plate sensor and a ceiling, and nothing of ours that heats."""

    def __init__(self, celsius):
        super().__init__()
        self.configure(stations=[simulator(), station(plate_adc=PLATE_PIN)])
        self.fit_plate(celsius)
        self.board.codes[PLATE_PIN] = Sensor(self.plate.code)
        self.plate.LOSS_W_PER_K = 0.0  # it regulates itself
        self.load([(0xFF, [thermal(HOUR_MS)])], sample_ms=60000)
        self.lease(1000)
        self.resume()

    @property
    def guard(self):
        return self.app.bench.stations[BOX].guard


@pytest.mark.rule("S5", "S9")
def test_time_counts_in_the_band_and_without_a_lease():
    rig = Watched(50.2)
    rig.run(60000)
    assert rig.track().in_condition
    assert rig.track().delivered > 55000
    rig.plate.celsius = rig.plate.sensor_c = 48.5
    rig.run(60000)
    assert not rig.track().in_condition
    assert not rig.events(records.EV_HEATER_HOLD)
    bits = rig.app.bench.stations[BOX].readings()[10]
    assert not bits & (records.OUT_HEATER | records.OUT_HOLD | records.OUT_CONTACTOR)


@pytest.mark.rule("S9")
def test_its_heat_up_is_no_fault_and_too_much_heat_is_an_alarm():
    rig = Watched(23.0)
    for _ in range(60):
        rig.run(5000)
        rig.plate.celsius += 0.6  # 7 °C a minute, by itself
    assert rig.guard.faults == 0
    rig.board.codes[PLATE_PIN] = Sensor(lambda: code_at(61))
    rig.run(1000)
    assert rig.guard.faults == records.FAULT_OVER_TEMP
    assert rig.track().state == records.RUNNING  # an alarm: there is nothing to switch off
    rig.board.codes[PLATE_PIN] = Sensor(rig.plate.code)
    rig.run(1000)
    assert rig.clear(BOX, records.FAULT_OVER_TEMP) == 0  # hot or not, it is not ours


@pytest.mark.rule("S5")
def test_a_broken_sensor_is_an_alarm_and_no_time_counts():
    rig = Watched(50.0)
    rig.run(5000)
    rig.board.codes[PLATE_PIN] = Sensor(lambda: OPEN_CODE)
    rig.run(2000)
    delivered = rig.track().delivered
    rig.run(60000)
    assert rig.guard.faults == records.FAULT_PLATE_OPEN
    assert rig.track().delivered == delivered
    assert rig.track().state == records.RUNNING
