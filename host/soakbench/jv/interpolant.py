"""A smooth curve through the points of a sweep."""

import numpy as np
from scipy.interpolate import CubicHermiteSpline, CubicSpline

from soakbench.jv.sweep import Floats, Points


def interpolant(points: Points) -> CubicHermiteSpline:
    """J(V) in mA cm⁻² through all points: a cubic spline that rises or falls only where they do.

    The slopes of a cubic spline, limited so that each stretch is monotonic where its ends are
    (J. M. Hyman, SIAM J. Sci. Stat. Comput. 4, 645, 1983). On a smooth curve that is the spline,
    ten times as near to a diode's as PCHIP at steps of 20 mV; at a corner it cannot overshoot.
    """
    voltage, density = points.voltage_v, points.density_ma_cm2
    secants = np.diff(density) / np.diff(voltage)
    slopes = CubicSpline(voltage, density)(voltage, 1)
    return CubicHermiteSpline(voltage, density, _limited(slopes, secants))


def _limited(slopes: Floats, secants: Floats) -> Floats:
    before = np.concatenate([secants[:1], secants])
    after = np.concatenate([secants, secants[-1:]])
    one_way = before * after > 0
    sign = np.sign(before)
    steepest = 3 * np.minimum(np.abs(before), np.abs(after))
    limited: Floats = np.where(one_way, sign * np.clip(slopes * sign, 0, steepest), 0.0)
    return limited
