"""Carry out a measurement: steps, clock and source meter brought together.

However it ends, output off comes last and is waited for: after an error, a lost instrument, and
although the task was cancelled. A source meter that fails is told in the result, with the points
that were measured before; it is not an exception, because the run goes on.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from soakbench.clock import Clock
from soakbench.errors import ConfigError
from soakbench.smu.errors import SmuError
from soakbench.smu.finishing import finish
from soakbench.smu.plans import AnyPlan, BiasPlan, PowerPlan, Step, SweepPlan
from soakbench.smu.points import Point
from soakbench.smu.result import Ended, Held, Outcome, Sweep
from soakbench.smu.smu import Smu

_log = logging.getLogger(__name__)

OnPoint = Callable[[Point], None]


def _nobody(_: Point) -> None:
    """Who watches when nobody does."""


async def measure(
    smu: Smu,
    plan: SweepPlan,
    clock: Clock,
    stop: asyncio.Event | None = None,
    on_point: OnPoint = _nobody,
) -> Sweep:
    """Take a J-V sweep. The cell must be routed to the source meter, and nothing else to it.

    `stop` ends it at the next point, with the points so far. `on_point` sees each as it comes.
    ConfigError before anything is switched if the readings are too slow for the sweep.
    """
    return Sweep(plan, await _Course(smu, plan, clock, stop, on_point).run())


async def track_power(
    smu: Smu,
    plan: PowerPlan,
    clock: Clock,
    stop: asyncio.Event | None = None,
    on_point: OnPoint = _nobody,
) -> Held:
    """Stabilised power output, as `measure`."""
    return Held(plan, await _Course(smu, plan, clock, stop, on_point).run())


async def bias(
    smu: Smu,
    plan: BiasPlan,
    clock: Clock,
    stop: asyncio.Event | None = None,
    on_point: OnPoint = _nobody,
) -> Held:
    """Hold a constant voltage, as `measure`."""
    return Held(plan, await _Course(smu, plan, clock, stop, on_point).run())


@dataclass
class _Course:
    """One measurement under way."""

    smu: Smu
    plan: AnyPlan
    clock: Clock
    stop: asyncio.Event | None
    on_point: OnPoint
    points: list[Point] = field(default_factory=list)
    on_ms: int = 0
    began_utc_ms: int = 0

    async def run(self) -> Outcome:
        """From output off to output off."""
        self._refuse_too_fast()
        ended: Ended = "failed"
        problem = hint = ""
        self.began_utc_ms = self.clock.utc_ms()
        try:
            ended = await self._steps()
        except SmuError as error:
            problem, hint = str(error), error.hint
            _log.warning("the measurement failed: %s", problem)
        finally:
            off = await finish(self._switched_off())
        return Outcome(self.began_utc_ms, tuple(self.points), ended, problem, hint, off)

    async def _switched_off(self) -> bool:
        """Whether the instrument confirms it."""
        try:
            await self.smu.output_off()
        except SmuError as error:
            _log.error("the source meter's output may still be on: %s", error)
            return False
        return True

    async def _steps(self) -> Ended:
        """The voltage of the first step is there before the output goes on."""
        plan, smu = self.plan, self.smu
        await smu.prepare(plan.settings, plan.most_v, plan.zeroed)
        steps = plan.steps()
        step = next(steps)
        await smu.source_v(step.set_v)
        await smu.output_on()
        self.on_ms, self.began_utc_ms = self.clock.monotonic_ms(), self.clock.utc_ms()
        ends_ms: float = self.on_ms
        while True:
            ends_ms = self._end_of(step, ends_ms)
            point = await self._point(step, ends_ms)
            self.points.append(point)
            self.on_point(point)
            try:
                step = steps.send(point)
            except StopIteration:
                return "complete"
            if self.stop is not None and self.stop.is_set():
                return "stopped"
            await smu.source_v(step.set_v)

    def _end_of(self, step: Step, begin_ms: float) -> float:
        """Steps keep to one time table, so that small delays do not add up. One that is later than
        the time to its reading (a computer that slept) begins the table anew."""
        now_ms = self.clock.monotonic_ms()
        ends_ms = begin_ms + step.lasts_ms
        return ends_ms if now_ms <= ends_ms - self._reading_ms else now_ms + step.lasts_ms

    async def _point(self, step: Step, ends_ms: float) -> Point:
        """Wait for the voltage to have stood as long as planned, and measure."""
        clock = self.clock
        wait_ms = ends_ms - self._reading_ms - clock.monotonic_ms()
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / 1000)
        before_ms = clock.monotonic_ms()
        reading = await self.smu.read()
        return Point(
            part=step.part,
            set_v=step.set_v,
            at_ms=(before_ms + clock.monotonic_ms()) // 2 - self.on_ms,
            voltage_v=reading.voltage_v,
            current_ma=reading.current_ma,
            in_compliance=reading.in_compliance,
            overflow=reading.overflow,
        )

    @property
    def _reading_ms(self) -> int:
        return self.smu.reading_ms(self.plan.settings, self.plan.zeroed)

    def _refuse_too_fast(self) -> None:
        """A reading that ends after its step would be one of the next voltage."""
        reading_ms, step_ms = self._reading_ms, self.plan.shortest_ms
        if reading_ms > step_ms:
            raise ConfigError(
                f"a reading takes about {reading_ms} ms at nplc = {self.plan.settings.nplc:g}, but"
                f" a step lasts {step_ms:.0f} ms",
                hint="lower nplc, take larger steps, sweep more slowly, or give a serial port a"
                " higher baud rate",
            )
