"""What each cell went through, in rehearsals where it can be worked out by hand."""

import pytest
from rehearsing import SPLIT, Rehearsed, assert_passed, fault, play

from soakbench.cell_history import CellAccount, IsosLabel

MIN_H = 1 / 60
NEAR_H = 4 / 3600  # a few control periods, and the steps in between

# The thermal track is never lit, but it waits for a person beside the one that is.
AGEING = """
[[tracks.thermal.phases]]
phase = "ageing"
until = "6 min"
light = "1 sun"
"""
BESIDE = SPLIT.replace(AGEING, "")


def accounts(done: Rehearsed) -> dict[str, CellAccount]:
    summary = done.report.summary
    assert summary is not None
    return {each.cell: each for each in summary.cells}


def labels(done: Rehearsed) -> dict[str, IsosLabel]:
    summary = done.report.summary
    assert summary is not None
    return {cell: label for label in summary.isos for cell in label.cells}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return play(tmp_path_factory.mktemp("calm"))


def test_a_run_as_planned(calm: Rehearsed) -> None:
    cells = accounts(calm)
    a1, a2, b1 = cells["A1"], cells["A2"], cells["B1"]
    assert (a1.ageing.oc_h, a1.ageing.sc_h) == pytest.approx((6 * MIN_H, 0), abs=NEAR_H)
    assert (a2.ageing.oc_h, a2.ageing.sc_h) == pytest.approx((0, 6 * MIN_H), abs=NEAR_H)
    assert a2.dark_recovery.oc_h == pytest.approx(10 * MIN_H, abs=NEAR_H)
    assert b1.thermal_recovery.oc_h == pytest.approx(3 * MIN_H, abs=NEAR_H)
    assert a1.dose_sun_h == pytest.approx(6 * MIN_H, abs=NEAR_H)
    assert a1.light_suns.mean == pytest.approx(1, abs=0.01)
    assert (a1.ageing.temp_c.sensor, b1.thermal_recovery.temp_c.sensor) == ("stage", "plate")
    assert b1.thermal_recovery.temp_c.mean == pytest.approx(50, abs=0.5)
    for temp, hours in ((a1.ageing.temp_c, 6), (a1.dark_recovery.temp_c, 10)):
        assert temp.read_h == pytest.approx(hours * MIN_H, abs=NEAR_H)
        assert temp.unread_h == pytest.approx(0, abs=NEAR_H)
    assert (a1.handling.interruptions, a1.handling.away_h, a1.handling.interrupted) == (0, 0, False)
    assert a1.cycles.complete == 1
    assert a1.cycles.period_h == pytest.approx(16 * MIN_H, abs=2 * NEAR_H)


def test_cells_under_one_sun_warm_up_and_cool_down_in_the_dark(calm: Rehearsed) -> None:
    """20 K with a time constant of 3 min: mean of 6 min of warming 11.4 K, the end 17.3 K."""
    a1 = accounts(calm)["A1"]
    temp, dark = a1.ageing.temp_c, a1.dark_recovery.temp_c
    assert temp.mean == pytest.approx(23 + 11.35, abs=0.3)
    assert temp.high == pytest.approx(23 + 17.3, abs=0.3)
    assert dark.mean == pytest.approx(23 + 17.3 * 3 / 10 * (1 - 2.718 ** (-10 / 3)), abs=0.3)


def test_the_label_names_the_nearest_and_never_without_a_but(calm: Rehearsed) -> None:
    found = labels(calm)
    assert {cell: label.nearest for cell, label in found.items()} == dict.fromkeys(
        ("A1", "A2", "B1", "B2"), "ISOS-LC-1"
    )
    assert all(label.text.startswith("nearest: ISOS-LC-1, but: ") for label in found.values())
    assert "SC while lit" in found["A2"].text
    assert "SC while lit" not in found["A1"].text
    assert "period 16 min, not 2, 8 or 24 h" in found["A1"].deviations
    assert "light to dark 6 min to 10 min (1:1.67), not 1:1 or 1:2" in found["A1"].deviations
    (warm,) = [text for text in found["B1"].deviations if "°C" in text and "thermal" in text]
    assert warm.endswith("in thermal recovery for 3 min, not 23 ± 4 °C; no level of ISOS")
    assert found["B1"].cells == ["B1", "B2"]


