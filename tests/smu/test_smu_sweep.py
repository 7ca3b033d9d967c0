"""J-V sweeps in virtual time: points, pace, and what is marked."""

import asyncio
import itertools
from collections.abc import Awaitable

import pytest
from smu_world import READING_MS, SETTINGS, WatchedSmu, lit, virtually

from soakbench.clock import Clock
from soakbench.errors import ConfigError
from soakbench.smu import Hold, Settings, SweepPlan, measure
from soakbench.smu.points import Point
from soakbench.smu.result import Sweep
from soakbench.smu.smu import Reading

PLAN = SweepPlan(-0.1, 1.15, SETTINGS)
FORWARD = SweepPlan(-0.1, 1.15, SETTINGS, directions=("forward",))


def swept(smu: WatchedSmu, plan: SweepPlan = PLAN, **options: object) -> Sweep:
    return virtually(lambda clock: measure(smu, plan, clock, **options))


def gaps(points: tuple[Point, ...]) -> list[int]:
    return [after.at_ms - before.at_ms for before, after in itertools.pairwise(points)]


class TestPlan:
    def test_reverse_goes_down_and_forward_up_through_the_same_voltages(self) -> None:
        reverse, forward = PLAN.voltages("reverse"), PLAN.voltages("forward")
        assert (reverse[0], reverse[1], reverse[-1], len(reverse)) == (1.15, 1.14, -0.1, 126)
        assert forward == reverse[::-1]
        assert 0.0 in forward

    def test_steps_that_do_not_go_up_evenly_end_with_a_shorter_one(self) -> None:
        plan = SweepPlan(0, 0.1, SETTINGS, step_v=0.03)
        assert plan.voltages("forward") == [0, 0.03, 0.06, 0.09, 0.1]
        assert plan.voltages("reverse") == [0.1, 0.07, 0.04, 0.01, 0]

    @pytest.mark.parametrize(
        ("values", "what"),
        [
            ({"low_v": 1.2, "high_v": 1.2}, "from 1.2 V to 1.2 V has no points"),
            ({"low_v": 1.2, "high_v": -0.1}, "from 1.2 V to -0.1 V has no points"),
            ({"step_v": 0}, "steps of 0 V"),
            ({"step_v": 5}, "steps of 5 V"),
            ({"rate_v_per_s": 0}, "at 0 V/s never ends"),
            ({"directions": ()}, "needs a direction"),
        ],
    )
    def test_a_sweep_that_is_none(self, values: dict[str, object], what: str) -> None:
        with pytest.raises(ConfigError, match=what):
            SweepPlan(**({"low_v": -0.1, "high_v": 1.2, "settings": SETTINGS} | values))


class TestSweep:
    def test_both_directions_with_the_output_on_throughout(self) -> None:
        smu = WatchedSmu()
        sweep = swept(smu)
        assert smu.calls[:3] == ["prepare", "source 1.15", "on"]
        assert smu.calls[-1] == "off"
        assert (smu.calls.count("on"), smu.calls.count("off")) == (1, 1)
        for direction in ("reverse", "forward"):
            curve = sweep.curve(direction)
            assert [point.set_v for point in curve] == PLAN.voltages(direction)
            assert sweep.missing(direction) == 0
        assert sweep.flags == ()
        assert sweep.outcome.ended == "complete"

    def test_points_are_what_the_cell_delivers(self) -> None:
        curve = swept(WatchedSmu()).curve("forward")
        assert [p.current_ma for p in curve] == [lit(p.set_v) for p in curve]
        at_short = next(p for p in curve if p.set_v == 0)
        assert at_short.current_ma == pytest.approx(1.65, rel=0.01)
        assert curve[-1].current_ma < 0

    def test_it_takes_as_long_as_planned_and_measures_its_rate(self) -> None:
        sweep = swept(WatchedSmu())
        assert sweep.rate_v_per_s("reverse") == pytest.approx(0.1, rel=1e-6)
        assert sweep.rate_v_per_s("forward") == pytest.approx(0.1, rel=1e-6)
        assert set(gaps(sweep.outcome.points)) == {100}

    def test_each_voltage_stands_until_the_reading_at_the_end_of_its_step(self) -> None:
        first = swept(WatchedSmu()).outcome.points[0]
        assert first.at_ms == 100 - READING_MS // 2

    def test_the_result_says_when(self) -> None:
        sweep = swept(WatchedSmu(), FORWARD)
        assert sweep.outcome.began_utc_ms == 1_767_225_600_000  # when virtual time begins

    def test_who_watches_sees_each_point_as_it_comes(self) -> None:
        seen: list[Point] = []
        sweep = swept(WatchedSmu(), on_point=seen.append)
        assert tuple(seen) == sweep.outcome.points

    def test_preconditioning_comes_first_and_is_logged(self) -> None:
        plan = SweepPlan(
            -0.1, 1.15, SETTINGS, directions=("forward",), precondition=Hold(1.1, seconds=2.5)
        )
        smu = WatchedSmu()
        sweep = swept(smu, plan)
        before = sweep.outcome.part("precondition")
        assert [p.set_v for p in before] == [1.1, 1.1, 1.1]
        assert before[-1].at_ms == 2500 - READING_MS // 2
        assert smu.calls.index("source 1.1") < smu.calls.index("on")
        first = sweep.curve("forward")[0]
        assert first.at_ms - before[-1].at_ms == 100

    def test_a_range_that_holds_every_voltage(self) -> None:
        plan = SweepPlan(-0.5, 0.3, SETTINGS, precondition=Hold(-1.5, 1))
        assert plan.most_v == 1.5
        assert swept(WatchedSmu(), plan).flags == ()


