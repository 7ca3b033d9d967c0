"""A plan that is not to go on without the computer, and what its account says of that."""

from pathlib import Path

import pytest
from rehearsing import SPLIT, Rehearsed, assert_passed, fault, play

from soakbench.daemon.engine import Engine
from soakbench.status import Deviation

HELD = SPLIT.replace('name = "split"', 'name = "split"\nhost_loss = "hold"\nlease_s = 60')
LEASE_S = 60
BACK_S = 8.0  # until a daemon that is back has asked the board, and the board has passed
AWAY = fault("host_away", "2 min", for_="5 min")


def held(done: Rehearsed) -> list[Deviation]:
    assert done.report.summary is not None
    return [one for one in done.report.summary.deviations if one.kind == "held"]


def test_tracks_are_held_until_the_computer_is_back(tmp_path: Path) -> None:
    done = play(tmp_path, AWAY, plan=HELD)
    assert_passed(done.report)
    assert [(one.track, one.phase) for one in held(done)] == [
        ("dark", "ageing"),
        ("thermal", "ageing"),
    ]
    for one in held(done):
        assert one.text == "paused: until the computer was back"
        assert one.length_s == pytest.approx(300 - LEASE_S, abs=BACK_S)
        assert one.dose_sun_h == pytest.approx(0, abs=0.001)
    assert done.report.summary is not None
    for phase in done.report.summary.phases:
        if phase.planned is not None:
            assert phase.delivered == pytest.approx(phase.planned, abs=1 / 3600)
    (ends, *_) = done.events("step_end")
    assert ends["t_device_ms"] / 1000 == pytest.approx(360 + 300 - LEASE_S, abs=BACK_S + 5)  # type: ignore[operator]


def test_a_plan_that_says_nothing_goes_on(tmp_path: Path) -> None:
    done = play(tmp_path, AWAY)
    assert_passed(done.report)
    assert held(done) == []
    (ends, *_) = done.events("step_end")
    assert ends["t_device_ms"] / 1000 == pytest.approx(360, abs=10)  # type: ignore[operator]


def test_what_was_held_waits_for_nobody_when_the_board_has_restarted_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The computer's loop stalls: no beat, but the records are taken, the hold's too."""
    beat = Engine._beat

    def stalled(self: Engine) -> int | None:
        return None if 120_000 <= self._clock.monotonic_ms() < 420_000 else beat(self)

    monkeypatch.setattr(Engine, "_beat", stalled)
    done = play(tmp_path, fault("power_cut", "5 min", for_="20 s"), plan=HELD)
    assert_passed(done.report)
    assert done.report.summary is not None
    assert done.count("SELECT count(*) FROM note WHERE kind = 'pause'") == 0
    gaps = [one for one in done.report.summary.deviations if one.kind == "gap"]
    for track in ("dark", "thermal"):
        (hold,) = [one for one in held(done) if one.track == track]
        (gap,) = [one for one in gaps if one.track == track]
        assert hold.text == "paused: until the computer was back"
        assert hold.length_s == pytest.approx(300 - 120 - LEASE_S, abs=BACK_S)
        assert gap.length_s == pytest.approx(420 - 300, abs=2 * BACK_S)
