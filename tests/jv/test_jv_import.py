"""Curves that were taken elsewhere: where they go, once, and what is kept of them."""

import json
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from jv_run import AREA_CM2, HOUR_MS, RUN, UTC0, JvRun, curve, request, sent

from soakbench.config.cells import CellFacts
from soakbench.errors import CurveError
from soakbench.jv.extract import extract
from soakbench.jv.messages import Imported, JvTable
from soakbench.jv.single_diode import fit_single_diode
from soakbench.jv.values import METHOD
from soakbench.run.curves.importing import import_curves
from soakbench.run.curves.known_run import known_run
from soakbench.run.curves.results import recompute
from soakbench.run.curves.table import jv_table
from soakbench.store.devices import add_devices
from soakbench.store.sweeps import read_sweeps

BACK, FORTH = curve("reverse"), curve("forward", rs=6.0)


@pytest.fixture
def run(tmp_path) -> JvRun:
    run = JvRun(tmp_path)
    run.due(0)
    run.due(2, after_h=3)
    run.due(4, after_h=10)
    return run


def take(at: JvRun, *files, **more) -> Imported:
    return import_curves(at.store, at.commit, request(*files, **more), UTC0 + 20 * HOUR_MS)


def table(run: JvRun) -> JvTable:
    return jv_table(run.store, known_run(run.store, None))


def places(run: JvRun, cell: str = "A1") -> list[tuple[int, int, str]]:
    return [(s.step, s.cycle, s.direction) for s in table(run).sweeps if s.cell == cell]


def test_curves_go_to_the_oldest_that_waits(run):
    done = take(run, sent(BACK, FORTH))
    assert (done.run, done.known, done.replaced) == (RUN, [], 0)
    assert [(s.stage, s.step, s.direction) for s in done.sweeps] == [
        ("initial", 0, "reverse"),
        ("initial", 0, "forward"),
    ]
    assert run.states() == ["taken", "pending", "pending"]
    assert run.states("A2") == ["pending"] * 3
    take(run, sent(BACK, FORTH, name="b.csv"))
    assert run.states() == ["taken", "taken", "pending"]
    assert run.notes() == [
        ("kim", "J-V of A1, initial: reverse and forward from a.csv"),
        ("kim", "J-V of A1, ageing 3 h: reverse and forward from b.csv"),
    ]


def test_what_they_say_is_stored_with_its_method(run):
    (row,) = take(run, sent(BACK), cell_temp_c=30.0).sweeps
    expected = extract(BACK)
    assert row.pce_percent == pytest.approx(expected.pce_percent)
    assert row.flags == []
    (stored,) = run.store.rows("SELECT * FROM jv_result")
    for name in ("voc_v", "jsc_ma_cm2", "ff_percent", "pce_percent", "slope_voc_ohm_cm2"):
        assert stored[name] == pytest.approx(getattr(expected, name)), name
    assert (stored["method"], json.loads(stored["flags"])) == (METHOD, [])
    assert stored["cell_temp_c"] == 30.0
    (fit,) = run.store.rows("SELECT * FROM sweep_fit")
    assert fit["ideality"] == pytest.approx(fit_single_diode(BACK, expected, 30.0).ideality)
    assert fit["method"].startswith("single-diode")


def test_the_curve_itself_is_kept_as_it_was_measured(run):
    missing = replace(BACK, density_ma_cm2=BACK.density_ma_cm2.copy())
    missing.density_ma_cm2[5] = np.nan
    file = sent(missing)
    times = [0.2 * n for n in range(len(BACK.voltage_v))]
    points = [None if np.isnan(i) else i for i in file.curves[0].current]
    timed = file.curves[0].model_copy(update={"time_s": times, "current": points})
    take(run, file.model_copy(update={"curves": [timed]}))
    (stored,) = read_sweeps(run.store, RUN)
    assert stored.voltage_v.tolist() == BACK.voltage_v.tolist()
    assert stored.current == pytest.approx(missing.density_ma_cm2 * AREA_CM2, nan_ok=True)
    assert stored.time_s.tolist() == times
    assert (stored.quantity, stored.area_cm2) == ("mA", AREA_CM2)
    (row,) = table(run).sweeps
    assert (row.flags, row.pce_percent, row.points) == (["missing_points"], None, len(times))
    assert row.scan_rate_v_s == pytest.approx(0.1)


def test_a_density_needs_no_area(run):
    (row,) = take(run, sent(BACK, per_area=True)).sweeps
    assert row.jsc_ma_cm2 == pytest.approx(extract(BACK).jsc_ma_cm2)
    (stored,) = read_sweeps(run.store, RUN)
    assert stored.quantity == "mA/cm2"


