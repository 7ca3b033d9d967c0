"""Each finding of `soakbench check` has a plan in findings/ that provokes it.

A plan's first line says what is wrong with it. `# bench:` is the bench it is checked on, if that is
not `twin`; each `# says:` is a problem and each `# warns:` a warning, word for word.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from typer.testing import CliRunner

import soakbench
from soakbench.assets import find_bench
from soakbench.cli.app import app
from soakbench.config import load_bench, load_plan
from soakbench.errors import ConfigError
from soakbench.plan import check
from soakbench.plan.warnings import warnings

FOLDER = Path(__file__).parent / "findings"
PLANS = sorted(path.name for path in FOLDER.glob("*.toml"))
HOST = Path(soakbench.__file__).parent

# Texts that no plan file can provoke.
NOT_OF_PLANS = {
    "is not allowed; allowed: 1 to": "of `run --accelerate`; the plan file has its own bounds",
    "; at most": "of lists in bench files",
    "; allowed:": "of words that a bench file must have",
    '"; allowed:': "of names in bench files",
    "none is defined": "of names in bench files",
    ": there is no such file": "there is no plan file then",
    "check name and folder": "the same",
    '" is not a date like "2026-05-12"': "of devices: tests/config/test_cell_sheet.py",
    ": is not a text file in UTF-8": "tests/config/test_config_errors.py",
    "save it as UTF-8": "the same",
    ": cannot be read:": "the same",
    'look at that line: a text needs quotes, a table name brackets, a key "="': "a hint",
    "changes nothing;": "of `soakbench extend`",
    "Value error,": "what pydantic begins with",
}

RUN_AT_IMPORT = {"_parser", "_policy"}  # of config/policy.py


@dataclass(frozen=True)
class Header:
    """What the comments at the top of a plan say."""

    what: str
    bench: str
    says: list[str]
    warns: list[str]


def header(name: str) -> Header:
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    comments: list[str] = []
    for line in lines[: lines.index("")]:
        if line.startswith("#   "):
            comments[-1] += " " + line[4:]
        else:
            comments.append(line.removeprefix("# "))
    told: dict[str, list[str]] = {"bench": [], "says": [], "warns": []}
    for comment in comments[1:]:
        key, text = comment.split(": ", 1)
        told[key].append(text)
    return Header(comments[0], *told["bench"] or ["twin"], told["says"], told["warns"])


@pytest.mark.parametrize("name", PLANS)
def test_check_says_what_the_plan_says_it_would(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    expected = header(name)
    assert expected.what.endswith((".", "?"))
    result = CliRunner().invoke(app, ["check", name, "--bench", expected.bench])
    if expected.says:
        error, hint = result.stderr.split("\n  hint: ")
        assert error.removeprefix("error: ").splitlines() == expected.says
        assert hint.startswith(("correct the ", "look at that line"))
        assert result.exit_code == 1
    else:
        assert result.stderr == ""
        told = " ".join(result.stdout.split()).split(" warning: ")[1:]
        assert told == expected.warns != []
        assert result.exit_code == 0


@dataclass(frozen=True)
class Said:
    """A text in a function, and from where to where it stands."""

    file: str
    first: int
    last: int
    pieces: tuple[str, ...]
    """What stands between its placeholders, without blanks around it."""


def modules() -> list[Path]:
    of_other_files = {
        "bench",
        "bus",
        "cells",
        "edit",
        "faults",
        "json_schema",
        "smu_table",
        "twin_table",
        "wiring",
    }
    config = [path for path in (HOST / "config").glob("*.py") if path.stem not in of_other_files]
    plan = [path for path in (HOST / "plan").rglob("*.py") if "Problem(" in path.read_text("utf-8")]
    return [HOST / "units.py", *config, *plan]


def texts() -> Iterator[Said]:
    for path in modules():
        tree = ast.parse(path.read_text("utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.name not in RUN_AT_IMPORT:
                for statement in function.body:
                    yield from _texts(statement, str(path))


def _texts(node: ast.AST, file: str) -> Iterator[Said]:
    if isinstance(node, ast.FunctionDef) or _is_docstring(node):
        return
    if isinstance(node, ast.JoinedStr | ast.Constant):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        found = [part.value for part in parts if isinstance(part, ast.Constant)]
        pieces = tuple(str(text).strip() for text in found if isinstance(text, str))
        if any(" " in piece or piece.endswith((",", ":")) for piece in pieces):
            yield Said(file, node.lineno, node.end_lineno or node.lineno, pieces)
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, file)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


TEXTS = sorted(set(texts()), key=lambda said: (said.file, said.first))


def not_of_plans(said: Said) -> bool:
    return any(piece in NOT_OF_PLANS for piece in said.pieces)


def test_no_finding_is_without_a_plan() -> None:
    lines = lines_run()
    missing = [
        f"{Path(said.file).relative_to(HOST)}:{said.first}: {' ... '.join(said.pieces)}"
        for said in TEXTS
        if not lines & {(said.file, line) for line in range(said.first, said.last + 1)}
        and not not_of_plans(said)
    ]
    assert missing == []


def test_no_text_of_a_finding_is_without_a_plan() -> None:
    """As the lines, but tells two texts in one line apart."""
    headers = [header(name) for name in PLANS]
    told = "\n".join(text for one in headers for text in (*one.says, *one.warns))
    missing = [
        piece
        for said in TEXTS
        for piece in said.pieces
        if piece not in told and not not_of_plans(said)
    ]
    assert missing == []


def test_what_no_plan_can_provoke_is_still_there() -> None:
    assert len(TEXTS) > 80
    assert set(NOT_OF_PLANS) - {piece for said in TEXTS for piece in said.pieces} == set()


def lines_run() -> set[tuple[str, int]]:
    """Every line of the modules that one of the plans makes run."""
    files = {str(path) for path in modules()}
    found: set[tuple[str, int]] = set()

    def trace(frame: FrameType, _event: str, _argument: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for name in PLANS:
            look_at(name)
    finally:
        sys.settrace(before)
    return found


def look_at(name: str) -> None:
    bench = header(name).bench
    where = FOLDER / bench if bench.endswith(".toml") else find_bench(bench)
    try:
        plan, wired = load_plan(FOLDER / name), load_bench(where)
        check(plan, wired)
        warnings(plan, wired)
    except ConfigError:
        pass
