"""Whole rehearsals: they finish, they are judged, and they are the same every time."""

import gc
import json
import logging
import signal
from dataclasses import replace

import pytest
from rehearsing import OC_DARK, SPLIT, assert_passed, fault, order, play

from soakbench.config import parse_plan
from soakbench.errors import ConfigError, StoreError
from soakbench.rehearsal.host import EPOCH_UTC_MS
from soakbench.rehearsal.progress import Progress
from soakbench.rehearsal.rehearse import Chip, rehearse

FIGURES = ["simulated_s", "wall_s", "speedup", "polls"]
CUSTODY = ["produced", "stored", "declared_loss", "missing", "duplicates"]
KEYS = ["plan", "seed", *FIGURES, *CUSTODY, "violations", "deviations", "trips", "db_hash"]


@pytest.mark.parametrize("plan", [OC_DARK, SPLIT], ids=["oc-dark", "split"])
def test_a_plan_passes_and_gives_the_same_database_twice(plan):
    first, second = rehearse(order(plan)), rehearse(order(plan))
    assert_passed(first)
    assert first.deviations == []
    assert first.db_hash == second.db_hash
    assert (first.polls, first.simulated_s) == (second.polls, second.simulated_s)


def test_another_seed_gives_another_database():
    first, second = rehearse(order(OC_DARK)), rehearse(order(OC_DARK, seed=2))
    assert_passed(second)
    assert first.db_hash != second.db_hash


def test_the_same_faults_give_the_same_database_twice():
    faults = (
        fault("noisy_cable", "1 min", rate=0.001, for_="2 min")
        + fault("power_cut", "4 min", for_="20 s")
        + fault("daemon_killed", "5 min")
    )
    first, second = rehearse(order(OC_DARK, faults)), rehearse(order(OC_DARK, faults))
    assert_passed(first)
    assert first.db_hash == second.db_hash


def test_the_report_for_programs_has_its_keys():
    values = json.loads(rehearse(order(OC_DARK)).as_json())
    assert list(values) == KEYS
    assert values["plan"] == "oc-dark"
    assert values["produced"] == values["stored"] > 0
    assert values["violations"] == values["deviations"] == values["trips"] == []
    assert values["simulated_s"] > 600


def test_the_timeline_says_when_each_phase_was():
    report = rehearse(order())
    phases = [(each.track, each.phase, each.station) for each in report.passages]
    assert phases == [
        ("dark", "ageing", "simulator"),
        ("dark", "dark_recovery", "simulator"),
        ("thermal", "ageing", "simulator"),
        ("thermal", "confirm", "simulator"),
        ("thermal", "thermal_recovery", "hotplate_box"),
    ]
    ageing, dark = report.passages[:2]
    assert ageing.to_h == pytest.approx(0.1, abs=0.003)
    assert dark.from_h == ageing.to_h
    assert (ageing.planned_h, report.passages[3].planned_h) == (0.1, 0)


def test_the_account_has_the_dose_of_each_cell_by_its_load():
    """Six minutes of light: A1 at OC, A2 at SC, B at OC."""
    summary = rehearse(order()).summary
    assert summary is not None
    doses = {each.cell: (each.oc_sun_h, each.sc_sun_h) for each in summary.cells}
    assert doses["A1"] == pytest.approx((0.1, 0), abs=0.002)
    assert doses["A2"] == pytest.approx((0, 0.1), abs=0.002)
    assert doses["B1"] == doses["B2"] == pytest.approx((0.1, 0), abs=0.002)


def test_a_person_who_comes_late_delays_their_track_and_no_other():
    at_once, late = rehearse(order()), rehearse(order(operator_delay_ms=600_000))
    assert_passed(late)
    waited = next(each for each in late.passages if each.phase == "confirm")
    assert waited.to_h is not None
    assert (waited.to_h - waited.from_h) * 3600 == pytest.approx(600, abs=6)
    assert late.passages[1].to_h == pytest.approx(at_once.passages[1].to_h, abs=0.001)


def test_it_tells_how_far_it_is():
    told: list[Progress] = []
    rehearse(order(), tell=told.append)
    shares = [moment.share for moment in told]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for share in shares)


