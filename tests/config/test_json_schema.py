"""The schemas for editors: they accept what ships, and see the mistakes that editors can see."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from soakbench.assets import find_bench, find_faults, find_plan, shipped
from soakbench.cli.app import app
from soakbench.config.json_schema import FileKind, json_schema

FILES: list[tuple[FileKind, Path]] = [
    *(("plan", find_plan(name)) for name in shipped("plans")),
    *(("bench", find_bench(name)) for name in shipped("benches")),
    *(("faults", find_faults(name)) for name in shipped("plans/faults")),
]


def mistakes(kind: FileKind, data: dict[str, Any]) -> list[str]:
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]


@pytest.mark.parametrize(("kind", "path"), FILES, ids=[path.stem for _, path in FILES])
def test_what_ships_is_accepted(kind: FileKind, path: Path) -> None:
    assert mistakes(kind, tomllib.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("until", 16),
        ("until", "16"),
        ("until", "16 sun"),
        ("until", "16 h 3 min"),
        ("light", "50 °C"),
        ("untill", "16 h"),
        ("load", "MPP"),
        ("phase", "annealing"),
    ],
)
def test_mistakes_in_a_phase_are_seen(key: str, value: object) -> None:
    plan = tomllib.loads(find_plan("paper-oc-dark").read_text("utf-8"))
    (track,) = plan["tracks"].values()
    ageing = next(phase for phase in track["phases"] if phase["phase"] == "ageing")
    ageing[key] = value
    assert mistakes("plan", plan) != []


@pytest.mark.parametrize("text", ["16 h", "0.5 d", "90min", " 3 hours ", "1 day"])
def test_every_way_to_write_a_time_is_accepted(text: str) -> None:
    plan = {"plan": {"name": "p", "max_gap": text, "resume": text}, "tracks": {}}
    found = mistakes("plan", plan)
    assert [one for one in found if text in one] == []


def test_the_command_prints_it_or_writes_it(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["schema", "plan"])
    assert json.loads(printed.stdout) == json_schema("plan")
    out = tmp_path / "bench.schema.json"
    assert CliRunner().invoke(app, ["schema", "bench", "--out", str(out)]).exit_code == 0
    assert json.loads(out.read_text("utf-8")) == json_schema("bench")
    assert CliRunner().invoke(app, ["schema", "cell"]).exit_code == 2
