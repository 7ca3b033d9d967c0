"""The single-diode model fitted to a sweep: Rs, Rsh, n, J0 and Jph, or why there are none.

J = Jph - J0 (exp((V + J Rs) / (n kT/q)) - 1) - (V + J Rs) / Rsh
"""

import numpy as np
from scipy.optimize import least_squares
from scipy.special import wrightomega

from soakbench.jv.slopes import OHM_CM2
from soakbench.jv.sweep import Floats, Points, Sweep, points_of
from soakbench.jv.values import ROOM_C, Extracted, SingleDiode

BOLTZMANN_V_PER_K = 8.617333262e-5  # k/q
MISFIT_SHARE = 0.005  # of Jsc: what a curve may be off its fit, root mean square
KNOWN_SHARE = 0.25  # of the value: a larger standard error is no knowledge
# Of Jph, ln J0, n, Rs and ln Rsh, in mA cm⁻² and Ω cm².
_LOW = (0.0, -120.0, 0.5, 1e-4, 0.0)
_HIGH = (1e3, 7.0, 10.0, 1e3, 18.0)
_EDGE = 1e-3
_LOGARITHMS = np.array([False, True, False, False, True])


def density(voltage_v: Floats, jph: float, j0: float, n_vt: float, rs: float, rsh: float) -> Floats:
    """J(V) of the model in mA cm⁻², explicit by the Lambert W function of a logarithm.

    Currents in mA cm⁻², resistances in Ω cm², `n_vt` = n kT/q in V.
    """
    r, p = rs / OHM_CM2, rsh / OHM_CM2
    scale = p / (n_vt * (r + p))
    argument = np.log(r * j0 * scale) + scale * (r * (jph + j0) + voltage_v)
    made: Floats = (p * (jph + j0) - voltage_v) / (r + p) - n_vt / r * wrightomega(argument)
    return made


def fit_single_diode(
    sweep: Sweep, values: Extracted, cell_temp_c: float | None = None
) -> SingleDiode:
    """The model fitted to `sweep`, whose extracted values are `values`.

    Without a cell temperature, n is that at 25 °C.
    """
    temp_c = ROOM_C if cell_temp_c is None else cell_temp_c
    points = points_of(sweep)
    voc, jsc, vmpp = values.voc_v, values.jsc_ma_cm2, values.vmpp_v
    if points is None or voc is None or jsc is None or vmpp is None:
        return SingleDiode(temp_c=temp_c, refused="the curve lacks Voc, Jsc or its power maximum")
    part = _part(points, jsc)
    thermal_v = BOLTZMANN_V_PER_K * (temp_c + 273.15)
    found, errors, misfit = _fitted(part, _guess(values, voc, jsc, thermal_v), thermal_v)
    misfit_percent = 100 * misfit / jsc
    if misfit > MISFIT_SHARE * jsc:
        why = f"no single diode: the curve is {misfit_percent:.2g} % of Jsc off"
        return SingleDiode(misfit_percent=misfit_percent, temp_c=temp_c, refused=why)
    jph, j0, n, rs, rsh = _known(found, errors)
    return SingleDiode(rs, rsh, n, j0, jph, misfit_percent, temp_c)


def _part(points: Points, jsc: float) -> Points:
    """Up to a current of -Jsc: far beyond Voc there is little but Rs and heat."""
    near = points.density_ma_cm2 >= -jsc
    return Points(points.voltage_v[near], points.density_ma_cm2[near])


def _guess(values: Extracted, voc: float, jsc: float, thermal_v: float) -> Floats:
    n = 1.6
    rsh = values.slope_jsc_ohm_cm2 or 1e4
    rs = max((values.slope_voc_ohm_cm2 or 5.0) - OHM_CM2 * n * thermal_v / jsc, 0.5)
    guess: Floats = np.clip(
        [jsc, np.log(jsc) - voc / (n * thermal_v), n, rs, np.log(rsh)], _LOW, _HIGH
    )
    return guess


def _fitted(points: Points, guess: Floats, thermal_v: float) -> tuple[Floats, Floats, float]:
    """Parameters, their standard errors, and the root mean square of what is left."""

    def off(x: Floats) -> Floats:
        jph, ln_j0, n, rs, ln_rsh = x
        model = density(points.voltage_v, jph, np.exp(ln_j0), n * thermal_v, rs, np.exp(ln_rsh))
        left: Floats = model - points.density_ma_cm2
        return left

    scale = (1.0, 1.0, 0.1, 1.0, 1.0)
    best = least_squares(off, guess, bounds=(_LOW, _HIGH), x_scale=scale, xtol=1e-12, ftol=1e-12)
    rest = max(len(points.voltage_v) - len(guess), 1)
    variance = 2 * best.cost / rest
    spread = np.linalg.pinv(best.jac.T @ best.jac) * variance
    return best.x, np.sqrt(np.diag(spread)), float(np.sqrt(np.mean(best.fun**2)))


def _known(found: Floats, errors: Floats) -> list[float | None]:
    """The parameters themselves, those that the curve determines: not those that the fit has
    pushed to the end of their range. An error of a logarithm is a relative one already."""
    relative = np.where(_LOGARITHMS, errors, errors / np.abs(found))
    relative[(found <= np.add(_LOW, _EDGE)) | (found >= np.subtract(_HIGH, _EDGE))] = np.inf
    values = np.where(_LOGARITHMS, np.exp(found), found)
    return [
        float(value) if error < KNOWN_SHARE else None
        for value, error in zip(values, relative, strict=True)
    ]