@pytest.mark.parametrize("chip", ["in-process", "micropython"])
def test_an_interruption_ends_it_at_once_and_quietly(chip: Chip, caplog: pytest.LogCaptureFixture):
    """As by Ctrl-C: nothing is left that somebody would have to be told of."""

    def interrupting(_: Progress) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        rehearse(replace(order(), chip=chip), tell=interrupting)
    gc.collect()  # a failure that nobody looked at is told when it is forgotten
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == []


def test_a_run_that_gets_no_further_is_given_up_and_says_where_it_stands():
    report = rehearse(order(OC_DARK, fault("lamp", "2 min", how="dead")))
    assert "track a is running at phase 2, not in condition" in report.why_not
    assert report.violations == []


def test_plan_bench_and_faults_have_to_fit_each_other():
    script = fault("ssr", "1 min", station="simulator", how="dead")
    script += fault("thermistor", "1 min", station="hotplate_bx", sensor="plate", how="open")
    script += fault("thermistor", "1 min", station="simulator", sensor="guard", how="open")
    script += fault("relay_stuck", "1 min", cell="C9")
    script += fault("cell_contact", "1 min", cell="C9", how="none")
    script += fault("device_silent", "1 min", converter="a")
    script += fault("device_silent", "1 min", station="simulator", sensor="lux")
    script += fault("device_silent", "1 min", station="attic", sensor="lux")
    with pytest.raises(ConfigError) as refused:
        rehearse(order(OC_DARK, script))
    said = str(refused.value)
    assert "faults.toml, line 4: faults[0].station: station simulator has no heater" in said
    assert 'faults[1].station: there is no station "hotplate_bx"' in said
    assert "faults[2].sensor: station simulator has no guard sensor" in said
    assert 'faults[3].cell: there is no cell "C9"' in said
    assert 'faults[4].cell: there is no cell "C9"' in said
    assert 'faults[5].converter: there is no converter "a"; this bench has none' in said
    assert "faults[6].sensor: station simulator has no lux sensor" in said
    assert 'faults[7].station: there is no station "attic"' in said

    bus = fault("i2c_hung", "1 min") + fault("i2c_short", "1 min")
    wanted = order(OC_DARK, bus)
    stations = {
        name: station.model_copy(update={"lux_sensor": None})
        for name, station in wanted.bench.stations.items()
    }
    busless = wanted.bench.model_copy(update={"i2c": None, "stations": stations})
    with pytest.raises(ConfigError) as refused:
        rehearse(replace(wanted, bench=busless))
    assert str(refused.value).count("this bench has no I2C bus") == 2

    strange = parse_plan(OC_DARK.replace('"A1"', '"Z1"'), "plan.toml")
    with pytest.raises(ConfigError, match="Z1"):
        rehearse(replace(order(OC_DARK), plan=strange))


def test_a_rehearsal_never_adds_to_a_database(tmp_path):
    play(tmp_path / "data", plan=OC_DARK)
    with pytest.raises(StoreError, match="there is a database in"):
        rehearse(order(OC_DARK), tmp_path / "data")


def test_a_phase_begins_at_its_time_of_day_though_the_computer_was_away_then(tmp_path):
    """Rehearsals begin at midnight UTC. The ageing waits 20 min, the computer is off for 26."""
    plan = OC_DARK.replace("[plan]", '[plan]\ntimezone = "UTC"', 1)
    plan = plan.replace('phase = "ageing"', 'phase = "ageing"\nstart = "00:20"')
    done = play(tmp_path / "on", plan=plan)
    assert_passed(done.report)
    assert _lit_from_h(done) == pytest.approx(20 / 60, abs=0.002)
    late = play(tmp_path / "off", fault("host_away", "17 min", for_="9 min"), plan=plan)
    assert_passed(late.report)
    assert _lit_from_h(late) == pytest.approx(26 / 60, abs=0.01)


def _lit_from_h(done):
    (begin,) = done.column("SELECT min(t_utc_ms) FROM event WHERE event = 'light' AND a = 1")
    return (begin - EPOCH_UTC_MS) / 3_600_000
