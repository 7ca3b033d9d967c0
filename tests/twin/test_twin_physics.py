"""Heat, light and cells in virtual time, without any process."""

import math

import pytest

from soakbench.config.bench import BenchConfig, LightSensor, Thermistor
from soakbench.config.twin_table import CellTable, PlateTable
from soakbench.twin.board import Board
from soakbench.twin.channel import PinState
from soakbench.twin.devices import Veml7700
from soakbench.twin.physics import LitBody, Plate, VocLoss
from soakbench.twin.sensors import (
    Converter,
    Fault,
    PhotodiodeInput,
    ThermistorInput,
    resistance_ohm,
)

HOUR_S = 3600
NTC = Thermistor(r25_ohm=10_000, beta_k=3950, divider_ohm=10_000)


def plate_at(temp_c: float, ambient_c: float = 23) -> Plate:
    plate = Plate(PlateTable(), ambient_c)
    plate.temp_c = plate.sensor_c = temp_c
    return plate


class TestPlate:
    def test_full_power_takes_it_from_25_to_50_in_three_to_five_minutes(self) -> None:
        plate, seconds = plate_at(25), 0
        while plate.temp_c < 50:
            plate.advance(1, 1)
            seconds += 1
        assert 180 <= seconds <= 300

    def test_one_step_and_a_thousand_end_at_the_same_place(self) -> None:
        one, many = plate_at(25), plate_at(25)
        one.advance(100, 0.5)
        for _ in range(1000):
            many.advance(0.1, 0.5)
        assert one.temp_c == pytest.approx(many.temp_c, abs=1e-9)
        assert one.sensor_c == pytest.approx(many.sensor_c, abs=1e-9)

    def test_sensor_lags_by_its_time_constant_on_a_ramp(self) -> None:
        plate = plate_at(23)
        plate.advance(60, 1)
        rise_per_s = PlateTable().heater_w / PlateTable().heat_capacity_j_per_k
        assert plate.temp_c - plate.sensor_c == pytest.approx(4 * rise_per_s, rel=0.1)

    def test_unheated_it_ends_at_ambient(self) -> None:
        plate = plate_at(50)
        plate.advance(20 * HOUR_S, 0)
        assert plate.temp_c == pytest.approx(23)
        assert plate.sensor_c == pytest.approx(23)