def test_a_dead_lamp_is_an_interruption_and_no_light(tmp_path) -> None:
    """Dead for 2 of the 6 min, which take 8: the dose is that of 6."""
    plan = SPLIT.replace('name = "split"', 'name = "split"\nmax_gap = "1 min"')
    done = play(tmp_path, fault("lamp", "2 min", for_="2 min", how="dead"), plan=plan)
    assert_passed(done.report)
    a1 = accounts(done)["A1"]
    assert a1.ageing.oc_h == pytest.approx(6 * MIN_H, abs=NEAR_H)
    assert a1.dose_sun_h == pytest.approx(6 * MIN_H, abs=NEAR_H)
    assert a1.light_suns.low == pytest.approx(1, abs=0.02), "while it counted"
    assert (a1.handling.interruptions, a1.handling.interrupted) == (1, True)
    assert a1.handling.longest_interruption_h == pytest.approx(2 * MIN_H, abs=NEAR_H)
    assert a1.cycles.light_h == pytest.approx(8 * MIN_H, abs=NEAR_H)
    (said,) = [text for text in labels(done)["A1"].deviations if "interruption" in text]
    assert said.startswith("1 interruption, ")
    assert said.endswith("longer than max_gap, so it is interrupted")


def test_a_power_cut_is_time_that_the_board_was_away(tmp_path) -> None:
    """The last sample is up to 10 s older than the cut; to be back takes a few seconds."""
    done = play(tmp_path, fault("power_cut", "4 min", for_="3 min"))
    assert_passed(done.report)
    a1 = accounts(done)["A1"]
    assert a1.ageing.oc_h == pytest.approx(6 * MIN_H, abs=NEAR_H)
    assert a1.handling.away_h == pytest.approx(3 * MIN_H, abs=25 / 3600)
    assert a1.handling.longest_interruption_h == a1.handling.away_h
    assert a1.handling.interrupted is False, "max_gap is 5 min"
    assert a1.ageing.temp_c.read_h == pytest.approx(6 * MIN_H, abs=25 / 3600)
    assert a1.cycles.light_h == pytest.approx(9 * MIN_H, abs=25 / 3600)


def test_light_on_cells_that_wait_beside_others_counts_and_is_no_ageing(tmp_path) -> None:
    """The person comes after 2 min, while the others age; until then they may be in a hand."""
    assert AGEING in SPLIT
    done = play(tmp_path, plan=BESIDE, operator_delay_ms=120_000)
    assert_passed(done.report)
    b1 = accounts(done)["B1"]
    assert b1.ageing.hours == 0
    assert b1.handling.moved_h == pytest.approx(2 * MIN_H, abs=NEAR_H)
    assert b1.outside_sun_h == pytest.approx(2 * MIN_H, abs=NEAR_H)
    assert b1.dose_sun_h == b1.outside_sun_h
    assert b1.outside_unread_h > 3 * MIN_H, "the box has no light sensor"
    label = labels(done)["B1"]
    assert label.nearest == "ISOS-D-2", "50 °C is nearer to 65 than to ambient"
    assert "0.03 sun-h of light outside of ageing" in label.deviations
    assert "cells moved, unplugged for up to 2 min" in label.deviations


def test_a_broken_wire_is_time_without_a_reading(tmp_path) -> None:
    """The stage has none for two of the ten minutes in the dark."""
    broken = {"station": "simulator", "sensor": "stage", "how": "open"}
    done = play(tmp_path, fault("thermistor", "8 min", for_="2 min", **broken))
    assert_passed(done.report)
    temp = accounts(done)["A1"].dark_recovery.temp_c
    assert temp.sensor == "stage"
    assert temp.unread_h == pytest.approx(2 * MIN_H, abs=12 / 3600)
    assert temp.read_h == pytest.approx(8 * MIN_H, abs=12 / 3600)
    said = " ".join(labels(done)["A1"].deviations)
    assert "no reading of the temperature in the dark for" in said
