"""How exactly soakbench extracts, and others would: the table in docs/jv.md.

Cells at random, swept at steps of 10 to 20 mV, without noise and with 0.1 % of Jsc on every point;
the exact values are pvlib's. `python tests/jv/accuracy.py` writes the table anew.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from diodes import Diode, any_diode, swept, voltages
from scipy.interpolate import PchipInterpolator
from scipy.optimize import brentq, minimize_scalar

from soakbench.jv.extract import extract
from soakbench.jv.sweep import Floats

DOCUMENT = Path(__file__).parents[2] / "docs" / "jv.md"
BEGIN, END = "<!-- begin: tests/jv/accuracy.py -->\n", "<!-- end -->\n"
CELLS = 300
NOISE = 0.001  # of Jsc

Values = tuple[float, float, float]
"""Voc in V, Jsc in mA cm⁻², Pmax in mW cm⁻²."""
Method = Callable[[Floats, Floats], Values]


def ours(voltage: Floats, density: Floats) -> Values:
    values = extract(swept(voltage, density))
    assert values.voc_v is not None
    assert values.jsc_ma_cm2 is not None
    assert values.pmax_mw_cm2 is not None
    return values.voc_v, values.jsc_ma_cm2, values.pmax_mw_cm2


def pchip(voltage: Floats, density: Floats) -> Values:
    curve = PchipInterpolator(voltage, density)
    k = _crossing(density)
    best = int(np.argmax(voltage * density))
    bounds = (voltage[best - 1], voltage[best + 1])
    top = minimize_scalar(
        lambda v: -v * curve(v), bounds=bounds, method="bounded", options={"xatol": 1e-9}
    )
    return brentq(curve, voltage[k], voltage[k + 1]), float(curve(0.0)), -top.fun


def quadratic(voltage: Floats, density: Floats) -> Values:
    """A parabola through the best point and its neighbours; straight lines for Voc and Jsc."""
    best = int(np.argmax(voltage * density))
    near = slice(best - 1, best + 2)
    return (*_linear(voltage, density), _top(voltage[near], (voltage * density)[near], 2))


def astm(voltage: Floats, density: Floats) -> Values:
    """ASTM E1036: a polynomial of 4th degree through the power where V and J are at least 75 % of
    those at the best point, with straight lines for Voc and Jsc."""
    power = voltage * density
    best = int(np.argmax(power))
    near = (density >= 0.75 * density[best]) & (voltage >= 0.75 * voltage[best])
    return (*_linear(voltage, density), _top(voltage[near], power[near], 4))


def grid(voltage: Floats, density: Floats) -> Values:
    """The best of the measured points."""
    return (*_linear(voltage, density), float((voltage * density).max()))


METHODS: dict[str, Method] = {
    "soakbench (`monotone-cubic 1`)": ours,
    "PCHIP": pchip,
    "parabola through 3 points": quadratic,
    "best measured point": grid,
    "ASTM E1036 polynomial": astm,
}


def _crossing(density: Floats) -> int:
    return int(np.flatnonzero((density[:-1] > 0) & (density[1:] <= 0))[0])


def _linear(voltage: Floats, density: Floats) -> tuple[float, float]:
    k = _crossing(density)
    two = slice(k, k + 2)
    voc = float(np.interp(0.0, -density[two], voltage[two]))
    return voc, float(np.interp(0.0, voltage, density))


def _top(voltage: Floats, power: Floats, degree: int) -> float:
    fine = np.linspace(voltage[0], voltage[-1], 20_001)
    fit = np.polynomial.Polynomial.fit(voltage, power, degree)
    return float(fit(fine).max())


@cache
def cases(noise: float) -> list[tuple[Diode, Floats, Floats]]:
    """The same cells every time."""
    chance = np.random.default_rng(2020)
    made = []
    for _ in range(CELLS):
        diode = any_diode(chance)
        voltage = voltages(diode, chance.uniform(0.010, 0.020), chance)
        scatter = noise * diode.exact["jsc_ma_cm2"] * chance.standard_normal(len(voltage))
        made.append((diode, voltage, diode.density(voltage) + scatter))
    return made


def errors(method: Method, noise: float) -> Floats:
    """A row per cell: of Voc in mV, of Jsc, FF and Pmax in %."""
    rows = []
    for diode, voltage, density in cases(noise):
        voc, jsc, pmax = method(voltage, density)
        exact = diode.exact
        ff = 100 * pmax / (voc * jsc)
        rows.append(
            (
                (voc - exact["voc_v"]) * 1000,
                (jsc / exact["jsc_ma_cm2"] - 1) * 100,
                (ff / exact["ff_percent"] - 1) * 100,
                (pmax / exact["pmax_mw_cm2"] - 1) * 100,
            )
        )
    return np.array(rows)


def table() -> str:
    """Worst errors without noise; bias and spread with it."""
    lines = [
        "| method | Voc mV | Jsc % | FF % | Pmax % | Voc mV, noise | Jsc %, noise |"
        " Pmax %, noise |",
        "|---|---|---|---|---|---|---|---|",
        *map(row, METHODS),
    ]
    return "\n".join(lines) + "\n"


def row(name: str) -> str:
    """Of one method."""
    worst = np.abs(errors(METHODS[name], 0.0)).max(axis=0)
    noisy = errors(METHODS[name], NOISE)
    spread = [f"{noisy[:, k].mean():+.3f} ± {noisy[:, k].std():.3f}" for k in (0, 1, 3)]
    return f"| {name} | {' | '.join([f'{value:.1g}' for value in worst] + spread)} |"


if __name__ == "__main__":
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(before + BEGIN + "\n" + table() + "\n" + END + after, "utf-8")
    print(table())
