"""Which plate it was: the numbers that fit a recorded heat-up best, by least squares."""

from dataclasses import dataclass

import numpy as np

from soakbench.calibration.plate import Floats, Plate, response
from soakbench.calibration.record import Recorded
from soakbench.errors import BenchFault

# A residual of more than 1 % of the rise is another thing than one plate behind one heater.
MOST_RESIDUAL = 0.01
MOST_ERROR = 0.1  # standard error of what the coefficients are made of, as a share
MOST_DELAY_ERROR_S = 2.0
# While the plate rests before the heat-up it changes by no more than this.
MOST_DRIFT_C_PER_MIN = 0.5

# rise (°C/s), loss (1/s), lag (s), dead time (s), ambient (°C), start (°C)
_LOW = np.array([1e-4, 1e-6, 0.05, 0.0, -30.0, -30.0])
_HIGH = np.array([10.0, 0.1, 300.0, 120.0, 90.0, 90.0])
_SCALE = np.array([0.1, 1e-3, 3.0, 1.0, 3.0, 1.0])
_LAG_SHARE = 0.9  # of the time constant, at most


@dataclass(frozen=True)
class Identified:
    """A plate, how well it explains the record, and the standard errors of what matters."""

    plate: Plate
    residual_c: float
    """Root mean square."""
    noise_c: float
    """Of one reading."""
    rise_error: float
    """As a share."""
    hold_error: float
    """Of the duty that a degree needs, as a share."""
    delay_error_s: float
    samples: int


def identify(record: Recorded) -> Identified:
    """Fit a plate to `record`. BenchFault if none fits."""
    from scipy.optimize import least_squares  # half a second, which no other command needs

    times_s, energy_s = record.energy_s()
    at = np.searchsorted(times_s, record.times_s)

    def residuals(x: Floats) -> Floats:
        plate = _plate(x)
        reached = np.interp(times_s - plate.dead_s, times_s, energy_s)
        found = response(plate, float(x[5]), times_s, np.diff(reached))
        difference: Floats = found[at] - record.temp_c
        return difference

    fit = least_squares(residuals, _first_guess(record), bounds=(_LOW, _HIGH), x_scale=_SCALE)
    x, left = fit.x, fit.fun
    squared = float(left @ left)
    covariance = np.linalg.pinv(fit.jac.T @ fit.jac) * squared / max(len(left) - len(x), 1)

    def error(gradient: list[float]) -> float:
        g = np.array(gradient)
        return float(np.sqrt(max(g @ covariance @ g, 0.0)))

    made = Identified(
        plate=_plate(x),
        residual_c=float(np.sqrt(squared / len(left))),
        noise_c=float(np.std(np.diff(left)) / np.sqrt(2)),
        rise_error=error([1 / x[0], 0, 0, 0, 0, 0]),
        hold_error=error([-1 / x[0], 1 / x[1], 0, 0, 0, 0]),
        delay_error_s=error([0, 0, 1, 1, 0, 0]),
        samples=len(left),
    )
    _refuse_doubtful(made, record)
    return made


def _plate(x: Floats) -> Plate:
    rise, loss, lag, dead, ambient, _ = x.tolist()
    return Plate(rise, 1 / loss, min(lag, _LAG_SHARE / loss), dead, ambient)


def _first_guess(record: Recorded) -> Floats:
    """From the steepest half minute and the duty at the end."""
    heated = record.times_s >= 0
    times_s, temp_c = record.times_s[heated], record.temp_c[heated]
    later = np.searchsorted(times_s, times_s + 30)
    whole = later < len(times_s)
    gained = temp_c[later[whole]] - temp_c[whole]
    rise = max(float(np.max(gained / (times_s[later[whole]] - times_s[whole]))), 2e-3)
    held = record.hold_duty or 0.3
    loss = held * rise / max(record.target_c - record.start_c, 1.0)
    guess = np.array([rise * 1.1, loss, 3.0, 0.5, record.start_c, record.start_c])
    inside: Floats = np.clip(guess, _LOW + 1e-9, _HIGH - 1e-9)
    return inside


def _refuse_doubtful(made: Identified, record: Recorded) -> None:
    before = record.times_s < 0
    if before.sum() > 10:
        drift = np.polyfit(record.times_s[before], record.temp_c[before], 1)[0] * 60
        if abs(drift) > MOST_DRIFT_C_PER_MIN:
            raise BenchFault(
                f"the plate was not at rest before the heat-up: {drift:+.1f} °C a minute",
                "let it come to the room's temperature, then calibrate again",
            )
    rise_c = record.target_c - record.start_c
    if made.residual_c > MOST_RESIDUAL * rise_c:
        raise BenchFault(
            f"no plate explains this heat-up: {made.residual_c:.2f} °C are left over (RMS), allowed"
            f" are {MOST_RESIDUAL * rise_c:.2f} °C",
            "was the lid opened, or does the thermistor not lie firmly on the plate? Repeat it with"
            " the lid closed",
        )
    worst = max(made.rise_error, made.hold_error)
    if worst > MOST_ERROR or made.delay_error_s > MOST_DELAY_ERROR_S:
        raise BenchFault(
            f"the heat-up does not tell the plate's numbers well enough: ±{worst:.0%} and"
            f" ±{made.delay_error_s:.1f} s (one standard error)",
            "sample more often (a calibration does it every second), or heat from colder",
        )
