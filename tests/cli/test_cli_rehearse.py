"""`soakbench rehearse` from outside: what it prints, and its exit codes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from soakbench.cli.app import app
from soakbench.rehearsal.rehearse import rehearse as rehearse_order

PLAN = """
[plan]
name = "brief"
title = "A brief one"

[tracks.a]
cells = ["A1"]
station = "simulator"

[[tracks.a.phases]]
phase = "ageing"
load = "OC"
until = "30 s"
light = "1 sun"
"""
DARK_FOR_EVER = """
[[faults]]
fault = "lamp"
how = "dead"
at = "10 s"
"""


@pytest.fixture
def plan(tmp_path: Path) -> str:
    path = tmp_path / "brief.toml"
    path.write_text(PLAN)
    return str(path)


def rehearse(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["rehearse", *arguments])


def test_a_plan_that_passes(plan):
    result = rehearse(plan, "--in-process")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "A brief one  passed"
    assert any(line.startswith("a ") and "ageing" in line for line in lines)
    assert "0 declared lost, 0 missing, 0 twice" in result.stdout
    again = f"soakbench rehearse {plan} --bench twin --seed 1 --in-process"
    assert again in result.stdout.replace("\n", "")


def test_for_programs(plan):
    result = rehearse(plan, "--in-process", "--json", "--seed", "7")
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout)
    assert (values["plan"], values["seed"], values["violations"]) == ("brief", 7, [])


def test_data_can_be_kept_once(plan, tmp_path):
    data = str(tmp_path / "kept")
    assert rehearse(plan, "--in-process", "--data", data).exit_code == 0
    again = rehearse(plan, "--in-process", "--data", data)
    assert again.exit_code == 1
    assert "name a new directory" in again.output


def test_a_run_that_does_not_finish_is_no_success(plan, tmp_path, monkeypatch):
    def impatient(order, data, tell):
        return rehearse_order(replace(order, patience_ms=60_000), data, tell)

    monkeypatch.setattr("soakbench.cli.commands.rehearse.rehearse_order", impatient)
    faults = tmp_path / "dark.toml"
    faults.write_text(DARK_FOR_EVER)
    result = rehearse(plan, "--in-process", "--faults", str(faults), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["violations"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("faults = 3", "faults"),
        ('[[faults]]\nfault = "cable"\nat = "1 h"', '"cable" is not allowed'),
        (
            '[[faults]]\nfault = "light_leak"\nat = "1 s"\nstation = "attic"\nlux = 1.0',
            'line 4: faults[0].station: there is no station "attic"',
        ),
    ],
)
def test_a_fault_script_that_is_wrong(plan, tmp_path, text, said):
    faults = tmp_path / "wrong.toml"
    faults.write_text(text)
    result = rehearse(plan, "--in-process", "--faults", str(faults))
    assert result.exit_code == 1
    assert said in result.output.replace("\n", " ")


def test_names_that_do_not_exist():
    assert "there is no plan file paper-fig5" in rehearse("paper-fig5").output.replace("\n", " ")
    nothing = rehearse("demo", "--faults", "bad-nigth")
    assert nothing.exit_code == 1
    assert 'Did you mean "bad-night"?' in nothing.output.replace("\n", " ")


@pytest.mark.parametrize("wrong", [["--operator-delay", "3"], ["--seed", "x"], ["--chip"]])
def test_usage(plan, wrong):
    assert rehearse(plan, *wrong).exit_code == 2
