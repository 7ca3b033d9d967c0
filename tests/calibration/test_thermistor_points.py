"""A thermistor from what the board showed and what was true: the numbers, and what is refused."""

import random

import pytest
from figures import say

from soakbench.calibration.thermistor import LEAST_APART_C, Fitted, Point, fit, resistance_at
from soakbench.config.bench import TemperatureSensor, Thermistor
from soakbench.errors import BenchFault
from soakbench.plan import thermistor as ntc

FILE = Thermistor(r25_ohm=10_000.0, beta_k=3950.0, divider_ohm=10_000.0)
SENSOR = TemperatureSensor(adc=26, thermistor="ntc")
# A Vishay NTCLE100E3103 by its own four-term equation, cut to three: β(25/85) is 3977 K.
TRUE = Thermistor(steinhart_hart=(1.12924e-3, 2.34108e-4, 8.7755e-8), divider_ohm=10_000.0)


def shown_c(file: Thermistor, ohm: float, offset_c: float = 0) -> float:
    """What a board with this bench file makes of a resistance: its table, and centi-°C."""
    ratio = ohm / (ohm + file.divider_ohm)
    code = round((ratio if file.ntc_to == "ground" else 1 - ratio) * 65536)
    table, (i, rest) = ntc.table_centi_c(file), divmod(code, 512)
    return (table[i] + ((table[i + 1] - table[i]) * rest >> 9)) / 100 + offset_c


def points_of(true: Thermistor, *temps_c: float, file: Thermistor = FILE) -> list[Point]:
    return [Point(shown_c(file, ntc.resistance_ohm(true, t)), t) for t in temps_c]


def worst_c(made: Fitted, true: Thermistor, low_c: int, high_c: int) -> float:
    """How wrong the board is with the new values, its table included."""
    return max(
        abs(shown_c(made.thermistor, ntc.resistance_ohm(true, t), made.offset_c) - t)
        for t in range(low_c, high_c + 1)
    )


@pytest.mark.parametrize("ntc_to", ["ground", "reference"])
@pytest.mark.parametrize("offset_c", [0.0, -1.5])
def test_the_resistance_is_found_back(ntc_to: str, offset_c: float):
    file = FILE.model_copy(update={"ntc_to": ntc_to})
    sensor = SENSOR.model_copy(update={"offset_c": offset_c})
    for temp_c in range(-10, 91, 4):
        ohm = ntc.resistance_ohm(TRUE, temp_c)
        found = resistance_at(file, sensor, shown_c(file, ohm, offset_c))
        # A hundredth of a degree is what a record resolves: 0.06 % of R at most.
        assert found == pytest.approx(ohm, rel=1e-3)


def test_one_point_is_an_offset_and_adds_to_the_old_one():
    made = fit(FILE, SENSOR.model_copy(update={"offset_c": 0.3}), [Point(25.4, 25.0)])
    assert made.kind == "offset"
    assert made.thermistor == FILE
    assert made.offset_c == pytest.approx(-0.1)
    assert made.residuals_c == pytest.approx((0.0,), abs=0.006)
    assert made.uncertainty_c == pytest.approx({25.0: 0.1, 50.0: 0.1})


def test_two_points_find_r25_and_beta():
    true = Thermistor(r25_ohm=10_230.0, beta_k=3435.0, divider_ohm=10_000.0)
    made = fit(FILE, SENSOR, points_of(true, 10, 55))
    assert made.kind == "beta"
    assert made.thermistor.r25_ohm == pytest.approx(10_230, rel=1e-3)
    assert made.thermistor.beta_k == pytest.approx(3435, rel=1e-3)
    assert made.offset_c == 0
    assert max(map(abs, made.residuals_c)) < 0.05  # of the table's interpolation
    assert worst_c(made, true, -10, 90) < 0.1


def test_three_points_find_steinhart_and_hart():
    made = fit(FILE, SENSOR, points_of(TRUE, 0, 25, 60))
    assert made.kind == "steinhart_hart"
    assert made.thermistor.r25_ohm is None
    worst = worst_c(made, TRUE, -10, 90)
    say(f"three points (0, 25, 60 °C): worst {worst:.3f} °C over -10..90 °C")
    assert worst < 0.1


def test_from_steinhart_and_hart_back_to_two_points():
    made = fit(TRUE, SENSOR, points_of(FILE, 25, 50, file=TRUE))
    assert made.thermistor.steinhart_hart is None
    assert made.thermistor.beta_k == pytest.approx(3950, rel=2e-3)


@pytest.mark.parametrize(
    ("temps_c", "reference_c"), [((25.0,), 0.1), ((10.0, 55.0), 0.1), ((0.0, 25.0, 60.0), 0.02)]
)
def test_the_uncertainty_is_that_of_many_calibrations(
    temps_c: tuple[float, ...], reference_c: float
):
    """Against calibrations whose reference errs, each time at random."""
    draw = random.Random(5)
    points = points_of(TRUE, *temps_c)
    promised = fit(FILE, SENSOR, points, reference_c).uncertainty_c[50.0]
    ohm = ntc.resistance_ohm(TRUE, 50.0)
    found = []
    for _ in range(300):
        erred = [Point(p.shown_c, p.true_c + draw.gauss(0, reference_c)) for p in points]
        made = fit(FILE, SENSOR, erred)
        found.append(ntc.temperature_c(made.thermistor, ohm) + made.offset_c)
    mean = sum(found) / len(found)
    seen = (sum((each - mean) ** 2 for each in found) / len(found)) ** 0.5
    assert promised == pytest.approx(seen, rel=0.15)


def test_a_noisy_reading_counts_like_a_noisy_reference():
    (sure,) = points_of(TRUE, 25)
    unsure = Point(sure.shown_c, sure.true_c, spread_c=0.2)
    assert fit(FILE, SENSOR, [unsure]).uncertainty_c[25.0] == pytest.approx(0.2236, rel=1e-3)


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([Point(31.0, 25.0)], "an offset of -6.00 °C, allowed are ±5 °C"),
        ([Point(25.0, 25.0), Point(29.0, 29.5)], "25.00 and 29.50 °C .* are too close together"),
        ([Point(25.0, 25.0), Point(26.0, 45.0)], "are too close together"),
        ([Point(50.0, 25.0), Point(25.0, 50.0)], "shows 50.00 °C at 25.00 °C, and less"),
        ([Point(25.0, 25.0), Point(50.0, 80.0)], "β would be 19"),
        ([Point(25.0, 25.0), Point(60.0, 42.0)], "β would be 7"),
        ([*points_of(TRUE, 0, 25), Point(55.0, 60.0)], "no NTC goes through these three points"),
        ([Point(0.0, 0.0), Point(25.0, 25.0), Point(27.0, 27.0)], "are too close together"),
    ],
)
def test_nonsense_is_refused(points: list[Point], says: str):
    with pytest.raises(BenchFault, match=says) as caught:
        fit(FILE, SENSOR, points)
    assert caught.value.hint


def test_an_offset_that_is_too_large_tells_of_the_wiring():
    with pytest.raises(BenchFault) as caught:
        fit(FILE, SENSOR, [Point(25.0, 32.0)])
    assert "another type of NTC is more likely" in caught.value.hint


def test_the_least_distance_is_allowed():
    assert fit(FILE, SENSOR, [Point(25.0, 25.0), Point(25.0 + LEAST_APART_C, 30.0)])
