"""The thermistor tables against the equation they come from."""

import math
from collections.abc import Callable

import pytest
from figures import say
from pydantic import ValidationError

from soakbench.config.bench import Thermistor
from soakbench.plan import thermistor as ntc
from soakwire.bench_blob import TABLE_POINTS
from soakwire.blobs import TABLE_SHIFT

TO_GROUND = Thermistor(r25_ohm=10_000.0, beta_k=3950.0, divider_ohm=10_000.0)
TO_REFERENCE = TO_GROUND.model_copy(update={"ntc_to": "reference"})
# Vishay NTCLE100E3103; and one fitted to three points, with a large cubic term.
VISHAY = (1.12924e-3, 2.34108e-4, 8.7755e-8)
CUBIC = (1.4e-3, 1.9e-4, 2.4e-7)
STEINHART_HART = [
    Thermistor(steinhart_hart=coefficients, divider_ohm=10_000.0, ntc_to=ntc_to)
    for coefficients in (VISHAY, CUBIC)
    for ntc_to in ("ground", "reference")
]
EACH = pytest.mark.parametrize("thermistor", [TO_GROUND, TO_REFERENCE, *STEINHART_HART])


def equation_c(coefficients: tuple[float, float, float], ohm: float) -> float:
    """As Steinhart and Hart write it."""
    a, b, c = coefficients
    return 1 / (a + b * math.log(ohm) + c * math.log(ohm) ** 3) - 273.15


def interpolated_c(table: list[int], code: int) -> float:
    """As the board does it, in integers."""
    i, rest = code >> TABLE_SHIFT, code & ((1 << TABLE_SHIFT) - 1)
    return (table[i] + ((table[i + 1] - table[i]) * rest >> TABLE_SHIFT)) / 100


def test_known_points() -> None:
    assert ntc.resistance_ohm(TO_GROUND, 25.0) == pytest.approx(10_000)
    # 3588 ohm at 50 °C for β 3950; the 12-bit code of docs and data sheets is about 1081.
    assert ntc.resistance_ohm(TO_GROUND, 50.0) == pytest.approx(3588, abs=2)
    assert ntc.adc_code(TO_GROUND, 50.0) / 16 == pytest.approx(1081, abs=1)
    assert ntc.adc_code(TO_GROUND, 25.0) == pytest.approx(32768)


@EACH
def test_equation_and_inverse_agree(thermistor: Thermistor) -> None:
    for temp_c in range(-40, 151, 10):
        ohm = ntc.resistance_ohm(thermistor, temp_c)
        assert ntc.temperature_c(thermistor, ohm) == pytest.approx(temp_c)


def test_known_points_of_steinhart_and_hart() -> None:
    """The maker's table of the same part: 32 650 ohm at 0 °C, 10 000 at 25 °C, 3603 at 50 °C."""
    part = STEINHART_HART[0]
    for temp_c, ohm in ((0.0, 32_650), (25.0, 10_000), (50.0, 3603)):
        assert ntc.resistance_ohm(part, temp_c) == pytest.approx(ohm, rel=0.005)


@pytest.mark.parametrize("thermistor", STEINHART_HART)
def test_a_table_is_the_equation_at_its_points(thermistor: Thermistor) -> None:
    """To the half of a centi-°C that rounding costs, over -10..90 °C."""
    coefficients = thermistor.steinhart_hart
    assert coefficients is not None
    seen = 0
    for i, centi_c in enumerate(ntc.table_centi_c(thermistor)):
        if not -1000 <= centi_c <= 9000:
            continue
        share = (i << TABLE_SHIFT) / 65536
        ratio = share if thermistor.ntc_to == "ground" else 1 - share
        ohm = thermistor.divider_ohm * ratio / (1 - ratio)
        assert centi_c / 100 == pytest.approx(equation_c(coefficients, ohm), abs=0.0051)
        seen += 1
    assert seen > 80


def test_without_a_cubic_term_it_is_the_beta_equation() -> None:
    b = 1 / 3950
    a = 1 / 298.15 - b * math.log(10_000)
    same = Thermistor(steinhart_hart=(a, b, 0.0), divider_ohm=10_000.0)
    assert ntc.table_centi_c(same) == ntc.table_centi_c(TO_GROUND)
    assert ntc.fault_codes(same) == ntc.fault_codes(TO_GROUND)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"steinhart_hart": [1.1e-3, -2.4e-4, 7.5e-8]}, "B must be above 0"),
        ({"steinhart_hart": [1.1e-3, 2.4e-4, -7.5e-8]}, "C not below"),
        ({"steinhart_hart": [1.1e-3, 2.4e-4]}, "steinhart_hart"),
        ({"steinhart_hart": [1.1e-3, float("nan"), 7.5e-8]}, "B must be above 0|finite"),
        ({"steinhart_hart": list(VISHAY), "beta_k": 3950.0}, "takes the place of"),
        ({"r25_ohm": 10_000.0}, "`r25_ohm` and `beta_k`, or `steinhart_hart"),
        ({"steinhart_hart": [1.1, 2.4e-4, 7.5e-8]}, "no NTC .* at -272 °C.* powers of ten"),
        ({"steinhart_hart": [1.1e-3, 2.4, 7.5e-8]}, "no NTC"),
        ({"steinhart_hart": [1.1e-3, 2.4e-4, 7.5e-5]}, "no NTC"),
    ],
)
def test_coefficients_that_are_none_are_refused(keys: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Thermistor.model_validate({"divider_ohm": 10_000.0, **keys})


@EACH
def test_worst_interpolation_error(
    thermistor: Thermistor, record_property: Callable[[str, object], None]
) -> None:
    """Far below the ADC's own 0.3 °C spikes, over all that a bench may read and near 50 °C."""
    table = ntc.table_centi_c(thermistor)
    assert len(table) == TABLE_POINTS
    worst = {"-10..90": 0.0, "20..60": 0.0}
    for tenths in range(-100, 901):
        code = round(ntc.adc_code(thermistor, tenths / 10))
        share = code / 65536 if thermistor.ntc_to == "ground" else 1 - code / 65536
        true_c = ntc.temperature_c(thermistor, thermistor.divider_ohm * share / (1 - share))
        error = abs(interpolated_c(table, code) - true_c)
        worst["-10..90"] = max(worst["-10..90"], error)
        if 200 <= tenths <= 600:
            worst["20..60"] = max(worst["20..60"], error)
    for name, error in worst.items():
        record_property(f"worst interpolation error {name} °C", round(error, 4))
    kind = "beta" if thermistor.steinhart_hart is None else "Steinhart-Hart"
    say(
        f"interpolation of a {kind} table, NTC to {thermistor.ntc_to}: at most"
        f" {worst['-10..90']:.3f} °C over -10..90 °C, {worst['20..60']:.3f} °C over 20..60 °C"
    )
    assert worst["-10..90"] < 0.05
    assert worst["20..60"] < 0.02


@EACH
def test_a_table_is_monotonic_and_bounded(thermistor: Thermistor) -> None:
    table = ntc.table_centi_c(thermistor)
    falling = thermistor.ntc_to == "ground"
    assert table == sorted(table, reverse=falling)
    assert {table[0], table[-1]} == {20_000, -5_000}


@EACH
def test_broken_wire_and_short_are_told_from_every_reading(thermistor: Thermistor) -> None:
    low, high = ntc.fault_codes(thermistor)
    for temp_c in (-30, 25, 100, 140):
        assert low < ntc.adc_code(thermistor, temp_c) < high
    assert 256 <= low < high <= 65535 - 256
