"""Sensors: from codes to values, and what a broken one looks like."""

from fake_board import FakeBoard
from fw_rig import (
    LIGHT_SENSOR_PIN,
    OPEN_CODE,
    PLATE_PIN,
    SHORT_CODE,
    SUN_CODE,
    celsius_at,
    code_at,
    station,
    table,
)

from soakfw.sensors import OPEN, RANGE, SHORT, LightSensor, LuxSensor, Oversampler, Thermistor
from soakwire.records import FAULT_LUX


def thermistor(board, **changes):
    return Thermistor(board.adc(PLATE_PIN), table(), station(**changes))


def test_interpolation_stays_close_to_the_formula():
    board = FakeBoard()
    sensor = thermistor(board)
    for code in range(code_at(85), code_at(0), 97):
        board.codes[PLATE_PIN] = code
        sensor.sample()
        assert abs(sensor.centi_c - celsius_at(code) * 100) < 5  # 0.05 °C
        assert sensor.fault == 0


def test_median_ignores_spikes():
    board = FakeBoard()
    spikes = [65535, 0, 200, 200, 200, 65535, 200, 200, 0, 200, 200]
    board.codes[PLATE_PIN] = lambda: spikes.pop(0)
    assert Oversampler(board.adc(PLATE_PIN)).read() == 200


def test_a_fault_needs_four_bad_samples_in_a_row():
    for code, fault in ((OPEN_CODE, OPEN), (SHORT_CODE, SHORT), (code_at(95), RANGE)):
        board = FakeBoard()
        sensor = thermistor(board)
        for _ in range(2):
            board.codes[PLATE_PIN] = code
            for _ in range(3):
                sensor.sample()
                assert sensor.centi_c is None
                assert sensor.fault == 0
            board.codes[PLATE_PIN] = code_at(50)
            sensor.sample()
            assert abs(sensor.centi_c - 5000) < 5
        board.codes[PLATE_PIN] = code
        for _ in range(4):
            sensor.sample()
        assert sensor.fault == fault


def test_divider_the_other_way_round():
    board = FakeBoard()
    sensor = thermistor(board, low_is_short=0)
    board.codes[PLATE_PIN] = SHORT_CODE
    for _ in range(4):
        sensor.sample()
    assert sensor.fault == OPEN


def test_light():
    board = FakeBoard()
    sensor = LightSensor(board.adc(LIGHT_SENSOR_PIN), 0, 1500)
    assert sensor.milli_suns is None
    board.codes[LIGHT_SENSOR_PIN] = SUN_CODE
    sensor.sample()
    assert sensor.milli_suns == 1000
    dark = LightSensor(board.adc(LIGHT_SENSOR_PIN), 5000, 1500)
    board.codes[LIGHT_SENSOR_PIN] = 4990
    dark.sample()
    assert dark.milli_suns == 0


def run_lux(sensor, now, ms):
    for t in range(now, now + ms, 250):
        sensor.sample(t)
    return now + ms


def test_lux_from_darkness_to_daylight():
    board = FakeBoard()
    sensor = LuxSensor(board.veml, 16)
    now = 0
    for lux, tolerance in ((0.5, 0.1), (100, 1), (3000, 30), (6000, 30), (0.02, 0.04)):
        board.veml.lux = lux
        now = run_lux(sensor, now, 3000)
        assert abs(sensor.deci_lux / 10 - lux) <= tolerance
    board.veml.lux = 100000
    run_lux(sensor, now, 3000)
    assert sensor.deci_lux == 65534  # the end of what a record can say


def test_a_silent_lux_sensor_is_none_then_a_fault_and_comes_back():
    board = FakeBoard()
    sensor = LuxSensor(board.veml, 16)
    now = run_lux(sensor, 0, 3000)
    board.veml.silent = True
    now = run_lux(sensor, now, 750)
    assert sensor.deci_lux is None
    assert sensor.fault == 0
    now = run_lux(sensor, now, 250)
    assert sensor.fault == FAULT_LUX
    board.veml.silent = False
    run_lux(sensor, now, 3000)
    assert sensor.deci_lux == 0
    assert sensor.fault == 0
