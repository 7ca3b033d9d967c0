"""Phases that begin at a time of day, over nights on which clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from soakbench.assets import find_bench, find_plan
from soakbench.config import load_bench, parse_plan
from soakbench.plan import compile_program, timeline
from soakbench.plan.clock_time import begin_time, next_time, wait_end
from soakbench.plan.timeline import PlannedPhase
from soakwire import blobs

BERLIN = ZoneInfo("Europe/Berlin")
BENCH = load_bench(find_bench("twin-day-night"))


def berlin(*at: int) -> datetime:
    return datetime(*at, tzinfo=BERLIN)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("after", "at", "hours"),
    [
        (berlin(2026, 7, 1, 21), time(22), 1),
        (berlin(2026, 7, 1, 22), time(22), 0),
        (berlin(2026, 7, 1, 22, 1), time(22, 1), 0),
        (berlin(2026, 7, 1, 23), time(22), 23),
        # Clocks go forward at 2:00 on 29 March, back at 3:00 on 25 October.
        (berlin(2026, 3, 28, 22), time(22), 0),
        (berlin(2026, 3, 28, 23), time(22), 22),
        (berlin(2026, 10, 24, 23), time(22), 24),
        (berlin(2026, 3, 29, 1), time(2, 30), 1.5),
        (berlin(2026, 10, 25, 1), time(2, 30), 1.5),
    ],
)
def test_the_next_time_of_day(after: datetime, at: time, hours: float) -> None:
    for zone in (BERLIN, UTC):
        found = next_time(after.astimezone(zone), at, BERLIN)
        assert found.timestamp() - after.timestamp() == hours * 3600


@pytest.mark.parametrize(
    ("text", "after", "hours"),
    [
        ("22:00", berlin(2026, 3, 28, 22, 30), 22.5),  # clocks go forward in between
        ("22:00", berlin(2026, 10, 24, 22, 30), 24.5),  # and back
        ("9:15", berlin(2026, 7, 1, 8), 1.25),
        ("2026-07-01 22:00", berlin(2026, 7, 1, 22), 0),
        ("2026-03-29 22:00", berlin(2026, 3, 27, 22), 47),
        ("2026-03-29 2:30", berlin(2026, 3, 29, 1), 1.5),
    ],
)
def test_when_somebody_wants_to_begin(text: str, after: datetime, hours: float) -> None:
    found = begin_time(text, after.astimezone(UTC), BERLIN)
    assert found.timestamp() - after.timestamp() == hours * 3600


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("22", "is not a time like"),
        ("24:00", "is not a time like"),
        ("tomorrow 22:00", "is not a time like"),
        ("2026-02-30 22:00", "is not a time like"),
        ("2026-07-01", "is not a time like"),
        ("2026-06-30 22:00", "2026-06-30 22:00 is past; it is 2026-07-01 12:00 now"),
    ],
)
def test_what_is_no_time_to_begin(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        begin_time(text, berlin(2026, 7, 1, 12), BERLIN)


def test_without_a_zone_it_is_the_computers() -> None:
    after = datetime(2026, 7, 1, 12, tzinfo=UTC)
    found = next_time(after, time(22), None)
    assert timedelta() <= found - after < timedelta(days=1)
    assert found.astimezone().time() == time(22)


def nights(zone: str = 'timezone = "Europe/Berlin"') -> str:
    text = find_plan("day-night").read_text("utf-8")
    text = text.replace("[plan]", f"[plan]\n{zone}", 1)
    night = 'phase = "thermal_recovery"\n'
    assert night in text
    return text.replace(night, night + 'start = "22:00"\nlate = "59 min"\n')


def test_nights_that_begin_at_ten_do_so_across_a_change_of_clocks() -> None:
    start = berlin(2026, 3, 26, 9)
    oc, _ = timeline(parse_plan(nights(), "p.toml"), BENCH, start=start)
    begins = [phase.start for phase in oc.phases if phase.phase == "thermal_recovery"]
    assert len(begins) == 7
    for begin in begins:
        assert begin is not None
        assert begin.astimezone(BERLIN).time() == time(22)
    waits = [phase for phase in oc.phases if phase.phase == "wait"]
    assert {phase.detail for phase in waits} == {"until 22:00"}
    assert waits[0].end_h - waits[0].start_h == 1.0
    # Its days are 24 h long, so on 29 March it is an hour late, and waits for the next evening.
    assert lengths_h(waits) == [1.0, 0.0, 0.0, 23.0, 0.0, 0.0, 0.0]


def lengths_h(waits: list[PlannedPhase]) -> list[float]:
    return [phase.end_h - phase.start_h for phase in waits]


def test_a_night_that_comes_a_little_late_begins_at_once() -> None:
    text = nights().replace('late = "59 min"\n', "")
    oc, _ = timeline(parse_plan(text, "p.toml"), BENCH, start=berlin(2026, 3, 26, 9))
    waits = [phase for phase in oc.phases if phase.phase == "wait"]
    assert lengths_h(waits) == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("after", "late_h", "hours"),
    [
        (berlin(2026, 7, 1, 21), 2, 1),
        (berlin(2026, 7, 1, 23), 2, 0),
        (berlin(2026, 7, 2, 0), 2, 0),
        (berlin(2026, 7, 2, 0, 1), 2, 21 + 59 / 60),
        # Clocks go forward: at 1:00 it is 23 h until 1:00.
        (berlin(2026, 3, 29, 5), 2, 17),
        (berlin(2026, 3, 29, 5), 6, 0),
        (berlin(2026, 3, 29, 5), 5.9, 17),
    ],
)
def test_who_comes_late_does_not_wait(after: datetime, late_h: float, hours: float) -> None:
    end = wait_end(after, time(22), timedelta(hours=late_h), BERLIN)
    assert (end.timestamp() - after.timestamp()) / 3600 == pytest.approx(hours)


def test_on_the_board_it_is_a_barrier_before_the_phase() -> None:
    program = compile_program(parse_plan(nights(), "p.toml"), BENCH)
    steps = program.tracks[0].steps
    (wait,) = [step for step in steps if step.start is not None]
    assert (wait.kind, wait.start, wait.phase) == (blobs.HOST, time(22), "wait")
    assert steps[wait.index + 1].phase == "thermal_recovery"
    assert steps[wait.index + 1].phase_index == wait.phase_index
    assert program.timezone == "Europe/Berlin"
