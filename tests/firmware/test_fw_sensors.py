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

from soakfw.sensors import OPEN, RANGE, SHORT, LightSensor, Oversampler, PinThermistor


def thermistor(board, offset=0, **changes):
    return PinThermistor(board.adc(PLATE_PIN), table(), station(**changes), offset)


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


def test_an_offset_is_added_and_judged_with():
    board = FakeBoard()
    board.codes[PLATE_PIN] = code_at(88)
    plain, low, high = thermistor(board), thermistor(board, -150), thermistor(board, 300)
    for sensor in (plain, low, high):
        sensor.sample()
    assert low.centi_c == plain.centi_c - 150
    assert high.centi_c is None  # 91 °C is no plausible plate


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
