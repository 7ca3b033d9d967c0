"""Files of curves as instruments write them: read with the units they state, or refused."""

import numpy as np
import pytest

from soakbench.errors import CurveError
from soakbench.jv.columns import column, parse_unit
from soakbench.jv.curve_file import Asked, CurveFile, read_curves
from soakbench.jv.stretches import Stretch, stretches

VOLTAGE = np.round(np.arange(1.1, -0.101, -0.05), 3)
CURRENT = np.round(1.65 - 1.65 * np.exp((VOLTAGE - 1.05) / 0.04), 5)  # mA


def lines(separator: str, decimal: str = ".", scale: float = 1.0, turns: int = 1) -> str:
    """`turns` sweeps, the first one reverse."""
    rows = list(zip(VOLTAGE, CURRENT * scale, strict=True))
    rows = [row for n in range(turns) for row in (rows if n % 2 == 0 else rows[::-1])]
    texts = [f"{v:.4g}{separator}{i:.6e}" for v, i in rows]
    return "\n".join(texts).replace(".", decimal) + "\n"


def read(text: str | bytes, **asked: object) -> CurveFile:
    data = text.encode() if isinstance(text, str) else text
    return read_curves(data, "a.txt", Asked(**asked))


CSV = "Voltage (V),Current (mA)\n"
FORMS = {
    "csv": (CSV + lines(","), False),
    "amperes": ("Voltage (V),Current (A)\n" + lines(",", scale=1e-3), False),
    "microamperes": ("V / V\tI / µA\n" + lines("\t", scale=1e3), False),
    "density": ("V;J (mA/cm²)\n" + lines(";"), True),
    "density in A m-2": ("V;J [A m^-2]\n" + lines(";", scale=10), True),
    "decimal comma": ("U [V];I [mA]\n" + lines(";", ","), False),
    "decimal comma, tabs": ("U / V\tI / mA\n" + lines("\t", ","), False),
    "spaces": ("Voltage (V)    Current (mA)\n" + lines("   "), False),
    "line of units": ("Spannung\tStromdichte\nV\tmA/cm2\n" + lines("\t"), True),
    "comments": ("# taken on Monday\n# voltage_v, current_ma\n" + lines(","), False),
    "head with numbers": ("Area (cm2)\t0.07\nSweeps\t2\n\nV (V)\tI (mA)\n" + lines("\t"), False),
    "windows": (("V [V];J [mA/cm²]\r\n" + lines(";", ",")).encode("cp1252"), True),
    "utf-16": (("V [V]\tI [mA]\n" + lines("\t", ",")).encode("utf-16"), False),
    "utf-8 with mark": ((CSV + lines(",")).encode("utf-8-sig"), False),
    "separator at the end": ("V (V);I (mA);\n" + lines(";").replace("\n", ";\n"), False),
    "quotes": ('"Voltage (V)","Current (mA)"\n' + lines(","), False),
    "other columns": (
        "Index,Voltage (V),Current (mA),Power (mW)\n"
        + "".join(f"{n},{v},{i},{v * i}\n" for n, (v, i) in enumerate(zip(VOLTAGE, CURRENT))),  # noqa: B905
        False,
    ),
    "current and density": (
        "V (V),I (mA),J (mA/cm2)\n"
        + "".join(f"{v},{i},{i / 0.1}\n" for v, i in zip(VOLTAGE, CURRENT)),  # noqa: B905
        False,
    ),
}


@pytest.mark.parametrize("form", FORMS, ids=lambda name: name.replace(" ", "_"))
def test_the_same_curve_in_all_forms(form):
    text, is_density = FORMS[form]
    (sweep,) = read(text).sweeps
    assert sweep.direction == "reverse"
    assert sweep.voltage_v == pytest.approx(VOLTAGE)
    assert sweep.current == pytest.approx(CURRENT, rel=1e-5)
    assert sweep.is_density is is_density
    assert sweep.time_s is None


@pytest.mark.parametrize(
    "head", ["", "Voltage (V),Current\n", "V,I\n", "U / V,Current density (mA)\n"]
)
def test_a_unit_that_is_not_stated_is_asked_for(head):
    with pytest.raises(CurveError, match="does not say in which unit") as caught:
        read(head + lines(","))
    assert "--current-unit" in caught.value.hint
    (sweep,) = read(head + lines(","), current_unit="mA cm-2").sweeps
    assert sweep.is_density
    assert sweep.current == pytest.approx(CURRENT, rel=1e-5)
    (sweep,) = read(head + lines(",", scale=1e-3), current_unit="A").sweeps
    assert not sweep.is_density
    assert sweep.current == pytest.approx(CURRENT, rel=1e-5)


