"""What was measured, point by point, and what can be said of it without knowing about cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Part = Literal["precondition", "reverse", "forward", "track", "bias"]


@dataclass(frozen=True)
class Point:
    """One reading of a measurement. A number that is missing is None."""

    part: Part
    set_v: float
    at_ms: int
    """The middle of the reading, from when the output went on."""
    voltage_v: float | None
    current_ma: float | None
    """What the cell delivers: positive at short circuit under light."""
    in_compliance: bool = False
    overflow: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether both numbers are there and mean what they say."""
        return None not in (self.voltage_v, self.current_ma) and not self.in_compliance

    @property
    def power_mw(self) -> float | None:
        """What the cell delivers; None where that is not known."""
        if self.voltage_v is None or self.current_ma is None or self.in_compliance:
            return None
        return self.voltage_v * self.current_ma


def rate_v_per_s(points: Sequence[Point]) -> float | None:
    """How fast the voltage truly moved: the slope of a straight line through the points.

    None where fewer than two points are whole. Without a sign, as people give scan rates.
    """
    whole = [
        (p.at_ms / 1000, p.voltage_v) for p in points if p.is_whole and p.voltage_v is not None
    ]
    if len(whole) < 2:
        return None
    mean_s = sum(at_s for at_s, _ in whole) / len(whole)
    mean_v = sum(volts for _, volts in whole) / len(whole)
    spread = sum((at_s - mean_s) ** 2 for at_s, _ in whole)
    if spread == 0:
        return None
    return abs(sum((at_s - mean_s) * (volts - mean_v) for at_s, volts in whole) / spread)
