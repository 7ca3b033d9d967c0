"""Cells made up at random, and their exact values: pvlib's, which share no code with soakbench."""

from dataclasses import dataclass, field

import numpy as np
from pvlib import pvsystem

from soakbench.jv.sweep import Floats, Sweep

THERMAL_V = 0.025693  # kT/q at 25 °C
MA = 1000.0


@dataclass(frozen=True)
class Diode:
    """A single-diode cell: mA cm⁻², Ω cm². `n` is its ideality at 25 °C."""

    jph: float
    voc_wanted: float
    n: float
    rs: float
    rsh: float
    exact: dict[str, float] = field(init=False)
    """voc_v, jsc_ma_cm2, pmax_mw_cm2, vmpp_v, jmpp_ma_cm2, ff_percent, pce_percent at 1 sun."""

    def __post_init__(self) -> None:
        p = self._pvlib()
        voc = float(pvsystem.v_from_i(0.0, **p, method="newton"))
        jsc = float(self.density(np.zeros(1))[0])
        names = ("photocurrent", "saturation_current", "resistance_series", "resistance_shunt")
        top = pvsystem.max_power_point(*(p[name] for name in names), p["nNsVth"], method="newton")
        pmax = float(top["p_mp"]) * MA
        exact = {
            "voc_v": voc,
            "jsc_ma_cm2": jsc,
            "pmax_mw_cm2": pmax,
            "vmpp_v": float(top["v_mp"]),
            "jmpp_ma_cm2": float(top["i_mp"]) * MA,
            "ff_percent": 100 * pmax / (voc * jsc),
            "pce_percent": pmax,
        }
        object.__setattr__(self, "exact", exact)

    @property
    def j0(self) -> float:
        """So that Voc is about the one wanted."""
        left = self.jph - self.voc_wanted / self.rsh * MA
        return left / float(np.expm1(self.voc_wanted / (self.n * THERMAL_V)))

    def density(self, voltage_v: Floats) -> Floats:
        """J(V) in mA cm⁻², by the Lambert W function."""
        made: Floats = pvsystem.i_from_v(voltage_v, **self._pvlib(), method="lambertw") * MA
        return made

    def _pvlib(self) -> dict[str, float]:
        return {
            "photocurrent": self.jph / MA,
            "saturation_current": self.j0 / MA,
            "resistance_series": self.rs,
            "resistance_shunt": self.rsh,
            "nNsVth": self.n * THERMAL_V,
        }


def any_diode(chance: np.random.Generator) -> Diode:
    """From good cells to poor ones: FF from below 40 to above 85 %."""
    return Diode(
        jph=chance.uniform(5, 27),
        voc_wanted=chance.uniform(0.6, 1.25),
        n=chance.uniform(1, 2.5),
        rs=chance.uniform(0.3, 15),
        rsh=10 ** chance.uniform(2.5, 5),
    )


def voltages(diode: Diode, step_v: float, chance: np.random.Generator) -> Floats:
    """From below 0 V to beyond Voc, on a grid that hits neither."""
    begin = -2 * step_v + chance.uniform(0, step_v)
    return np.arange(begin, diode.exact["voc_v"] + 3 * step_v, step_v)


def swept(voltage_v: Floats, density: Floats, **more: object) -> Sweep:
    """A forward sweep at 1 sun."""
    return Sweep(voltage_v, density, "forward", **({"irradiance_suns": 1.0} | more))


def reverse(sweep: Sweep) -> Sweep:
    """The same points from the other end."""
    return Sweep(
        sweep.voltage_v[::-1],
        sweep.density_ma_cm2[::-1],
        "reverse",
        sweep.time_s,
        sweep.compliance_ma_cm2,
        sweep.irradiance_suns,
    )