def test_the_area_is_that_of_the_device_in_the_runs_list_of_cells(run):
    facts = {"A1": CellFacts(id="S12-3", aperture_cm2=2 * AREA_CM2)}
    run.commit(lambda c: add_devices(c, RUN, facts))
    (row,) = take(run, sent(BACK)).sweeps
    assert row.area_cm2 == 2 * AREA_CM2
    assert row.jsc_ma_cm2 == pytest.approx(extract(BACK).jsc_ma_cm2 / 2)
    (row,) = take(run, sent(BACK, name="b"), cell="A2").sweeps
    assert row.area_cm2 == AREA_CM2, "the bench's, where the list says nothing"


def test_a_file_is_imported_once(run):
    take(run, sent(BACK, FORTH))
    again = take(run, sent(BACK, FORTH))
    assert (again.known, again.sweeps) == (["a.csv"], [])
    assert len(table(run).sweeps) == 2
    assert len(run.notes()) == 1
    mixed = take(run, sent(BACK, FORTH), sent(BACK, FORTH, name="b.csv"))
    assert mixed.known == ["a.csv"]
    assert {row.step for row in mixed.sweeps} == {2}


def test_other_columns_of_a_file_are_other_curves(run):
    take(run, sent(BACK).model_copy(update={"columns": "1,2"}))
    done = take(run, sent(FORTH).model_copy(update={"columns": "1,3"}))
    assert done.known == []
    assert places(run) == [(0, 0, "reverse"), (0, 0, "forward")]


def test_the_file_of_one_cell_is_not_that_of_another(run):
    take(run, sent(BACK))
    with pytest.raises(CurveError, match="already, as a curve of A1") as caught:
        take(run, sent(BACK), cell="A2")
    assert "--replace" in caught.value.hint
    take(run, sent(BACK), cell="A2", replace=True)
    assert (places(run), places(run, "A2")) == ([], [(0, 0, "reverse")])
    assert run.states() == ["pending"] * 3, "A1 waits again"
    assert run.states("A2") == ["taken", "pending", "pending"]


def test_the_other_direction_completes_its_place(run):
    take(run, sent(BACK))
    assert table(run).hysteresis == []
    take(run, sent(FORTH, name="forward.csv"))
    assert places(run) == [(0, 0, "reverse"), (0, 0, "forward")]
    (index,) = table(run).hysteresis
    back, forth = extract(BACK).pce_percent, extract(FORTH).pce_percent
    assert index.indices["pce"] == pytest.approx((back - forth) / back)
    assert set(index.indices) == {"pce", "area", "j_at_0.8_voc"}
    take(run, sent(BACK, name="next.csv"))
    assert places(run)[2:] == [(2, 0, "reverse")]


def test_places_by_name(run):
    take(run, sent(BACK), stage="ageing")
    take(run, sent(BACK, name="b"), stage="ageing")
    take(run, sent(BACK, name="c"), step=0)
    assert places(run) == [(0, 0, "reverse"), (2, 0, "reverse"), (4, 0, "reverse")]
    with pytest.raises(CurveError, match=r"its reverse curve there already: ageing 10 h") as caught:
        take(run, sent(BACK, name="d"), stage="ageing")
    assert "--replace" in caught.value.hint


@pytest.mark.parametrize(
    ("wish", "message", "hint"),
    [
        ({"stage": "aged"}, 'no J-V at the stage "aged". Did you mean "ageing"', "initial, ageing"),
        ({"step": 5}, "no J-V at that step", "ageing 3 h (--step 2 --cycle 0)"),
        ({"step": 2, "cycle": 1}, "no J-V at that step", "initial (--step 0 --cycle 0)"),
        ({"cell": "Z9"}, "no cell Z9", "A1, A2"),
        ({"cell": "B1"}, "no J-V of B1 has come due", "soakbench jv"),
        ({"run": "nope"}, "no run nope", "soakbench summary"),
    ],
)
def test_a_place_that_is_not_there_says_what_is(run, wish, message, hint):
    with pytest.raises(CurveError) as caught:
        take(run, sent(BACK), **wish)
    assert message in str(caught.value)
    assert hint in caught.value.hint
    assert run.notes() == []


def test_stages_in_a_loop_and_inside_a_phase(run):
    run.due(6, after_h=16)
    run.due(0, cycle=1, after_h=17)
    run.due(2, cycle=1, after_h=20)
    stages = [one.stage for one in table(run).pending if one.cell == "A1"]
    assert stages == [
        "initial",
        "ageing 3 h",
        "ageing 10 h",
        "ageing 16 h",
        "dark recovery 30 min",
        "ageing 3 h #2",
    ]
    (row,) = take(run, sent(BACK), stage="ageing", cycle=1).sweeps
    assert (row.step, row.cycle, row.stage) == (2, 1, "ageing 3 h #2")


