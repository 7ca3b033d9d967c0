"""Lines of keys, which tomllib does not give."""

import pytest

from soakbench.config.source import Problem, Source, dotted

TEXT = """\
[plan]
name = "x"

[tracks.a]
cells = [
  "A1",
]
[[tracks.a.phases]]
phase = "jv"
[[tracks.a.phases]]   # second
phase = "ageing"
[tracks.a.phases.loads]
A1 = "SC"
[tracks."b c"]
station.name = 1
"""


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        (("plan",), 1),
        (("plan", "name"), 2),
        (("plan", "missing"), 1),
        (("tracks", "a", "cells", 0), 5),
        (("tracks", "a", "phases", 0, "phase"), 9),
        (("tracks", "a", "phases", 1), 10),
        (("tracks", "a", "phases", 1, "phase"), 11),
        (("tracks", "a", "phases", 1, "loads", "A1"), 13),
        (("tracks", "b c", "station", "name"), 15),
        (("elsewhere",), None),
    ],
)
def test_lines(loc: tuple[str | int, ...], line: int | None) -> None:
    assert Source("x.toml", TEXT).line_of(loc) == line


def test_dotted_keys() -> None:
    assert dotted(("tracks", "dark", "phases", 2, "until")) == "tracks.dark.phases[2].until"


def test_a_problem_without_a_file_still_names_its_key() -> None:
    assert Source().described(Problem(("a", "b"), "is wrong")) == "a.b: is wrong"