def control(speed: float, minutes: float) -> list[float]:
    """True plate temperatures, one every 100 ms of control, under a simple PI with feed-forward.

    As on the board: a slot of 100 ms, a control period of 250 ms, a median of noisy codes.
    """
    kp, ki, feed = 200.0, 1.0, 10.0  # permille per °C, per °C s, per °C above 23
    plate, sensor, converter = plate_at(23), ThermistorInput(NTC), Converter(1, seed=3)
    integral = share = duty = 0.0
    control_at_ms = 0
    temps = []
    for now_ms in range(0, round(minutes * 60_000), 50):
        if now_ms >= control_at_ms:
            control_at_ms += 250
            sensor.temp_c = plate.sensor_c
            error = 50 - read_c(sorted(converter.codes_u16(sensor.level(), 5, now_ms // 250))[2])
            wanted = kp * error + integral + feed * (50 - 23)
            duty = min(max(wanted, 0), 1000)
            if duty == wanted:
                integral += ki * error * 0.25
        if now_ms % 100 == 0:
            share += duty
            on = share >= 1000
            share -= 1000 if on else 0
            temps.append(plate.temp_c)
        plate.advance(0.05 * speed, float(on))
    return temps


def read_c(code_u16: int) -> float:
    """Temperature from a code of `NTC`, by the inverse of the beta equation."""
    share = code_u16 / 65535
    ohm = NTC.divider_ohm * share / (1 - share)
    return 1 / (1 / 298.15 + math.log(ohm / NTC.r25_ohm) / NTC.beta_k) - 273.15


@pytest.mark.parametrize("speed", [1, 10])
def test_plate_can_be_held_within_half_a_degree(speed: float) -> None:
    temps = control(speed, minutes=2 + 6 / speed)
    arrived = next(i for i, temp in enumerate(temps) if temp > 49)
    settled = arrived + round(600 / speed)
    assert max(temps) < 51
    assert all(49.5 < temp < 50.5 for temp in temps[settled:])
    assert len(temps) - settled > 300


class TestCells:
    def test_one_sun_warms_by_twenty_kelvin_in_minutes(self) -> None:
        body = LitBody(CellTable(), 23)
        body.advance(180, 23, 1)
        assert body.temp_c == pytest.approx(23 + 20 * (1 - 1 / math.e))
        body.advance(HOUR_S, 23, 1)
        assert body.temp_c == pytest.approx(43)

    def test_open_circuit_costs_more_than_short_circuit(self) -> None:
        assert aged(shorted=False).loss_v == pytest.approx(0.11, abs=0.02)
        assert aged(shorted=True).loss_v == pytest.approx(0.01, abs=0.003)

    def test_dark_recovery_is_slow_and_incomplete(self) -> None:
        cell = aged(shorted=False)
        left = cell.loss_v
        cell.advance(16 * HOUR_S, 25, 0, shorted=False)
        assert cell.loss_v / left == pytest.approx(math.exp(-0.04 * 16), rel=1e-6)

    def test_three_hours_at_50_c_restore_voc(self) -> None:
        cell = aged(shorted=False)
        cell.advance(3 * HOUR_S, 50, 0, shorted=False)
        assert cell.loss_v < 0.002


def aged(shorted: bool) -> VocLoss:
    cell = VocLoss(CellTable())
    cell.advance(16 * HOUR_S, 43, 1, shorted)
    return cell


class TestSensors:
    def test_beta_equation(self) -> None:
        assert resistance_ohm(NTC, 25) == pytest.approx(10_000)
        assert resistance_ohm(NTC, 50) == pytest.approx(3588, rel=0.001)

    def test_fifty_degrees_is_code_1081(self) -> None:
        sensor = ThermistorInput(NTC)
        sensor.temp_c = 50
        assert sensor.level() == pytest.approx(1081, abs=1)

    def test_broken_wires_read_as_the_ends_of_the_scale(self) -> None:
        to_ground = ThermistorInput(NTC)
        to_reference = ThermistorInput(NTC.model_copy(update={"ntc_to": "reference"}))
        for fault, ends in ((Fault.OPEN, (4095, 0)), (Fault.SHORT, (0, 4095))):
            to_ground.fault = to_reference.fault = fault
            assert (to_ground.level(), to_reference.level()) == ends

    def test_photodiode_is_linear_from_its_dark_code(self) -> None:
        sensor = PhotodiodeInput(LightSensor(adc=28, full_scale_suns=1.5, dark_code=320))
        dark = sensor.level()
        sensor.suns = 1.5
        assert (round(dark), sensor.level()) == (20, 4095)

    def test_conversions_stay_on_the_scale_and_repeat_by_seed(self) -> None:
        assert max(Converter(5, 1).codes_u16(4095, 500, 0)) == 65535
        assert min(Converter(5, 1).codes_u16(0, 500, 0)) == 0
        assert Converter(1, 7).codes_u16(2000, 50, 3) == Converter(1, 7).codes_u16(2000, 50, 3)

    def test_noise_has_its_width(self) -> None:
        codes = [code >> 4 for code in Converter(1, 1).codes_u16(2000.0, 4000, 0)]
        mean = sum(codes) / len(codes)
        sigma = math.sqrt(sum((code - mean) ** 2 for code in codes) / len(codes))
        assert mean == pytest.approx(2000, abs=0.1)
        assert sigma == pytest.approx(1, abs=0.1)


class TestLuxSensor:
    @pytest.mark.parametrize(
        ("conf", "lux_per_count"), [(0x1300, 2.1504), (0x0000, 0.0672), (0x08C0, 0.0042)]
    )
    def test_counts_by_gain_and_time(self, conf: int, lux_per_count: float) -> None:
        chip = Veml7700(lambda: 200)
        chip.write(b"\0" + conf.to_bytes(2, "little"), 0)
        assert self.counts(chip) == pytest.approx(200 / lux_per_count, abs=1)

    def test_too_much_light_saturates(self) -> None:
        chip = Veml7700(lambda: 100_000)
        chip.write(b"\0\0\0", 0)
        assert self.counts(chip) == 0xFFFF

    def test_asleep_it_keeps_its_last_count(self) -> None:
        lux = [1000.0]
        chip = Veml7700(lambda: lux[0])
        assert self.counts(chip) == 0
        chip.write(b"\0\0\0", 0)
        chip.write(b"\0\1\0", 0)
        lux[0] = 5
        assert self.counts(chip) == pytest.approx(1000 / 0.0672, abs=1)

    def counts(self, chip: Veml7700) -> int:
        chip.write(b"\4", 0)
        return int.from_bytes(chip.read(2, 0), "little")


class TestBoard:
    """Pins to physics, on the shipped simulated bench."""

    @pytest.fixture
    def board(self, bench: BenchConfig) -> Board:
        return Board(bench, seed=1)

    def test_a_change_told_late_takes_effect_at_its_own_time(self, bench: BenchConfig) -> None:
        boards = Board(bench, 1), Board(bench, 1)
        for board, looks in zip(boards, ([], [1000, 2000, 2500]), strict=True):
            board.set_pin(500, 18, PinState.HIGH)  # contactor
            board.set_pin(500, 17, PinState.HIGH)
            for look in looks:
                board.advance(look)
            board.set_pin(3000, 17, PinState.LOW)
            board.advance(10_000)
        first, second = (board.stations["hotplate_box"] for board in boards)
        assert first.heated_ms == second.heated_ms == 2500
        assert first.base_c == pytest.approx(second.base_c, abs=1e-9)

    def test_heater_needs_its_contactor(self, board: Board) -> None:
        board.set_pin(0, 17, PinState.HIGH)
        board.advance(60_000)
        assert board.stations["hotplate_box"].base_c == 23

    def test_light_needs_shutter_and_lamp(self, board: Board) -> None:
        station = board.stations["simulator"]
        assert station.suns == 0
        board.set_pin(0, 16, PinState.HIGH)
        assert station.suns == 1
        board.set_lamp(False)
        assert station.suns == 0

    def test_dose_is_booked_to_the_load_of_the_time(self, board: Board) -> None:
        board.set_pin(0, 16, PinState.HIGH)
        board.set_pin(3_600_000, 0, PinState.HIGH)  # A1 from its rest, SC, to OC
        board.advance(2 * 3_600_000)
        board.move("A1", "hotplate_box")
        board.advance(3 * 3_600_000)
        cell = board.cells["A1"]
        assert (cell.sc_sun_h, cell.oc_sun_h) == pytest.approx((1, 1))
        assert cell.load == "OC"

    def test_speed_spares_the_plate(self, board: Board) -> None:
        board.set_speed(2400)
        assert (board.cell_speed, board.plate_speed) == (2400, 10)

    def test_released_pins_are_inactive(self, board: Board) -> None:
        board.set_pin(0, 16, PinState.HIGH)
        board.release_pins(1000)
        assert board.stations["simulator"].suns == 0
        assert board.cells["A1"].load == "SC"