def test_stages_follow_what_people_have_ordered(run):
    run.due(6, after_h=16)
    run.due(0, cycle=1, after_h=17)
    longer = (RUN, 0, 5, 0, 10 * HOUR_MS)  # 10 h instead of the last 6 h
    run.commit(lambda c: c.execute("INSERT INTO extended VALUES (?,?,?,?,?)", longer))
    run.commit(lambda c: c.execute("INSERT INTO skipped VALUES (?,0,7,0)", (RUN,)))
    stages = [one.stage for one in table(run).pending if one.cell == "A1"]
    assert stages[3:] == ["ageing 20 h", "dark recovery 30 min (skipped)"]


def test_two_curves_of_a_direction_are_two_imports(run):
    with pytest.raises(CurveError, match="2 reverse curves in these files"):
        take(run, sent(BACK), sent(BACK, name="b.csv"))


def test_a_worthless_curve_is_a_row_with_its_flag(run):
    wrong = curve("reverse", sign=-1.0)
    (row,) = take(run, sent(wrong)).sweeps
    assert (row.flags, row.voc_v, row.pce_percent) == (["sign"], None, None)
    assert run.states()[0] == "taken"
    (right,) = take(run, sent(curve("reverse")), replace=True).sweeps
    assert right.pce_percent is not None
    assert (right.step, right.flags) == (0, [])
    (withdrawn,) = run.store.rows("SELECT * FROM sweep WHERE withdrawn_utc_ms IS NOT NULL")
    assert withdrawn["id"] != right.id, "nothing is ever thrown away"
    assert "in the place of 1 earlier" in run.notes()[-1][1]


def test_a_better_curve_takes_the_place_of_one_that_is_named(run):
    take(run, sent(BACK, FORTH))
    done = take(run, sent(curve("reverse", rs=9.0), name="again.csv"), step=0, replace=True)
    assert done.replaced == 1
    assert places(run) == [(0, 0, "reverse"), (0, 0, "forward")]
    (index,) = table(run).hysteresis
    assert index.indices["pce"] < 0, "computed with the new one"


def test_no_hysteresis_is_left_of_curves_that_moved(run):
    take(run, sent(BACK, FORTH))
    take(run, sent(BACK, FORTH), step=2, replace=True)
    assert [one.step for one in table(run).hysteresis] == [2]
    assert run.states() == ["pending", "taken", "pending"]


def test_the_time_of_measuring(run):
    (row,) = take(run, sent(BACK), step=2, measured_utc_ms=UTC0 + 4 * HOUR_MS).sweeps
    assert row.since_phase_s == 3600
    with pytest.raises(CurveError, match="before the J-V had come due") as caught:
        take(run, sent(BACK, name="b"), step=4, measured_utc_ms=UTC0)
    assert "--measured-at" in caught.value.hint
    (row,) = take(
        run, sent(BACK, name="c"), step=4, measured_utc_ms=UTC0 + 10 * HOUR_MS - 30_000
    ).sweeps
    assert row.since_phase_s == 0, "another computer's clock"


def test_pce_against_the_first_of_the_run(run):
    take(run, sent(BACK, FORTH))
    take(run, sent(curve("reverse", rs=12.0), name="aged.csv"))
    rows = table(run).sweeps
    share = extract(curve("reverse", rs=12.0)).pce_percent / extract(BACK).pce_percent
    assert [row.pce_relative for row in rows] == pytest.approx([1, 1, share])
    assert table(run).pce_relative == pytest.approx({"A1": share})


def test_results_are_computed_anew(run):
    take(run, sent(BACK, FORTH))
    before = table(run)
    run.commit(
        lambda c: c.execute(
            "UPDATE sweep_result SET method = 'old 1', pce_percent = 99, flags = '[]'"
        )
    )
    run.commit(lambda c: c.execute("DELETE FROM hysteresis"))
    assert table(run).sweeps[0].pce_percent == 99
    assert recompute(run.store, run.commit, None) == 2
    assert table(run) == before


def test_one_sweep_of_each_direction_at_a_place_whoever_writes(run):
    take(run, sent(BACK))
    copy = (
        "INSERT INTO sweep (run, track, step, cycle, cell, direction, quantity, area_cm2, points,"
        " source, who, stored_utc_ms) SELECT run, track, step, cycle, cell, direction, quantity,"
        " area_cm2, points, source, who, stored_utc_ms FROM sweep"
    )
    with pytest.raises(sqlite3.IntegrityError):
        run.commit(lambda c: c.execute(copy))


def test_two_imports_at_once_do_not_both_stand(run):
    """The second one has looked before the first one was written."""

    def late(job):
        take(run, sent(BACK, name="first.csv"))
        return run.commit(job)

    with pytest.raises(CurveError, match="somebody else"):
        import_curves(run.store, late, request(sent(BACK)), UTC0)
    assert [row.file_name for row in table(run).sweeps] == ["first.csv"]
