"""A photodiode and the places of the cells from the readings of a reference cell."""

import pytest

from soakbench.assets import find_bench
from soakbench.calibration.light import code_of, fit_dark, fit_suns, map_positions, raw_light
from soakbench.config import load_bench
from soakbench.config.bench import LightSensor
from soakbench.errors import BenchFault

FILE = LightSensor(adc=28, full_scale_suns=1.5, dark_code=100)


def raw_suns(code: float) -> float:
    """What a record of raw_light's bench has of a code: milli-suns."""
    return int(code / 65535 * 10_000) / 1000


def test_the_bench_for_reading_cuts_nothing_off_and_says_so_itself():
    bench = raw_light(load_bench(find_bench("twin")), "simulator")
    sensor = bench.stations["simulator"].light_sensor
    assert sensor is not None
    assert (sensor.dark_code, sensor.full_scale_suns) == (0, 10.0)
    assert "full_scale_suns = 10" in bench.source.text  # a run is stored with this text
    assert code_of(10.0) == 65535


def test_dark():
    assert fit_dark(FILE, raw_suns(240)).dark_code == pytest.approx(240, abs=7)
    assert fit_dark(FILE, 0.0).dark_code == 0
    with pytest.raises(BenchFault, match="light falls on it"):
        fit_dark(FILE, raw_suns(2100))


def test_suns():
    """A diode with 240 codes in the dark and the end of its scale at 1.42 suns."""
    code = 240 + 1.0 / 1.42 * (65535 - 240)
    made = fit_suns(FILE, 240, raw_suns(code), 1.0, spread_suns=0.01)
    assert made.full_scale_suns == pytest.approx(1.42, rel=2e-4)
    assert made.shown_suns == pytest.approx((code - 100) / (65535 - 100) * 1.5, rel=2e-4)
    assert made.error == pytest.approx(0.01 / raw_suns(code))
    assert not made.warnings


def test_the_rule_of_three_where_the_dark_stays():
    """new = old * true / shown, as docs/hardware.md has it."""
    made = fit_suns(FILE, FILE.dark_code, raw_suns(40_000), 0.95)
    assert made.shown_suns is not None
    assert made.full_scale_suns == pytest.approx(1.5 * 0.95 / made.shown_suns, rel=1e-4)


def test_a_scale_with_little_room_is_warned_of():
    (warning,) = fit_suns(FILE, 100, raw_suns(60_000), 1.0).warnings
    assert "the scale ends at 1.09 suns" in warning


@pytest.mark.parametrize(
    ("code", "true_suns", "says"),
    [
        (65_535, 1.0, "saturated: a code of 65535"),
        (64_600, 1.0, "saturated"),
        (1500, 1.0, "no light: the sensor reads a code of 149"),
        (3000, 1.0, "the scale would end at 22"),
    ],
)
def test_readings_that_tell_nothing(code: int, true_suns: float, says: str):
    with pytest.raises(BenchFault, match=says) as caught:
        fit_suns(FILE, 100, raw_suns(code), true_suns)
    assert caught.value.hint


def test_a_map_is_relative_to_the_mean_of_first_and_last():
    made = map_positions(1.00, {"A1": 0.98, "A2": 1.05}, 1.02)
    assert made.positions == {"A1": 0.970, "A2": 1.040}
    assert made.drift == pytest.approx(0.02)
    assert "drifted by +2.0%" in made.warnings[0]
    assert not map_positions(30.0, {"A1": 30.0}, 30.1).warnings


@pytest.mark.parametrize(
    ("first", "cells", "last", "says"),
    [
        (1.0, {"A1": 1.0}, 1.06, r"changed by \+6.0%"),
        (1.0, {"A1": 1.0}, 0.9, r"changed by -10.0%"),
        (1.0, {"A1": 0.3}, 1.0, "A1 would get 0.3 times the light"),
        (1.0, {"A1": 1.7}, 1.0, "A1 would get 1.7 times"),
        (1.0, {"A1": -0.9}, 1.0, "the reading at A1 is -0.9"),
        (0.0, {"A1": 0.9}, 1.0, "the reading at the sensor is 0"),
        (1.0, {"A1": 0.9}, float("nan"), "the reading at the sensor again is nan"),
    ],
)
def test_maps_that_tell_nothing(first: float, cells: dict, last: float, says: str):
    with pytest.raises(BenchFault, match=says):
        map_positions(first, cells, last)
