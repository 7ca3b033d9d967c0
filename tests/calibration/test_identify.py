"""What least squares finds in a heat-up: of plates like the model, and of others."""

import numpy as np
import pytest

from soakbench.calibration.identify import identify
from soakbench.calibration.law import PERIOD_MS, Coefficients, Law
from soakbench.calibration.plate import Plate, heat_up, response
from soakbench.calibration.record import Recorded
from soakbench.calibration.tuning import MOST_OVERSHOOT_C, predict, propose
from soakbench.errors import BenchFault

TWIN = Plate(0.158, 633.0, 4.0, 0.2, 22.0)
GAINS = Coefficients(200, 1.0, 10.0)
NOISE_C = 0.02


def seen(sensed, duty, every_s: float, rest_s: float = 30.0, noise_c: float = NOISE_C) -> Recorded:
    """The record of a heat-up that has been computed every PERIOD_MS."""
    chance = np.random.default_rng(1)
    step = round(every_s * 1000 / PERIOD_MS)
    times_s = np.arange(len(sensed))[::step] * PERIOD_MS / 1000
    before_s = np.arange(-rest_s, 0, every_s)
    temp_c = np.concatenate([np.full(len(before_s), sensed[0]), sensed[::step]])
    duties = np.concatenate([np.zeros(len(before_s)), duty[::step]])
    noisy = temp_c + chance.normal(0, noise_c, len(temp_c))
    return Recorded("test", np.concatenate([before_s, times_s]), noisy, duties, 50.0)


def heated(plate: Plate, for_s: float = 700.0, every_s: float = 1.0) -> Recorded:
    """As the model has it; the thermistor's readings follow from the duty."""
    made = heat_up([(plate, for_s)], GAINS, plate.ambient_c, 50.0)
    delayed = np.concatenate([np.zeros(round(plate.dead_s * 4)), made.duty])[: len(made.duty)]
    energy_s = delayed[:-1] * PERIOD_MS / 1000
    return seen(response(plate, plate.ambient_c, made.times_s, energy_s), made.duty, every_s)


@pytest.mark.parametrize(
    "plate",
    [
        TWIN,
        Plate(0.4, 250.0, 2.0, 0.0, 19.0),
        Plate(0.05, 1500.0, 12.0, 0.5, 25.0),
        Plate(0.158, 633.0, 4.0, 6.0, 22.0),
    ],
)
def test_the_plate_is_found(plate: Plate) -> None:
    found = identify(heated(plate, 300 + 45 / plate.rise_c_per_s))
    assert found.plate.rise_c_per_s == pytest.approx(plate.rise_c_per_s, rel=0.01)
    assert found.plate.hold_permille_per_c == pytest.approx(plate.hold_permille_per_c, rel=0.03)
    assert found.plate.delay_s == pytest.approx(plate.delay_s, abs=0.3)
    assert found.plate.ambient_c == pytest.approx(plate.ambient_c, abs=0.7)
    assert found.noise_c == pytest.approx(NOISE_C, rel=0.2)
    assert found.residual_c == pytest.approx(NOISE_C, rel=0.2)


def test_ten_seconds_between_samples_suffice() -> None:
    found = identify(heated(TWIN, every_s=10.0))
    assert found.plate.rise_c_per_s == pytest.approx(TWIN.rise_c_per_s, rel=0.02)
    assert found.plate.hold_permille_per_c == pytest.approx(TWIN.hold_permille_per_c, rel=0.05)


