"""The slopes |dV/dJ| of a curve at Voc and at Jsc. They are slopes: neither Rs nor Rsh."""

import numpy as np
from scipy.interpolate import CubicHermiteSpline

from soakbench.jv.sweep import Points

FLAT_SHARE = 0.2  # of Vmpp: up to there a curve is straight
LEAST_POINTS = 5
LEAST_SIGNIFICANT = 4.0  # slope over its standard error
OHM_CM2 = 1000.0  # V over mA cm⁻²


def slope_at_voc(points: Points, curve: CubicHermiteSpline, voc_v: float) -> float | None:
    """In Ω cm²; None where no second point lies beyond Voc, so that the curve's end is a guess."""
    if (points.voltage_v > voc_v).sum() < 2:
        return None
    slope = float(curve(voc_v, 1))
    return OHM_CM2 / -slope if slope < 0 else None


def slope_at_jsc(points: Points, vmpp_v: float) -> float | None:
    """In Ω cm², of the straight line through the points about 0 V; None where it is flat within
    its error."""
    near = np.abs(points.voltage_v) <= FLAT_SHARE * vmpp_v
    if near.sum() < LEAST_POINTS:
        return None
    voltage, density = points.voltage_v[near], points.density_ma_cm2[near]
    (slope, level), rest = np.polyfit(voltage, density, 1), len(voltage) - 2
    scatter = np.sqrt(((density - level - slope * voltage) ** 2).sum() / rest)
    error = scatter / np.sqrt(((voltage - voltage.mean()) ** 2).sum())
    return OHM_CM2 / -float(slope) if -slope > LEAST_SIGNIFICANT * error else None
