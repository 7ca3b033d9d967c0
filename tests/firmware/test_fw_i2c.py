"""The chips on the I2C bus: what their drivers make of their words, and of a bad day."""

from fake_board import FakeBoard
from fake_bus import FakeAds1115, FakeSht4x
from fw_rig import BOX, Rig, cell, celsius_at, code_at, config_blob, station, table

from soakfw.ads1115 import MV_256, MV_2048, MV_4096, Converter
from soakfw.bus import Bus
from soakfw.converters import ConverterThermistor
from soakfw.limits import BAD_SAMPLES
from soakfw.sensors import FULL_SCALE
from soakfw.sht4x import HumiditySensor, crc8
from soakfw.veml7700 import LuxSensor
from soakwire import messages, records
from soakwire.blobs import FIRST_INPUT

HEAD = {"i2c_id": 0, "i2c_sda": 20, "i2c_scl": 21, "i2c_khz": 100}
SMALL_INTEGER = (1 << 30) - 1  # above it the board allocates


def quiet_board():
    """No app runs on it."""
    board = FakeBoard()
    board.start_timer(lambda _timer: None)
    return board


class User:
    """Of a converter's input: what it is told."""

    def __init__(self):
        self.codes = []
        self.begun = 0
        self.lost = 0

    def begin(self):
        self.begun += 1

    def take(self, raw):
        self.codes.append(raw)

    def lose(self):
        self.lost += 1


class Chip:
    """A converter with users on its first inputs."""

    def __init__(self, *full_scales):
        self.board = quiet_board()
        self.fake = self.board.bus.chips[72] = FakeAds1115(self.board)
        self.bus = Bus(self.board, HEAD)
        self.told = []
        self.driver = Converter(self.bus, 72, lambda *what: self.told.append(what))
        self.users = [User() for _ in full_scales]
        for number, full_scale in enumerate(full_scales):
            self.driver.use(number, full_scale, self.users[number])

    def passes(self, count, every_ms=250):
        for _ in range(count):
            self.driver.poll(self.board.now)
            self.board.advance(self.board.now + every_ms)

    def codes(self, number=0):
        return self.users[number].codes


def test_codes_of_the_data_sheet():
    """SBAS444, table 3: full scale and beyond, one step, zero, and below ground."""
    step_v = 62.5e-6
    for volts, code in (
        (2.048, 32767),
        (5.0, 32767),
        (1.024, 0x4000),
        (step_v, 1),
        (0.0, 0),
        (-step_v, -1),
        (-0.3, -4800),
    ):
        chip = Chip(MV_2048)
        chip.fake.volts[0] = volts
        chip.passes(2)
        assert chip.codes() == [code]


def test_each_input_in_its_turn_with_its_own_full_scale():
    chip = Chip(MV_4096, MV_2048, MV_256, MV_2048)
    chip.fake.volts = [1.65, 1.05, 0.0078125, 0.5]
    chip.passes(9)
    assert [chip.codes(n) for n in range(4)] == [[13200] * 2, [16800] * 2, [1000] * 2, [8000] * 2]
    assert [number for _t, number in chip.fake.begun] == [0, 1, 2, 3, 0, 1, 2, 3, 0]
    assert chip.board.bus.transfers == 9 + 2 * 8  # one begun in each pass, two reads of each
    assert chip.told == []


def test_passes_in_a_hurry_wait_for_the_conversion():
    chip = Chip(MV_4096, MV_2048)
    chip.fake.volts = [1.0, 0.5]
    chip.passes(100, every_ms=1)
    assert set(chip.codes(0)) == {8000}
    assert set(chip.codes(1)) == {8000}
    assert 4 <= len(chip.codes(0)) <= 6  # 9 ms each
    assert chip.users[0].lost == 0


def test_a_silent_converter_has_no_readings_is_told_once_and_comes_back():
    chip = Chip(MV_4096, MV_2048)
    chip.passes(5)
    chip.fake.silent = True
    chip.passes(BAD_SAMPLES - 1)
    assert [user.lost for user in chip.users] == [BAD_SAMPLES - 1] * 2
    assert chip.told == []
    chip.passes(50)
    assert chip.told == [(72, True)]
    seen = len(chip.codes())
    chip.fake.silent = False
    chip.passes(2)
    assert chip.told == [(72, True), (72, False)]
    chip.passes(20)
    assert len(chip.codes()) > seen
    assert len(chip.told) == 2


