"""Cycles of light and dark, from where a track was and when."""

import numpy as np
import pytest

from soakbench.assets import find_bench
from soakbench.cell_history import Cycles
from soakbench.config import load_bench, parse_plan
from soakbench.plan import compile_program
from soakbench.run.cycles import cycles_of
from soakbench.run.history import Stretches

PLAN = """
[plan]
name = "p"
[tracks.x]
cells = ["A1"]
station = "simulator"
[[tracks.x.phases]]
phase = "ageing"
until = "12 h"
jv_at = ["6 h"]
label = "day"
[[tracks.x.phases]]
phase = "dark_recovery"
until = "11 h"
[[tracks.x.phases]]
phase = "loop"
back_to = "day"
times = 3
"""
MORNING, JV, EVENING, NIGHT = range(4)
TRACK = compile_program(parse_plan(PLAN, "p.toml"), load_bench(find_bench("twin"))).tracks[0]
HOUR = 3_600_000.0


def lived(*passages: tuple[int, int, float, float]) -> Stretches:
    """Step, cycle, begin and end in hours."""
    table = np.array(passages, dtype=float).reshape(-1, 4)
    step, cycle, begin, end = table.T
    return Stretches(begin * HOUR, end * HOUR, step, cycle, np.ones(len(table), dtype=bool))


def day(cycle: int, begin: float, night_h: float = 12) -> list[tuple[int, int, float, float]]:
    """6 h, half an hour for the curve, 6 h, and the night."""
    ends = [begin + 6, begin + 6.5, begin + 12.5, begin + 12.5 + night_h]
    steps = (MORNING, JV, EVENING, NIGHT)
    return [(s, cycle, b, e) for s, b, e in zip(steps, [begin, *ends], ends, strict=False)]


def test_light_lasts_over_curves_and_the_dark_up_to_the_next_light() -> None:
    two = cycles_of(TRACK, lived(*day(0, 0), *day(1, 25.5)), is_over=True, factor=1)
    assert (two.complete, two.light_h) == (2, pytest.approx(12.5))
    assert two.dark_h == pytest.approx((13 + 12) / 2), "an hour passed before the second day"
    assert two.period_h == pytest.approx(25)
    assert two.period_sd_h == pytest.approx(0.5)


def test_a_night_that_goes_on_is_no_cycle_yet() -> None:
    passages = lived(*day(0, 0), *day(1, 24.5, night_h=2))
    assert cycles_of(TRACK, passages, is_over=False, factor=1).complete == 1
    assert cycles_of(TRACK, lived(*day(0, 0)), is_over=False, factor=1) == Cycles(complete=0)


def test_light_alone_and_dark_alone_are_no_cycles() -> None:
    assert cycles_of(TRACK, lived((MORNING, 0, 0, 6)), is_over=True, factor=1).complete == 0
    assert cycles_of(TRACK, lived((NIGHT, 0, 0, 6)), is_over=True, factor=1).complete == 0
    assert cycles_of(TRACK, lived(), is_over=True, factor=1).complete == 0


def test_a_phase_that_a_pause_has_cut_is_one_passage_and_hours_are_the_cells() -> None:
    cut = [(MORNING, 0, 0.0, 2.0), (MORNING, 0, 3.0, 6.0), *day(0, 0)[1:]]
    (found,) = [cycles_of(TRACK, lived(*cut), is_over=True, factor=2)]
    assert (found.complete, found.light_h, found.period_sd_h) == (1, pytest.approx(25), None)
