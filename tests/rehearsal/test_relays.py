"""Rehearsals of relays: their counts against the pins, and latching ones with faults."""

import pytest
from rehearsing import OC_DARK, Rehearsed, assert_passed, fault, latching, order, play
from variants import LOADS

from soakbench.config import BenchConfig
from soakbench.rehearsal.rehearse import rehearse

PLANS = {"oc-dark": OC_DARK, "loads": LOADS}


def stored(done: Rehearsed) -> dict[str, int]:
    rows = done.store.rows("SELECT cell || '.' || relay AS name, actuations FROM relay")
    return {row["name"]: row["actuations"] for row in rows}


def truly(done: Rehearsed) -> dict[str, int]:
    return done.report.verdict.actuations


@pytest.mark.parametrize("plan", PLANS)
def test_the_counts_in_the_database_are_those_of_the_pins(tmp_path, plan):
    done = play(tmp_path, plan=PLANS[plan])
    assert_passed(done.report)
    assert stored(done) == truly(done)
    assert stored(done)["A1.short"] > 0


def test_restarts_lose_and_double_none_of_them(tmp_path):
    script = (
        fault("daemon_killed", "100 s")
        + fault("board_reset", "200 s")
        + fault("noisy_cable", "220 s", rate=0.0005, for_="2 min")
        + fault("power_cut", "340 s", for_="20 s")
        + fault("board_hang", "450 s")
    )
    done = play(tmp_path, script, plan=LOADS)
    assert_passed(done.report)
    assert stored(done) == truly(done)


def is_latching(bench: BenchConfig) -> bool:
    return all(c.short_relay is not None and c.short_relay.latching for c in bench.cells.values())


@pytest.mark.parametrize("power_off", ["SC", "OC"])
@pytest.mark.parametrize("plan", PLANS)
def test_latching_relays_pass(plan, power_off):
    made = latching(order(PLANS[plan]), power_off)
    assert is_latching(made.bench)
    report = rehearse(made)
    assert_passed(report)
    assert report.verdict.actuations["A1.short"] > 0


@pytest.mark.parametrize("power_off", ["SC", "OC"])
def test_latching_relays_find_their_places_again_after_resets(power_off):
    script = (
        fault("board_reset", "60.004 s")
        + fault("power_cut", "340 s", for_="20 s")
        + fault("board_hang", "450 s")
        + fault("daemon_killed", "500 s")
    )
    report = rehearse(latching(order(LOADS, script), power_off))
    assert_passed(report)