def test_a_transfer_that_breaks_off_anywhere_is_a_lost_reading_and_no_other_one():
    for transfer in range(3):  # its configuration, the code, the next conversion
        chip = Chip(MV_4096)
        chip.fake.volts[0] = 1.0
        chip.passes(3)
        chip.board.bus.break_at = transfer
        chip.passes(1)
        assert chip.board.bus.break_at is None
        assert chip.users[0].lost == 1
        chip.passes(3)
        assert chip.codes() == [8000] * 4
        assert chip.users[0].lost == 1


def test_a_converter_that_has_lost_its_power_says_zero_and_is_not_believed():
    chip = Chip(MV_4096)
    chip.fake.volts[0] = 1.0
    chip.passes(3)
    chip.fake.lose_power()
    chip.passes(5)
    assert set(chip.codes()) == {8000}
    assert chip.users[0].lost == 1


def test_a_conversion_that_does_not_end():
    chip = Chip(MV_4096)
    chip.passes(2)
    chip.fake.slow = True
    chip.passes(2 * BAD_SAMPLES + 1)
    assert chip.told == [(72, True)]


def test_a_bus_that_hangs_is_freed():
    chip = Chip(MV_4096)
    chip.fake.volts[0] = 1.0
    chip.passes(3)
    chip.board.bus.hung = True
    chip.passes(BAD_SAMPLES)
    assert chip.board.bus.freed == 1
    chip.passes(3)
    assert chip.codes()[-1] == 8000
    assert chip.bus.failures == 0


def test_a_bus_that_stays_low_is_tried_again_and_again_without_end():
    chip = Chip(MV_4096)
    chip.board.bus.held = True
    chip.passes(100)
    assert chip.board.bus.freed == 100 // BAD_SAMPLES
    assert chip.told == [(72, True)]
    chip.board.bus.held = False
    chip.passes(3)
    assert chip.told[-1] == (72, False)


def test_one_silent_device_among_others_does_not_disturb_the_bus():
    chip = Chip(MV_4096)
    lux = LuxSensor(chip.bus, 17)
    for _ in range(50):
        chip.passes(1)
        lux.sample(chip.board.now)
    assert lux.fault == records.FAULT_LUX
    assert chip.board.bus.freed == 0
    assert chip.users[0].lost == 0


# --- thermistors on a converter ---


