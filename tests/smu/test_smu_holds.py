"""Stabilised power output and bias, in virtual time."""

import pytest
from smu_world import AREA_CM2, CURVE, SETTINGS, VOC_V, WatchedSmu, dark, lit, virtually

from soakbench.errors import ConfigError
from soakbench.smu import BiasPlan, PowerPlan, bias, track_power
from soakbench.smu.result import Held
from soakbench.smu.smu import Reading
from soakbench.smu.tracking import PerturbAndObserve

POWER_MOST_MW = max(lit(mv / 1e3) * mv / 1e3 for mv in range(0, 1100))
VMPP_V = max(range(0, 1100), key=lambda mv: lit(mv / 1e3) * mv) / 1e3
READING_MS = 130  # six conversions at 1 NPLC and 50 Hz, and the overhead


def tracked(smu: WatchedSmu, plan: PowerPlan) -> Held:
    return virtually(lambda clock: track_power(smu, plan, clock))


class TestTracker:
    def test_it_goes_on_while_power_rises_and_back_when_it_falls(self) -> None:
        tracker = PerturbAndObserve(0.8, 0.01, 2)
        visited = []
        for power_mw in (1.0, 1.1, 1.2, 1.1, 1.2, 1.1):
            visited.append(tracker.voltage_v)
            tracker.observe(power_mw)
        assert visited == [0.8, 0.81, 0.82, 0.83, 0.82, 0.81]

    def test_a_power_that_is_missing_moves_nothing(self) -> None:
        tracker = PerturbAndObserve(0.8, 0.01, 2)
        tracker.observe(1.0)
        tracker.observe(None)
        assert tracker.voltage_v == 0.81

    @pytest.mark.parametrize("slope", [1.0, -1.0])
    def test_it_stays_between_nothing_and_the_most(self, slope: float) -> None:
        tracker = PerturbAndObserve(0.05, 0.01, 0.1)
        for _ in range(100):
            tracker.observe(slope * tracker.voltage_v)
            assert 0 <= tracker.voltage_v <= 0.1


class TestPower:
    @pytest.mark.parametrize("off_v", [-0.1, 0.0, 0.05])
    def test_it_finds_the_maximum_from_either_side(self, off_v: float) -> None:
        smu = WatchedSmu()
        held = tracked(smu, PowerPlan(VMPP_V + off_v, SETTINGS, seconds=120))
        mean = held.last(30)
        assert mean is not None
        assert mean.power_mw == pytest.approx(POWER_MOST_MW, rel=0.002)
        assert mean.voltage_v == pytest.approx(VMPP_V, abs=0.01)
        assert mean.count == 30
        assert smu.calls[-1] == "off"
        assert held.flags == ()

    def test_it_is_a_plausible_cell(self) -> None:
        """The area's power at one sun as a percentage: this curve has no losses but one diode's."""
        efficiency = POWER_MOST_MW / AREA_CM2
        assert efficiency == pytest.approx(20, abs=1)

    def test_readings_come_at_their_times(self) -> None:
        held = tracked(WatchedSmu(), PowerPlan(VMPP_V, SETTINGS, seconds=60, every_s=2))
        times = [p.at_ms for p in held.outcome.points]
        assert times == [2000 * k - READING_MS // 2 for k in range(1, 31)]

    def test_without_light_it_stays_in_its_bounds_and_delivers_nothing(self) -> None:
        held = tracked(WatchedSmu(dark), PowerPlan(0.8, SETTINGS, most_v=1.1))
        assert all(0 <= p.set_v <= 1.1 for p in held.outcome.points)
        mean = held.last(30)
        assert mean is not None
        assert mean.power_mw <= 0

    def test_a_light_that_fades_is_followed(self) -> None:
        smu = WatchedSmu()
        smu.terminals = lambda v: CURVE.current_ma(v, 25, max(0.2, 1 - smu.readings / 100), VOC_V)
        held = tracked(smu, PowerPlan(VMPP_V, SETTINGS, seconds=200))
        mean = held.last(30)
        assert mean is not None
        most_mw = max(CURVE.current_ma(mv / 1e3, 25, 0.2, VOC_V) * mv / 1e3 for mv in range(1100))
        assert mean.power_mw == pytest.approx(most_mw, rel=0.01)

    def test_an_end_that_was_not_reached_has_no_mean(self) -> None:
        smu = WatchedSmu()

        def unplug(_: int) -> None:
            smu.unplugged = smu.readings >= 100

        smu.trouble = unplug
        held = tracked(smu, PowerPlan(VMPP_V, SETTINGS, seconds=120))
        assert len(held.outcome.points) == 100
        assert held.last(30) is None
        assert held.flags == ("incomplete", "left_on")

    @pytest.mark.parametrize("start_v", [0, -0.5, 2.5])
    def test_a_start_that_is_no_maximum(self, start_v: float) -> None:
        with pytest.raises(ConfigError, match="the maximum power is not at"):
            PowerPlan(start_v, SETTINGS)


class TestBias:
    def test_a_volt_for_five_minutes(self) -> None:
        smu = WatchedSmu(dark)
        held = virtually(lambda clock: bias(smu, BiasPlan(1.0, SETTINGS, seconds=300), clock))
        points = held.outcome.points
        assert len(points) == 300
        assert {p.set_v for p in points} == {1.0}
        assert {p.part for p in points} == {"bias"}
        assert points[-1].at_ms == 300_000 - READING_MS // 2
        mean = held.last(10)
        assert mean is not None
        assert mean.current_ma == pytest.approx(dark(1.0))
        assert mean.power_sd_mw == 0
        assert smu.calls[:3] == ["prepare", "source 1", "on"]
        assert smu.calls[-1] == "off"

    def test_a_time_that_is_no_whole_number_of_readings(self) -> None:
        plan = BiasPlan(1.0, SETTINGS, seconds=5, every_s=2)
        held = virtually(lambda clock: bias(WatchedSmu(), plan, clock))
        assert [p.at_ms + READING_MS // 2 for p in held.outcome.points] == [2000, 4000, 5000]

    def test_at_the_limit_it_goes_on_and_says_so(self) -> None:
        plan = BiasPlan(1.5, SETTINGS, seconds=10)
        held = virtually(lambda clock: bias(WatchedSmu(), plan, clock))
        assert held.flags == ("compliance",)
        assert held.last(5) is None

    def test_a_reading_without_a_number_is_missing(self) -> None:
        class Overflowing(WatchedSmu):
            async def read(self) -> Reading:
                await super().read()
                return Reading(1.0, None, overflow=True)

        plan = BiasPlan(1.0, SETTINGS, seconds=3)
        held = virtually(lambda clock: bias(Overflowing(), plan, clock))
        assert held.flags == ("incomplete", "overflow")
        assert held.last(3) is None

    def test_no_time(self) -> None:
        with pytest.raises(ConfigError, match="have no reading"):
            BiasPlan(1.0, SETTINGS, seconds=0.5)
