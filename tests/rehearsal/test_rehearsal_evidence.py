"""Evidence end to end: a fault of the simulated bench, seen by the shipped firmware through its
converters, judged by the host from the records, with the cell named."""

from dataclasses import replace
from pathlib import Path

import pytest
from rehearsing import SPLIT, Rehearsed, assert_passed, fault, order

from soakbench.assets import find_bench
from soakbench.config import load_bench
from soakbench.rehearsal.rehearse import rehearse
from soakbench.store.findings import StoredFinding, read_findings

# Light at OC, then at SC: a relay that sticks in the first is seen in the second.
LOADS = """
[plan]
name = "loads"
sample_s = 10
fast_for_s = 30

[tracks.a]
cells = ["A1", "A2"]
station = "simulator"

[[tracks.a.phases]]
phase = "ageing"
load = "OC"
until = "4 min"
light = "1 sun"

[[tracks.a.phases]]
phase = "ageing"
load = "SC"
until = "4 min"
light = "1 sun"
"""

# Away into the box and back under the simulator.
MOVED = """
[plan]
name = "moved"
sample_s = 10

[tracks.b]
cells = ["B1", "B2"]
station = "simulator"
load = "OC"

[[tracks.b.phases]]
phase = "ageing"
until = "2 min"
light = "1 sun"

[[tracks.b.phases]]
phase = "confirm"
message = "Into the box"
station = "hotplate_box"

[[tracks.b.phases]]
phase = "dark_recovery"
until = "4 min"

[[tracks.b.phases]]
phase = "confirm"
message = "And back"
station = "simulator"

[[tracks.b.phases]]
phase = "ageing"
until = "5 min"
light = "1 sun"
"""


def play(data: Path, *faults: str, plan: str, seed: int = 1) -> Rehearsed:
    """Rehearse on the bench whose cells are sensed."""
    sensed = load_bench(find_bench("twin-sensed"))
    made = replace(order(plan, "".join(faults), seed), bench=sensed)
    return Rehearsed(rehearse(made, data), data)


def found(done: Rehearsed) -> list[StoredFinding]:
    """What the run's report must list."""
    run = str(done.column("SELECT run FROM run")[0])
    return [finding for finding in read_findings(done.store, run) if finding.deviation]


def named(done: Rehearsed) -> list[tuple[str, str]]:
    return [(finding.rule, finding.subject) for finding in found(done)]


@pytest.mark.parametrize("plan", [LOADS, MOVED, SPLIT], ids=["loads", "moved", "split"])
def test_a_run_without_faults_has_no_findings(tmp_path, plan):
    done = play(tmp_path, plan=plan)
    assert_passed(done.report)
    assert done.report.deviations == []
    assert done.report.summary is not None
    assert all(cell.senses == ["voltage", "current"] for cell in done.report.summary.evidence)


def test_a_relay_that_sticks_at_sc_is_seen_at_oc(tmp_path):
    done = play(tmp_path, fault("relay_stuck", "0 s", cell="A1", for_="3 min"), plan=LOADS)
    assert_passed(done.report)
    (finding,) = found(done)
    assert (finding.rule, finding.subject) == ("oc_carries_current", "A1")
    assert finding.value == pytest.approx(1650, rel=0.1)
    assert 150_000 < finding.end_utc_ms - finding.begin_utc_ms < 190_000, "until it lets go"
    assert done.report.deviations == [finding.text]


def test_a_relay_that_sticks_at_oc_is_seen_at_sc(tmp_path):
    done = play(tmp_path, fault("relay_stuck", "1 min", cell="A2", for_="20 min"), plan=LOADS)
    assert_passed(done.report)
    (finding,) = found(done)
    assert (finding.rule, finding.subject) == ("sc_shows_voltage", "A2")
    assert finding.value == pytest.approx(1040, rel=0.1)
    assert finding.end_utc_ms is not None, "the end of the run ends it"
    assert "A2 is at SC, yet it shows" in done.report.deviations[0]


def test_a_killed_daemon_neither_doubles_nor_loses_a_finding(tmp_path):
    stuck = fault("relay_stuck", "0 s", cell="A1", for_="3 min")
    plain = play(tmp_path / "plain", stuck, plan=LOADS)
    kills = [fault("daemon_killed", f"{at} s") for at in (20, 75, 130, 186, 189, 300)]
    killed = play(tmp_path / "killed", stuck, *kills, plan=LOADS)
    assert killed.report.lives == 7
    for done in (plain, killed):
        assert_passed(done.report)
        assert named(done) == [("oc_carries_current", "A1")]
        assert len(done.report.deviations) == 1
    seqs = [[(f.begin_seq, f.end_seq) for f in found(done)] for done in (plain, killed)]
    assert seqs[0] == seqs[1]


def test_what_a_computer_that_was_off_is_told_later_counts_as_well(tmp_path):
    stuck = fault("relay_stuck", "0 s", cell="A1", for_="3 min")
    off = fault("host_away", "5 s", for_="5 min")
    done = play(tmp_path, stuck, off, plan=LOADS)
    assert_passed(done.report)
    (finding,) = found(done)
    assert (finding.rule, finding.subject) == ("oc_carries_current", "A1")
    assert 150_000 < finding.end_utc_ms - finding.begin_utc_ms < 190_000, "by record time"


@pytest.mark.parametrize(("how", "rule"), [("none", "no_contact"), ("reversed", "reversed")])
def test_a_moved_cell_that_sits_badly(tmp_path, how, rule):
    bad = fault("cell_contact", "5 min", cell="B1", how=how)
    done = play(tmp_path, bad, plan=MOVED)
    assert_passed(done.report)
    assert named(done) == [(rule, "B1")]
    unchecked = done.column("SELECT subject FROM finding WHERE rule = 'move_unchecked'")
    assert unchecked == ["B1", "B2"]


def test_light_in_the_box_and_a_silent_converter(tmp_path):
    leak = fault("light_leak", "4 min", station="hotplate_box", lux=50, for_="1 min")
    silent = fault("device_silent", "30 s", converter="b", for_="1 min")
    done = play(tmp_path, leak, silent, plan=MOVED)
    assert_passed(done.report)
    assert named(done) == [("converter_silent", "b"), ("dark_lux", "hotplate_box")]
    assert found(done)[0].cells == ("B1", "B2")
