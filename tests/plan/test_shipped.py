"""Every plan and bench that comes with soakbench is right."""

import pytest

from soakbench.assets import find_bench, find_plan, shipped
from soakbench.config import load_bench, load_plan
from soakbench.plan import compile_config, compile_program, timeline
from soakwire.blobs import AGEING, MAX_BLOB, THERMAL_RECOVERY

PAPER = ["paper-fig4", "paper-oc-dark", "paper-oc-thermal", "paper-sc-dark"]
RUNS = [
    *[(plan, bench) for plan in PAPER for bench in ("twin", "pico-8cell")],
    ("paper-oc-dark", "twin-sensed"),
    ("paper-oc-dark", "pico-8cell-sensed"),
    ("demo", "twin"),
    ("day-night", "twin-day-night"),
    ("month", "twin"),
]


def test_all_of_them_are_in_this_test() -> None:
    assert {plan for plan, _ in RUNS} == set(shipped("plans"))
    assert {bench for _, bench in RUNS} == set(shipped("benches"))


@pytest.mark.parametrize(("plan", "bench"), RUNS)
def test_it_runs(plan: str, bench: str) -> None:
    program = compile_program(load_plan(find_plan(plan)), load_bench(find_bench(bench)))
    assert program.plan == plan
    assert program.title
    assert len(program.blob) <= MAX_BLOB


@pytest.mark.parametrize("name", shipped("benches"))
def test_a_bench_compiles_and_has_its_file_name(name: str) -> None:
    bench = load_bench(find_bench(name))
    assert bench.bench.name == name
    assert bench.is_twin == name.startswith("twin")
    assert len(compile_config(bench)) <= MAX_BLOB


@pytest.mark.parametrize("name", shipped("plans"))
def test_cells_of_one_substrate_stay_together(name: str) -> None:
    plan = load_plan(find_plan(name))
    places = {cell: track for track, t in plan.tracks.items() for cell in t.cells}
    for substrate in {cell[0] for cell in places}:
        assert len({track for cell, track in places.items() if cell[0] == substrate}) == 1


def test_the_demo_is_short_but_long_enough_at_50_degrees() -> None:
    plan = load_plan(find_plan("demo"))
    program = compile_program(plan, load_bench(find_bench("twin")))
    steps = [step for track in program.tracks for step in track.steps]
    hot = [step for step in steps if step.kind == THERMAL_RECOVERY]
    assert [step.target_c for step in hot] == [50.0]
    assert hot[0].goal_milli >= 8_000
    loads = {load for step in steps if step.kind == AGEING for load in step.loads.values()}
    assert loads == {"OC", "SC"}
    ends_h = [track.end_h for track in timeline(plan, load_bench(find_bench("twin")))]
    heat_up_s = 20
    assert max(ends_h) * 3600 / program.accelerate + heat_up_s < 60