def test_codes_on_the_scale_of_the_divider():
    """raw * 65535 // full exactly, with no product that the board must allocate."""
    for full in (1, 7, 8000, 26400, 32000, 32767):
        sensor = ConverterThermistor(full, table(), station(), 0)
        for raw in (-32768, -1, 0, 1, 2, 3, 4321, 13200, full - 1, full, full + 1, 32767):
            sensor.take(raw)
            assert sensor.code == min(max(raw, 0), full) * FULL_SCALE // full
    assert 32767 * (FULL_SCALE // 2) <= SMALL_INTEGER


def test_a_thermistor_on_a_converter():
    for celsius in (5, 23.4, 50, 80):
        sensor = ConverterThermistor(26400, table(), station(), 0)
        raw = code_at(celsius) * 26400 // FULL_SCALE
        sensor.take(raw)
        assert abs(sensor.centi_c - celsius_at(code_at(celsius)) * 100) <= 6
        sensor.lose()
        assert sensor.centi_c is None
        assert sensor.fault == 0  # nothing is known


def test_beyond_full_scale_is_open_and_never_a_temperature():
    sensor = ConverterThermistor(32000, table(), station(), 0)
    for _ in range(BAD_SAMPLES):
        sensor.take(32767)
        assert sensor.centi_c is None
    assert sensor.fault == records.FAULT_PLATE_OPEN


def test_still_is_said_of_raw_conversions():
    sensor = ConverterThermistor(26400, table(), station(), 0)
    seen = []
    for raw in (9000, 9000, 9001, 9001, 9000):
        sensor.take(raw)
        seen.append(sensor.still)
    assert seen == [False, True, False, True, False]


# --- the lux sensor ---


def run_lux(board, sensor, ms):
    for _ in range(0, ms, 250):
        sensor.sample(board.now)
        board.advance(board.now + 250)


def lux_sensor():
    board = quiet_board()
    return board, LuxSensor(Bus(board, HEAD), 16)


def test_lux_from_darkness_to_daylight():
    board, sensor = lux_sensor()
    for lux, tolerance in ((0.5, 0.1), (100, 1), (3000, 30), (6000, 30), (0.02, 0.04)):
        board.veml.lux = lux
        run_lux(board, sensor, 3000)
        assert abs(sensor.deci_lux / 10 - lux) <= tolerance
    board.veml.lux = 100000
    run_lux(board, sensor, 3000)
    assert sensor.deci_lux == 65534  # the end of what a record can say


def test_a_silent_lux_sensor_is_none_then_a_fault_and_comes_back():
    board, sensor = lux_sensor()
    run_lux(board, sensor, 3000)
    board.veml.silent = True
    run_lux(board, sensor, 750)
    assert sensor.deci_lux is None
    assert sensor.fault == 0
    run_lux(board, sensor, 250)
    assert sensor.fault == records.FAULT_LUX
    board.veml.silent = False
    run_lux(board, sensor, 3000)
    assert sensor.deci_lux == 0
    assert sensor.fault == 0


def test_a_lux_sensor_that_has_lost_its_power_does_not_prove_the_dark():
    board, sensor = lux_sensor()
    board.veml.lux = 100
    run_lux(board, sensor, 3000)
    board.veml.lose_power()
    for _ in range(12):
        run_lux(board, sensor, 250)
        assert sensor.deci_lux is None or sensor.deci_lux > 900
    assert abs(sensor.deci_lux - 1000) <= 10


# --- the humidity sensor ---


class Humidity:
    def __init__(self):
        self.board = quiet_board()
        self.fake = self.board.bus.chips[68] = FakeSht4x()
        self.sensor = HumiditySensor(Bus(self.board, HEAD), 68)

    def passes(self, count, every_ms=250):
        for _ in range(count):
            self.sensor.sample(self.board.now)
            self.board.advance(self.board.now + every_ms)

    def readings(self):
        return self.sensor.centi_percent, self.sensor.centi_c


def test_the_checksum_of_the_data_sheet():
    assert crc8(b"\xbe\xef", 0) == 0x92


def test_ticks_of_the_data_sheet():
    """T = -45 + 175 t / 65535, RH = -6 + 125 h / 65535, cut off at 0 and 100 %."""
    air = Humidity()
    assert air.readings() == (None, None)
    for ticks in ((0, 0), (65535, 65535), (26214, 29360), (25466, 3145), (26000, 52428)):
        air.fake.ticks = ticks
        air.passes(8)
        percent, celsius = air.readings()
        assert abs(celsius - (-4500 + 17500 * ticks[0] / 65535)) <= 0.51
        wanted = min(max(-600 + 12500 * ticks[1] / 65535, 0), 10000)
        assert abs(percent - wanted) <= 0.51
    assert SMALL_INTEGER >= 65535 * 3500 + 13107


def test_every_bit_of_the_answer_is_checked():
    for byte in range(6):
        for bit in range(8):
            air = Humidity()
            air.fake.ticks = (26214, 29360)
            air.passes(8)
            assert None not in air.readings()
            air.fake.flip = (byte, bit)
            air.passes(6)
            assert air.readings() == (None, None)


def test_a_silent_humidity_sensor_is_none_then_a_fault_and_comes_back():
    air = Humidity()
    air.fake.ticks = (26214, 29360)
    air.passes(8)
    air.fake.silent = True
    while air.sensor.centi_c is not None:
        air.passes(1)
    assert air.sensor.fault == 0
    air.passes(BAD_SAMPLES)
    assert air.readings() == (None, None)
    assert air.sensor.fault == records.FAULT_HUMIDITY
    air.fake.silent = False
    air.passes(3)
    assert None not in air.readings()
    assert air.sensor.fault == 0


def test_it_is_not_asked_before_it_has_measured():
    air = Humidity()
    air.passes(3000, every_ms=1)
    assert None not in air.readings()
    assert air.board.bus.transfers <= 8


# --- through the app ---


def test_a_station_with_a_humidity_sensor_has_air_records_and_a_fault_of_that_name():
    rig = Rig()
    fake = rig.board.bus.chips[68] = FakeSht4x()
    fake.ticks = (26214, 29360)
    rig.configure(stations=[station(), station(humidity_address=68)], cells=[])
    rig.run(30000)
    air = rig.records(records.AIR)
    assert [record.place for record in air] == [BOX] * len(air)
    assert len(air) == len(rig.records(records.STATION, BOX)) >= 3
    assert air[-1].values == {"humidity": 5000, "temperature": 2500}
    fake.silent = True
    rig.run(30000)
    assert rig.records(records.AIR)[-1].values == {"humidity": None, "temperature": None}
    assert rig.app.bench.stations[BOX].guard.faults == records.FAULT_HUMIDITY
    assert rig.clear(BOX, records.FAULT_HUMIDITY) == messages.REASON_NOT_NOW
    fake.silent = False
    rig.run(5000)
    assert rig.clear(BOX, records.FAULT_HUMIDITY) == messages.REASON_OK


def test_offsets_of_all_three_thermistors():
    rig = Rig()
    chip = rig.board.bus.chips[72] = FakeAds1115(rig.board)
    for number in range(3):
        chip.volts[number] = 3.3 * code_at(30) / FULL_SCALE
    places = {"plate_adc": FIRST_INPUT, "guard_adc": FIRST_INPUT + 1, "stage_adc": FIRST_INPUT + 2}
    offsets = {"plate_offset": 100, "guard_offset": -200, "stage_offset": 499}
    chips = [{"address": 72, "full": 26400}]
    rig.configure(stations=[station(**places, **offsets)], cells=[], converters=chips)
    rig.run(20000)
    values = rig.records(records.STATION)[-1].values
    for name, centi_c in (("plate", 3100), ("guard", 2800), ("stage", 3499)):
        assert abs(values[name] - centi_c) <= 3


def test_benches_that_cannot_be_built_are_refused():
    one = {"address": 72, "full": 26400}
    other = {"address": 73, "full": 26400}
    plate = station(plate_adc=FIRST_INPUT)
    sensed = cell(0, voltage_input=0)
    wrong = (
        ([plate], [], []),  # no converter
        ([station()], [sensed], []),
        ([station(plate_adc=FIRST_INPUT + 4)], [], [one]),  # of a second one
        ([station()], [cell(0, voltage_input=4)], [one]),
        ([plate], [sensed], [one]),  # one input, two uses
        ([station(plate_adc=FIRST_INPUT, stage_adc=FIRST_INPUT)], [], [one]),
        ([station()], [sensed, cell(1, voltage_input=0)], [one]),
        ([station()], [cell(0, current_input=0, shunt=0)], [one]),
        ([station()], [sensed], [one, one]),  # one address
        ([station(plate_adc=50)], [], [one]),  # neither a pin nor an input
    )
    rig = Rig()
    for stations, cells, converters in wrong:
        blob = config_blob(stations=stations, cells=cells, converters=converters)
        assert rig.upload(messages.BLOB_CONFIG, blob) == messages.REASON_BLOB_INVALID
    good = config_blob(stations=[plate], cells=[cell(0, voltage_input=5)], converters=[one, other])
    assert rig.upload(messages.BLOB_CONFIG, good) == 0


def test_devices_without_a_bus_are_refused():
    rig = Rig()
    for stations, cells, converters in (
        ([station(lux_address=16)], [], []),
        ([station(humidity_address=68)], [], []),
        ([station()], [cell(0, voltage_input=0)], [{"address": 72, "full": 26400}]),
    ):
        parts = {"stations": stations, "cells": cells, "converters": converters}
        assert rig.upload(messages.BLOB_CONFIG, config_blob(**parts)) == 0
        blob = config_blob(bus=None, **parts)
        assert rig.upload(messages.BLOB_CONFIG, blob) == messages.REASON_BLOB_INVALID
