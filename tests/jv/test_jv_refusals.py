"""Sweeps that say nothing, or not everything: each gets its flag, none a plausible number."""

from dataclasses import fields

import numpy as np
import pytest
from diodes import Diode, any_diode, reverse, swept, voltages

from soakbench.jv.extract import extract
from soakbench.jv.flags import REFUSING, WORDS, Flag
from soakbench.jv.interpolant import interpolant
from soakbench.jv.sweep import Floats, Points, Sweep
from soakbench.jv.values import Extracted

GOOD = Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=4, rsh=1500)
VOLTAGE = np.arange(-0.06, 1.12, 0.02)
DENSITY = GOOD.density(VOLTAGE)
VALUES = [f.name for f in fields(Extracted) if f.name not in ("flags", "method", "scan_rate_v_s")]


def values_of(found: Extracted) -> dict[str, float]:
    return {name: getattr(found, name) for name in VALUES if getattr(found, name) is not None}


def changed(index: int, value: float) -> Floats:
    density = DENSITY.copy()
    density[index] = value
    return density


def swapped(index: int) -> Floats:
    voltage = VOLTAGE.copy()
    voltage[index], voltage[index + 1] = voltage[index + 1], voltage[index]
    return voltage


WORTHLESS = {
    "all zero": (swept(VOLTAGE, 0 * DENSITY), Flag.ALL_ZERO),
    "counted the other way": (swept(VOLTAGE, -DENSITY), Flag.SIGN),
    "swapped contacts": (swept(np.sort(-VOLTAGE), -DENSITY[::-1]), Flag.SIGN),
    "both": (swept(np.sort(-VOLTAGE), DENSITY[::-1]), Flag.SIGN),
    "limit, stated": (
        swept(VOLTAGE, np.clip(DENSITY, None, 15.0), compliance_ma_cm2=15.0),
        Flag.COMPLIANCE,
    ),
    "limit, stated and reached once": (
        swept(VOLTAGE, DENSITY, compliance_ma_cm2=-DENSITY[-1]),
        Flag.COMPLIANCE,
    ),
    "limit, not stated": (swept(VOLTAGE, np.clip(DENSITY, None, 15.0)), Flag.COMPLIANCE),
    "limit just below Jsc": (swept(VOLTAGE, np.clip(DENSITY, None, 23.0)), Flag.COMPLIANCE),
    "limit beyond Voc": (swept(VOLTAGE, np.clip(DENSITY, -1.0, None)), Flag.COMPLIANCE),
    "one point": (swept(VOLTAGE[:1], DENSITY[:1]), Flag.FEW_POINTS),
    "no point": (swept(VOLTAGE[:0], DENSITY[:0]), Flag.FEW_POINTS),
    "seven points": (swept(VOLTAGE[::9], DENSITY[::9]), Flag.FEW_POINTS),
    "a gap": (swept(VOLTAGE, changed(20, np.nan)), Flag.MISSING_POINTS),
    "an overflow": (swept(VOLTAGE, changed(20, np.inf)), Flag.MISSING_POINTS),
    "a voltage that is none": (swept(changed(3, np.nan), DENSITY), Flag.MISSING_POINTS),
    "a step back": (swept(swapped(30), DENSITY), Flag.NOT_MONOTONIC),
    "there and back": (
        swept(np.r_[VOLTAGE, VOLTAGE[::-1]], np.r_[DENSITY, DENSITY[::-1]]),
        Flag.NOT_MONOTONIC,
    ),
    "the other direction": (Sweep(VOLTAGE, DENSITY, "reverse"), Flag.NOT_MONOTONIC),
    "no light": (swept(VOLTAGE, DENSITY - DENSITY[3]), Flag.DEAD),
    "no contact": (swept(VOLTAGE, 1e-3 * np.cos(np.arange(len(VOLTAGE)))), Flag.DEAD),
    "dead": (swept(VOLTAGE, 0.002 * DENSITY), Flag.DEAD),
    "shorted": (swept(VOLTAGE, 23.6 - 1000 * VOLTAGE / 2.0), Flag.SHORTED),
    "a wire": (swept(VOLTAGE, -1000 * VOLTAGE / 0.5), Flag.SHORTED),
    "noise alone": (
        swept(VOLTAGE, DENSITY + 3 * np.random.default_rng(1).standard_normal(len(VOLTAGE))),
        Flag.TOO_NOISY,
    ),
}


@pytest.mark.parametrize("case", WORTHLESS, ids=lambda name: name.replace(" ", "_"))
def test_one_flag_and_no_number(case):
    sweep, flag = WORTHLESS[case]
    found = extract(sweep)
    assert found.flags == (flag,)
    assert set(values_of(found)) <= {"noise_percent"}
    assert flag in REFUSING


def test_every_refusal_has_its_case():
    assert {flag for _, flag in WORTHLESS.values()} == REFUSING
    assert set(WORDS) == set(Flag)


