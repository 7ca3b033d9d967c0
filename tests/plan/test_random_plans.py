"""For random valid plans, compiled program, timeline and rehearsed run agree."""

import pytest
from random_plans import random_plan

from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_plan
from soakbench.plan import CompiledProgram, TrackTimeline, compile_program, timeline
from soakbench.rehearsal.rehearse import Order, rehearse
from soakwire import blobs

# Timelines are nominal: the J-V curves are taken elsewhere and take no time.
BENCH = load_bench(find_bench("twin")).model_copy(update={"smu": None})
MANY, PLAYED = range(300), range(8)


def compiled(seed: int) -> tuple[CompiledProgram, list[TrackTimeline]]:
    plan = parse_plan(random_plan(seed), f"{seed}.toml")
    return compile_program(plan, BENCH), timeline(plan, BENCH)


def of_program(program: CompiledProgram, track: int) -> list[tuple[str, int, str, int]]:
    """(phase, cycle, station, nominal ms) in the order of the board's steps."""
    steps = program.tracks[track].steps
    found = []
    for index, cycle in program.visits(track):
        step = steps[index]
        found.append((step.phase, cycle, step.station, step.goal_milli))
    return found


def of_blob(program: CompiledProgram, track: int) -> list[tuple[int, int, int]]:
    """(kind, cycle, goal) as the board walks through its blob, by the rules of its own loops."""
    parsed = blobs.Program(program.blob)
    found, index, cycle = [], 0, 0
    while index < parsed.length(track):
        step = parsed.step(track, index)
        if step["kind"] != blobs.LOOP:
            found.append((step["kind"], cycle, step["goal"]))
            index += 1
            continue
        cycle += 1
        back = cycle < (step["loop_times"] or 0)
        index, cycle = (step["loop_to"] or 0, cycle) if back else (index + 1, 0)
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("seed", MANY)
def test_program_and_timeline_agree(seed: int) -> None:
    program, tracks = compiled(seed)
    for number, planned in enumerate(tracks):
        shown = [
            (p.phase, p.cycle, p.station, round((p.end_h - p.start_h) * 3_600_000))
            for p in planned.phases
        ]
        mine = of_program(program, number)
        assert shown == mine
        kinds = [(step.kind, cycle) for step, cycle in _walk(program, number)]
        assert [(kind, cycle) for kind, cycle, _ in of_blob(program, number)] == kinds
        assert [goal for _, _, goal in of_blob(program, number)] == [goal for *_, goal in mine]


@pytest.mark.parametrize("seed", PLAYED)
def test_the_run_goes_through_the_phases_of_the_timeline(seed: int) -> None:
    _, tracks = compiled(seed)
    plan = parse_plan(random_plan(seed), f"{seed}.toml")
    report = rehearse(Order(plan=plan, bench=BENCH, seed=seed, chip="in-process"))
    assert report.why_not == ""
    assert report.violations == []
    assert report.summary is not None
    for planned in tracks:
        lived = [(p.phase, p.cycle) for p in report.passages if p.track == planned.track]
        assert lived == [(p.phase, p.cycle) for p in planned.phases]
        told = [p for p in report.summary.phases if p.track == planned.track]
        assert [(p.phase, p.cycle) for p in told] == lived
        for phase in told:
            if phase.planned is not None:
                assert phase.delivered is not None
                assert 0 <= phase.delivered - phase.planned <= 1.01 / 3600


def _walk(program: CompiledProgram, track: int):
    for index, cycle in program.visits(track):
        yield program.tracks[track].steps[index], cycle
