"""Help, exit codes and error texts of commands that need no daemon."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from soakbench.cli.app import app
from soakbench.cli.foreground import PATIENCE_S

COMMANDS = [
    "demo",
    "check",
    "plan",
    "run",
    "status",
    "watch",
    "confirm",
    "stop",
    "daemon",
    "jv",
    "ports",
    "queue",
    "relays",
    "summary",
    "twin",
]


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOAKBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SOAKBENCH_BENCH", raising=False)
    monkeypatch.setenv("COLUMNS", "120")


def cli(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_an_example(command: str) -> None:
    result = cli(command, "--help")
    assert result.exit_code == 0
    assert f"soakbench {command}" in result.output.split("Example", 1)[1]


def test_help_lists_all_commands() -> None:
    result = cli("--help")
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f"│ {command} " in result.output


def test_the_help_keeps_square_brackets() -> None:
    assert "[bench]" in cli("ports", "--help").output


def test_version() -> None:
    result = cli("--version")
    assert (result.exit_code, result.output.split()[0]) == (0, "soakbench")


@pytest.mark.parametrize(
    ("arguments", "code", "error", "hint"),
    [
        ("check paper-fig5", 1, 'Did you mean "paper-fig4"?', "comes with soakbench"),
        ("plan demo --bench nope", 1, "no bench file nope", "twin"),
        ("run nope --bench twin", 1, "no plan file nope", "paper-fig4"),
        ("run demo --detach", 1, "nobody to hand the run to", "soakbench daemon --bench"),
        ("run demo --queue", 1, "nobody to hand the run to", "soakbench daemon --bench"),
        ("run demo --cells none.csv", 1, "none.csv: there is no such file", "name and folder"),
        ("queue", 1, "no daemon is running", "soakbench daemon"),
        ("queue remove 3", 1, "no daemon is running", "soakbench daemon"),
        ("status", 1, "no daemon is running", "soakbench daemon"),
        ("watch", 1, "no daemon is running", "soakbench daemon"),
        ("confirm", 1, "no daemon is running", "soakbench daemon"),
        ("stop --yes", 1, "no daemon is running", "soakbench daemon"),
        ("summary", 1, "there is no database", "--data"),
        ("daemon --bench twin --data /dev/null/x", 1, "cannot write in the data", "--data"),
    ],
)
def test_bad_input_is_told_with_what_to_do(
    arguments: str, code: int, error: str, hint: str
) -> None:
    result = cli(*arguments.split())
    assert result.exit_code == code
    assert result.stderr.startswith("error: ")
    assert error in result.stderr
    assert hint in result.stderr.split("  hint: ", 1)[1]
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", ["", "bogus", "plan", "daemon", "run demo", "run demo --accelerate 0.5"]
)
def test_wrong_usage_is_exit_code_2(arguments: str) -> None:
    assert cli(*arguments.split()).exit_code == 2


def test_check_says_ok_with_a_short_summary() -> None:
    result = cli("check", "paper-fig4", "--bench", "twin")
    assert result.exit_code == 0
    assert result.output.startswith("ok: plan paper-fig4 can run on bench twin")
    assert "dark: 6 phases, 32 h, cells A1, A2, A3, A4" in result.output


def test_check_as_json() -> None:
    checked = json.loads(cli("check", "paper-fig4", "--json").stdout)
    assert checked["ok"] is True
    assert checked["tracks"][0]["hours"] == 32.0


def test_check_tells_what_is_wrong_with_a_plan(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[plan]\nname = "x"\nsampel_s = 3\n')
    result = cli("check", str(plan), "--json")
    assert result.exit_code == 1
    assert "sampel_s" in result.stderr
    answer = json.loads(result.stdout)
    assert answer["ok"] is False
    assert "sampel_s" in answer["error"]


@pytest.mark.parametrize(
    ("at", "said"),
    [("25:00", "is not a time like"), ("2020-01-01 22:00", "2020-01-01 22:00 is past")],
)
def test_a_time_that_is_none_or_past_is_a_usage_error(at: str, said: str) -> None:
    result = cli("run", "demo", "--at", at)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_list_of_cells_that_is_wrong_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    wrong = tmp_path / "cells.csv"
    wrong.write_text("cell,colour\nA1,red\n")
    result = cli("run", "demo", "--bench", "twin", "--cells", str(wrong))
    assert result.exit_code == 1
    assert "line 1: colour: unknown column" in result.stderr
    wrong.write_text("cell,id\nA1,x\nC1,y\n")
    result = cli("run", "demo", "--bench", "twin", "--cells", str(wrong))
    assert result.exit_code == 1
    assert 'line 3: cell: there is no cell "C1"' in result.stderr


def test_plan_shows_start_and_end_of_every_phase() -> None:
    result = cli("plan", "paper-fig4", "--start", "2026-03-02T09:00")
    assert result.exit_code == 0
    assert "Track thermal  cells B1, B2, B3, B4" in result.output
    assert "Mon 02 Mar 09:00" in result.output
    assert "Tue 03 Mar 01:00" in result.output  # 16 h of ageing later


def test_plan_as_json() -> None:
    tracks = json.loads(cli("plan", "paper-fig4", "--json").stdout)
    assert [track["track"] for track in tracks] == ["dark", "thermal"]
    assert tracks[0]["phases"][1]["end_h"] == 16.0


def test_ports_as_json() -> None:
    result = cli("ports", "--json")
    assert result.exit_code == 0
    assert isinstance(json.loads(result.stdout), list)


def test_a_port_that_is_not_there_is_a_bench_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PATIENCE_S, "no port", 0.3)
    result = cli("run", "paper-fig4", "--bench", "twin", "--port", str(tmp_path / "ttyNOPE"))
    assert result.exit_code == 3
    assert "ttyNOPE does not exist" in result.stderr
    assert "soakbench ports" in result.stderr


def test_the_demo_wants_a_fresh_directory(tmp_path: Path) -> None:
    (tmp_path / "soakbench.sqlite3").touch()
    result = cli("demo", "--data", str(tmp_path))
    assert result.exit_code == 1
    assert "already holds data" in result.stderr


def test_the_program_itself_ends_without_a_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "soakbench.cli", "status", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: no daemon is running for ")
    assert "\n  hint: " in result.stderr
