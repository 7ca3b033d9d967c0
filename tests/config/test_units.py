"""Quantities: what people write, and what they are told when it is not one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakbench import units
from soakbench.units import Goal, UnitError


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("16 h", 57_600_000),
        ("5 min", 300_000),
        ("90 s", 90_000),
        ("2 d", 172_800_000),
        ("0.5 h", 1_800_000),
        (".5h", 1_800_000),
        ("  3   hours ", 10_800_000),
        ("+1 minute", 60_000),
        ("0.0014 s", 1),
    ],
)
def test_durations(text: str, ms: int) -> None:
    assert units.parse_duration_ms(text) == ms


@pytest.mark.parametrize("unit", ["°C", "C", "degC", "celsius", "℃"])
def test_spellings_of_celsius(unit: str) -> None:
    assert units.parse_temperature_c(f"50 {unit}") == 50.0
    assert units.parse_temperature_c(f"-3.5{unit}") == -3.5


@pytest.mark.parametrize(("text", "suns"), [("1 sun", 1.0), ("0.1 suns", 0.1), ("0 suns", 0.0)])
def test_light(text: str, suns: float) -> None:
    assert units.parse_suns(text) == suns


def test_a_goal_is_a_time_or_a_dose() -> None:
    assert units.parse_goal("16 h") == Goal(57_600_000, "h")
    assert units.parse_goal("16 sun_h") == Goal(57_600_000, "sun_h")
    assert units.parse_goal("90 min").amount == 1.5
    assert str(units.parse_goal("90 min")) == "1 h 30 min"
    assert str(units.parse_goal("1.5 sun_h")) == "1.5 sun_h"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (16, '16 has no unit; expected a time like "16 h" or a light dose like "16 sun_h"'),
        (1.5, '1.5 has no unit; expected a time like "16 h" or a light dose like "16 sun_h"'),
        ("16", '"16" has no unit; expected a time like "16 h"'),
        ("16 °C", '"16 °C" is a temperature; expected a time like "16 h"'),
        ("1 sun", '"1 sun" is a light intensity; expected a time like "16 h" or a light dose'),
        ("16 fortnights", '"16 fortnights" has the unknown unit "fortnights"; expected a time'),
        ("1,5 h", '"1,5 h" is not a number with a unit; expected a time'),
        ("h", '"h" is not a number with a unit'),
        ("1.2.3 h", '"1.2.3 h" is not a number with a unit'),
        ("nan h", '"nan h" is not a number with a unit'),
        ("0 h", '"0 h" is not above 0; expected a time'),
        ("-1 h", '"-1 h" is not above 0'),
        (True, "true is not a quantity"),
        (["1 h"], "is not a quantity"),
    ],
)
def test_what_a_goal_is_not(value: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        units.parse_goal(value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("parse", "value", "message"),
    [
        (units.parse_temperature_c, 50, '50 has no unit; expected a temperature like "50 °C"'),
        (units.parse_temperature_c, "323 K", 'the unknown unit "K"; expected a temperature'),
        (units.parse_suns, "-1 sun", '"-1 sun" is below 0; expected a light intensity'),
        (units.parse_suns, "100 h", '"100 h" is a time; expected a light intensity like "1 sun"'),
        (units.parse_band_c, "0 °C", 'not above 0; expected a temperature difference like "1 °C"'),
        (units.parse_duration_ms, "3 sun_h", "is a light dose; expected a time"),
    ],
)
def test_other_quantities(parse, value: object, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse(value)
    assert message in str(caught.value)


@given(st.integers(min_value=1, max_value=4_000_000_000))
def test_milliseconds_written_as_seconds_come_back_exactly(ms: int) -> None:
    assert units.parse_duration_ms(f"{ms // 1000}.{ms % 1000:03} s") == ms


@given(
    st.decimals(min_value=0, max_value=1111, places=6).filter(lambda d: d > 0),
    st.sampled_from(["h", "min", "sun_h"]),
)
def test_a_goal_is_within_half_a_milli_of_what_was_written(number, unit: str) -> None:
    per_unit = {"h": 3_600_000, "min": 60_000, "sun_h": 3_600_000}[unit]
    exact = float(number) * per_unit
    if round(exact) >= 1:
        assert abs(units.parse_goal(f"{number} {unit}").milli - exact) <= 0.51


@given(st.text())
def test_any_text_is_a_goal_or_a_unit_error(text: str) -> None:
    try:
        assert units.parse_goal(text).milli > 0
    except UnitError as error:
        assert "expected a time" in str(error)


@pytest.mark.parametrize(
    ("value", "milli", "unit"),
    [
        ("2 h", 7_200_000, "h"),
        ("+2 h", 7_200_000, "h"),
        ("-30 min", -1_800_000, "h"),
        ("-0.5 sun_h", -1_800_000, "sun_h"),
    ],
)
def test_changes(value: str, milli: int, unit: str) -> None:
    assert units.parse_change(value) == units.Goal(milli, unit)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0 h", '"0 h" changes nothing; expected a time like "16 h" or a light dose'),
        ("-2", '"-2" has no unit'),
        ("--2 h", "is not a number with a unit"),
        ("1 sun", "is a light intensity"),
    ],
)
def test_what_changes_nothing(value: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        units.parse_change(value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 s"),
        (1500, "1.5 s"),
        (59_999.9, "1 min"),
        (200_000, "3 min 20 s"),
        (57_600_000, "16 h"),
        (36 * 3_600_000, "36 h"),
        (9 * 86_400_000 + 3_600_000, "9 d 1 h"),
    ],
)
def test_times_for_people(ms: float, text: str) -> None:
    assert units.format_duration(ms) == text


def test_light_for_people() -> None:
    assert [units.format_suns(suns) for suns in (1.0, 0.5)] == ["1 sun", "0.5 suns"]


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_every_time_can_be_shown(ms: int) -> None:
    assert units.format_duration(ms)
