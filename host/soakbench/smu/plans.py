"""What is to be measured: a sweep, the power at its maximum, a constant voltage. And its steps.

The steps are generators without time and instrument: they are sent each point as it was measured,
and answer with the next thing to do.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

from soakbench.errors import ConfigError
from soakbench.smu.points import Part, Point
from soakbench.smu.smu import Settings
from soakbench.smu.tracking import PerturbAndObserve

Direction = Literal["reverse", "forward"]
BOTH: tuple[Direction, ...] = ("reverse", "forward")

_MS = 1000
_WHOLE = 1e-6  # of a step: what floating-point numbers make of a whole number of steps
_HELD_MS = 1000  # between two readings while a voltage is only held


@dataclass(frozen=True)
class Step:
    """Source `set_v` for `lasts_ms` and measure at its end."""

    part: Part
    set_v: float
    lasts_ms: float


Steps = Generator[Step, Point, None]


@dataclass(frozen=True)
class Hold:
    """A voltage before the sweep: what the cell has been through decides what it shows."""

    voltage_v: float
    seconds: float


@dataclass(frozen=True)
class SweepPlan:
    """A J-V sweep. Both directions follow each other without a pause, with the output on."""

    low_v: float
    high_v: float
    settings: Settings
    step_v: float = 0.01
    rate_v_per_s: float = 0.1
    directions: tuple[Direction, ...] = BOTH
    precondition: Hold | None = None
    zeroed = False  # there is no time for a zero with each reading

    def __post_init__(self) -> None:
        if not self.low_v < self.high_v:
            raise ConfigError(f"a sweep from {self.low_v:g} V to {self.high_v:g} V has no points")
        if not self.directions:
            raise ConfigError('a sweep needs a direction: "reverse", "forward" or both')
        if not 0 < self.step_v <= self.high_v - self.low_v:
            raise ConfigError(f"steps of {self.step_v:g} V do not fit into the sweep")
        if self.rate_v_per_s <= 0:
            raise ConfigError(f"a sweep at {self.rate_v_per_s:g} V/s never ends")

    @property
    def dwell_ms(self) -> float:
        """How long each voltage is held."""
        return self.step_v / self.rate_v_per_s * _MS

    @property
    def most_v(self) -> float:
        """The largest voltage, without its sign."""
        held_v = 0.0 if self.precondition is None else abs(self.precondition.voltage_v)
        return max(abs(self.low_v), abs(self.high_v), held_v)

    @property
    def shortest_ms(self) -> float:
        """The shortest step that is measured in."""
        return self.dwell_ms

    def voltages(self, direction: Direction) -> list[float]:
        """Both ends included; the last step is shorter where the steps do not go up evenly."""
        span_v = self.high_v - self.low_v
        count = math.ceil(span_v / self.step_v - _WHOLE)
        begin_v, end_v, sign = (
            (self.high_v, self.low_v, -1)
            if direction == "reverse"
            else (self.low_v, self.high_v, 1)
        )
        return [round(begin_v + sign * k * self.step_v, 6) for k in range(count)] + [end_v]

    def steps(self) -> Steps:
        """Preconditioning, then each direction."""
        held = self.precondition
        if held is not None:
            yield from _held("precondition", held.voltage_v, held.seconds)
        for direction in self.directions:
            for voltage_v in self.voltages(direction):
                yield Step(direction, voltage_v, self.dwell_ms)


@dataclass(frozen=True)
class PowerPlan:
    """Stabilised power output: the cell at its maximum power point, found anew all the time."""

    start_v: float
    """Where a sweep has found the maximum."""
    settings: Settings
    seconds: float = 120.0
    every_s: float = 1.0
    step_v: float = 0.005
    most_v: float = 2.0
    zeroed = True

    def __post_init__(self) -> None:
        if not 0 < self.start_v < self.most_v:
            raise ConfigError(f"the maximum power is not at {self.start_v:g} V")
        _refuse_no_time(self.seconds, self.every_s)

    @property
    def shortest_ms(self) -> float:
        """The shortest step that is measured in."""
        return self.every_s * _MS

    def steps(self) -> Steps:
        """One voltage after the other, each chosen by what the last one gave."""
        tracker = PerturbAndObserve(self.start_v, self.step_v, self.most_v)
        for _ in range(_count(self.seconds, self.every_s)):
            point = yield Step("track", tracker.voltage_v, self.every_s * _MS)
            tracker.observe(point.power_mw)


@dataclass(frozen=True)
class BiasPlan:
    """A constant voltage for a time, with the current logged."""

    voltage_v: float
    settings: Settings
    seconds: float
    every_s: float = 1.0
    zeroed = True

    def __post_init__(self) -> None:
        _refuse_no_time(self.seconds, self.every_s)

    @property
    def most_v(self) -> float:
        """The range to source in; a range of nothing does not exist."""
        return max(abs(self.voltage_v), 0.2)

    @property
    def shortest_ms(self) -> float:
        """The shortest step that is measured in."""
        return self.every_s * _MS

    def steps(self) -> Steps:
        """The same voltage again and again."""
        yield from _held("bias", self.voltage_v, self.seconds, self.every_s * _MS)


AnyPlan = SweepPlan | PowerPlan | BiasPlan


def _held(part: Part, voltage_v: float, seconds: float, every_ms: float = _HELD_MS) -> Steps:
    """Readings at `every_ms`, the last one at the end."""
    left_ms = seconds * _MS
    while left_ms > _WHOLE:
        lasts_ms = min(every_ms, left_ms)
        yield Step(part, voltage_v, lasts_ms)
        left_ms -= lasts_ms


def _count(seconds: float, every_s: float) -> int:
    return math.ceil(seconds / every_s - _WHOLE)


def _refuse_no_time(seconds: float, every_s: float) -> None:
    if not 0 < every_s <= seconds:
        raise ConfigError(f"{seconds:g} s with a reading every {every_s:g} s have no reading")
