"""A loop that ends by what its cells give: the rounds after that do not happen."""

import pytest
from rehearsing import play

from soakbench.run import keeper

PLAN = """
[plan]
name = "rounds"
sample_s = 10

[tracks.a]
cells = ["A1", "A2"]
station = "simulator"
roles = { A2 = "reference" }

[[tracks.a.phases]]
phase = "ageing"
label = "day"
until = "2 min"
light = "1 sun"

[[tracks.a.phases]]
phase = "jv"

[[tracks.a.phases]]
phase = "dark_recovery"
until = "1 min"

[[tracks.a.phases]]
phase = "loop"
back_to = "day"
times = 5
until = "pce_relative < 0.80"
"""
AFTER = """
[[tracks.a.phases]]
phase = "dark_recovery"
until = "90 s"
"""


def shares(patch: pytest.MonkeyPatch, *of_a1: float) -> None:
    """What J-V curves would give: A1 falls from round to round, the reference stays low."""
    left = list(of_a1)
    patch.setattr(keeper, "pce_shares", lambda *_: {"A1": left.pop(0), "A2": 0.5})


@pytest.mark.parametrize("after", ["", AFTER])
def test_the_rounds_end_when_the_pce_is_below_the_limit(tmp_path, monkeypatch, after):
    shares(monkeypatch, 0.95, 0.85, 0.79)
    done = play(tmp_path, plan=PLAN + after)
    assert done.report.why_not == ""
    ages = [p.state for p in done.report.summary.phases if p.phase == "ageing"]
    assert ages == ["done", "done", "done", "not reached", "not reached"]
    last = done.report.summary.phases[-1]
    assert last.state == ("done" if after else "not reached")
    told = done.column("SELECT text FROM note WHERE kind = 'loop' ORDER BY id")
    assert [str(text).split(",")[0] for text in told] == [
        "track a",
        "track a",
        "track a",
    ]
    assert told[-1] == (
        "track a, round 3: PCE is at 79.0% of the first one (mean of A1), below 80%: no more rounds"
    )
    lights = done.events("light")
    assert len([event for event in lights if event["a"]]) == 3, "no light in a round too many"


def test_all_rounds_happen_where_it_never_is(tmp_path, monkeypatch):
    shares(monkeypatch, *[0.9] * 5)
    done = play(tmp_path, plan=PLAN)
    assert done.report.why_not == ""
    assert [p.state for p in done.report.summary.phases if p.phase == "ageing"] == ["done"] * 5


def test_without_curves_all_rounds_happen_and_the_journal_says_so(tmp_path):
    done = play(tmp_path, plan=PLAN.replace("times = 5", "times = 2"))
    assert done.report.why_not == ""
    told = done.column("SELECT text FROM note WHERE kind = 'loop' ORDER BY id")
    assert told[0] == "track a, round 1: nobody knows the PCE of its cells: another round"
