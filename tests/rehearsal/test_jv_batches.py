"""J-V curves by the source meter, through firmware, link and store, in virtual time."""

from dataclasses import replace

import pytest
from rehearsing import OC_DARK, Rehearsed, assert_passed, fault, order

from soakbench.assets import find_bench
from soakbench.config import load_bench
from soakbench.rehearsal.rehearse import rehearse
from soakbench.smu.errors import SmuLostError
from soakbench.smu.simulated import SimulatedSmu

BENCH = load_bench(find_bench("twin"))
CELLS = ["A1", "A2", "A3", "A4"]
CURVES = 3 * len(CELLS) * 2
STANDING = "SELECT count(*) FROM sweep WHERE withdrawn_utc_ms IS NULL"
PENDING = "SELECT count(*) FROM jv WHERE state = 'pending'"


def played(data, *faults, jv=""):
    wanted = replace(order(OC_DARK + jv, "".join(faults)), bench=BENCH)
    return Rehearsed(rehearse(wanted, data), data)


def unplugged_at(monkeypatch, reading, for_good=False):
    """The cable comes off in a reading; `for_good`: nobody puts it back."""
    read, opened, taken = SimulatedSmu.read, SimulatedSmu.prepare, [0]

    async def reading_or_not(self):
        taken[0] += 1
        if taken[0] == reading:
            self.unplugged = True
        return await read(self)

    async def prepared_or_not(self, *settings):
        if for_good and taken[0] >= reading:
            raise SmuLostError("the simulated source meter is unplugged")
        await opened(self, *settings)

    monkeypatch.setattr(SimulatedSmu, "read", reading_or_not)
    monkeypatch.setattr(SimulatedSmu, "prepare", prepared_or_not)


def test_the_curves_say_what_the_simulated_cells_are(tmp_path):
    done = played(tmp_path / "data")
    assert_passed(done.report)
    assert done.report.deviations == []
    assert done.count(STANDING) == done.count("SELECT count(*) FROM jv_result") == CURVES
    assert done.count(PENDING) == 0
    first = done.store.rows("SELECT * FROM jv_result WHERE step = 0")
    for row in first:
        cell = BENCH.twin.cells
        assert row["flags"] == "[]"
        assert row["jsc_ma_cm2"] == pytest.approx(cell.jsc_ma_per_cm2, rel=0.02)
        warmth_v = -0.0015 * (row["cell_temp_c"] - 25)
        assert row["voc_v"] == pytest.approx(cell.fresh_voc_v + warmth_v, abs=0.010)
        product = row["voc_v"] * row["jsc_ma_cm2"] * row["ff_percent"] / 100
        assert row["pce_percent"] == pytest.approx(product, rel=0.01)
        assert row["ff_percent"] == pytest.approx(81.6, abs=1)
        assert row["scan_rate_v_s"] == pytest.approx(0.1, rel=0.01)
        assert row["irradiance_suns"] == pytest.approx(1, abs=0.02)
        assert row["source"] == "smu"
    assert len({row["since_phase_s"] for row in first}) == len(CELLS)


def test_another_cell_is_the_first_one_each_time(tmp_path):
    done = played(tmp_path / "data")
    told = done.column("SELECT text FROM note WHERE text LIKE '%in this order'")
    assert [text.rpartition("of ")[2] for text in told] == [
        "A1, A2, A3, A4, in this order",
        "A2, A3, A4, A1, in this order",
        "A3, A4, A1, A2, in this order",
    ]


def test_cells_are_lit_only_while_one_is_on_the_meter(tmp_path):
    done = played(tmp_path / "data")
    switched = [event["a"] for event in done.events("light")]
    assert switched == [1, 0, 1, 0, 1, 0, 1, 0]  # three J-V, and the ageing after the first
    dark = played(tmp_path / "dark", jv='\n[jv]\nlight = "dark"\n')
    assert [event["a"] for event in dark.events("light")] == [1, 0]
    assert dark.count("SELECT count(*) FROM jv_result WHERE pce_percent IS NOT NULL") == 0


def test_a_source_meter_that_comes_back_costs_one_curve(tmp_path, monkeypatch):
    unplugged_at(monkeypatch, 100)
    done = played(tmp_path / "data")
    assert_passed(done.report)
    (told,) = done.report.deviations
    assert told.startswith("J-V of A1 failed in mid-sweep (incomplete")
    assert "unplugged" in told
    assert done.count(STANDING) == CURVES - 2
    assert done.count(PENDING) == 1
    rows = done.store.rows(
        "SELECT direction, flags, voc_v FROM sweep JOIN sweep_result ON sweep = id"
        " WHERE withdrawn_utc_ms IS NOT NULL ORDER BY direction"
    )
    assert [row["direction"] for row in rows] == ["forward", "reverse"]
    assert "missing_points" in rows[0]["flags"]
    assert rows[0]["voc_v"] is None


def test_without_its_source_meter_the_run_goes_on(tmp_path, monkeypatch):
    unplugged_at(monkeypatch, 100, for_good=True)
    done = played(tmp_path / "data")
    assert_passed(done.report)
    assert done.count(STANDING) == 0
    assert done.count(PENDING) == 3 * len(CELLS)
    assert any("unplugged" in text for text in done.report.deviations)


def test_a_plan_may_end_the_run_when_a_curve_fails(tmp_path, monkeypatch):
    unplugged_at(monkeypatch, 100)
    done = played(tmp_path / "data", jv='\n[jv]\non_failure = "stop"\n')
    assert done.report.why_not.startswith("the run has stopped")
    assert done.events("step_begin") == []


def test_a_plan_may_wait_for_somebody_when_a_curve_fails(tmp_path, monkeypatch):
    unplugged_at(monkeypatch, 100)
    done = played(tmp_path / "data", jv='\n[jv]\non_failure = "pause"\n')
    assert_passed(done.report)  # the operator of rehearsals has resumed it
    texts = done.column("SELECT text FROM note")
    assert any(str(text).startswith("track a paused: J-V failed") for text in texts)
    assert done.count(STANDING) == CURVES
    assert done.count(PENDING) == 0


def test_a_daemon_that_is_killed_measures_what_is_missing(tmp_path):
    done = played(tmp_path / "data", fault("daemon_killed", "45 s"))
    assert_passed(done.report)
    assert done.count(STANDING) == done.count("SELECT count(*) FROM sweep") == CURVES
    assert done.count(PENDING) == 0
    first = [text for text in done.column("SELECT text FROM note") if "(phase 1)" in text]
    assert [text.rpartition("of ")[2] for text in first] == [
        "A1, A2, A3, A4, in this order",
        "A2, A3, A4, in this order",
    ]


def test_a_board_that_restarts_in_mid_sweep_leaves_no_curve_of_it(tmp_path):
    done = played(tmp_path / "data", fault("power_cut", "40 s", for_="2 s"))
    assert_passed(done.report)
    assert done.count(STANDING) == done.count("SELECT count(*) FROM sweep") == CURVES
    assert any("not kept" in text for text in done.report.deviations)


def test_without_a_source_meter_curves_stay_pending(tmp_path):
    data = tmp_path / "data"
    done = Rehearsed(rehearse(order(OC_DARK), data), data)
    assert_passed(done.report)
    assert done.count(PENDING) == 3 * len(CELLS)
    assert done.count("SELECT count(*) FROM sweep") == 0
