"""What counts as trouble, from when on, and when something is done about it."""

import pytest

from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_plan
from soakbench.plan import CompiledProgram, compile_program
from soakbench.run.machine import Place, TrackReport
from soakbench.run.troubles import (
    Decision,
    Standing,
    TrackEvent,
    Trouble,
    decide,
    reminders_due,
    trouble_of,
)
from soakwire import records

HOUR_MS = 3_600_000

PLAN = """
[plan]
name = "watched"
lamp_failure = "skip after 30 min"
trip = "stop"

[tracks.a]
cells = ["A1"]
station = "simulator"

[[tracks.a.phases]]
phase = "ageing"
until = "1 h"
light = "1 sun"
timeout = "3 h"
on_timeout = "skip"

[[tracks.a.phases]]
phase = "confirm"
message = "Look"
timeout = "12 h"
on_timeout = "stop"
"""


def program(text: str = PLAN) -> CompiledProgram:
    return compile_program(parse_plan(text, "p.toml"), load_bench(find_bench("twin")))


def standing(
    state: int, *events: tuple[str, int] | tuple[str, int, int], step: int = 0
) -> Standing:
    told = [
        TrackEvent(e[0], e[1], e[2] if len(e) > 2 else 0, "d", "b", n) for n, e in enumerate(events)
    ]
    report = TrackReport(state, step, 0, False, 0, 0, 0, 0)
    return Standing(Place(0, step, 0), report, program().tracks[0].steps[step], ["A1"], told, ())


@pytest.mark.parametrize(
    ("events", "since"),
    [
        ([("step_begin", 5)], 5),
        ([("step_begin", 5), ("in_condition", 6), ("out_of_condition", 9)], 9),
        ([("step_begin", 5), ("out_of_condition", 9), ("paused", 10), ("resumed", 20)], 20),
        ([("step_begin", 5), ("out_of_condition", 9), ("paused", 10)], None),
        ([("step_begin", 5), ("in_condition", 6)], None),
        ([], None),
    ],
)
def test_no_light_counts_from_its_begin_or_from_when_the_track_went_on(events, since):
    trouble = trouble_of(standing(records.RUNNING, *events))
    assert (None if trouble is None else (trouble.kind, trouble.since_utc_ms)) == (
        None if since is None else ("lamp_failure", since)
    )


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ([("step_begin", 1), ("step_timeout", 7), ("paused", 8)], "timeout"),
        ([("step_begin", 1), ("paused", 8)], "trip"),
        ([("step_begin", 1), ("paused", 8, 1)], None),
        ([("step_begin", 1), ("paused", 8), ("resumed", 9)], None),
    ],
)
def test_why_the_board_has_paused(events, kind):
    trouble = trouble_of(standing(records.PAUSED, *events))
    assert (trouble.kind if trouble else None) == kind


def test_a_confirm_with_a_time_out_of_its_own_counts_from_its_first_begin():
    trouble = trouble_of(standing(records.BARRIER, ("barrier", 3), ("barrier", 9), step=1))
    assert trouble == Trouble("timeout", 3, "nobody has confirmed")


def test_nothing_is_done_before_its_time():
    made = program()
    step = made.tracks[0].steps[0]
    trouble = Trouble("lamp_failure", 1000, "no light")
    assert decide(trouble, step, made.policies, 1000 + HOUR_MS // 2 - 1) is None
    assert decide(trouble, step, made.policies, 1000 + HOUR_MS // 2) == Decision(
        "skip", "no light for 30 min; lamp_failure of the plan"
    )


def test_what_the_plan_says_nothing_about_waits():
    made = program()
    step = made.tracks[0].steps[0]
    assert decide(Trouble("light_leak", 0, ""), step, made.policies, 99 * HOUR_MS) is None
    assert decide(Trouble("operator_absence", 0, ""), step, made.policies, 99 * HOUR_MS) is None


def test_times_are_accelerated_with_the_cells():
    made = compile_program(
        parse_plan(PLAN, "p.toml"), load_bench(find_bench("twin")), accelerate=1000
    )
    assert made.policies.lamp_failure.after_ms == 1800
    assert made.tracks[0].steps[1].timeout.after_ms == 43_200
    assert made.policies.remind_ms == 3600


def test_reminders_come_ever_more_rarely():
    due = [reminders_due(0, HOUR_MS, int(h * HOUR_MS)) for h in (0.9, 1, 1.9, 2, 3.9, 4, 7.9, 8)]
    assert due == [0, 1, 1, 2, 2, 3, 3, 4]
    assert reminders_due(HOUR_MS, HOUR_MS, 0) == 0, "a clock that was set back"
