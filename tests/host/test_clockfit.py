"""Device time to UTC from round trips: the line, its error, and a computer clock that is set."""

import random
from collections.abc import Callable

import pytest

from soakbench.device.boardclock import FIRST, HELLO_ERROR_MS, SET_POINTS, BoardClock
from soakbench.device.clockfit import MOST_DRIFT_PPM, PRIOR_PPM, fit_boot, fit_line
from soakbench.store.clocks import ClockLine, ClockPoint

UTC0 = 1_700_000_000_000
HOUR_MS = 3_600_000
TICKS_WRAP_MS = 1 << 30


class Wire:
    """A board's clock that drifts, and a line that takes its time. `utc_ms` is the truth."""

    def __init__(self, seed: int = 1, drift_ppm: float = 30, start_ms: int = 5000) -> None:
        self.random = random.Random(seed)
        self._drift = drift_ppm * 1e-6
        self._start_ms = start_ms
        self.set_by_ms = 0
        """How far the computer's clock has been set away from the truth."""

    def utc_ms(self, device_ms: int) -> float:
        return UTC0 + (device_ms - self._start_ms) * (1 + self._drift)

    def round_trip(self, device_ms: int) -> tuple[int, int, int]:
        """What a BEAT at `device_ms` measures: sent, received, device time."""
        there, back = (0.4 + self.random.expovariate(1 / 1.5) for _ in range(2))
        if self.random.random() < 0.05:
            there += self.random.uniform(20, 900)  # the board was busy
        now = self.utc_ms(device_ms) + self.set_by_ms
        return int(now - there), int(now + back), device_ms

    def point(self, device_ms: int, segment: int = 0) -> ClockPoint:
        sent, received, _ = self.round_trip(device_ms)
        half = (received - sent + 1) // 2
        return ClockPoint(device_ms, sent + half, half, segment)

    def error_ms(self, line: ClockLine, device_ms: int) -> tuple[float, int]:
        """How far off the line is, and how far it thinks it may be."""
        utc_ms, error_ms = line.to_utc(device_ms)
        return abs(utc_ms - self.set_by_ms - self.utc_ms(device_ms)), error_ms


def clock_of(wire: Wire, start_ms: int = 5000) -> BoardClock:
    late = wire.random.randrange(0, HELLO_ERROR_MS)
    return BoardClock(ClockPoint(start_ms, round(wire.utc_ms(start_ms)) + late, HELLO_ERROR_MS))


def beats(wire: Wire, clock: BoardClock, from_ms: int, to_ms: int, every_ms: int = 1000) -> None:
    for device_ms in range(from_ms, to_ms, every_ms):
        clock.add(*wire.round_trip(device_ms))


def test_a_hello_gives_a_rough_offset():
    clock = BoardClock(ClockPoint(5000, UTC0, HELLO_ERROR_MS))
    utc_ms, error_ms = clock.line.to_utc(6000)
    assert utc_ms == UTC0 + 1000
    assert HELLO_ERROR_MS <= error_ms <= HELLO_ERROR_MS + 3


@pytest.mark.rule("TI-4")
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_few_points_give_the_best_of_them_and_no_drift(count):
    points = [ClockPoint(1000 * i, UTC0 + 1000 * i + i, 3 - i % 2) for i in range(count)]
    line = fit_line(points)
    assert (line.drift_ppm, line.drift_error_ppm) == (0, pytest.approx(PRIOR_PPM))
    utc_ms, error_ms = line.to_utc(0)
    assert abs(utc_ms - UTC0) <= error_ms <= 8


@pytest.mark.rule("TI-4")
@pytest.mark.parametrize("drift_ppm", [-120, 0, 30])
def test_the_drift_of_a_boot_is_found(drift_ppm):
    wire = Wire(drift_ppm=drift_ppm)
    clock = clock_of(wire)
    beats(wire, clock, 5000, 2 * HOUR_MS)
    line = clock.line
    assert abs(line.drift_ppm - drift_ppm) <= line.drift_error_ppm < 5


@pytest.mark.rule("TI-4")
def test_slow_round_trips_and_outliers_do_not_count():
    wire = Wire()
    points = [wire.point(60_000 * i) for i in range(60)]
    wrong = [ClockPoint(60_000 * i + 7, p.utc_ms + 40_000, 1) for i, p in enumerate(points[::7])]
    slow = [ClockPoint(60_000 * i + 9, p.utc_ms + 400, 450) for i, p in enumerate(points[::3])]
    best = [p for p in points if p.half_ms < 8]
    assert fit_line(points + wrong + slow) == fit_line(best)


def test_what_no_crystal_does_is_not_taken_for_a_drift():
    points = [ClockPoint(60_000 * i, UTC0 + 90_000 * i, 2) for i in range(20)]
    line = fit_line(points)
    assert abs(line.drift_ppm) <= MOST_DRIFT_PPM
    assert line.drift_error_ppm == pytest.approx(PRIOR_PPM)


def honest(check: Callable[[Wire], list[tuple[float, int]]]) -> float:
    """The share of cases, over many seeds, in which the error is within its estimate."""
    found = []
    for seed in range(30):
        wire = Wire(seed, drift_ppm=random.Random(seed).uniform(-60, 60))
        found += check(wire)
    return sum(off <= error for off, error in found) / len(found)


