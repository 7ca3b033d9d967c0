"""What must be true of a sweep before any number is taken from it."""

from collections.abc import Iterator

import numpy as np

from soakbench.jv.clipping import is_clipped
from soakbench.jv.flags import Flag
from soakbench.jv.sweep import Floats, Points, Sweep, points_of

LEAST_POINTS = 8
NOTHING_MA_CM2 = 1e-6
DEAD_MA_CM2 = 0.1  # at 1 sun: half a percent of a good cell
SHORT_V = 0.1  # no cell that works has less at a tenth of a sun
SHORT_S_CM2 = 0.02  # 50 Ω cm²
NEAR_ZERO_V = 0.2


def judged(sweep: Sweep) -> tuple[Points | None, list[Flag]]:
    """The points by rising voltage, or None and the flags that refuse them."""
    flag = _refuses_readings(sweep)
    points = None if flag else points_of(sweep)
    if points is None:
        return None, [flag or Flag.NOT_MONOTONIC]
    if len(points.voltage_v) < LEAST_POINTS:
        return None, [Flag.FEW_POINTS]
    flags = list(_refuse_curve(sweep, points))
    return (None, flags) if flags else (points, [])


def _refuses_readings(sweep: Sweep) -> Flag | None:
    if len(sweep.voltage_v) < LEAST_POINTS:
        return Flag.FEW_POINTS
    if not (_are_numbers(sweep.voltage_v) and _are_numbers(sweep.density_ma_cm2)):
        return Flag.MISSING_POINTS
    if np.abs(sweep.density_ma_cm2).max() < NOTHING_MA_CM2:
        return Flag.ALL_ZERO
    return None


def _are_numbers(values: Floats) -> bool:
    return bool(np.isfinite(values).all())


def _refuse_curve(sweep: Sweep, points: Points) -> Iterator[Flag]:
    if is_clipped(sweep, points):
        yield Flag.COMPLIANCE
    suns = 1.0 if sweep.irradiance_suns is None else sweep.irradiance_suns
    least = DEAD_MA_CM2 * max(suns, 1e-3)
    near = int(np.argmin(np.abs(points.voltage_v)))
    at_zero = float(np.interp(0.0, points.voltage_v, points.density_ma_cm2))
    if _wrong_sign(points, near, at_zero, least):
        yield Flag.SIGN
    elif abs(at_zero) < least and abs(points.voltage_v[near]) < NEAR_ZERO_V:
        yield Flag.SHORTED if _conducts(points, near) else Flag.DEAD
    elif _crosses_below(points, SHORT_V):
        yield Flag.SHORTED


def _wrong_sign(points: Points, near: int, at_zero: float, least: float) -> bool:
    """The current of a cell that gives power is positive at 0 V, and falls as the voltage rises."""
    density = points.density_ma_cm2
    if abs(points.voltage_v[near]) < NEAR_ZERO_V and at_zero < -least:
        return True
    rise = density[-1] - density[0]
    return bool(rise > 0.5 * np.abs(density).max() and abs(at_zero) >= least)


def _conducts(points: Points, near: int) -> bool:
    """Whether the slope at 0 V is that of a wire."""
    low, high = max(near - 1, 0), min(near + 1, len(points.voltage_v) - 1)
    step_v = points.voltage_v[high] - points.voltage_v[low]
    step_ma = points.density_ma_cm2[high] - points.density_ma_cm2[low]
    return bool(-step_ma / step_v > SHORT_S_CM2 * 1000)


def _crosses_below(points: Points, limit_v: float) -> bool:
    below = points.density_ma_cm2 < 0
    return bool(below.any() and points.voltage_v[np.argmax(below)] < limit_v)