def test_the_good_one_has_no_flag():
    for sweep in (swept(VOLTAGE, DENSITY), reverse(swept(VOLTAGE, DENSITY))):
        found = extract(sweep)
        assert found.flags == ()
        assert set(values_of(found)) == set(VALUES)


@pytest.mark.parametrize(("end_v", "has_pce"), [(0.6, False), (0.84, False), (0.94, True)])
def test_a_sweep_that_ends_below_voc_has_none(end_v, has_pce):
    """Common extractors would say 1.2 V."""
    short = VOLTAGE - end_v < 0
    found = extract(swept(VOLTAGE[short], DENSITY[short]))
    assert Flag.VOC_NOT_BRACKETED in found.flags
    assert found.voc_v is None
    assert found.ff_percent is None
    assert found.slope_voc_ohm_cm2 is None
    assert found.jsc_ma_cm2 == pytest.approx(GOOD.exact["jsc_ma_cm2"], rel=1e-5)
    assert (found.pce_percent is not None) is has_pce
    assert (Flag.MPP_NOT_BRACKETED in found.flags) is not has_pce
    if has_pce:
        assert found.pce_percent == pytest.approx(GOOD.exact["pce_percent"], rel=1e-4)


def test_a_maximum_needs_two_points_on_both_sides():
    best = int(np.argmax(VOLTAGE * DENSITY))
    for beyond, flagged in ((1, True), (2, False)):
        upto = slice(0, best + beyond + 1)
        found = extract(swept(VOLTAGE[upto], DENSITY[upto]))
        assert (Flag.MPP_NOT_BRACKETED in found.flags) is flagged
        from_ = slice(best - beyond, None)
        found = extract(swept(VOLTAGE[from_], DENSITY[from_]))
        assert (Flag.MPP_NOT_BRACKETED in found.flags) is flagged


def test_the_slope_at_voc_needs_two_points_beyond():
    voltage = VOLTAGE + 0.007
    beyond = int(np.argmax(voltage > GOOD.exact["voc_v"]))
    for count, known in ((1, False), (2, True)):
        upto = voltage[: beyond + count]
        found = extract(swept(upto, GOOD.density(upto)))
        assert found.voc_v is not None
        assert (found.slope_voc_ohm_cm2 is not None) is known
        assert found.flags == (() if known else (Flag.SLOPE_NOT_RESOLVED,))


def test_the_curve_does_not_overshoot_at_a_corner():
    """As a spline would, by a tenth of the step."""
    voltage = np.arange(0, 1.2, 0.1)
    density = np.where(voltage < 0.55, 20.0, 20 - 60 * (voltage - 0.5))
    curve = interpolant(Points(voltage, density))(np.linspace(0, 1.1, 2001))
    assert curve.max() <= 20
    assert (np.diff(curve) <= 1e-12).all()


def test_a_sweep_that_begins_above_0_v_has_no_jsc():
    late = VOLTAGE > 0.3
    found = extract(swept(VOLTAGE[late], DENSITY[late]))
    assert found.flags == (Flag.JSC_NOT_BRACKETED,)
    assert (found.jsc_ma_cm2, found.ff_percent, found.slope_jsc_ohm_cm2) == (None, None, None)
    assert found.voc_v == pytest.approx(GOOD.exact["voc_v"], abs=1e-5)
    assert found.pce_percent == pytest.approx(GOOD.exact["pce_percent"], rel=1e-5)


def test_a_first_point_at_the_offset_of_a_source_meter_is_at_0_v():
    voltage = np.arange(0.0003, 1.12, 0.02)
    assert extract(swept(voltage, GOOD.density(voltage))).flags == ()
    voltage = np.arange(0.002, 1.12, 0.02)
    found = extract(swept(voltage, GOOD.density(voltage)))
    assert found.flags == (Flag.JSC_NOT_BRACKETED,)


def test_without_irradiance_there_is_no_pce():
    found = extract(swept(VOLTAGE, DENSITY, irradiance_suns=None))
    assert found.flags == (Flag.NO_IRRADIANCE,)
    assert found.pce_percent is None
    assert found.ff_percent == pytest.approx(GOOD.exact["ff_percent"], rel=1e-4)
    dark = extract(swept(VOLTAGE, DENSITY, irradiance_suns=0.0))
    assert dark.flags == (Flag.NO_IRRADIANCE, Flag.IMPLAUSIBLE)
    assert dark.pce_percent is None


def test_amperes_taken_for_milliamperes_are_noticed():
    assert Flag.IMPLAUSIBLE in extract(swept(VOLTAGE, 1000 * DENSITY)).flags
    at_two_suns = swept(VOLTAGE, 2 * DENSITY, irradiance_suns=2.0)
    assert Flag.IMPLAUSIBLE not in extract(at_two_suns).flags


