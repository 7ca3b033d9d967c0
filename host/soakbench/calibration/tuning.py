"""Coefficients for a plate: by rule, then as simulation allows.

feed is the plate's own loss. kp puts the loop of integrating plate and delay at the edge of
overshoot: kp = 1 / (4 rise delay), the double pole of rise / (s (1 + delay s)). ki is the largest
with which neither this plate nor one a little different overshoots by much.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from soakbench.calibration.identify import Identified
from soakbench.calibration.law import Coefficients
from soakbench.calibration.plate import HeatUp, Plate, heat_up

# The bound of the bench is 1 °C. What the simulation does not know must have its share of that.
MOST_OVERSHOOT_C = 0.25
MOST_OVERSHOOT_NEARBY_C = 0.5
LEAST_DELAY_S = 1.0  # four control periods: no faster loop is asked for
NOISE_PERMILLE = 25.0  # of duty, that the noise of a reading may make
MOST_KP = 10000
MOST_KI = 60.0
MOST_FEED = 60.0

LID_S = 300.0
LID_LOSS = 2.0
LID_WAIT_S = 1200.0

_DAMPING = 0.25  # kp * rise * delay
_SOFTER = (1.0, 0.8, 0.64, 0.5)  # of that kp
_RESETS = (8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0)  # kp / ki in delays
_LONGEST_RESET_S = 600.0  # a slower integral would not be through within a phase
# (mass, delay, loss): what cells on the plate, a looser thermistor, another room may make of it.
_NEARBY = ((0.8, 1.0, 1.0), (1.2, 1.0, 1.0), (1.0, 1.5, 1.0), (1.0, 1.0, 0.85))


@dataclass(frozen=True)
class Prediction:
    """Coefficients, and what they make of a heat-up from the room's temperature."""

    coefficients: Coefficients
    nominal: HeatUp
    worst_overshoot_c: float
    """Of this plate and those near it."""
    lid: HeatUp
    """From when a lid was opened, for LID_S, that doubles the loss."""

    @property
    def back_s(self) -> float | None:
        """How long after the lid was shut the plate is at its target again for good."""
        return self.lid.after(LID_S).settled_s

    @property
    def good(self) -> bool:
        """Whether it leaves room for what nobody has measured."""
        nominal = self.nominal.overshoot_c <= MOST_OVERSHOOT_C
        return nominal and self.worst_overshoot_c <= MOST_OVERSHOOT_NEARBY_C


def propose(found: Identified, ramp_c_per_min: float | None, target_c: float) -> Prediction:
    """The best coefficients for the plate that was found; `good` says whether they suffice."""
    made = []
    for coefficients in _candidates(found, ramp_c_per_min):
        made.append(predict(found.plate, coefficients, target_c))
        if made[-1].good:
            return made[-1]
    return min(made, key=lambda each: each.worst_overshoot_c)


def predict(plate: Plate, coefficients: Coefficients, target_c: float) -> Prediction:
    """A heat-up of `plate`, and of others near it."""
    for_s = _long_enough_s(plate, coefficients, target_c)
    start_c = plate.ambient_c
    near = [
        heat_up([(plate.altered(*each), for_s)], coefficients, start_c, target_c)
        for each in _NEARBY
    ]
    lid = [(plate, for_s), (plate.altered(loss=LID_LOSS), LID_S), (plate, LID_WAIT_S)]
    whole = heat_up(lid, coefficients, start_c, target_c)
    nominal = whole.until(for_s)
    worst_c = max(run.overshoot_c for run in (nominal, *near))
    return Prediction(coefficients, nominal, worst_c, whole.after(for_s))


def _candidates(found: Identified, ramp_c_per_min: float | None) -> Iterator[Coefficients]:
    """From the sharpest to the softest."""
    plate = found.plate
    delay_s = max(plate.delay_s, LEAST_DELAY_S)
    sharpest = min(
        _DAMPING * 1000 / (plate.rise_c_per_s * delay_s),
        NOISE_PERMILLE / max(found.noise_c, 1e-3),
        MOST_KP,
    )
    feed = min(plate.hold_permille_per_c, MOST_FEED)
    for softer in _SOFTER:
        kp = sharpest * softer
        for reset in _RESETS:
            ki = min(kp / min(reset * delay_s, _LONGEST_RESET_S), MOST_KI)
            yield _rounded(kp, ki, feed, ramp_c_per_min)


def _long_enough_s(plate: Plate, coefficients: Coefficients, target_c: float) -> float:
    """The heat-up twice, and ten minutes."""
    rise_c = target_c - plate.ambient_c
    left = max(1 - rise_c / (plate.hottest_c - plate.ambient_c), 0.1)
    heat_s = rise_c / (plate.rise_c_per_s * left)
    ramp = coefficients.ramp_c_per_min
    return 2 * max(heat_s, rise_c / ramp * 60 if ramp else 0) + 600


def _rounded(kp: float, ki: float, feed: float, ramp_c_per_min: float | None) -> Coefficients:
    """To three figures, as a bench file should say it."""
    return Coefficients(
        max(round(float(f"{kp:.3g}")), 1), float(f"{ki:.3g}"), float(f"{feed:.3g}"), ramp_c_per_min
    )
