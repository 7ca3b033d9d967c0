"""What is computed from whole curves: the single-diode fit, hysteresis, PCE against the first."""

import numpy as np
import pytest
from diodes import Diode, any_diode, reverse, swept, voltages

from soakbench.jv.extract import extract
from soakbench.jv.hysteresis import FORMULAS, hysteresis
from soakbench.jv.relative import PceOf, pce_relative, relative_to_first
from soakbench.jv.single_diode import density, fit_single_diode
from soakbench.jv.sweep import Sweep

GOOD = Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=4, rsh=1500)
VOLTAGE = np.arange(-0.06, 1.12, 0.02)


def fitted(sweep: Sweep, temp_c: float | None = 25.0):
    return fit_single_diode(sweep, extract(sweep), temp_c)


def test_the_model_is_pvlibs():
    chance = np.random.default_rng(1)
    for diode in [any_diode(chance) for _ in range(50)]:
        voltage = voltages(diode, 0.02, chance)
        ours = density(voltage, diode.jph, diode.j0, diode.n * 0.025693, diode.rs, diode.rsh)
        assert ours == pytest.approx(diode.density(voltage), rel=1e-9, abs=1e-9)


def test_a_fit_finds_the_cell():
    chance = np.random.default_rng(2)
    for diode in [any_diode(chance) for _ in range(30)]:
        voltage = voltages(diode, 0.02, chance)
        fit = fitted(swept(voltage, diode.density(voltage)))
        assert fit.refused == ""
        assert fit.rs_ohm_cm2 == pytest.approx(diode.rs, rel=1e-3)
        assert fit.rsh_ohm_cm2 == pytest.approx(diode.rsh, rel=1e-3)
        assert fit.ideality == pytest.approx(diode.n, rel=1e-3)
        assert fit.jph_ma_cm2 == pytest.approx(diode.jph, rel=1e-4)


def test_n_is_for_the_temperature():
    sweep = swept(VOLTAGE, GOOD.density(VOLTAGE))
    assert fitted(sweep, 50.0).ideality == pytest.approx(1.5 * 298.15 / 323.15, rel=1e-3)
    unknown = fitted(sweep, None)
    assert (unknown.temp_c, unknown.ideality) == (25.0, pytest.approx(1.5, rel=1e-3))


def test_what_the_curve_does_not_determine_is_not_told():
    """0.2 % noise hides a shunt of 100 kΩ cm², and not the series resistance."""
    cell = Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=4, rsh=1e5)
    scatter = 0.05 * np.random.default_rng(3).standard_normal(len(VOLTAGE))
    fit = fitted(swept(VOLTAGE, cell.density(VOLTAGE) + scatter))
    assert fit.rsh_ohm_cm2 is None
    assert fit.rs_ohm_cm2 == pytest.approx(4, rel=0.1)


def test_a_curve_that_is_no_single_diode_is_refused():
    bent = GOOD.density(VOLTAGE) - 4 * np.exp(-(((VOLTAGE - 0.8) / 0.1) ** 2))
    fit = fitted(swept(VOLTAGE, bent))
    assert "no single diode" in fit.refused
    assert (fit.rs_ohm_cm2, fit.ideality) == (None, None)
    assert fit.misfit_percent > 0.5


def test_a_curve_without_voc_has_no_fit():
    short = VOLTAGE < 0.95
    fit = fitted(swept(VOLTAGE[short], GOOD.density(VOLTAGE[short])))
    assert "lacks Voc" in fit.refused


def pair(rs_back: float, rs_forth: float) -> tuple[Sweep, Sweep]:
    back = Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=rs_back, rsh=1500)
    forth = Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=rs_forth, rsh=1500)
    return (
        reverse(swept(VOLTAGE, back.density(VOLTAGE))),
        swept(VOLTAGE, forth.density(VOLTAGE)),
    )


def test_hysteresis_by_the_names_of_its_formulas():
    back, forth = pair(3.0, 8.0)
    found = hysteresis(back, forth)
    assert set(found) == set(FORMULAS)
    first, second = extract(back), extract(forth)
    expected = (first.pce_percent - second.pce_percent) / first.pce_percent
    assert found["pce"] == pytest.approx(expected)
    fine = np.linspace(0, 1.1, 20_001)

    def diode(rs: float) -> np.ndarray:
        return Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=rs, rsh=1500).density(fine)

    areas = [np.trapezoid(np.clip(diode(rs), 0, None), fine) for rs in (3.0, 8.0)]
    assert found["area"] == pytest.approx((areas[0] - areas[1]) / areas[0], rel=1e-3)
    at = [np.interp(0.8 * first.voc_v, fine, diode(rs)) for rs in (3.0, 8.0)]
    assert found["j_at_0.8_voc"] == pytest.approx((at[0] - at[1]) / at[0], rel=1e-3)
    assert len({round(value, 4) for value in found.values()}) == 3, "they are three things"


def test_hysteresis_inverts_and_vanishes():
    assert all(value < 0 for value in hysteresis(*pair(8.0, 3.0)).values())
    assert list(hysteresis(*pair(4.0, 4.0)).values()) == pytest.approx([0, 0, 0], abs=1e-12)


def test_hysteresis_needs_what_its_formula_needs():
    back, forth = pair(3.0, 8.0)
    near = forth.voltage_v < 0.97
    found = hysteresis(back, swept(forth.voltage_v[near], forth.density_ma_cm2[near]))
    assert found["pce"] is not None
    assert (found["area"], found["j_at_0.8_voc"]) == (None, None)
    sign_flipped = swept(forth.voltage_v, -forth.density_ma_cm2)
    assert set(hysteresis(back, sign_flipped).values()) == {None}
    assert set(hysteresis(sign_flipped, back).values()) == {None}


def jv(cell: str, back: float | None, forth: float | None = None) -> list[PceOf]:
    both = [PceOf(cell, "reverse", back)]
    return [*both, PceOf(cell, "forward", forth)] if forth is not None else both


def test_pce_against_the_first():
    places = [jv("A1", 20.0, 18.0), jv("A2", 10.0), jv("A1", 15.0, 16.2), jv("A2", 11.0)]
    relative = [share for place in relative_to_first(places) for share in place]
    assert relative == pytest.approx([1, 1, 1, 0.75, 0.9, 1.1])


def test_the_newest_pce_of_each_cell():
    places = [jv("A1", 20.0, 18.0), jv("A2", 10.0), jv("A1", 15.0, 17.1), jv("A2", 11.0)]
    assert pce_relative(places) == pytest.approx({"A1": 0.75, "A2": 1.1})
    assert pce_relative([[*jv("A1", 20.0), *jv("A2", 10.0)], jv("A2", 5.0)]) == {"A1": 1, "A2": 0.5}
    assert pce_relative([]) == {}


def test_what_cannot_be_compared_is_not():
    refused_at_first = [jv("A1", None), jv("A1", 15.0), jv("A1", 14.0)]
    assert pce_relative(refused_at_first) == {"A1": None}
    assert pce_relative([jv("A1", 0.0), jv("A1", 15.0)]) == {"A1": None}
    refused_now = [jv("A1", 20.0), jv("A1", 15.0), jv("A1", None)]
    assert pce_relative(refused_now) == {"A1": None}, "the one before is not the newest"
    other_direction = [jv("A1", 20.0), [PceOf("A1", "forward", 10.0)]]
    assert pce_relative(other_direction) == {"A1": None}, "the first J-V had no forward sweep"
