"""A track that others go on from: the arms run as if each had been written out."""

import pytest

from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_plan
from soakbench.errors import ConfigError
from soakbench.plan import compile_program

TWIN = load_bench(find_bench("twin"))

HEAD = '[plan]\nname = "arms"\n'
AGEING = 'phase = "ageing"\nuntil = "2 h"\nlight = "1 sun"\n'
DARK = 'phase = "dark_recovery"\nuntil = "3 h"\n'

SPLIT = (
    HEAD
    + f"""
[tracks.together]
cells = ["A1", "A2", "B1"]
station = "simulator"
loads = {{ A2 = "SC" }}
roles = {{ B1 = "reference" }}

[[tracks.together.phases]]
{AGEING}loads = {{ B1 = "SC" }}

[[tracks.together.phases]]
phase = "jv"

[tracks.dark]
from = "together"
cells = ["A1", "A2"]

[[tracks.dark.phases]]
{DARK}
[tracks.thermal]
from = "together"
cells = ["B1"]
load = "SC"

[[tracks.thermal.phases]]
phase = "confirm"
message = "To the plate"
station = "hotplate_box"

[[tracks.thermal.phases]]
phase = "thermal_recovery"
until = "1 h"
temperature = "50 °C"
"""
)

WRITTEN_OUT = (
    HEAD
    + f"""
[tracks.dark]
cells = ["A1", "A2"]
station = "simulator"
loads = {{ A2 = "SC" }}

[[tracks.dark.phases]]
{AGEING}
[[tracks.dark.phases]]
phase = "jv"

[[tracks.dark.phases]]
{DARK}
[tracks.thermal]
cells = ["B1"]
station = "simulator"

[[tracks.thermal.phases]]
{AGEING}load = "SC"

[[tracks.thermal.phases]]
phase = "jv"

[[tracks.thermal.phases]]
phase = "confirm"
message = "To the plate"
station = "hotplate_box"

[[tracks.thermal.phases]]
phase = "thermal_recovery"
until = "1 h"
temperature = "50 °C"
load = "SC"
"""
)


def test_arms_run_as_if_written_out() -> None:
    split = compile_program(parse_plan(SPLIT, "split"), TWIN)
    written_out = compile_program(parse_plan(WRITTEN_OUT, "written out"), TWIN)
    assert split.blob == written_out.blob
    assert [track.name for track in split.tracks] == ["dark", "thermal"]


def test_roles_go_with_their_cells() -> None:
    dark, thermal = compile_program(parse_plan(SPLIT, "split"), TWIN).tracks
    assert (dark.roles, thermal.roles) == ({}, {"B1": "reference"})


def message_of(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compile_program(parse_plan(text, "p.toml"), TWIN)
    return str(caught.value)


def test_a_problem_of_the_common_part_is_told_once_and_where_it_stands() -> None:
    bright = 'light = "9 suns"'
    text = SPLIT.replace('light = "1 sun"', bright)
    assert message_of(text) == (
        f"p.toml, line {1 + text.splitlines().index(bright)}:"
        " tracks.together.phases[0].light: 9 + 0.1 suns cannot be verified: the sensor of station"
        ' "simulator" ends at 1.5 suns'
    )


def test_a_problem_of_an_arm_is_told_at_the_arm() -> None:
    text = SPLIT.replace('temperature = "50 °C"', 'temperature = "99 °C"')
    assert "tracks.thermal.phases[1].temperature: 99 °C is outside" in message_of(text)


def test_an_arm_of_an_arm() -> None:
    text = SPLIT + (
        '\n[tracks.later]\nfrom = "thermal"\ncells = ["B1"]\n'
        '[[tracks.later.phases]]\nphase = "jv"\n'
    )
    dark, later = compile_program(parse_plan(text, "p.toml"), TWIN).tracks
    assert [step.phase for step in later.steps] == [
        "ageing",
        "jv",
        "confirm",
        "thermal_recovery",
        "jv",
    ]
    assert (dark.name, later.name) == ("dark", "later")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'cells = ["B1"]',
            'cells = ["B1", "A2"]',
            'tracks.thermal.cells[1]: cell "A2" is already in track "dark"; a cell has one track',
        ),
        (
            'roles = { B1 = "reference" }',
            'roles = { B1 = "never_lit" }',
            'tracks.together.roles.B1: cell "B1" is never to be lit, but this track has an ageing'
            " phase; give it a track of its own at a dark station",
        ),
    ],
)
def test_what_cannot_be(old: str, new: str, expected: str) -> None:
    assert old in SPLIT
    assert expected in message_of(SPLIT.replace(old, new))
