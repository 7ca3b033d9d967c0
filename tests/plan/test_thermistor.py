"""The thermistor tables against the equation they come from."""

from collections.abc import Callable

import pytest

from soakbench.config.bench import Thermistor
from soakbench.plan import thermistor as ntc
from soakwire.bench_blob import TABLE_POINTS
from soakwire.blobs import TABLE_SHIFT

TO_GROUND = Thermistor(r25_ohm=10_000.0, beta_k=3950.0, divider_ohm=10_000.0)
TO_REFERENCE = TO_GROUND.model_copy(update={"ntc_to": "reference"})
BOTH = pytest.mark.parametrize("thermistor", [TO_GROUND, TO_REFERENCE])


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


@BOTH
def test_equation_and_inverse_agree(thermistor: Thermistor) -> None:
    for temp_c in range(-40, 151, 10):
        ohm = ntc.resistance_ohm(thermistor, temp_c)
        assert ntc.temperature_c(thermistor, ohm) == pytest.approx(temp_c)


@BOTH
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
    assert worst["-10..90"] < 0.05
    assert worst["20..60"] < 0.02


@BOTH
def test_a_table_is_monotonic_and_bounded(thermistor: Thermistor) -> None:
    table = ntc.table_centi_c(thermistor)
    falling = thermistor.ntc_to == "ground"
    assert table == sorted(table, reverse=falling)
    assert {table[0], table[-1]} == {20_000, -5_000}


@BOTH
def test_broken_wire_and_short_are_told_from_every_reading(thermistor: Thermistor) -> None:
    low, high = ntc.fault_codes(thermistor)
    for temp_c in (-30, 25, 100, 140):
        assert low < ntc.adc_code(thermistor, temp_c) < high
    assert 256 <= low < high <= 65535 - 256
