"""Phases that people have made longer or shorter on the way, whoever was away since."""

import asyncio
from pathlib import Path

import pytest
from cuts import Cut, complaints
from people import extend, listen, orders
from rehearsing import OC_DARK, Rehearsed, assert_passed, play

from soakbench.daemon.engine import Engine
from soakbench.device import Device
from soakbench.errors import DaemonError
from soakbench.status import Order, PhaseSummary

MIN_S = 60.0
DOSE = OC_DARK.replace('until = "5 min"\nlight', 'until = "0.1 sun_h"\nlight')


def phase(done: Rehearsed, track: str, name: str) -> PhaseSummary:
    assert done.report.summary is not None
    phases = done.report.summary.phases
    (found,) = [one for one in phases if (one.track, one.phase) == (track, name)]
    return found


def notes(done: Rehearsed) -> list[tuple[object, ...]]:
    rows = done.store.rows("SELECT who, text FROM note WHERE kind = 'extend' ORDER BY id")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("kind", "at_min"), [("host", 9), ("both", 9), ("board", 18.5), ("both", 18.5)]
)
def test_host_and_board_are_cut_and_the_new_goal_is_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, at_min: float
) -> None:
    """At 18.5 min the dark track has more behind it than the plan asks for."""
    orders(monkeypatch, (8 * MIN_S, extend("dark", "5 min", "still rises")))
    cut = Cut(kind, at_min * MIN_S, 90)
    done = play(tmp_path, cut.faults())
    assert_passed(done.report)
    assert complaints(done.report, [cut]) == []
    assert phase(done, "dark", "dark_recovery").planned == 0.25
    assert phase(done, "thermal", "thermal_recovery").planned == 0.05
    words = "track dark: dark_recovery (phase 2) extended by 5 min to 15 min: still rises"
    assert notes(done) == [("anna", words)]
    if kind != "host":
        assert done.report.summary is not None
        (gap,) = [one for one in done.report.summary.deviations if one.track == "dark"]
        assert "of 15 min delivered" in gap.text


def test_a_dose_is_cut_short_and_its_account_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(monkeypatch, (2 * MIN_S, extend("a", "-0.05 sun_h")))
    done = play(tmp_path, plan=DOSE)
    assert_passed(done.report)
    ageing = phase(done, "a", "ageing")
    assert (ageing.planned, ageing.unit, ageing.state) == (0.05, "sun_h", "done")
    assert ageing.delivered == pytest.approx(0.05, abs=1.2 / 3600)


def test_more_than_once_and_while_it_is_paused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resume(engine: Engine) -> None:
        await engine.resume(Order(track="a"))

    async def pause(engine: Engine) -> None:
        await engine.pause(Order(track="a"))

    asked = [(60.0, extend("a", "5 min")), (120.0, pause), (150.0, extend("a", "-3 min"))]
    orders(monkeypatch, *asked, (180.0, resume))
    cut = Cut("both", 155, 10)
    done = play(tmp_path, cut.faults(), plan=OC_DARK)
    assert_passed(done.report)
    ageing = phase(done, "a", "ageing")
    assert ageing.planned == pytest.approx(7 / 60)
    assert 0 <= (ageing.delivered or 0) - 7 / 60 <= 1 / 3600
    assert [text for _, text in notes(done)] == [
        "track a: ageing (phase 2) extended by 5 min to 10 min",
        "track a: ageing (phase 2) shortened by 3 min to 7 min",
    ]


def test_curves_inside_the_phase_stay_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(monkeypatch, (60.0, extend("a", "2 min")))
    plan = OC_DARK.replace('light = "1 sun"', 'light = "1 sun"\njv_at = ["2 min", "3 min"]')
    done = play(tmp_path, plan=plan)
    assert_passed(done.report)
    assert done.report.summary is not None
    stretches = [one for one in done.report.summary.phases if one.phase == "ageing"]
    assert [one.planned for one in stretches] == pytest.approx([2 / 60, 1 / 60, 4 / 60])
    assert [one.delivered for one in stretches] == pytest.approx([2 / 60, 1 / 60, 4 / 60], abs=3e-4)


def test_who_ages_at_the_same_station_is_told_of_and_leaves_the_light_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[object] = []
    asked = [("dark", "2 min"), ("thermal", "2 min"), ("dark", "1 min")]
    orders(
        monkeypatch,
        *[(60.0 + n, listen(extend(*one), answers)) for n, one in enumerate(asked)],
    )
    done = play(tmp_path)
    assert_passed(done.report)
    told = "; also at this station: {}; without the same, one waits for the other"
    assert answers == [
        "track dark: ageing (phase 1) extended by 2 min to 8 min" + told.format("thermal"),
        "track thermal: ageing (phase 1) extended by 2 min to 8 min",
        "track dark: ageing (phase 1) extended by 1 min to 9 min" + told.format("thermal"),
    ]
    both = [phase(done, track, "ageing") for track in ("dark", "thermal")]
    assert [one.planned for one in both] == pytest.approx([9 / 60, 8 / 60])
    assert [one.delivered for one in both] == pytest.approx([9 / 60, 9 / 60], abs=2 / 3600)


def test_an_order_that_comes_too_late_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is on disk, and the phase ends before the board hears of it."""
    refused: list[str] = []
    set_goal = Device.set_goal

    async def slowly(self: Device, *place_and_goal: int) -> None:
        await asyncio.sleep(10)
        await set_goal(self, *place_and_goal)

    async def late(engine: Engine) -> None:
        with pytest.raises(DaemonError) as caught:
            await extend("a", "1 min")(engine)
        refused.append(str(caught.value))

    monkeypatch.setattr(Device, "set_goal", slowly)
    orders(monkeypatch, (295, late))
    done = play(tmp_path, plan=OC_DARK)
    assert_passed(done.report)
    assert refused == ["track a: ageing (phase 2) had ended before"]
    assert phase(done, "a", "ageing").planned == pytest.approx(5 / 60)
    assert done.count("SELECT count(*) FROM extended") == 0
    assert [text for _, text in notes(done)] == [
        "track a: ageing (phase 2) extended by 1 min to 6 min",
        "track a: ageing (phase 2) had ended before",
    ]
