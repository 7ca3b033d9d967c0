"""Where a source meter has held the current at its limit, stated or not."""

import numpy as np

from soakbench.jv.noise import noise_ma_cm2
from soakbench.jv.sweep import Floats, Points, Sweep

AT_LIMIT = 0.999
FLAT_POINTS = 3
STEADY_POINTS = 5
FLAT_SHARE = 1e-4  # of the current: how equal the readings in a limit are
# A diode's current rises e-fold in at least this voltage (ideality 1 at 5 °C).
SHARPEST_V = 0.024
SHARPER = 1.5  # than the sharpest diode
STEADIER = 0.1  # of the noise: readings at a limit show none of the light's


def is_clipped(sweep: Sweep, points: Points) -> bool:
    """Whether some current is not the cell's but the source meter's limit."""
    limit = sweep.compliance_ma_cm2
    if limit is not None and np.abs(points.density_ma_cm2).max() >= AT_LIMIT * limit:
        return True
    return _ends_at_limit(points) or _breaks_off(points)


def _ends_at_limit(points: Points) -> bool:
    """Beyond Voc the current of a diode rises from step to step; at a limit it does not."""
    last = points.density_ma_cm2[-3:]
    flat = np.ptp(last) <= FLAT_SHARE * np.abs(last).max()
    return bool(flat and last.max() < 0)


def _breaks_off(points: Points) -> bool:
    """A plateau that is steadier than the other readings, or whose end is sharper than the knee of
    any diode.

    Below its plateau the current of a diode falls by steps of which each is at most
    exp(step / 24 mV) times the one before.
    """
    voltage, density = points.voltage_v, points.density_ma_cm2
    noise, digit = noise_ma_cm2(points) or 0.0, last_digit(density)
    if _is_steady(density, STEADIER * noise - digit):
        return True
    floor = max(6 * noise, digit, FLAT_SHARE * float(density.max()))
    for begin in range(len(density) - FLAT_POINTS):
        end = begin + FLAT_POINTS
        flat = density[begin:end]
        drops = flat.mean() - density[end - 1 : end + 2]
        steps_v = np.diff(voltage[end - 1 : end + 2])
        if np.ptp(flat) <= floor and _too_sharp(drops, steps_v, floor):
            return True
    return False


def _is_steady(density: Floats, within: float) -> bool:
    """Whether readings in a row are all within less than the light or the cell would let them."""
    rows = np.lib.stride_tricks.sliding_window_view(density, STEADY_POINTS)
    return bool((np.ptp(rows, axis=1) < within).any())


def _too_sharp(drops: Floats, steps_v: Floats, floor: float) -> bool:
    """Whether a drop below the plateau is more than a diode's could be after the one before."""
    most = SHARPER * (np.maximum(drops[:-1], 0.0) + 2 * floor) * np.exp(steps_v / SHARPEST_V)
    return bool((drops[1:] > most).any())


def last_digit(values: Floats) -> float:
    """What all readings are multiples of, as rounded ones are; 0 where there is no such number."""
    steps = np.diff(np.unique(values))
    if not len(steps):
        return 0.0
    digit = float(steps.min())
    counts = steps / digit
    return digit if (np.abs(counts - np.round(counts)) < 0.01 * np.sqrt(counts)).all() else 0.0
