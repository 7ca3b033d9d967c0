"""What cells, thermistors and air show at the converters: on the shipped sensed bench."""

import math

import pytest

from soakbench.config import BenchConfig
from soakbench.config.bench import TemperatureSensor
from soakbench.config.twin_table import CellTable
from soakbench.plan.thermistor import adc_code
from soakbench.twin.board import Board
from soakbench.twin.channel import PinState
from soakbench.twin.physics import Junction
from soakbench.twin.stations import Contact

SHUTTER = 16
A1_RELAY = 0
HOUR_MS = 3_600_000
VOLTS, AMPS = 0x4483, 0x4B83  # AIN0 against ground at ±2.048 V and at ±0.256 V, 128 SPS
VOLTAGES, CURRENTS = 0x48, 0x4A


class TestJunction:
    @pytest.fixture
    def cell(self) -> Junction:
        return Junction(CellTable(), area_cm2=0.07)

    def test_short_circuit_at_one_sun(self, cell: Junction) -> None:
        assert cell.photocurrent_a(1) == pytest.approx(1.65e-3, rel=0.002)
        assert cell.photocurrent_a(0.5) == pytest.approx(0.826e-3, rel=0.001)

    @pytest.mark.parametrize("voc_v", [1.05, 0.93, 0.6])
    def test_open_circuit_at_one_sun_is_what_it_is_given(
        self, cell: Junction, voc_v: float
    ) -> None:
        assert cell.open_v(voc_v, 1) == pytest.approx(voc_v, abs=1e-6)

    def test_the_voltage_falls_as_the_logarithm_of_light(self, cell: Junction) -> None:
        volts = [cell.open_v(1.05, suns) for suns in (1, 0.1, 0.01)]
        decade_v = CellTable().slope_v * math.log(10)
        assert volts[0] - volts[1] == pytest.approx(decade_v, rel=0.002)
        assert volts[1] - volts[2] == pytest.approx(decade_v, rel=0.02)

    def test_at_a_ten_thousandth_of_a_sun_a_good_cell_still_shows_0_6_v(self) -> None:
        """Without a converter, which would take most of its current."""
        alone = Junction(CellTable(parallel_ohm=1e12), area_cm2=0.07)
        assert alone.open_v(1.05, 1e-4) == pytest.approx(0.6, abs=0.005)
        loaded = Junction(CellTable(), area_cm2=0.07)
        assert 0.5 < loaded.open_v(1.05, 1e-4) < 0.6

    def test_near_the_dark_the_converter_takes_all(self, cell: Junction) -> None:
        assert cell.open_v(1.05, 2e-7) == pytest.approx(2e-7 * 1.652e-3 * 5e6, rel=0.01)
        assert cell.open_v(1.05, 0) == 0

    @pytest.mark.parametrize("suns", [1e-9, 1e-6, 1e-5, 1e-4, 1e-3, 1, 2])
    @pytest.mark.parametrize("voc_v", [1.05, 0.3, 1e-3])
    def test_currents_add_up(self, cell: Junction, voc_v: float, suns: float) -> None:
        table = CellTable()
        volts = cell.open_v(voc_v, suns)
        one_sun_a = cell.photocurrent_a(1)
        dark_a = (one_sun_a - voc_v / table.parallel_ohm) / math.expm1(voc_v / table.slope_v)
        flows_a = dark_a * math.expm1(volts / table.slope_v) + volts / table.parallel_ohm
        assert flows_a == pytest.approx(one_sun_a * suns, rel=1e-4)

    def test_a_cell_without_voltage_shows_none(self, cell: Junction) -> None:
        assert cell.open_v(0, 1) == cell.open_v(-0.2, 1) == 0


class Bench:
    """The sensed bench, read as the board does."""

    def __init__(self, bench: BenchConfig) -> None:
        quiet = bench.twin.model_copy(update={"converter_noise_lsb": 0})
        self.board = Board(bench.model_copy(update={"twin": quiet}), seed=1)
        self.now_ms = 0.0

    def wait(self, ms: float) -> None:
        self.now_ms += ms
        self.board.advance(self.now_ms)

    def pin(self, gpio: int, high: bool) -> None:
        self.board.set_pin(self.now_ms, gpio, PinState.HIGH if high else PinState.LOW)

    def convert(self, address: int, config: int, number: int = 0) -> int:
        word = 0x8000 | config | number << 12
        assert self.board.i2c_write(address, b"\1" + word.to_bytes(2, "big")).status == 0
        self.wait(10)
        read = self.board.i2c_read_register(address, 0, 2)
        code = int.from_bytes(read.data, "big")
        return code - 0x10000 if code & 0x8000 else code

    @property
    def a1_v(self) -> float:
        """A1's voltage sense."""
        return self.convert(VOLTAGES, VOLTS) * 62.5e-6

    @property
    def a1_ua(self) -> float:
        """A1's current sense."""
        return self.convert(CURRENTS, AMPS) * 7.8125 / 4.7