def test_a_unit_that_contradicts_the_file_is_refused():
    with pytest.raises(CurveError, match=r'says "Current \(mA\)", and you say A'):
        read(CSV + lines(","), current_unit="A")
    assert read(CSV + lines(","), current_unit="mA").sweeps
    with pytest.raises(CurveError, match='"parsec" is no unit of a current'):
        read(lines(","), current_unit="parsec")


def test_millivolts_are_stated_or_noticed():
    text = "Voltage,Current (mA)\n" + "".join(
        f"{1000 * v},{i}\n"
        for v, i in zip(VOLTAGE, CURRENT)  # noqa: B905
    )
    with pytest.raises(CurveError, match="voltages up to 1100 V") as caught:
        read(text)
    assert "--voltage-unit mV" in caught.value.hint
    for found in (
        read(text, voltage_unit="mV"),
        read(text.replace("Voltage", "Voltage (mV)")),
    ):
        assert found.sweeps[0].voltage_v == pytest.approx(VOLTAGE)


KEITHLEY = "".join(
    f"{v:+E},{i / 1000:+E},+9.910000E+37,{0.1 * n:+E},+2.150800E+04\n"
    for n, (v, i) in enumerate(zip(VOLTAGE, CURRENT))  # noqa: B905
)


def test_readings_of_a_source_meter_have_their_columns_named():
    with pytest.raises(CurveError, match="no titles above its columns") as caught:
        read(KEITHLEY)
    assert "--columns" in caught.value.hint
    found = read(KEITHLEY, columns=[1, 2, 4], current_unit="A")
    (sweep,) = found.sweeps
    assert sweep.current == pytest.approx(CURRENT, rel=1e-4, abs=1e-6)
    assert sweep.time_s == pytest.approx(0.1 * np.arange(len(VOLTAGE)))
    assert found.understood == (
        "voltage in V (column 1), current in A (column 2), time (column 4); 25 points"
    )
    with pytest.raises(CurveError, match="has 5 columns"):
        read(KEITHLEY, columns=[1, 7], current_unit="A")


def test_an_overflow_is_a_missing_point_and_no_number():
    text = CSV + lines(",").replace(f"{CURRENT[4]:.6e}", "+9.9E37")
    (sweep,) = read(text).sweeps
    assert np.flatnonzero(np.isnan(sweep.current)).tolist() == [4]
    assert len(sweep.current) == len(CURRENT)


@pytest.mark.parametrize("gap", ["NaN", "", "---", "1.6.5", "*****"])
def test_a_gap_stays_a_point(gap):
    text = CSV + lines(",").replace(f"{CURRENT[4]:.6e}", gap)
    (sweep,) = read(text).sweeps
    assert len(sweep.current) == len(CURRENT), "not dropped"
    assert np.isnan(sweep.current[4])


def test_words_below_the_curve_are_left_out_and_counted():
    found = read(CSV + lines(",") + "Voc = 1.05\nend\n")
    assert len(found.sweeps[0].current) == len(CURRENT)
    assert found.understood.endswith("; 25 points, 2 other lines left out")


def test_several_currents_are_not_chosen_from():
    text = "V (V),reverse (mA),forward (mA)\n" + "".join(
        f"{v},{i},{i}\n"
        for v, i in zip(VOLTAGE, CURRENT)  # noqa: B905
    )
    with pytest.raises(CurveError, match="2 columns of current") as caught:
        read(text)
    assert "--columns 1,2" in caught.value.hint
    assert read(text, columns=[1, 3]).sweeps[0].current == pytest.approx(CURRENT)


def test_commas_within_and_between_numbers_are_told_apart_or_refused():
    text = "".join(f"0,{n:02},1,{65 - n}\n" for n in range(20))
    with pytest.raises(CurveError, match="commas both within numbers and between"):
        read(text, current_unit="mA")
    millivolts = "V (mV),I (uA)\n" + "".join(f"{50 * n},{1650 - n * n}\n" for n in range(20))
    (sweep,) = read(millivolts).sweeps
    assert sweep.voltage_v == pytest.approx(0.05 * np.arange(20))


