"""A plan that claims an ISOS protocol is told what of it it cannot meet, with the line."""

import pytest
from typer.testing import CliRunner

from soakbench.assets import find_bench
from soakbench.cli.app import app
from soakbench.config import load_bench, parse_bench, parse_plan
from soakbench.plan.isos_claim import claim_problems
from soakbench.plan.warnings import warnings

BENCH = load_bench(find_bench("twin-day-night"))

# Twelve hours of light and of dark in nitrogen, at OC: what ISOS-LC-1I asks for.
DAYS = """
[plan]
name = "days"
isos = "ISOS-LC-1I"

[conditions]
atmosphere = "N2"
light_source = "LED"
spectrum = "AM 1.5G"
light_calibration = "Si cell"
encapsulation = "none"
mask = "none"

[tracks.x]
cells = ["A1", "A2"]
station = "simulator"

[[tracks.x.phases]]
phase = "ageing"
label = "day"
until = "12 h"
light = "1 sun"

[[tracks.x.phases]]
phase = "dark_recovery"
until = "12 h"

[[tracks.x.phases]]
phase = "loop"
back_to = "day"
times = 7
"""


def found(plan: str, bench: str = "") -> list[str]:
    """What is told of `plan`, without the file's name."""
    on = parse_bench(bench, "b.toml") if bench else BENCH
    planned = parse_plan(plan, "p.toml")
    told = [planned.source.described(problem) for problem in claim_problems(planned, on)]
    return [text.removeprefix("p.toml, ") for text in told]


def test_what_a_plan_can_meet_needs_no_word() -> None:
    assert found(DAYS) == []


def test_a_plan_that_claims_nothing_is_not_judged() -> None:
    worst = DAYS.replace('isos = "ISOS-LC-1I"', "").replace('"12 h"', '"3 h"')
    assert found(worst) == []


LIT = 'phase = "ageing"\nlabel = "day"\nuntil = "12 h"\nlight = "1 sun"'
DARK = 'phase = "dark_recovery"\nlabel = "day"\nuntil = "12 h"'
NIGHT = 'phase = "dark_recovery"\nuntil = "11 h"'

