"""The benchmark with tiny counts: every figure is there and none is absurd."""

import json
import sys
from pathlib import Path

import peers
import pytest
import rehearsals
import report
import wire
from peers import PEERS
from profiling import command_phases, host_profile, record_costs, record_phases
from rich.console import Console
from rtt import in_turn, summary
from run import Counts, main, measure

from soakbench.assets import find_plan
from soakbench.config import load_plan
from soakbench.config.phases import Loop

TINY = Counts(blocks=2, calls=5, end_to_end=400, host_only=1400, wire=70)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    made = measure(TINY, tmp_path_factory.mktemp("bench"), list(PEERS))
    made["machine"] = report.machine()
    return made


@pytest.mark.parametrize("peer", PEERS)
def test_round_trips(result, peer):
    figures = result["rtt_us"][peer]
    assert set(figures) == {"median", "p99"}
    assert 10 < figures["median"] <= figures["p99"] < 1e6
    if peer != "soakbench":
        assert 0 < result["ratios"][f"rtt_to_{peer}"] < 100


def test_records_per_second(result):
    assert set(result["records_per_s"]) == {"end_to_end", "host_only"}
    assert all(100 < per_s < 1e7 for per_s in result["records_per_s"].values())


def test_wire_bytes(result):
    figures = result["wire_bytes_per_record"]
    assert set(figures) == {"single", "batched", "json_line", "t_min"}
    assert figures["single"] == 62
    assert figures["batched"] == pytest.approx(318 / 7, abs=0.01)
    assert 43 <= figures["t_min"] < 44
    assert figures["json_line"] > 100
    assert result["ratios"]["wire_efficiency"] == pytest.approx(224 / 318, abs=1e-4)


def test_t_min_stuffs_every_second_header_byte_in_a_row():
    frame = wire.t_min_frame(b"\xaa\xaa\xaa\xaa\x01", 3)
    assert frame.startswith(b"\xaa\xaa\xaa\x81\x03\x05\xaa\xaa\x55\xaa\xaa\x55\x01")
    assert frame.endswith(b"\x55")
    assert len(frame) == 11 + 5 + 2


def test_targets_are_judged():
    figures = {"rtt_to_belay": 0.25, "rtt_to_mpremote": 0.51, "end_to_end": 10_000}
    assert [line["met"] for line in report.judge(figures)] == [True, False, True]


def test_percentiles():
    assert summary([float(n) for n in range(1, 201)]) == {"median": 100.5, "p99": 198.0}


def test_peers_take_turns():
    turns = []
    blocks = {name: lambda calls, name=name: turns.append(name) or [1.0] * calls for name in "ab"}
    assert in_turn(blocks, 2, 3) == {"a": [1.0] * 6, "b": [1.0] * 6}
    assert turns == ["a", "b"] * 3  # the first round is the warm-up


def test_it_can_be_read_by_people_and_programs(result, tmp_path):
    console = Console(record=True, width=100)
    report.show(result, console)
    assert "soakbench" in console.export_text()
    report.write(result, tmp_path / "build" / "bench.json")
    assert json.loads((tmp_path / "build" / "bench.json").read_text()) == result


def test_it_names_no_machine(result):
    text = json.dumps(result)
    assert str(Path.home()) not in text
    assert str(Path(__file__).parents[2]) not in text


def test_the_profile(tmp_path):
    parts = {name for name, _, _ in command_phases(20)}
    assert {"decode", "execute", "encode", "write"} <= parts
    assert {"add a record", "collect"} <= {n for n, _, _ in record_phases(tmp_path, 200)}
    assert all(us > 0 for _, us in record_costs())
    assert set(host_profile(tmp_path, 140)) == {"reading", "writing"}


def test_without_belay_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(peers, "has_belay", lambda: False)
    monkeypatch.setattr(sys, "argv", ["run.py", "--quick"])
    assert main() == 2
    assert "pip install -e '.[dev]'" in capsys.readouterr().err


def test_a_rehearsal_on_both_chips(monkeypatch):
    monkeypatch.setattr(rehearsals, "plan_of", lambda _name: load_plan(find_plan("demo")))
    told: list[str] = []
    results = rehearsals.rehearsals(["paper_fig4"], told.append)
    assert len(told) == 2
    figures = results["paper_fig4"]
    assert {"wall_s", "speedup", "polls", "in_process"} <= set(figures)
    assert figures["in_process"]["same_database"]
    assert figures["polls"] > figures["simulated_s"] > 40
    assert rehearsals.table(results).row_count == 1


def test_the_long_rehearsal_is_of_a_thousand_hours():
    plan = rehearsals.plan_of(rehearsals.LONG)
    loops = [phase.times for phase in plan.tracks["oc"].phases if isinstance(phase, Loop)]
    assert [24 * times >= 1000 for times in loops] == [True]
