"""A board that was away too long, or had tripped before: nothing goes on before somebody agrees."""

import pytest
from rehearsing import OC_DARK, SPLIT, assert_passed, fault, play

ASK = OC_DARK.replace('name = "oc-dark"', 'name = "oc-dark"\nresume = "1 min"')


def test_after_a_short_gap_the_track_goes_on(tmp_path):
    done = play(tmp_path, fault("power_cut", "3 min", for_="20 s"), plan=ASK)
    assert_passed(done.report)
    assert done.column("SELECT kind FROM note WHERE kind IN ('pause', 'resume')") == []


def test_after_a_long_gap_the_track_waits_in_the_dark_until_somebody_agrees(tmp_path):
    cut = fault("power_cut", "3 min", for_="2 min")
    done = play(tmp_path, cut, plan=ASK, operator_delay_ms=600_000)
    assert_passed(done.report)
    told = done.column("SELECT kind FROM note WHERE kind IN ('pause', 'resume') ORDER BY id")
    assert told == ["pause", "resume"]
    summary = done.report.summary
    assert summary is not None
    (gap,) = summary.deviations
    assert gap.length_s == pytest.approx(2 * 60 + 600, abs=30), "until it went on"
    assert gap.interrupted
    light = done.count(
        "SELECT count(*) FROM station_sample WHERE outputs LIKE '%light%' AND t_utc_ms BETWEEN"
        " (SELECT min(utc_ms) FROM note WHERE kind = 'pause') AND"
        " (SELECT min(utc_ms) FROM note WHERE kind = 'resume')"
    )
    assert light == 0


def test_after_a_trip_and_a_mains_cut_nobody_heats_again_by_himself(tmp_path):
    """The cut clears the board's memory of the trip, not the database's."""
    broken = {"station": "hotplate_box", "sensor": "plate", "how": "open"}
    open_wire = fault("thermistor", "606 s", for_="2 min", **broken)
    done = play(tmp_path, open_wire, fault("power_cut", "11 min", for_="2 min"), plan=SPLIT)
    assert "nothing has gone on" in done.report.why_not
    heated = done.count(
        "SELECT count(*) FROM station_sample WHERE outputs LIKE '%heater%' AND t_utc_ms >"
        " (SELECT max(seen_utc_ms) FROM boot)"
    )
    assert heated == 0
    (why,) = done.column("SELECT why FROM paused")
    assert "before that it was paused, by a trip or a time-out" in why