@pytest.fixture
def bench(sensed: BenchConfig) -> Bench:
    return Bench(sensed)


def test_at_open_circuit_under_one_sun(bench: Bench) -> None:
    bench.pin(A1_RELAY, True)
    bench.pin(SHUTTER, True)
    assert bench.a1_v == pytest.approx(1.05, abs=1e-4)
    assert bench.a1_ua == 0


def test_at_short_circuit_under_one_sun(bench: Bench) -> None:
    bench.pin(SHUTTER, True)
    assert bench.a1_ua == pytest.approx(1652, abs=2)
    assert bench.a1_v == pytest.approx(1.652e-3 * (4.7 + 0.3), abs=62.5e-6)


def test_every_cell_has_its_own_inputs(sensed: BenchConfig) -> None:
    """Each position another light: whose voltage and current is where."""
    cells = {
        name: cell.model_copy(update={"position": 0.8 + 0.05 * number})
        for number, (name, cell) in enumerate(sensed.cells.items())
    }
    bench = Bench(sensed.model_copy(update={"cells": cells}))
    bench.pin(SHUTTER, True)
    for number in range(8):
        high, low = divmod(number, 4)
        code = bench.convert(CURRENTS + high, AMPS, low)
        assert code * 7.8125 / 4.7 == pytest.approx(1652 * (0.8 + 0.05 * number), abs=2)
    for number in range(8):
        bench.pin(number, True)
        high, low = divmod(number, 4)
        volts = bench.convert(VOLTAGES + high, VOLTS, low) * 62.5e-6
        assert volts == pytest.approx(1.05 + 0.049 * math.log(0.8 + 0.05 * number), abs=2e-4)


def test_in_the_dark_the_voltage_decays_to_nothing(bench: Bench) -> None:
    bench.pin(A1_RELAY, True)
    bench.pin(SHUTTER, True)
    bench.wait(60_000)
    bench.pin(SHUTTER, False)
    bench.wait(500)
    assert bench.a1_v == pytest.approx(1.05 / math.e, rel=0.02)
    bench.wait(2000)
    assert 0 < bench.a1_v < 0.01
    bench.wait(20_000)
    assert bench.a1_v == pytest.approx(2e-7 * 1.652e-3 * 5e6, abs=62.5e-6)


def test_how_often_it_was_looked_at_does_not_matter(sensed: BenchConfig) -> None:
    volts = []
    for looks in (0, 50):
        bench = Bench(sensed)
        bench.pin(A1_RELAY, True)
        bench.pin(SHUTTER, True)
        bench.wait(60_000)
        bench.pin(SHUTTER, False)
        for _ in range(looks):
            bench.wait(10)
            bench.board.settle_cells()
        bench.wait(1000 - 10 * looks)
        volts.append(bench.a1_v)
    assert volts[0] == volts[1]


def test_light_that_leaks_into_the_dark_shows(bench: Bench) -> None:
    bench.pin(A1_RELAY, True)
    bench.board.set_leak("simulator", 10)  # 1e-4 sun
    assert 0.5 < bench.a1_v < 0.6


def test_ageing_at_open_circuit_shows(bench: Bench) -> None:
    bench.pin(A1_RELAY, True)
    bench.pin(SHUTTER, True)
    for _ in range(16 * 60):
        bench.wait(60_000)
    assert bench.a1_v == pytest.approx(1.05 - 0.11, abs=0.02)
    assert bench.a1_v == pytest.approx(bench.board.cells["A1"].state.voc_v, abs=1e-4)


def test_a_relay_that_sticks_shows_in_both_senses(bench: Bench) -> None:
    relay = bench.board.cells["A1"].short
    assert relay is not None
    bench.pin(SHUTTER, True)
    relay.stick(True)
    bench.pin(A1_RELAY, True)  # to OC, and it stays at SC
    assert bench.a1_ua == pytest.approx(1652, abs=2)
    assert bench.a1_v < 0.01
    bench.board.settle_cells()
    relay.stick(False)
    assert bench.a1_ua == 0
    relay.stick(True)
    bench.pin(A1_RELAY, False)  # to SC, and it stays at OC
    assert bench.a1_ua == 0
    assert bench.a1_v > 1


