"""The J-V curve of a simulated cell: one diode, consistent with Junction.

A stand-in to try the source meter with, no claim about the material. At 25 °C its Voc is that of
Junction at any light, its Jsc that of the bench file. It has no hysteresis.
"""

import math

from soakbench.config.twin_table import CellTable

_VOC_V_PER_K = -0.0015  # the voltage that the converter senses at OC does not know it yet
LEAST_OHM = 1e-3  # leads are never better
_SOLVED_V = 1e-12
_STEPS_MOST = 200  # one for each slope_v that the voltage is too high, then a handful


class CellCurve:
    """Current by voltage, temperature and light."""

    def __init__(self, table: CellTable, area_cm2: float) -> None:
        self._one_sun_a = table.jsc_ma_per_cm2 * area_cm2 / 1000
        self._slope_v = table.slope_v
        self._leak_s = 1 / table.parallel_ohm
        self._series_s = 1 / max(table.contact_ohm, LEAST_OHM)

    def current_ma(self, voltage_v: float, temp_c: float, suns: float, voc_v: float) -> float:
        """What it delivers at `voltage_v` between its leads. `voc_v` is at 1 sun and 25 °C."""
        voc_v += _VOC_V_PER_K * (temp_c - 25)
        dark_a = max(self._one_sun_a - voc_v * self._leak_s, 0) / math.expm1(voc_v / self._slope_v)
        light_a = self._one_sun_a * suns
        return 1000 * self._delivered_a(voltage_v, light_a, dark_a)

    def _delivered_a(self, voltage_v: float, light_a: float, dark_a: float) -> float:
        """Newton's steps on the voltage over the junction, from where the diode alone would take
        all that there is: from above they only come down."""
        series_s, slope_v = self._series_s, self._slope_v
        reach_a = light_a + max(voltage_v, 0) * series_s
        volts = slope_v * math.log1p(reach_a / dark_a) if dark_a > 0 else reach_a / series_s
        for _ in range(_STEPS_MOST):
            excess_a = self._junction_a(volts, dark_a) + (volts - voltage_v) * series_s - light_a
            rise_s = dark_a / slope_v * math.exp(volts / slope_v) + self._leak_s
            step_v = excess_a / (rise_s + series_s)
            volts -= step_v
            if abs(step_v) < _SOLVED_V:
                break
        return light_a - self._junction_a(volts, dark_a)

    def _junction_a(self, volts: float, dark_a: float) -> float:
        return dark_a * math.expm1(volts / self._slope_v) + self._leak_s * volts
