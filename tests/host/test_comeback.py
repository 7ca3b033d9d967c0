"""Who lets a track go on when its board is back."""

import pytest

from soakbench.config import parse_plan
from soakbench.errors import ConfigError
from soakbench.run.comeback import LastSeen, Wait, wait_for_person

MIN = 60_000
RUNNING = LastSeen(0, "running", held=False)


@pytest.mark.parametrize(
    ("longest_ms", "gap_ms", "waits"),
    [
        (None, 10**9, False),
        (30 * MIN, 30 * MIN, False),
        (30 * MIN, 30 * MIN + 1, True),
        (0, 1, True),
        (0, -5, False),
    ],
)
def test_a_gap_is_held_against_what_the_plan_allows(longest_ms, gap_ms, waits):
    assert (wait_for_person(RUNNING, gap_ms, longest_ms) is not None) == waits


def test_the_reason_says_how_long_it_was():
    assert wait_for_person(RUNNING, 37 * MIN + 123, 0) == Wait(
        "gap", "the board was away for 37 min, and the plan says to ask"
    )


def test_after_a_trip_no_plan_lets_a_track_go_on():
    paused = LastSeen(0, "paused", held=False)
    wait = wait_for_person(paused, 1000, None)
    assert wait is not None
    assert wait.cause == "pause"
    assert "by a trip or a time-out" in wait.why


def test_a_hold_ends_by_itself_and_who_has_not_begun_or_is_done_waits_for_nobody():
    assert wait_for_person(LastSeen(0, "paused", held=True), MIN, None) is None
    assert wait_for_person(None, MIN, 0) is None
    assert wait_for_person(LastSeen(0, "done", held=False), MIN, 0) is None


@pytest.mark.parametrize(
    ("text", "value"), [('"always"', "always"), ('"ask"', "ask"), ('"30 min"', 30 * MIN)]
)
def test_the_plan_says_it(text, value):
    assert plan(text).plan.resume == value


@pytest.mark.parametrize("text", ["30", '"maybe"', '"0 s"'])
def test_anything_else_is_refused_with_what_is_allowed(text):
    with pytest.raises(ConfigError, match=r'plan.resume: .*; or "always", or "ask"'):
        plan(text)


def plan(resume: str):
    return parse_plan(
        f"""
[plan]
name = "p"
resume = {resume}
[tracks.x]
cells = ["A1"]
station = "box"
[[tracks.x.phases]]
phase = "dark_recovery"
until = "1 h"
""",
        "p.toml",
    )