def foreign(parts: int, lag_s: float, dead_s: float, coefficients: Coefficients, for_s: float):
    """A plate of another kind: `parts` lags in a row, dead time, and loss that grows with warmth.

    The true temperature of the plate, what the thermistor sees, and the duty.
    """
    step_s, law = PERIOD_MS / 1000, Law(coefficients)
    room_c = 22.0
    waiting = [0] * round(dead_s / step_s)
    chain = [room_c] * (parts + 1)
    temps, sensed, duties = [], [], []
    for _ in range(round(for_s / step_s)):
        duty = law.duty(5000, round(chain[-1] * 100), PERIOD_MS)
        temps.append(chain[0])
        sensed.append(chain[-1])
        duties.append(duty / 1000)
        waiting.append(duty)
        over = chain[0] - room_c
        chain[0] += step_s * (0.16 * waiting.pop(0) / 1000 - over * (1 + over / 150) / 650)
        for i in range(1, parts + 1):
            chain[i] += step_s * (chain[i - 1] - chain[i]) / (lag_s / parts)
    return np.array(temps), np.array(sensed), np.array(duties)


@pytest.mark.parametrize(
    ("parts", "lag_s", "dead_s"), [(2, 8.0, 0.0), (3, 6.0, 2.0), (1, 2.0, 5.0)]
)
def test_a_plate_of_another_kind_is_tuned_as_well(parts, lag_s, dead_s) -> None:
    _, sensed, duty = foreign(parts, lag_s, dead_s, GAINS, 700)
    found = identify(seen(sensed, duty, 1.0))
    assert found.plate.delay_s == pytest.approx(lag_s + dead_s, rel=0.2)
    new = propose(found, None, 50.0)
    assert new.good
    temps, _, _ = foreign(parts, lag_s, dead_s, new.coefficients, 1800)
    assert temps.max() - 50.0 < 2 * MOST_OVERSHOOT_C
    assert np.abs(temps[-2400:] - 50.0).max() < 0.1


def test_an_opened_lid_is_no_plate() -> None:
    made = heated(TWIN)
    warm = made.times_s > 90
    cooled = made.temp_c - np.where(warm, 4 * np.exp(-(made.times_s - 90) / 60), 0.0)
    with pytest.raises(BenchFault, match="no plate explains this heat-up"):
        identify(Recorded("test", made.times_s, cooled, made.duty, 50.0))


def test_noise_that_hides_the_plate_is_refused() -> None:
    made = heated(TWIN)
    noise = np.random.default_rng(2).normal(0, 1.5, len(made.temp_c))
    noisy = made.temp_c + np.where(made.times_s > 0, noise, 0)
    with pytest.raises(BenchFault, match=r"no plate explains this heat-up: 1\.\d\d °C"):
        identify(Recorded("test", made.times_s, noisy, made.duty, 50.0))


def test_a_plate_that_still_cools_down_is_refused() -> None:
    made = heated(TWIN)
    before = made.times_s < 0
    temp_c = np.where(before, made.temp_c - made.times_s / 60, made.temp_c)
    with pytest.raises(BenchFault, match=r"not at rest before the heat-up: -1\.0 °C a minute"):
        identify(Recorded("test", made.times_s, temp_c, made.duty, 50.0))


def test_what_the_coefficients_come_to() -> None:
    found = identify(heated(TWIN))
    new = propose(found, None, 50.0)
    assert new.coefficients.feed_permille_per_c == pytest.approx(10.0, rel=0.03)
    assert new.coefficients.kp_permille_per_c == pytest.approx(250 / (0.158 * 4.3), rel=0.1)
    assert new.good
    assert not predict(found.plate, Coefficients(2000, 60.0, 20.0), 50.0).good


def test_a_ramp_is_kept_and_reckoned_with() -> None:
    found = identify(heated(TWIN))
    new = propose(found, 5.0, 50.0)
    assert new.coefficients.ramp_c_per_min == 5.0
    settled_s = new.nominal.settled_s
    assert settled_s is not None
    assert settled_s > (50 - 22) / 5 * 60


def test_a_noisy_reading_limits_the_gain() -> None:
    quiet = identify(heated(Plate(0.02, 4000.0, 1.0, 0.0, 22.0), 2500))
    kp = propose(quiet, None, 50.0).coefficients.kp_permille_per_c
    assert kp * quiet.noise_c == pytest.approx(25, rel=0.05)
