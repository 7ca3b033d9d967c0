"""A hotplate in five numbers, and how it answers a heater or a control law.

dT/dt = rise * u(t - dead) - (T - ambient) / time_constant      T: the plate, u: share of power
dS/dt = (T - S) / lag                                           S: its thermistor
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from soakbench.calibration.law import PERIOD_MS, Coefficients, Law

Floats = npt.NDArray[np.float64]

BAND_C = 0.3  # what counts as settled


@dataclass(frozen=True)
class Plate:
    """The plate behind its heater; times in seconds."""

    rise_c_per_s: float
    """What full power gives when nothing is lost."""
    time_constant_s: float
    """Heat capacity over loss: how fast it falls to the room's temperature."""
    lag_s: float
    """Of the thermistor behind the plate."""
    dead_s: float
    """Until the heater shows at all."""
    ambient_c: float

    @property
    def hottest_c(self) -> float:
        """Where full power would end."""
        return self.ambient_c + self.rise_c_per_s * self.time_constant_s

    @property
    def hold_permille_per_c(self) -> float:
        """The duty that a degree above the room needs."""
        return 1000 / (self.rise_c_per_s * self.time_constant_s)

    @property
    def delay_s(self) -> float:
        """Dead time and lag together: what limits the control."""
        return self.dead_s + self.lag_s

    def altered(self, mass: float = 1, delay: float = 1, loss: float = 1) -> "Plate":
        """The same with other heat capacity, delay or loss."""
        return replace(
            self,
            rise_c_per_s=self.rise_c_per_s / mass,
            time_constant_s=self.time_constant_s * mass / loss,
            lag_s=self.lag_s * delay,
            dead_s=self.dead_s * delay,
        )


def response(plate: Plate, start_c: float, times_s: Floats, energy_s: Floats) -> Floats:
    """The thermistor's temperature at `times_s`, exactly, for a heater constant in between.

    Args:
        start_c: plate and thermistor at the first time.
        energy_s: between two times, the seconds of full power that have reached the plate.
    """
    steps_s = np.diff(times_s)
    ends_c = plate.ambient_c + plate.rise_c_per_s * plate.time_constant_s * energy_s / steps_s
    ratio = _ratio(plate)
    slow, fast = np.exp(-steps_s / plate.time_constant_s), np.exp(-steps_s / plate.lag_s)
    temp = sensed = start_c
    found = np.empty(len(times_s))
    found[0] = start_c
    for i, (end, s, f) in enumerate(
        zip(ends_c.tolist(), slow.tolist(), fast.tolist(), strict=True)
    ):
        share = (temp - end) * ratio
        sensed = end + share * s + (sensed - end - share) * f
        temp = end + (temp - end) * s
        found[i + 1] = sensed
    return found


@dataclass(frozen=True)
class HeatUp:
    """A heat-up as it would go, of the plate itself, every PERIOD_MS."""

    times_s: Floats
    temp_c: Floats
    duty: Floats
    target_c: float

    @property
    def overshoot_c(self) -> float:
        """By how much it exceeds the target."""
        return max(float(self.temp_c.max()) - self.target_c, 0.0)

    def until(self, to_s: float) -> "HeatUp":
        """What comes before `to_s`."""
        early = self.times_s < to_s
        return HeatUp(self.times_s[early], self.temp_c[early], self.duty[early], self.target_c)

    def after(self, from_s: float) -> "HeatUp":
        """What comes after `from_s`, times from there."""
        late = self.times_s >= from_s
        return HeatUp(
            self.times_s[late] - from_s, self.temp_c[late], self.duty[late], self.target_c
        )

    @property
    def settled_s(self) -> float | None:
        """From when on it stays within BAND_C; None if it does not."""
        outside = np.flatnonzero(np.abs(self.temp_c - self.target_c) > BAND_C)
        if outside.size == 0:
            return 0.0
        last = int(outside[-1])
        return None if last + 1 >= len(self.times_s) else float(self.times_s[last + 1])


def heat_up(
    stretches: list[tuple[Plate, float]],
    coefficients: Coefficients,
    start_c: float,
    target_c: float,
) -> HeatUp:
    """Let the law heat a plate from `start_c`; the thermistor is without noise.

    Args:
        stretches: the plate and for how many seconds it is like that: a lid may be opened.
    """
    law = Law(coefficients)
    step_s = PERIOD_MS / 1000
    waiting = [0] * round(stretches[0][0].dead_s / step_s)
    target = round(target_c * 100)
    temp = sensed = start_c
    temps: list[float] = []
    duties: list[int] = []
    for plate, for_s in stretches:
        ratio = _ratio(plate)
        slow = math.exp(-step_s / plate.time_constant_s)
        fast = math.exp(-step_s / plate.lag_s)
        gain_c = plate.rise_c_per_s * plate.time_constant_s / 1000
        for _ in range(round(for_s / step_s)):
            duties.append(law.duty(target, round(sensed * 100), PERIOD_MS))
            temps.append(temp)
            waiting.append(duties[-1])
            end = plate.ambient_c + gain_c * waiting.pop(0)
            share = (temp - end) * ratio
            sensed = end + share * slow + (sensed - end - share) * fast
            temp = end + (temp - end) * slow
    times_s = np.arange(len(temps), dtype=np.float64) * step_s
    return HeatUp(times_s, np.array(temps), np.array(duties) / 1000, target_c)


def _ratio(plate: Plate) -> float:
    """Of the two exponentials in the thermistor's answer; the lag is never the time constant."""
    return plate.time_constant_s / (plate.time_constant_s - plate.lag_s)
