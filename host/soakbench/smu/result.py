"""A measurement as it came out, marked where it is not what was planned."""

import statistics
from dataclasses import dataclass
from typing import Literal

from soakbench.smu.plans import BiasPlan, Direction, PowerPlan, SweepPlan
from soakbench.smu.points import Part, Point, rate_v_per_s

Ended = Literal["complete", "stopped", "failed"]
"""`stopped` by whoever asked for it, `failed` because the source meter did."""
Flag = Literal["incomplete", "compliance", "overflow", "rate", "left_on"]
"""`left_on`: nobody knows that the output is off."""

_RATE_OFF_BY = 0.05  # what a published "0.1 V/s" may be wrong by before it must be told


@dataclass(frozen=True)
class Outcome:
    """How a measurement went."""

    began_utc_ms: int
    """When the output went on, as well as the computer knows the time."""
    points: tuple[Point, ...]
    ended: Ended = "complete"
    problem: str = ""
    """Why it failed, in words."""
    hint: str = ""
    """What to do about it."""
    off: bool = True
    """Whether the instrument has confirmed that its output is off."""

    def part(self, part: Part) -> tuple[Point, ...]:
        """The points of one part, in the order they were measured."""
        return tuple(point for point in self.points if point.part == part)

    def common_flags(self) -> list[Flag]:
        """Those that any measurement may have."""
        flags: list[Flag] = []
        if self.ended != "complete" or any(p.current_ma is None for p in self.points):
            flags.append("incomplete")
        if any(point.in_compliance for point in self.points):
            flags.append("compliance")
        if any(point.overflow for point in self.points):
            flags.append("overflow")
        if not self.off:
            flags.append("left_on")
        return flags


@dataclass(frozen=True)
class Sweep:
    """A J-V sweep: one curve for each direction."""

    plan: SweepPlan
    outcome: Outcome

    def curve(self, direction: Direction) -> tuple[Point, ...]:
        """The points of one direction."""
        return self.outcome.part(direction)

    def missing(self, direction: Direction) -> int:
        """How many points of a direction were planned and have no current."""
        there = sum(point.current_ma is not None for point in self.curve(direction))
        return len(self.plan.voltages(direction)) - there

    def rate_v_per_s(self, direction: Direction) -> float | None:
        """The scan rate as it was measured."""
        return rate_v_per_s(self.curve(direction))

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What somebody who uses the curves must know."""
        flags = self.outcome.common_flags()
        planned = self.plan.rate_v_per_s
        rates = [self.rate_v_per_s(direction) for direction in self.plan.directions]
        if any(rate is not None and abs(rate / planned - 1) > _RATE_OFF_BY for rate in rates):
            flags.append("rate")
        return tuple(flags)


@dataclass(frozen=True)
class Mean:
    """The last stretch of a measurement in numbers."""

    voltage_v: float
    current_ma: float
    power_mw: float
    power_sd_mw: float
    count: int


@dataclass(frozen=True)
class Held:
    """A measurement along time: power at its maximum, or a constant voltage."""

    plan: PowerPlan | BiasPlan
    outcome: Outcome

    def last(self, seconds: float) -> Mean | None:
        """The mean over the last `seconds` of the plan; None where fewer than two points are whole.

        Nothing stands in for an end that was not reached.
        """
        from_ms = (self.plan.seconds - seconds) * 1000
        whole = [p for p in self.outcome.points if p.at_ms >= from_ms and p.is_whole]
        if len(whole) < 2 or self.outcome.ended != "complete":
            return None
        powers = [p.power_mw for p in whole if p.power_mw is not None]
        return Mean(
            voltage_v=statistics.fmean(p.voltage_v for p in whole if p.voltage_v is not None),
            current_ma=statistics.fmean(p.current_ma for p in whole if p.current_ma is not None),
            power_mw=statistics.fmean(powers),
            power_sd_mw=statistics.stdev(powers),
            count=len(whole),
        )

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What somebody who uses the numbers must know."""
        return tuple(self.outcome.common_flags())
