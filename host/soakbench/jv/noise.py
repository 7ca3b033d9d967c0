"""How much the points of a sweep scatter about a smooth curve."""

import numpy as np

from soakbench.jv.sweep import Floats, Points

LEAST_POINTS = 12
MOST_STEP_V = 0.025  # beyond, a cubic misses the knee by more than most noise
_NEIGHBOURS = (-2, -1, 1, 2)
_MEDIAN_OF_NORMAL = 0.6745  # the median of |x| where the standard deviation is 1


def noise_ma_cm2(points: Points) -> float | None:
    """The standard deviation of a single reading; None where there are too few to tell,
    or too far apart.

    From what each point is off the cubic through its four neighbours. The median of that is hardly
    moved by the knee of the curve, where a cubic does not fit, nor by a few points that jump.
    """
    voltage = points.voltage_v
    if len(voltage) < LEAST_POINTS or np.median(np.diff(voltage)) > MOST_STEP_V:
        return None
    weights = _weights(voltage)
    middle = slice(2, -2)
    guess = sum(
        weight * points.density_ma_cm2[2 + k : len(points.density_ma_cm2) - 2 + k]
        for k, weight in zip(_NEIGHBOURS, weights, strict=True)
    )
    off = np.abs(points.density_ma_cm2[middle] - guess)
    single = off / np.sqrt(1 + (weights**2).sum(axis=0))
    return float(np.median(single)) / _MEDIAN_OF_NORMAL


def _weights(voltage: Floats) -> Floats:
    """Of each neighbour, in the value at each point of the cubic through the four (Lagrange)."""
    count = len(voltage)
    here = voltage[2:-2]
    at = [voltage[2 + k : count - 2 + k] for k in _NEIGHBOURS]
    products = [
        np.prod([(here - other) / (one - other) for other in at if other is not one], axis=0)
        for one in at
    ]
    return np.array(products)
