"""Hysteresis indices: how much the reverse sweep gives more than the forward one.

There are several, with different values for the same two curves; each goes by its formula's name.
All are positive where the reverse sweep is better, and None where one of the sweeps lacks what the
formula needs.
"""

from collections.abc import Callable

from soakbench.jv.extract import extract
from soakbench.jv.interpolant import interpolant
from soakbench.jv.sweep import Sweep, points_of
from soakbench.jv.values import Extracted

AT_SHARE = 0.8  # of the reverse sweep's Voc

FORMULAS = {
    "pce": "(PCE_rev - PCE_fwd) / PCE_rev",
    "area": "(A_rev - A_fwd) / A_rev, A = ∫ J dV from 0 V to the sweep's Voc",
    "j_at_0.8_voc": "(J_rev - J_fwd) / J_rev at 0.8 Voc of the reverse sweep",
}
"""By name, as stored beside the value. The last: Sanchez et al., J. Phys. Chem. Lett. 5, 2357."""

_Pair = tuple[Sweep, Extracted]


def hysteresis(reverse: Sweep, forward: Sweep) -> dict[str, float | None]:
    """Every index by its formula's name."""
    pairs = (reverse, extract(reverse)), (forward, extract(forward))
    return {name: _index(measure, *pairs) for name, measure in _MEASURES.items()}


def _index(measure: Callable[[_Pair, float], float | None], *pairs: _Pair) -> float | None:
    voc_v = pairs[0][1].voc_v
    if voc_v is None:
        return None
    back, forth = (measure(pair, voc_v) for pair in pairs)
    return None if back is None or forth is None or back <= 0 else (back - forth) / back


def _power(pair: _Pair, _: float) -> float | None:
    return pair[1].pce_percent


def _area(pair: _Pair, _: float) -> float | None:
    sweep, values = pair
    points = points_of(sweep)
    if points is None or values.voc_v is None or values.jsc_ma_cm2 is None:
        return None
    begin_v = max(float(points.voltage_v[0]), 0.0)
    return float(interpolant(points).integrate(begin_v, values.voc_v))


def _density(pair: _Pair, voc_v: float) -> float | None:
    sweep, values = pair
    points, at_v = points_of(sweep), AT_SHARE * voc_v
    if points is None or values.voc_v is None or points.voltage_v[0] > at_v:
        return None
    return float(interpolant(points)(at_v)) if at_v <= points.voltage_v[-1] else None


_MEASURES: dict[str, Callable[[_Pair, float], float | None]] = {
    "pce": _power,
    "area": _area,
    "j_at_0.8_voc": _density,
}
