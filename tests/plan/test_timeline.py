"""When what happens, nominally."""

from datetime import UTC, datetime, timedelta

import pytest

from soakbench.assets import find_bench, find_plan
from soakbench.config import load_bench, load_plan, parse_plan
from soakbench.errors import ConfigError
from soakbench.plan import NOTE, TrackTimeline, timeline

TWIN = load_bench(find_bench("twin"))


def of(name: str, bench: str = "twin", **more) -> list[TrackTimeline]:
    return timeline(load_plan(find_plan(name)), load_bench(find_bench(bench)), **more)


def test_paper_fig4() -> None:
    dark, thermal = of("paper-fig4")
    assert (dark.track, dark.cells, dark.end_h) == ("dark", ["A1", "A2", "A3", "A4"], 32.0)
    assert thermal.end_h == 19.0
    assert [(p.phase, p.station, p.start_h, p.end_h) for p in thermal.phases] == [
        ("jv", "simulator", 0, 0),
        ("ageing", "simulator", 0, 16),
        ("jv", "simulator", 16, 16),
        ("confirm", "simulator", 16, 16),
        ("thermal_recovery", "hotplate_box", 16, 19),
        ("confirm", "hotplate_box", 19, 19),
        ("jv", "simulator", 19, 19),
    ]
    assert [p.detail for p in thermal.phases[1:5]] == [
        "16 h at 1 sun",
        "",
        "Put substrate B on the hotplate and close the box",
        "3 h at 50 ± 1 °C",
    ]
    assert thermal.phases[1].start is None
    assert "heating up" in NOTE
    assert "confirm" in NOTE


def test_loops_are_unrolled() -> None:
    oc, _sc = of("day-night", bench="twin-day-night")
    days = [p for p in oc.phases if p.phase == "ageing"]
    assert [(p.start_h, p.cycle) for p in days] == [(24.0 * n, n) for n in range(7)]
    assert oc.end_h == 7 * 24


def test_clock_times_follow_the_acceleration_and_hours_do_not() -> None:
    start = datetime(2026, 1, 1, 8, tzinfo=UTC)
    thermal = of("paper-oc-thermal", start=start)[0]
    assert thermal.phases[4].start == start + timedelta(hours=16)
    assert thermal.phases[4].end == start + timedelta(hours=19)
    fast = of("paper-oc-thermal", start=start, accelerate=3600)[0]
    assert fast.phases[4].end == start + timedelta(seconds=19)
    assert fast.phases[4].end_h == 19.0


def test_a_dose_takes_as_long_as_the_light_needs() -> None:
    text = find_plan("paper-oc-dark").read_text(encoding="utf-8")
    text = text.replace('"16 h"       ', '"8 sun_h"', 1).replace('"1 sun"', '"0.5 sun"', 1)
    phase = timeline(parse_plan(text, "p.toml"), TWIN)[0].phases[1]
    assert (phase.end_h, phase.detail) == (16.0, "8 sun_h at 0.5 suns")


def test_a_plan_that_cannot_run_has_no_timeline() -> None:
    with pytest.raises(ConfigError, match="has no heater"):
        of("day-night")
