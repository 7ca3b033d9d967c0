"""What a plan may say about trouble, time-outs and sensors that confirm."""

import pytest

from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_plan
from soakbench.errors import ConfigError
from soakbench.plan import check

PLAN = """
[plan]
name = "watched"
lamp_failure = "pause after 30 min"
operator_absence = "stop after 24 h"

[tracks.a]
cells = ["A1"]
station = "simulator"

[[tracks.a.phases]]
phase = "ageing"
until = "1 h"
timeout = "3 h"
on_timeout = "skip"

[[tracks.a.phases]]
phase = "confirm"
message = "Move"
station = "hotplate_box"
by_sensors = ["dark", "contact", "warm"]
steady = "2 min"

[[tracks.a.phases]]
phase = "thermal_recovery"
until = "1 h"
temperature = "50 °C"
"""


def message_of(old: str, new: str, bench: str = "twin-sensed") -> str:
    assert old in PLAN
    with pytest.raises(ConfigError) as caught:
        check(parse_plan(PLAN.replace(old, new), "p.toml"), load_bench(find_bench(bench)))
    return str(caught.value)


def test_the_plan_can_run():
    check(parse_plan(PLAN, "p.toml"), load_bench(find_bench("twin-sensed")))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            '"pause after 30 min"',
            '"wait"',
            'plan.lamp_failure: "wait" is not known here; write "hold", "pause after 30 min",'
            ' "skip after 30 min" or "stop after 30 min"',
        ),
        (
            '"pause after 30 min"',
            '"pause after 30"',
            'plan.lamp_failure: "30" has no unit; expected a time like "16 h"',
        ),
        (
            '"stop after 24 h"',
            '"pause after 24 h"',
            'plan.operator_absence: "pause after 24 h" is not known here; write "hold",'
            ' "skip after 30 min" or "stop after 30 min"',
        ),
        (
            '"stop after 24 h"',
            '"skip after 24 h"',
            'tracks.a.phases[1]: operator_absence = "skip after 24 h" would skip this one, and the'
            ' cells would still be at "simulator", not at "hotplate_box"; give it a `timeout` with'
            ' on_timeout = "stop"',
        ),
        (
            'steady = "2 min"',
            'timeout = "2 h"',
            "tracks.a.phases[1].timeout: cells wait at a confirm anyway; say on_timeout ="
            ' "skip" or "stop"',
        ),
        (
            'steady = "2 min"',
            'timeout = "2 h"\non_timeout = "skip"',
            'tracks.a.phases[1].on_timeout: the cells would still be at "simulator", not at'
            ' "hotplate_box"; allowed: "stop"',
        ),
        (
            'timeout = "3 h"\n',
            "",
            "tracks.a.phases[0].on_timeout: says what to do at a time-out, but there is none; add a"
            ' `timeout` like "6 h"',
        ),
        (
            'by_sensors = ["dark", "contact", "warm"]\n',
            "",
            "tracks.a.phases[1].steady: says how long signs must hold, but there are none; add"
            ' by_sensors = ["dark"]',
        ),
        (
            'phase = "thermal_recovery"\nuntil = "1 h"\ntemperature = "50 °C"',
            'phase = "dark_recovery"\nuntil = "1 h"',
            'tracks.a.phases[1].by_sensors[2]: "warm" cannot be seen: no thermal_recovery follows'
            " that says how warm",
        ),
        (
            'station = "hotplate_box"\n',
            "",
            'tracks.a.phases[1].by_sensors[0]: "dark" cannot be seen: station "simulator" has no'
            " lux_sensor",
        ),
        (
            'station = "hotplate_box"\n',
            "",
            'tracks.a.phases[1].by_sensors[2]: "warm" cannot be seen: station "simulator" has no'
            " plate_sensor",
        ),
    ],
)
def test_what_cannot_be(old, new, expected):
    assert expected in message_of(old, new)


def test_contact_needs_cells_that_are_sensed():
    text = message_of("steady", "steady", bench="twin")
    assert 'tracks.a.phases[1].by_sensors[1]: "contact" cannot be seen: nothing senses A1' in text