def test_wide_steps_are_flagged_and_very_wide_ones_give_no_maximum():
    for step_v, flag, has_pce in (
        (0.04, Flag.COARSE_STEP, True),
        (0.11, Flag.FEW_POINTS_NEAR_MPP, False),
    ):
        voltage = np.arange(-0.05, 1.2, step_v)
        found = extract(swept(voltage, GOOD.density(voltage)))
        assert flag in found.flags
        assert (found.pce_percent is not None) is has_pce


def test_a_lamp_that_flickers_is_flagged():
    density = np.where(VOLTAGE < 0.4, DENSITY, 0.96 * DENSITY)
    assert extract(swept(VOLTAGE, density)).flags == (Flag.JUMP,)


def test_an_s_shape_is_flagged_and_measured_as_it_is():
    """A second junction against the first, which takes its voltage as the current falls."""
    density = np.linspace(GOOD.density(np.array([-0.05]))[0], -3, 4000)
    along = np.interp(density, DENSITY[::-1], VOLTAGE[::-1]) - 0.08 * np.arcsinh(density / 0.8)
    voltage = np.arange(-0.04, along.max(), 0.02)
    curve = np.interp(voltage, along, density)
    found = extract(swept(voltage, curve))
    assert Flag.S_SHAPE in found.flags
    power = along * density
    assert found.pce_percent == pytest.approx(power.max(), rel=2e-3)
    assert found.voc_v == pytest.approx(np.interp(0, -density, along), abs=1e-3)


def test_readings_of_one_voltage_become_their_mean():
    voltage = np.repeat(VOLTAGE, 2)
    density = np.repeat(DENSITY, 2) + np.tile([0.01, -0.01], len(VOLTAGE))
    assert extract(swept(voltage, density)) == extract(swept(VOLTAGE, DENSITY))


def test_the_scan_rate_is_the_measured_one():
    times = np.r_[0.0, 30.0 + 0.25 * np.arange(1, len(VOLTAGE))]  # a wait at the first voltage
    found = extract(swept(VOLTAGE, DENSITY, time_s=times))
    assert found.scan_rate_v_s == pytest.approx(0.08)
    assert extract(swept(VOLTAGE, DENSITY)).scan_rate_v_s is None
    assert extract(swept(VOLTAGE[:3], DENSITY[:3], time_s=times[:3])).scan_rate_v_s is not None


def spoilt(kind: str, diode: Diode, chance: np.random.Generator) -> Sweep:
    """A sweep of `diode` with something wrong, of any size."""
    step_v = chance.uniform(0.03, 0.15) if kind == "coarse" else 0.02
    voltage = voltages(diode, step_v, chance)
    if kind == "ends early":
        voltage = voltage[voltage < chance.uniform(0.3, 1) * diode.exact["voc_v"]]
    if kind == "begins late":
        voltage = voltage[voltage > chance.uniform(0, 0.9) * diode.exact["voc_v"]]
    density, jsc, limit = diode.density(voltage), diode.exact["jsc_ma_cm2"], None
    if kind == "noise":
        density = density + 10 ** chance.uniform(-4, -0.5) * jsc * chance.standard_normal(
            len(density)
        )
    if kind == "few digits":
        density = np.round(density, chance.integers(1, 4))
    if kind == "flipped":
        density = -density
    if kind == "clipped":
        density = np.minimum(density, chance.uniform(0.1, 0.98) * jsc)
    if kind == "limit stated":
        limit = chance.uniform(0.1, 0.99) * jsc
        density = np.minimum(density, limit)
    if kind == "gap":
        density[chance.integers(len(density))] = np.nan
    if kind == "faint":
        density = density * chance.uniform(0, 0.003)
    return swept(voltage, density, compliance_ma_cm2=limit)


KINDS = (
    *("clean", "coarse", "ends early", "begins late", "noise", "few digits", "flipped", "clipped"),
    *("limit stated", "gap", "faint"),
)
# Which flags let an error be expected, and are told with the number.
DOUBTS = {Flag.COARSE_STEP, Flag.NOISY, Flag.JUMP, Flag.IMPLAUSIBLE, Flag.S_SHAPE}
# Four to five times the spread that noise below the flag's limit gives.
MOST = {"voc_v": 0.004, "jsc_ma_cm2": 0.012, "ff_percent": 0.015, "pce_percent": 0.012}


@pytest.mark.parametrize("kind", KINDS)
def test_never_a_wrong_number_without_a_flag(kind):
    chance = np.random.default_rng(KINDS.index(kind))
    for _ in range(40):
        diode = any_diode(chance)
        sweep = spoilt(kind, diode, chance)
        found = extract(reverse(sweep) if chance.random() < 0.5 else sweep)
        if DOUBTS & set(found.flags):
            continue
        for name, most in MOST.items():
            value, exact = getattr(found, name), diode.exact[name]
            error = 0.0 if value is None else value - exact
            assert abs(error) <= (most if name == "voc_v" else most * exact), (name, diode, found)
