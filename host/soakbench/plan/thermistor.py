"""Thermistor tables: what the board interpolates in instead of computing a logarithm.

The β equation, as in the data sheets of NTC makers (e.g. Vishay NTCLE100E3):
1/T = 1/298.15 K + ln(R / R25) / β. The equation of Steinhart and Hart (Deep-Sea Research 15, 497,
1968): 1/T = A + B ln R + C (ln R)³, solved for ln R by Cardano's formula. The divider:
code / 65536 = R / (R + Rd) with the NTC to ground, Rd / (R + Rd) with the NTC to the reference.
"""

import math

from soakbench.config.bench import Thermistor
from soakwire.blobs import TABLE_POINTS, TABLE_SHIFT

_T25_K = 298.15
_ZERO_C_K = 273.15
_SCALE = 1 << 16

# The ends of the table, where the divider says nothing any more; records hold -50 to 200 °C.
_COLDEST_C = -50.0
_HOTTEST_C = 200.0

# No bench is colder or hotter: such a code is a broken wire or a short. The codes next to the
# ends belong to the fault in any case, because of the converter's own offset and noise.
_OPEN_BELOW_C = -40.0
_SHORT_ABOVE_C = 150.0
_END_CODES = 256


def resistance_ohm(thermistor: Thermistor, temp_c: float) -> float:
    """The NTC's resistance at `temp_c`, by its equation."""
    a, b, c = _coefficients(thermistor)
    below = a - 1 / (temp_c + _ZERO_C_K)
    if c == 0:
        return math.exp(-below / b)
    # One real root, as R falls with T: B and C are above 0.
    half = below / (2 * c)
    root = math.sqrt((b / (3 * c)) ** 3 + half**2)
    return math.exp(math.cbrt(root - half) - math.cbrt(root + half))


def temperature_c(thermistor: Thermistor, ohm: float) -> float:
    """The temperature at resistance `ohm`, by its equation."""
    a, b, c = _coefficients(thermistor)
    log_r = math.log(ohm)
    return 1 / (a + b * log_r + c * log_r**3) - _ZERO_C_K


def adc_code(thermistor: Thermistor, temp_c: float) -> float:
    """The ADC's code on its 16-bit scale (0..65536) at `temp_c`; not rounded."""
    ohm = resistance_ohm(thermistor, temp_c)
    share = ohm / (ohm + thermistor.divider_ohm)
    return _SCALE * (share if thermistor.ntc_to == "ground" else 1 - share)


def table_centi_c(thermistor: Thermistor) -> list[int]:
    """centi-°C at every 512th code of the 16-bit scale: 129 points, from code 0 to 65536."""
    return [_centi_c(thermistor, i << TABLE_SHIFT) for i in range(TABLE_POINTS)]


def fault_codes(thermistor: Thermistor) -> tuple[int, int]:
    """The codes (lowest, highest) between which a reading is one; beyond: open or shorted."""
    low, high = sorted(adc_code(thermistor, t) for t in (_OPEN_BELOW_C, _SHORT_ABOVE_C))
    return max(round(low), _END_CODES), min(round(high), _SCALE - 1 - _END_CODES)


def _coefficients(thermistor: Thermistor) -> tuple[float, float, float]:
    """A, B, C of Steinhart and Hart; with C = 0 they are the β equation."""
    if thermistor.steinhart_hart is not None:
        return thermistor.steinhart_hart
    assert thermistor.beta_k is not None  # the bench file has one of the two
    assert thermistor.r25_ohm is not None
    b = 1 / thermistor.beta_k
    return 1 / _T25_K - b * math.log(thermistor.r25_ohm), b, 0.0


def _centi_c(thermistor: Thermistor, code: int) -> int:
    share = code / _SCALE if thermistor.ntc_to == "ground" else 1 - code / _SCALE
    if share <= 0:
        return round(_HOTTEST_C * 100)
    if share >= 1:
        return round(_COLDEST_C * 100)
    temp_c = temperature_c(thermistor, thermistor.divider_ohm * share / (1 - share))
    return round(min(max(temp_c, _COLDEST_C), _HOTTEST_C) * 100)