def test_a_cell_without_contact_shows_nothing_and_is_at_open_circuit(bench: Bench) -> None:
    bench.pin(SHUTTER, True)
    bench.board.set_contact("A1", Contact.NONE)
    assert (bench.a1_ua, bench.a1_v) == (0, 0)
    bench.pin(A1_RELAY, True)
    assert (bench.a1_ua, bench.a1_v) == (0, 0)
    bench.pin(A1_RELAY, False)
    bench.wait(HOUR_MS)
    cell = bench.board.cells["A1"]
    bench.board.settle_cells()
    assert cell.sc_sun_h == pytest.approx(0, abs=1e-3)
    assert cell.oc_sun_h == pytest.approx(1, abs=1e-3)
    assert cell.load == "SC", "that is what its relay says"


def test_a_cell_the_wrong_way_round(bench: Bench) -> None:
    bench.pin(SHUTTER, True)
    bench.board.set_contact("A1", Contact.REVERSED)
    assert bench.a1_ua == pytest.approx(-1652, abs=2)
    assert bench.a1_v == pytest.approx(-8.26e-3, abs=1e-4)
    bench.pin(A1_RELAY, True)
    assert bench.a1_v == pytest.approx(-0.3, abs=1e-3), "the input's protection holds it"
    bench.board.set_contact("A1", Contact.GOOD)
    assert bench.a1_v == pytest.approx(1.05, abs=1e-4)


def test_a_cell_that_was_moved_sees_the_other_stations_light(bench: Bench) -> None:
    bench.pin(A1_RELAY, True)
    bench.pin(SHUTTER, True)
    assert bench.a1_v > 1
    bench.board.move("A1", "hotplate_box")
    bench.wait(10_000)
    assert bench.a1_v < 0.01


def test_what_its_place_gets_ages_a_cell(sensed: BenchConfig) -> None:
    cells = dict(sensed.cells)
    cells["A1"] = cells["A1"].model_copy(update={"position": 0.5})
    bench = Bench(sensed.model_copy(update={"cells": cells}))
    bench.pin(SHUTTER, True)
    bench.wait(HOUR_MS)
    bench.board.settle_cells()
    doses = [bench.board.cells[name].sc_sun_h for name in ("A1", "A2")]
    assert doses == pytest.approx([0.5, 1.0])


def with_stage(sensed: BenchConfig, sensor: TemperatureSensor) -> BenchConfig:
    """The sensed bench with another stage sensor; input 0 of converter a is free for it."""
    station = sensed.stations["simulator"].model_copy(update={"stage_sensor": sensor})
    cells = dict(sensed.cells)
    cells["A1"] = cells["A1"].model_copy(update={"voltage_sense": None})
    stations = dict(sensed.stations, simulator=station)
    return sensed.model_copy(update={"cells": cells, "stations": stations})


def test_a_thermistor_on_a_converter(sensed: BenchConfig) -> None:
    sensor = TemperatureSensor(converter="a", input=0, thermistor="ntc10k")
    bench = Bench(with_stage(sensed, sensor))
    bench.pin(SHUTTER, True)
    bench.wait(180_000)
    raw = bench.convert(VOLTAGES, 0x4383)  # ±4.096 V
    full = round(3.3 / 4.096 * 32768)
    temp_c = 23 + 20 * (1 - 1 / math.e)
    expected = adc_code(sensed.thermistors["ntc10k"], temp_c)
    assert raw * 65535 // full == pytest.approx(expected, abs=5)
    broken = bench.board.stations["simulator"].inputs["stage"]
    assert broken.temp_c == pytest.approx(temp_c, abs=0.01)


def test_a_calibrated_thermistor_reads_too_low_by_its_offset(sensed: BenchConfig) -> None:
    """So that what the board adds makes it right."""
    sensor = TemperatureSensor(converter="a", input=0, thermistor="ntc10k", offset_c=1.5)
    bench = Bench(with_stage(sensed, sensor))
    raw = bench.convert(VOLTAGES, 0x4383)
    full = round(3.3 / 4.096 * 32768)
    expected = adc_code(sensed.thermistors["ntc10k"], 23 - 1.5)
    assert raw * 65535 // full == pytest.approx(expected, abs=5)


def test_the_air_is_what_the_bench_file_says(sensed: BenchConfig) -> None:
    air = sensed.twin.air.model_copy(update={"humidity_percent": 38.0})
    twin = sensed.twin.model_copy(update={"air": air, "ambient_c": 19})
    bench = Bench(sensed.model_copy(update={"twin": twin}))
    assert bench.board.i2c_write(0x44, b"\xfd").status == 0
    bench.wait(9)
    data = bench.board.i2c_read(0x44, 6).data
    temp, humidity = int.from_bytes(data[0:2], "big"), int.from_bytes(data[3:5], "big")
    assert -45 + 175 * temp / 65535 == pytest.approx(19, abs=0.002)
    assert -6 + 125 * humidity / 65535 == pytest.approx(38, abs=0.002)