def test_the_sign_is_turned_only_if_asked():
    text = CSV + lines(",", scale=-1)
    assert read(text).sweeps[0].current == pytest.approx(-CURRENT, rel=1e-5)
    assert read(text, flip_sign=True).sweeps[0].current == pytest.approx(CURRENT, rel=1e-5)


def test_both_directions_in_one_file():
    back, forth = read(CSV + lines(",", turns=2)).sweeps
    assert (back.direction, forth.direction) == ("reverse", "forward")
    assert back.voltage_v == pytest.approx(VOLTAGE)
    assert forth.voltage_v == pytest.approx(VOLTAGE[::-1])
    assert forth.current == pytest.approx(CURRENT[::-1], rel=1e-5)


def test_more_than_one_sweep_of_a_direction_is_refused():
    with pytest.raises(CurveError, match="holds 2 reverse sweeps"):
        read(CSV + lines(",", turns=3))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no lines with two numbers"),
        (b"hello\nworld 3\n", "no lines with two numbers"),
        (b"PK\x03\x04\x00\x00", "is no text file"),
        (b"V,mA\n1.0,2.0\n", "holds no sweep"),
        (b"V,mA\n1.0,2.0\n1.0,2.0\n1.0,2.0\n1.0,2.0\n", "holds no sweep"),
        (b"V,mA\nNaN,2.0\n---,2.0\nNaN,2.0\n", "holds no sweep"),
    ],
)
def test_what_is_no_curve_says_so(data, words):
    with pytest.raises(CurveError, match=words) as caught:
        read(data)
    assert caught.value.hint


def test_times_of_day_are_no_seconds():
    text = "Time,V (V),I (mA)\n" + "".join(
        f"2026-03-01 09:00:{n:02},{v},{i}\n"
        for n, (v, i) in enumerate(zip(VOLTAGE, CURRENT))  # noqa: B905
    )
    found = read(text)
    assert found.sweeps[0].time_s is None
    assert "time" not in found.understood


@pytest.mark.parametrize(
    ("title", "quantity", "factor"),
    [
        ("Voltage (V)", "voltage", 1),
        ("voltage_mv", "voltage", 1e-3),
        ("U/V", "voltage", 1),
        ("Vmeas (V)", "voltage", 1),
        ("V", "voltage", 1),
        ("Potential", "voltage", None),
        ("I", "current", None),
        ("A", "current", 1000),
        ("SMU-1 Current (A)", "current", 1000),
        ("Strom in mA", "current", 1),
        ("Current, nA", "current", 1e-6),
        ("J", "density", None),
        ("Current Density [mA·cm⁻²]", "density", 1),
        ("j_ma_cm2", "density", 1),
        ("J (A/m2)", "density", 0.1),
        ("Time (ms)", "time", 1e-3),
        ("Power (W)", None, None),
        ("Resistance", None, None),
        ("Index", None, None),
        ("", None, None),
    ],
)
def test_what_a_title_says(title, quantity, factor):
    found = column(1, title)
    assert found.quantity == quantity
    assert found.factor == (None if factor is None else pytest.approx(factor))


def test_units_that_are_none():
    assert [parse_unit(text) for text in ("", "W", "mAh", "Ohm", "V/s", "kA")] == [None] * 6


def turned(*points: float) -> list[tuple[int, int, str]]:
    return [(s.begin, s.end, s.direction) for s in stretches(np.array(points, dtype=float))]


def test_where_a_record_turns():
    assert turned(3, 2, 1, 0) == [(0, 4, "reverse")]
    assert turned(0, 1, 2, 3) == [(0, 4, "forward")]
    assert turned(2, 1, 0, 1, 2) == [(0, 3, "reverse"), (2, 5, "forward")], "the turn is of both"
    assert turned(2, 1, 0, 0, 1, 2) == [(0, 3, "reverse"), (3, 6, "forward")]
    assert turned(0, 3, 2, 1, 0) == [(1, 5, "reverse")], "the way to the first voltage"
    assert turned(3, 3, 3, 2, 1, 0) == [(0, 6, "reverse")], "a wait at the first voltage"
    assert turned(3, 2, 2.1, 1, 0) == [(0, 5, "reverse")], "noise; it is refused later"
    assert turned(3, 2, np.nan, 1, 0) == [(0, 5, "reverse")]
    assert turned(1, 1, 1) == turned(1, 2) == turned() == turned(np.nan, np.nan, np.nan, 1) == []
    assert isinstance(stretches(np.arange(3.0))[0], Stretch)