@pytest.mark.rule("TI-4")
def test_the_estimated_error_is_honest_while_a_run_goes():
    def check(wire: Wire) -> list[tuple[float, int]]:
        clock = clock_of(wire)
        found = []
        for begin in (5000, 8000, 20_000, 100_000, 400_000, 1_800_000):
            end = begin + begin // 2
            beats(wire, clock, begin, end)
            found += [wire.error_ms(clock.line, t) for t in (0, begin, end, end + 60_000)]
        return found

    assert honest(check) >= 0.95


@pytest.mark.rule("TI-4")
def test_the_estimated_error_is_honest_and_small_over_a_whole_boot():
    def check(wire: Wire) -> list[tuple[float, int]]:
        line = fit_boot([wire.point(60_000 * i) for i in range(300)])
        return [wire.error_ms(line, t) for t in range(0, 40 * HOUR_MS, HOUR_MS)]

    assert honest(check) >= 0.95
    wire = Wire()
    line = fit_boot([wire.point(60_000 * i) for i in range(300)])
    assert line.to_utc(2 * HOUR_MS)[1] <= 10


@pytest.mark.rule("TI-5")
@pytest.mark.parametrize("set_by_ms", [HOUR_MS, -300_000, 2000])
def test_a_clock_that_is_set_begins_a_new_fit(set_by_ms):
    wire = Wire()
    clock = clock_of(wire)
    beats(wire, clock, 5000, HOUR_MS)
    before, version = clock.line, clock.version
    wire.set_by_ms = set_by_ms
    news = [clock.add(*wire.round_trip(HOUR_MS + 1000 * i)) for i in range(12)]
    (step,) = [n for n in news if n.set_by_ms is not None]
    assert abs(step.set_by_ms - set_by_ms) < 20
    assert step.line is not None
    assert (step.version, step.segment) == (version + 1, 1)
    assert len(step.points) == SET_POINTS
    assert {p.segment for p in step.points} == {1}
    off, error = wire.error_ms(clock.line, HOUR_MS + 12_000)
    assert off <= error < 20
    assert abs(before.to_utc(1000)[0] - wire.utc_ms(1000)) < 3, "what was, stays"


@pytest.mark.rule("TI-5")
def test_one_measurement_that_is_far_off_sets_nothing():
    wire = Wire()
    clock = clock_of(wire)
    beats(wire, clock, 5000, HOUR_MS)
    was = clock.line
    for i in range(10):
        sent, received, t = wire.round_trip(HOUR_MS + 2000 * i)
        news = clock.add(sent + 70_000, received + 70_000, t)
        clock.add(*wire.round_trip(HOUR_MS + 2000 * i + 1000))
        assert news.set_by_ms is None
    assert abs(clock.line.to_utc(HOUR_MS)[0] - was.to_utc(HOUR_MS)[0]) <= 5


def test_a_clock_that_is_set_between_sending_and_receiving_does_no_harm():
    wire = Wire()
    clock = clock_of(wire)
    beats(wire, clock, 5000, 60_000)
    was = clock.line
    for away_ms in (HOUR_MS, -HOUR_MS):
        sent, received, t = wire.round_trip(61_000)
        clock.add(sent, received + away_ms, t)
    assert clock.line == was


@pytest.mark.rule("TI-3", "TI-4")
def test_the_ticks_of_the_board_may_wrap():
    start = TICKS_WRAP_MS - 20 * 60_000
    wire = Wire(start_ms=start)
    clock = clock_of(wire, start)
    beats(wire, clock, start, TICKS_WRAP_MS + 20 * 60_000)
    for t in (start, TICKS_WRAP_MS, TICKS_WRAP_MS + 20 * 60_000):
        off, error = wire.error_ms(clock.line, t)
        assert off <= error < 20


def test_about_one_point_a_minute_is_kept_and_it_is_a_good_one():
    wire = Wire()
    clock = clock_of(wire)
    kept = []
    for device_ms in range(5000, HOUR_MS, 1000):
        kept += clock.add(*wire.round_trip(device_ms)).points
    assert 58 <= len(kept) - FIRST <= 60
    assert all(point.half_ms <= 3 for point in kept[FIRST:])


def test_a_daemon_that_comes_back_goes_on_from_what_is_stored():
    wire = Wire()
    clock = clock_of(wire)
    kept = []
    for device_ms in range(5000, HOUR_MS, 1000):
        kept += clock.add(*wire.round_trip(device_ms)).points
    again = BoardClock(ClockPoint(2 * HOUR_MS, UTC0, HELLO_ERROR_MS), kept, clock.version)
    off, error = wire.error_ms(again.line, 2 * HOUR_MS)
    assert off <= error < 40
    assert again.version == clock.version + 1


@pytest.mark.rule("TI-5")
def test_a_whole_boot_goes_by_the_clock_as_it_was_set_last_and_the_drift_it_knows_best():
    wire = Wire(drift_ppm=40)
    wire.set_by_ms = HOUR_MS
    points = [wire.point(60_000 * i) for i in range(600)]
    wire.set_by_ms = 0
    points += [wire.point(36_000_000 + 1000 * i, segment=1) for i in range(5)]
    line = fit_boot(points)
    assert abs(line.drift_ppm - 40) < 1
    for t in (0, 5 * HOUR_MS, 10 * HOUR_MS):
        off, error = wire.error_ms(line, t)
        assert off <= error < 60
