"""Heat, light and the cells, as functions of inputs that hold over a stretch of time.

All stretches are exact solutions, so a second in one step and in a thousand give the same plate.
Seconds here are the simulated ones: an accelerated bench passes more of them.
"""

import math

from soakbench.config.twin_table import CellTable, PlateTable

_HOUR_S = 3600.0
_KELVIN = 273.15
_COLD_K = 25 + _KELVIN
_WARM_K = 50 + _KELVIN
_SOLVED_V = 1e-7


def relaxed(value: float, goal: float, rate_times_s: float) -> float:
    """`value` after it has run towards `goal` for `rate_times_s` time constants."""
    return goal + (value - goal) * math.exp(-rate_times_s)


class Plate:
    """A hotplate: one thermal mass, a heater, a loss to ambient, and a thermistor that lags."""

    def __init__(self, table: PlateTable, ambient_c: float) -> None:
        self._table = table
        self.set_lid(False)
        self._sensor_rate = 1 / table.sensor_lag_s
        self._ambient_c = ambient_c
        self.temp_c = ambient_c
        self.sensor_c = ambient_c

    def set_lid(self, is_open: bool) -> None:
        """Open the lid or close it."""
        table = self._table
        loss_w_per_k = table.loss_w_per_k * (table.open_lid if is_open else 1)
        self._rate = loss_w_per_k / table.heat_capacity_j_per_k
        self._rise_k = table.heater_w / loss_w_per_k

    def advance(self, dt_s: float, power: float) -> None:
        """Let `dt_s` pass with `power` (0..1) of the heater."""
        end_c = self._ambient_c + self._rise_k * power
        # The sensor follows end + (temp - end) * exp(-rate t): the sum of two exponentials.
        ratio = self._sensor_rate / (self._sensor_rate - self._rate)
        share = (self.temp_c - end_c) * ratio
        own = self.sensor_c - end_c - share
        slow, fast = math.exp(-self._rate * dt_s), math.exp(-self._sensor_rate * dt_s)
        self.sensor_c = end_c + share * slow + own * fast
        self.temp_c = end_c + (self.temp_c - end_c) * slow


class LitBody:
    """What lies in the light: a cell, or the dummy substrate of a stage sensor."""

    def __init__(self, table: CellTable, temp_c: float) -> None:
        self._rise_k = table.light_rise_k
        self._rate = 1 / table.warm_up_s
        self.temp_c = temp_c

    def advance(self, dt_s: float, base_c: float, suns: float) -> None:
        """Let `dt_s` pass on a base (plate or air) of `base_c` under `suns` of light."""
        self.temp_c = relaxed(self.temp_c, base_c + self._rise_k * suns, self._rate * dt_s)


class VocLoss:
    """The stand-in for degradation: a loss of Voc that grows under light and heals by warmth."""

    def __init__(self, table: CellTable) -> None:
        self._table = table
        # Arrhenius through the two rates given, at 25 and 50 °C.
        cold, warm = table.heal_25c_per_h, table.heal_50c_per_h
        self._activation_k = math.log(warm / cold) / (1 / _COLD_K - 1 / _WARM_K)
        self.loss_v = 0.0

    @property
    def voc_v(self) -> float:
        """The open-circuit voltage that is left, at 1 sun and 25 °C."""
        return self._table.fresh_voc_v - self.loss_v

    def heal_per_h(self, temp_c: float) -> float:
        """The healing rate at `temp_c`."""
        inverse = 1 / _COLD_K - 1 / (temp_c + _KELVIN)
        return self._table.heal_25c_per_h * math.exp(self._activation_k * inverse)

    def advance(self, dt_s: float, temp_c: float, suns: float, shorted: bool) -> None:
        """Let `dt_s` pass at `temp_c` under `suns`, at short or open circuit."""
        table = self._table
        per_sun_h = table.sc_loss_v_per_sun_h if shorted else table.oc_loss_v_per_sun_h
        heal = self.heal_per_h(temp_c)
        self.loss_v = relaxed(self.loss_v, per_sun_h * suns / heal, heal * dt_s / _HOUR_S)


class Junction:
    """A cell as a circuit: a photocurrent, a diode, and what lies across it (the converter's input
    and the cell's own leaks).

    The diode is chosen so that the cell shows `voc_v` at 1 sun. With less light the voltage falls
    as the logarithm of the light until the leaks take the current, and then in proportion to it.
    """

    def __init__(self, table: CellTable, area_cm2: float) -> None:
        self._one_sun_a = table.jsc_ma_per_cm2 * area_cm2 / 1000
        self._slope_v = table.slope_v
        self._leak_s = 1 / table.parallel_ohm
        self._decay_rate = 1 / table.dark_decay_s
        self._solved: tuple[float, float, float] | None = None

    def photocurrent_a(self, suns: float) -> float:
        """At short circuit."""
        return self._one_sun_a * suns

    def open_v(self, voc_v: float, suns: float) -> float:
        """At open circuit once it has settled. `voc_v` is at 1 sun."""
        if self._solved is None or self._solved[:2] != (voc_v, suns):
            self._solved = voc_v, suns, self._solve(voc_v, suns)
        return self._solved[2]

    def settling_v(self, from_v: float, to_v: float, dt_s: float) -> float:
        """`dt_s` after the light has changed: it rises at once and takes its time to fall."""
        return to_v if to_v >= from_v else relaxed(from_v, to_v, self._decay_rate * dt_s)

    def _solve(self, voc_v: float, suns: float) -> float:
        light_a = self.photocurrent_a(suns)
        if light_a <= 0 or voc_v <= 0:
            return 0.0
        slope_v, leak_s = self._slope_v, self._leak_s
        dark_a = max(self._one_sun_a - voc_v * leak_s, 0) / math.expm1(voc_v / slope_v)
        if dark_a == 0:
            return light_a / leak_s
        # Each of the two alone would need at least this voltage; from above, Newton's steps on a
        # current that only curves upwards never go too far.
        volts = min(slope_v * math.log1p(light_a / dark_a), light_a / leak_s)
        while True:
            exponential = math.exp(volts / slope_v)
            excess_a = dark_a * (exponential - 1) + leak_s * volts - light_a
            step_v = excess_a / (dark_a * exponential / slope_v + leak_s)
            volts -= step_v
            if step_v < _SOLVED_V:
                return volts