CHANGES = [
    (
        ('until = "12 h"\nlight', 'load = "SC"\nuntil = "12 h"\nlight'),
        "line 21: tracks.x.phases[0].load: claimed ISOS-LC-1I: at SC while lit: A1, A2; it takes"
        " MPP, OC or a fixed voltage near MPP",
    ),
    (
        ('station = "simulator"', 'station = "simulator"\nload = "SC"\nloads = { A1 = "OC" }'),
        "line 20: tracks.x.phases[0].load: claimed ISOS-LC-1I: at SC while lit: A2; it takes",
    ),
    (
        ('light = "1 sun"', 'light = "1.2 sun"'),
        "line 22: tracks.x.phases[0].light: claimed ISOS-LC-1I: 0.8 to 1 suns are usual; this is"
        " 1.2 suns",
    ),
    (
        ('light = "1 sun"', ""),
        "line 18: tracks.x.phases[0]: claimed ISOS-LC-1I: any light counts; write for instance",
    ),
    (
        ('until = "12 h"\nlight', 'until = "16 h"\nlight'),
        "line 21: tracks.x.phases[0].until: claimed ISOS-LC-1I: a period is 2, 8 or 24 h; this is"
        " 16 h of light, 12 h of dark",
    ),
    (
        ('until = "12 h"\nlight', 'until = "16 h"\nlight'),
        "line 21: tracks.x.phases[0].until: claimed ISOS-LC-1I: light to dark is 1:1 or 1:2; this"
        " is 16 h of light, 12 h of dark",
    ),
    (
        (
            'phase = "dark_recovery"\nuntil = "12 h"',
            'phase = "thermal_recovery"\ntemperature = "50 °C"\nuntil = "12 h"',
        ),
        "line 26: tracks.x.phases[1].temperature: claimed ISOS-LC-1I: it is at 23 ± 4 °C; this is"
        " 50 °C",
    ),
    (
        ('atmosphere = "N2"', ""),
        "line 4: plan.isos: claimed ISOS-LC-1I: the atmosphere is not stated; write for instance"
        ' atmosphere = "N2" in [conditions]',
    ),
    (
        ('"N2"', '"air"'),
        "line 7: conditions.atmosphere: claimed ISOS-LC-1I: I is for an inert atmosphere; stated is"
        ' "air"',
    ),
    (
        ('mask = "none"', ""),
        "line 4: plan.isos: claimed ISOS-LC-1I: to be reported, and not stated in [conditions]:"
        " mask",
    ),
    (
        ('"ISOS-LC-1I"', '"ISOS-LC-1"'),
        'line 7: conditions.atmosphere: claimed ISOS-LC-1: it is in air; stated is "N2"',
    ),
    (
        ('"ISOS-LC-1I"', '"ISOS-LC-1"'),
        "line 18: tracks.x.phases[0].station: claimed ISOS-LC-1: station"
        ' "simulator" has no humidity_sensor, and the humidity is to be reported',
    ),
    (
        ('"ISOS-LC-1I"', '"ISOS-L-1I"'),
        "line 25: tracks.x.phases[1].phase: claimed ISOS-L-1I: it is constant light, and this phase"
        " is dark",
    ),
    (
        ('"ISOS-LC-1I"', '"ISOS-D-1I"'),
        "line 19: tracks.x.phases[0].phase: claimed ISOS-D-1I: it is storage in the dark, and this"
        " phase has light",
    ),
    (
        ('"ISOS-LC-1I"', '"ISOS-LC-2I"'),
        "line 19: tracks.x.phases[0].phase: claimed ISOS-LC-2I: it is at 65 or 85 °C, and this"
        ' phase has no temperature; station "simulator" cannot be that warm',
    ),
    (
        ('"ISOS-LC-1I"', '"ISOS-LC-3I"'),
        "line 4: plan.isos: claimed ISOS-LC-3I: it demands MPP tracking, which no bench of"
        " soakbench does",
    ),
    (
        ('"ISOS-LC-1I"', '"ISOS-LC-3"'),
        "line 4: plan.isos: claimed ISOS-LC-3: it wants at most 50 % relative humidity, and nothing"
        " here controls that",
    ),
    (
        ("times = 7", "times = 1"),
        "line 18: tracks.x.phases[0]: claimed ISOS-LC-1I: there is one cycle only; a loop makes"
        " more",
    ),
    (
        ('phase = "dark_recovery"\nuntil = "12 h"', 'phase = "jv"'),
        "line 14: tracks.x: claimed ISOS-LC-1I: the track has no dark",
    ),
    (
        (LIT, DARK),
        "line 14: tracks.x: claimed ISOS-LC-1I: the track has no light",
    ),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_what_it_cannot_meet_is_told_with_the_line(change: tuple[str, str], said: str) -> None:
    assert DAYS.count(change[0]) == 1, "it is a change"
    told = found(DAYS.replace(*change))
    assert any(text.startswith(said) for text in told), told


def test_a_phase_at_a_time_of_day_makes_rounds_of_a_day() -> None:
    early = DAYS.replace('label = "day"', 'label = "day"\nstart = "08:00"')
    assert found(early.replace('phase = "dark_recovery"\nuntil = "12 h"', NIGHT)) == []
    told = found(early.replace('until = "12 h"\nlight', 'until = "10 h"\nlight'))
    assert len(told) == 1
    assert "light to dark is 1:1 or 1:2; this is 10 h of light, 14 h of dark" in told[0]


def test_sensors_that_are_missing_are_told_once_a_station() -> None:
    text = find_bench("twin-day-night").read_text("utf-8")
    for key in ("light_sensor", "stage_sensor", "plate_sensor"):
        text = text.replace(f"\n{key}", f"\n# {key}")
    heater = text.index("[stations.simulator.heater]")
    blind = text[:heater] + text[text.index("[cells.A1]") :]
    told = found(DAYS.replace('light = "1 sun"', ""), blind)
    assert next(one for one in told if "no light_sensor" in one).startswith("line 18: ")
    assert len([one for one in told if "no stage_sensor" in one]) == 1


def test_in_inert_gas_no_humidity_is_wanted() -> None:
    third = found(DAYS.replace('"ISOS-LC-1I"', '"ISOS-LC-3I"'))
    assert any("MPP tracking" in text for text in third)
    assert not any("humidity" in text for text in third)


def test_what_stands_in_a_common_beginning_is_told_once_and_there() -> None:
    """Two arms that go on from one track: the light is in its table."""
    head, phases = DAYS.replace('"1 sun"', '"2 sun"').split("[[tracks.x.phases]]", 1)
    arms = "".join(
        f"""
[tracks.{name}]
from = "x"
cells = ["{cell}"]
[[tracks.{name}.phases]]
phase = "dark_recovery"
until = "12 h"
"""
        for name, cell in (("one", "A1"), ("two", "A2"))
    )
    told = found(head + "[[tracks.x.phases]]" + phases + arms)
    assert len([text for text in told if "this is 2 suns" in text]) == 1
    assert any(text.startswith("line 22: tracks.x.phases[0].light") for text in told)


def test_check_prints_them_as_warnings_and_the_plan_can_run(tmp_path) -> None:
    plan = tmp_path / "mine.toml"
    plan.write_text(DAYS.replace('"N2"', '"air"'), "utf-8")
    done = CliRunner().invoke(app, ["check", str(plan), "--bench", "twin-day-night"])
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert f"warning: {plan}, line 7: conditions.atmosphere: claimed ISOS-LC-1I" in said
    assert len(warnings(parse_plan(plan.read_text("utf-8"), "p.toml"), BENCH)) == 1
