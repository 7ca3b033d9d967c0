"""The soak's own parts, and its first seeds."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from drawing import KINDS, draw
from rehearsing import OC_DARK, fault
from soak import Case, complaints, drawn, failure, play, with_soakbench

from soakbench.assets import find_bench, find_plan, shipped
from soakbench.config import faults as kinds
from soakbench.config import load_bench, load_faults, parse_faults, parse_plan
from soakbench.rehearsal.rehearse import Order, rehearse

SEEDS = range(1, 9)


def test_every_kind_of_fault_is_drawn():
    known = {get_args(kind.model_fields["fault"].annotation)[0] for kind in get_args(kinds.Fault)}
    assert set(KINDS) == known
    entries = "".join(draw(seed).faults for seed in range(300))
    assert {f.fault for f in parse_faults(entries, "all.toml").faults} == known


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_passes(seed):
    report, found = play(drawn(seed, "in-process"))
    assert report is not None
    assert found == []


def test_a_failure_says_the_rule_and_plays_again_by_one_command(tmp_path):
    """A lamp that stays dark: the run comes to no end, and no heater has tripped."""
    script = fault("lamp", "2 min", how="dead")
    plan, faults = parse_plan(OC_DARK, "oc-dark"), parse_faults(script, "3.toml")
    order = replace(drawn(3, "in-process").order, plan=plan, faults=faults)
    case = Case("3", order, "oc-dark", script)
    report, found = play(case)
    assert report is not None
    said = failure(case, found, tmp_path)
    assert "not finished: nothing has gone on" in said
    command = shlex.split(said.splitlines()[-1].removeprefix("  again: "))
    assert command[:2] == ["soakbench", "rehearse"]
    assert Path(command[2]).read_text() == OC_DARK
    assert command[-3:] == ["--seed", "3", "--in-process"]
    written = load_faults(Path(command[command.index("--faults") + 1]))
    again = rehearse(replace(case.order, faults=written))
    assert complaints(again) == found
    assert again.db_hash == report.db_hash


def test_every_plan_and_fault_script_that_comes_with_soakbench_is_played():
    cases = list(with_soakbench("in-process"))
    assert {case.plan for case in cases} == set(shipped("plans"))
    assert {case.faults for case in cases} == set(shipped("plans/faults"))


def test_two_tracks_under_one_lamp_and_on_one_plate():
    """`day-night` in minutes; one track's command settles the other's account."""
    text = find_plan("day-night").read_text("utf-8")
    for long, short in (('"12 h"', '"10 min"'), ('"3 h"', '"5 min"'), ('"9 h"', '"5 min"')):
        text = text.replace(long, short)
    order = Order(
        plan=parse_plan(text.replace("times = 7", "times = 2"), "minutes.toml"),
        bench=load_bench(find_bench("twin-day-night")),
        chip="in-process",
    )
    assert complaints(rehearse(order)) == []