class SlowSmu(WatchedSmu):
    """Takes `late_ms` longer than it says for the readings numbered in `late`; all if empty."""

    def __init__(self, late_ms: int, *late: int) -> None:
        super().__init__()
        self._late_ms = late_ms
        self._late = late

    async def read(self) -> Reading:
        if not self._late or self.readings in self._late:
            await asyncio.sleep(self._late_ms / 1000)
        return await super().read()


class TestPace:
    def test_one_late_reading_delays_no_other_one(self) -> None:
        points = swept(SlowSmu(40, 20), FORWARD).curve("forward")
        found = gaps(points)
        assert found[19] == 120  # its middle is 20 ms late
        assert found[20] == 80
        assert set(found[21:]) == {100}

    def test_after_a_long_stop_no_voltage_is_hurried_over(self) -> None:
        """A computer that slept. The rate is not what was planned any more, and that is told."""
        sweep = swept(SlowSmu(5000, 20), FORWARD)
        found = gaps(sweep.curve("forward"))
        assert max(found) > 2500
        assert min(found) == 100
        assert sweep.flags == ("rate",)

    def test_an_instrument_slower_than_it_says(self) -> None:
        sweep = swept(SlowSmu(100), FORWARD)
        assert sweep.rate_v_per_s("forward") == pytest.approx(0.01 / 0.2, rel=0.01)
        assert sweep.flags == ("rate",)
        assert sweep.outcome.ended == "complete"

    def test_a_reading_that_cannot_fit_is_refused_before_anything_is_switched(self) -> None:
        smu = WatchedSmu()
        plan = SweepPlan(-0.1, 1.2, Settings(compliance_ma=20, nplc=3))
        with pytest.raises(ConfigError, match=r"takes about 130 ms at nplc = 3.*100 ms") as caught:
            swept(smu, plan)
        assert "lower nplc" in caught.value.hint
        assert smu.calls == []


class TestMarks:
    def test_compliance_is_marked_and_the_voltage_is_the_one_there_was(self) -> None:
        plan = SweepPlan(-0.1, 1.2, Settings(compliance_ma=1), directions=("reverse",))
        sweep = swept(WatchedSmu(), plan)
        assert sweep.flags == ("compliance",)
        beyond = sweep.curve("reverse")[0]
        assert beyond.in_compliance
        assert beyond.current_ma == -1
        assert beyond.voltage_v == pytest.approx(1.0726, abs=1e-3)
        assert lit(beyond.voltage_v) == pytest.approx(-1, abs=1e-3)
        at_short = next(p for p in sweep.curve("reverse") if p.set_v == 0)
        assert at_short.current_ma == 1
        assert at_short.in_compliance
        assert at_short.power_mw is None

    def test_overflow_is_a_missing_point_and_no_number(self) -> None:
        class Overflowing(WatchedSmu):
            async def read(self) -> Reading:
                reading = await super().read()
                if abs(self.set_v - 0.5) < 1e-9:
                    return Reading(reading.voltage_v, None, overflow=True)
                return reading

        sweep = swept(Overflowing())
        assert sweep.flags == ("incomplete", "overflow")
        assert sweep.missing("reverse") == sweep.missing("forward") == 1

    def test_stopped_it_keeps_what_it_has(self) -> None:
        smu = WatchedSmu()

        async def stopped(clock: Clock) -> Sweep:
            stop = asyncio.Event()

            def seen(point: Point) -> None:
                if point.set_v <= 1.0:
                    stop.set()

            return await measure(smu, PLAN, clock, stop=stop, on_point=seen)

        sweep = virtually(stopped)
        assert sweep.outcome.ended == "stopped"
        assert sweep.curve("reverse")[-1].set_v == 1.0
        assert sweep.missing("reverse") == 126 - 16
        assert sweep.missing("forward") == 126
        assert sweep.flags == ("incomplete",)
        assert smu.calls[-1] == "off"

    def test_unplugged_in_the_middle(self) -> None:
        smu = WatchedSmu()

        def unplug(call: int) -> Awaitable[None] | None:
            smu.unplugged = call >= 50
            return None

        smu.trouble = unplug
        sweep = swept(smu)
        assert sweep.outcome.ended == "failed"
        assert "unplugged" in sweep.outcome.problem
        assert len(sweep.curve("reverse")) == (50 - 3 + 1) // 2
        assert sweep.flags == ("incomplete", "left_on")
        assert smu.calls[-1] == "off"
