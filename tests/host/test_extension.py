"""More or less of the phase a track is in: which visit, which goal, and what is refused."""

import pytest

from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_plan
from soakbench.errors import DaemonError
from soakbench.plan import CompiledProgram, compile_program
from soakbench.run.extension import extension
from soakbench.run.goals import Goals
from soakbench.run.live import remaining_ms, track_status
from soakbench.run.machine import Place, TrackReport
from soakbench.units import parse_change
from soakwire import records

PLAN = """
[plan]
name = "p"
[tracks.x]
cells = ["A1"]
station = "simulator"
[[tracks.x.phases]]
phase = "ageing"
label = "day"
until = "16 h"
timeout = "20 h"
[[tracks.x.phases]]
phase = "dark_recovery"
start = "22:00"
until = "8 h"
jv_at = ["1 h", "3 h"]
[[tracks.x.phases]]
phase = "loop"
back_to = "day"
times = 2
[[tracks.x.phases]]
phase = "ageing"
until = "16 sun_h"
[[tracks.x.phases]]
phase = "confirm"
message = "look"
"""
# Of the board: ageing, wait, dark, J-V, dark, J-V, dark, loop, ageing (dose), confirm.
WAIT, FIRST, SWEEP, SECOND, LAST, DOSE, CONFIRM = 1, 2, 3, 4, 6, 8, 9
HOUR = 3_600_000


def compiled(accelerate: float = 1) -> CompiledProgram:
    return compile_program(parse_plan(PLAN, "p.toml"), load_bench(find_bench("twin")), accelerate)


PROGRAM = compiled()


def asked(step: int, by: str, delivered_h: float = 0, cycle: int = 0, **ordered_h: float):
    """`ordered_h`: s6 = 7 is another goal for step 6."""
    extended = {Place(0, int(name[1:]), cycle): round(h * HOUR) for name, h in ordered_h.items()}
    goals = Goals(PROGRAM, extended)
    delivered = round(delivered_h * HOUR)
    return extension(Place(0, step, cycle), delivered, parse_change(by), goals)


def refused(*given, **ordered_h: float) -> str:
    with pytest.raises(DaemonError) as caught:
        asked(*given, **ordered_h)
    return f"{caught.value}; {caught.value.hint}"


def test_a_phase_gets_longer_and_shorter_in_one_passage():
    longer = asked(0, "2 h", 3, cycle=1)
    assert (longer.place, longer.goal) == (Place(0, 0, 1), 18 * HOUR)
    assert longer.text == "track x: ageing (phase 1, round 2) extended by 2 h to 18 h"
    shorter = asked(0, "-30 min", 3)
    assert (shorter.place, shorter.goal) == (Place(0, 0, 0), 15.5 * HOUR)
    assert shorter.text == "track x: ageing (phase 1, round 1) shortened by 30 min to 15 h 30 min"


def test_a_time_out_that_comes_first_is_told():
    assert asked(0, "3 h").text.endswith("extended by 3 h to 19 h")
    assert asked(0, "4 h").text.endswith("to 20 h; its time-out comes before that")
    assert asked(LAST, "4 h").text.endswith("to 12 h")


def test_what_was_ordered_before_counts():
    assert asked(0, "2 h", s0=18).goal == 20 * HOUR
    assert asked(0, "-4 h", 12, s0=18).goal == 14 * HOUR


def test_a_dose_is_extended_by_a_dose():
    longer = asked(DOSE, "2 sun_h", 3)
    assert longer.goal == 18 * HOUR
    assert longer.text.endswith("extended by 2 sun_h to 18 sun_h")
    assert refused(DOSE, "2 h") == (
        "track x: ageing (phase 9, round 1) is counted in sun_h, not in h;"
        ' say how much in that unit, like "2 sun_h"'
    )
    assert "is counted in h, not in sun_h" in refused(0, "2 sun_h")


@pytest.mark.parametrize("step", [FIRST, SECOND, LAST])
def test_of_a_phase_with_curves_inside_the_last_stretch_changes(step):
    longer = asked(step, "2 h", 0.5, cycle=1)
    assert (longer.place, longer.goal) == (Place(0, LAST, 1), 7 * HOUR)
    assert longer.text.endswith("extended by 2 h to 10 h")


def test_it_never_ends_before_its_curves_or_what_is_delivered():
    assert asked(LAST, "-4 h", 1).goal == HOUR
    assert refused(LAST, "-4.5 h", 1) == (
        "track x: dark_recovery (phase 7, round 1) cannot be that short: 4 h is delivered already;"
        " `soakbench skip x` ends what it is in now"
    )
    assert asked(FIRST, "-4 h", 0.5).goal == HOUR
    assert "cannot be that short: 3 h comes before its last J-V curves" in refused(FIRST, "-5 h")
    assert "cannot be that short: 0 s is delivered already" in refused(0, "-16 h")


def test_it_is_at_most_what_a_phase_may_have():
    assert asked(0, "1095 h").goal == 1111 * HOUR
    assert "would come to 1116 h; a phase has at most 1111 h" in refused(0, "1100 h")


@pytest.mark.parametrize("step", [WAIT, SWEEP, CONFIRM])
def test_what_has_no_amount_cannot_be_extended(step):
    text = refused(step, "2 h")
    assert "has no amount that could be extended; ageing, dark_recovery and" in text


def test_on_an_accelerated_bench_the_board_gets_less():
    goals = Goals(compiled(3600))
    longer = extension(Place(0, 0, 0), 4000, parse_change("2 h"), goals)
    assert longer.goal == 18_000
    assert longer.text.endswith("extended by 2 h to 18 h")
    with pytest.raises(DaemonError, match="4 h is delivered already"):
        extension(Place(0, 0, 0), 4000, parse_change("-13 h"), goals)


def test_the_live_picture_has_the_goal_and_the_time_left():
    report = TrackReport(records.RUNNING, DOSE, 0, True, 4_000, 0, 0, 16_000)
    for ordered, goal, left_s in (({}, 16.0, 12), ({Place(0, DOSE, 0): 18_000}, 18.0, 14)):
        goals = Goals(compiled(3600), ordered)
        assert remaining_ms(goals, 0, report) / 1000 == left_s
        status = track_status(goals, 0, report)
        assert (status.goal, status.delivered, status.unit) == (goal, 4.0, "sun_h")
        assert status.eta_s == left_s
