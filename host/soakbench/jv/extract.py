"""Voc, Jsc, FF, PCE and the maximum power point of one sweep; never by extrapolation."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from scipy.optimize import brentq, minimize_scalar

from soakbench.jv.flags import Flag
from soakbench.jv.interpolant import interpolant
from soakbench.jv.judge import judged
from soakbench.jv.noise import noise_ma_cm2
from soakbench.jv.shape import is_coarse, is_implausible, noise_flag, shape_flags
from soakbench.jv.slopes import slope_at_jsc, slope_at_voc
from soakbench.jv.sweep import Points, Sweep, scan_rate_v_s
from soakbench.jv.values import Extracted

AT_ZERO_V = 5e-4  # a first point this near to 0 V is at 0 V: a readback has an offset
NEAR_MPP_SHARE = 0.8  # of the largest power
LEAST_NEAR_MPP = 4
ONE_SUN_MW_CM2 = 100.0
_FINE_V = 1e-9


@dataclass(frozen=True, eq=False)
class _Measured:
    """What the values are taken from."""

    sweep: Sweep
    points: Points
    curve: CubicHermiteSpline
    noise: float
    """mA cm⁻²; 0 where it cannot be told."""


def extract(sweep: Sweep) -> Extracted:
    """All that `sweep` says."""
    found = Extracted(scan_rate_v_s=scan_rate_v_s(sweep))
    points, refusals = judged(sweep)
    if points is None:
        return found.flagged(*refusals)
    noise = noise_ma_cm2(points)
    found = _with_noise(points, noise, found)
    if Flag.TOO_NOISY in found.flags:
        return found
    measured = _Measured(sweep, points, interpolant(points), noise or 0.0)
    for step in (_with_jsc, _with_voc, _with_mpp, _with_ff_and_pce, _with_slopes, _with_doubts):
        found = step(measured, found)
    return found


def _with_noise(points: Points, noise: float | None, found: Extracted) -> Extracted:
    """In percent of the largest current: Jsc itself may not be in the sweep."""
    top = float(points.density_ma_cm2.max())
    if noise is None or top <= 0:
        return found
    flag = noise_flag(noise, top)
    found = replace(found, noise_percent=100 * noise / top)
    return found if flag is None else found.flagged(flag)


def _with_jsc(measured: _Measured, found: Extracted) -> Extracted:
    points = measured.points
    low, high = points.voltage_v[0], points.voltage_v[-1]
    if low <= 0 <= high:
        return replace(found, jsc_ma_cm2=float(measured.curve(0.0)))
    if 0 < low <= AT_ZERO_V:
        return replace(found, jsc_ma_cm2=float(points.density_ma_cm2[0]))
    return found.flagged(Flag.JSC_NOT_BRACKETED)


def _with_voc(measured: _Measured, found: Extracted) -> Extracted:
    """Where the current changes its sign. Several such places are noise."""
    voltage, density = measured.points.voltage_v, measured.points.density_ma_cm2
    crossings = np.flatnonzero((density[:-1] > 0) & (density[1:] <= 0))
    if len(crossings) != 1:
        return found.flagged(Flag.TOO_NOISY if len(crossings) else Flag.VOC_NOT_BRACKETED)
    low, high = voltage[crossings[0]], voltage[crossings[0] + 1]
    return replace(found, voc_v=float(brentq(measured.curve, low, high, xtol=_FINE_V)))


def _with_mpp(measured: _Measured, found: Extracted) -> Extracted:
    power = measured.points.power_mw_cm2
    best = int(np.argmax(power))
    if power[best] <= 0 or best < 2 or best > len(power) - 3:
        return found.flagged(Flag.MPP_NOT_BRACKETED)
    if (power >= NEAR_MPP_SHARE * power[best]).sum() < LEAST_NEAR_MPP:
        return found.flagged(Flag.FEW_POINTS_NEAR_MPP)
    vmpp = _best_voltage(measured, best)
    jmpp = float(measured.curve(vmpp))
    return replace(found, vmpp_v=vmpp, jmpp_ma_cm2=jmpp, pmax_mw_cm2=vmpp * jmpp)


def _best_voltage(measured: _Measured, best: int) -> float:
    """Of the largest V·J(V) in the stretches on both sides of the best point."""
    voltage = measured.points.voltage_v
    tops = [
        minimize_scalar(
            lambda v: -v * float(measured.curve(v)),
            bounds=(voltage[left], voltage[left + 1]),
            method="bounded",
            options={"xatol": _FINE_V},
        )
        for left in (best - 1, best)
    ]
    return float(min(tops, key=lambda top: float(top.fun)).x)


def _with_ff_and_pce(measured: _Measured, found: Extracted) -> Extracted:
    pmax, suns = found.pmax_mw_cm2, measured.sweep.irradiance_suns
    if pmax is not None and found.voc_v is not None and found.jsc_ma_cm2 is not None:
        found = replace(found, ff_percent=100 * pmax / (found.voc_v * found.jsc_ma_cm2))
    if not suns:
        return found.flagged(Flag.NO_IRRADIANCE)
    if pmax is None:
        return found
    return replace(found, pce_percent=100 * pmax / (ONE_SUN_MW_CM2 * suns))


def _with_slopes(measured: _Measured, found: Extracted) -> Extracted:
    points, lost = measured.points, False
    if found.voc_v is not None:
        slope = slope_at_voc(points, measured.curve, found.voc_v)
        found, lost = replace(found, slope_voc_ohm_cm2=slope), slope is None
    if found.vmpp_v is not None and found.jsc_ma_cm2 is not None:
        slope = slope_at_jsc(points, found.vmpp_v)
        found, lost = replace(found, slope_jsc_ohm_cm2=slope), lost or slope is None
    return found.flagged(Flag.SLOPE_NOT_RESOLVED) if lost else found


def _with_doubts(measured: _Measured, found: Extracted) -> Extracted:
    points = measured.points
    top = found.jsc_ma_cm2 or float(points.density_ma_cm2.max())
    doubts = set(shape_flags(points, measured.noise, top, found.voc_v))
    ends = [end for end in (found.vmpp_v, found.voc_v) if end is not None]
    if ends and is_coarse(points, ends[0], ends[-1]):
        doubts.add(Flag.COARSE_STEP)
    if is_implausible(top, measured.sweep.irradiance_suns):
        doubts.add(Flag.IMPLAUSIBLE)
    return found.flagged(*doubts)
