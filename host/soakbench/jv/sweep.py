"""One sweep: a current density for each voltage, in the order in which they were measured."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Direction = Literal["reverse", "forward"]

SAME_V = 1e-6  # readings this close are of one voltage


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep as measured. The density counts positive where the cell gives power.

    `reverse` goes from Voc to Jsc (the voltage falls), `forward` from Jsc to Voc.
    """

    voltage_v: Floats
    density_ma_cm2: Floats
    direction: Direction
    time_s: Floats | None = None
    """When each point was measured, from any origin."""
    compliance_ma_cm2: float | None = None
    """The source meter's current limit over the aperture area."""
    irradiance_suns: float | None = None

    @classmethod
    def of_current(
        cls,
        voltage_v: Floats,
        current_ma: Floats,
        area_cm2: float,
        direction: Direction,
        time_s: Floats | None = None,
        compliance_ma: float | None = None,
        irradiance_suns: float | None = None,
    ) -> "Sweep":
        """A sweep of current, in mA, of a cell with that aperture area."""
        limit = None if compliance_ma is None else compliance_ma / area_cm2
        density = current_ma / area_cm2
        return cls(voltage_v, density, direction, time_s, limit, irradiance_suns)


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a sweep by rising voltage, each voltage once."""

    voltage_v: Floats
    density_ma_cm2: Floats

    @property
    def power_mw_cm2(self) -> Floats:
        """What the cell gives at each point."""
        return self.voltage_v * self.density_ma_cm2


def points_of(sweep: Sweep) -> Points | None:
    """None where the voltage does not go one way. Readings of one voltage become their mean."""
    voltage, density = sweep.voltage_v, sweep.density_ma_cm2
    if sweep.direction == "reverse":
        voltage, density = voltage[::-1], density[::-1]
    steps = np.diff(voltage)
    if (steps < -SAME_V).any():
        return None
    group = np.concatenate([[0], np.cumsum(steps > SAME_V)])
    counts = np.bincount(group)
    return Points(
        np.bincount(group, voltage) / counts,
        np.bincount(group, density) / counts,
    )


def scan_rate_v_s(sweep: Sweep) -> float | None:
    """How fast the voltage really went: the median over all steps, so that a wait at the begin
    does not count. None without times."""
    if sweep.time_s is None:
        return None
    steps_v, steps_s = np.abs(np.diff(sweep.voltage_v)), np.diff(sweep.time_s)
    went = (steps_v > SAME_V) & (steps_s > 0)
    return float(np.median(steps_v[went] / steps_s[went])) if went.any() else None
