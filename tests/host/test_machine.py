"""The run machine: one report in, the next actions out. No clock, no board, no database."""

from dataclasses import replace

import pytest

from soakbench.config import parse_bench, parse_plan
from soakbench.plan import compile_program
from soakbench.run import machine
from soakbench.run.machine import (
    Advance,
    BoardReport,
    Fail,
    Finish,
    JvPending,
    PauseTrack,
    Place,
    Progress,
    ResumeAll,
    ResumeTrack,
    SetGoal,
    StartTrack,
    StopProgram,
    TrackReport,
    UploadConfig,
    UploadProgram,
    Wanted,
)
from soakwire import messages, records

BENCH = """
[bench]
name = "b"
port = "twin"
[stations.box]
light = { actuator = "shutter", pin = 16 }
[cells.A1]
station = "box"
area_cm2 = 0.07
power_off = "SC"
short_relay = { pin = 0, rest = "SC" }
[cells.A2]
station = "box"
area_cm2 = 0.07
power_off = "SC"
short_relay = { pin = 1, rest = "SC" }
"""
PHASES = """
[[tracks.{0}.phases]]
phase = "jv"
[[tracks.{0}.phases]]
phase = "ageing"
until = "1 h"
[[tracks.{0}.phases]]
phase = "confirm"
message = "look"
"""
PLAN = (
    '[plan]\nname = "p"\n'
    + '[tracks.x]\ncells = ["A1"]\nstation = "box"\n'
    + PHASES.format("x")
    + '[tracks.y]\ncells = ["A2"]\nstation = "box"\n'
    + PHASES.format("y")
)
PROGRAM = compile_program(parse_plan(PLAN, "p.toml"), parse_bench(BENCH, "b.toml"))
CONFIG, OURS, OTHER = 11, 22, 33
WANTED = Wanted(PROGRAM, OURS, {}, frozenset())


def at(state: int, step: int = 0, cycle: int = 0, goal: int = 0) -> TrackReport:
    return TrackReport(state, step, cycle, True, 0, 0, 0, goal)


def report(*tracks: TrackReport, app: int = messages.ACTIVE, **given: int) -> BoardReport:
    base = BoardReport(app, CONFIG, OURS, 10, 10, tracks)
    return replace(base, **given)


def actions(board: BoardReport, wanted: Wanted | None = WANTED) -> list[machine.Action]:
    return machine.next_actions(board, CONFIG, wanted)


def test_an_empty_board_gets_the_configuration_even_without_a_run():
    board = report(app=messages.EMPTY, config_crc=0, program_id=0)
    assert actions(board, None) == [UploadConfig()]
    assert actions(board) == [UploadConfig()]


def test_without_a_run_a_configured_board_is_left_alone():
    assert actions(report(app=messages.CONFIGURED, program_id=0), None) == []
    assert actions(report(at(records.RUNNING), program_id=OTHER), None) == []


def test_a_board_without_our_program_gets_it():
    assert actions(report(app=messages.CONFIGURED, program_id=0)) == [UploadProgram()]
    assert actions(report(app=messages.LOADED, program_id=OTHER)) == [UploadProgram()]
    assert actions(report(app=messages.FINISHED, program_id=OTHER)) == [UploadProgram()]


def test_another_running_program_is_never_touched():
    (action,) = actions(report(at(records.RUNNING), program_id=OTHER))
    assert isinstance(action, Fail)
    assert "another program" in action.message


def test_another_configuration_under_a_running_program_is_never_touched():
    (action,) = actions(report(at(records.RUNNING), config_crc=99))
    assert isinstance(action, Fail)


def test_a_fresh_program_is_started_from_the_beginning_and_all_tracks_at_once():
    board = report(at(records.IDLE), at(records.IDLE), app=messages.LOADED)
    begin = Progress(0, 0, 0, 0, 0)
    assert actions(board) == [StartTrack(0, begin), StartTrack(1, begin), ResumeAll()]


def test_a_restarted_board_goes_on_where_the_database_says():
    place = Progress(1, 0, 1_000_000, 900_000, 1_100_000)
    wanted = replace(WANTED, progress={1: place})
    board = report(at(records.IDLE), at(records.IDLE), app=messages.LOADED)
    assert actions(board, wanted)[1] == StartTrack(1, place)


def test_a_host_that_died_between_start_and_resume_resumes():
    board = report(at(records.READY), at(records.IDLE))
    assert actions(board) == [StartTrack(1, Progress(0, 0, 0, 0, 0)), ResumeAll()]
    assert actions(report(at(records.READY), at(records.READY))) == [ResumeAll()]


def test_a_jv_barrier_is_noted_and_released():
    place = Place(0, 0, 0)
    board = report(at(records.BARRIER, 0), at(records.RUNNING, 1))
    assert actions(board) == [JvPending(place), Advance(place)]


def test_a_confirm_barrier_waits_for_a_person():
    place = Place(1, 2, 0)
    board = report(at(records.RUNNING, 1), at(records.BARRIER, 2))
    assert actions(board) == []
    assert machine.waiting_for_person(board, PROGRAM) == [place]
    wanted = replace(WANTED, confirmed=frozenset({place}))
    assert actions(board, wanted) == [Advance(place)]


def test_a_confirmation_counts_for_its_place_only():
    wanted = replace(WANTED, confirmed=frozenset({Place(1, 2, 0)}))
    assert actions(report(at(records.BARRIER, 2), at(records.RUNNING, 1)), wanted) == []
    assert actions(report(at(records.RUNNING, 1), at(records.BARRIER, 2, 1)), wanted) == []


def test_a_run_ends_only_when_all_its_records_are_on_disk():
    done = (at(records.DONE, 2), at(records.DONE, 2))
    assert actions(report(*done, app=messages.FINISHED, acked_seq=9)) == []
    assert actions(report(*done, app=messages.FINISHED)) == [Finish()]


@pytest.mark.parametrize("state", [records.RUNNING, records.PAUSED, records.DONE])
def test_what_goes_well_is_left_alone(state):
    assert actions(report(at(state, 1), at(records.RUNNING, 1))) == []


def test_a_run_to_be_ended_is_stopped_and_ends_with_its_records_on_disk():
    wanted = replace(WANTED, stopping=True)
    assert actions(report(at(records.RUNNING, 1)), wanted) == [StopProgram()]
    assert actions(report(at(records.IDLE), app=messages.LOADED), wanted) == [StopProgram()]
    stopped = report(app=messages.CONFIGURED, program_id=0)
    assert actions(replace(stopped, acked_seq=5), wanted) == []
    assert actions(stopped, wanted) == [Finish()]


def test_a_run_to_be_ended_leaves_another_program_alone():
    wanted = replace(WANTED, stopping=True)
    assert actions(report(at(records.RUNNING, 1), program_id=OTHER), wanted) == [Finish()]


def test_a_paused_track_is_paused_and_the_other_one_goes_on():
    wanted = replace(WANTED, paused=frozenset({1}))
    assert actions(report(at(records.RUNNING, 1), at(records.RUNNING, 1)), wanted) == [
        PauseTrack(1)
    ]
    assert actions(report(at(records.RUNNING, 1), at(records.PAUSED, 1)), wanted) == []
    assert actions(report(at(records.RUNNING, 1), at(records.DONE, 2)), wanted) == []


def test_a_paused_track_stays_so_over_a_restart_of_the_board():
    wanted = replace(WANTED, paused=frozenset({1}))
    board = report(at(records.IDLE), at(records.IDLE), app=messages.LOADED)
    begin = Progress(0, 0, 0, 0, 0)
    assert actions(board, wanted) == [StartTrack(0, begin), StartTrack(1, begin), ResumeTrack(0)]
    assert actions(report(at(records.RUNNING, 1), at(records.READY, 1)), wanted) == []


def test_a_paused_track_is_let_through_no_barrier():
    wanted = replace(WANTED, paused=frozenset({0}), confirmed=frozenset({Place(0, 2, 0)}))
    assert actions(report(at(records.BARRIER, 0), at(records.DONE, 2)), wanted) == []
    assert actions(report(at(records.BARRIER, 2), at(records.DONE, 2)), wanted) == []


def test_a_skipped_phase_is_left_from_whatever_state_the_track_is_in():
    wanted = replace(WANTED, skipped=frozenset({Place(0, 1, 0)}))
    other = at(records.RUNNING, 1)
    after = StartTrack(0, Progress(2, 0, 0, 0, 0))
    assert actions(report(at(records.RUNNING, 1), other), wanted) == [
        PauseTrack(0),
        after,
        ResumeTrack(0),
    ]
    assert actions(report(at(records.PAUSED, 1), other), wanted) == [after, ResumeTrack(0)]
    assert actions(report(at(records.RUNNING, 2), other), wanted) == []


def test_a_skipped_phase_of_a_paused_track_ends_and_the_pause_does_not():
    wanted = replace(WANTED, skipped=frozenset({Place(0, 1, 0)}), paused=frozenset({0}))
    board = report(at(records.PAUSED, 1), at(records.RUNNING, 1))
    assert actions(board, wanted) == [StartTrack(0, Progress(2, 0, 0, 0, 0))]


def test_a_skipped_barrier_is_passed_and_the_last_phase_skipped_ends_the_track():
    wanted = replace(WANTED, skipped=frozenset({Place(0, 0, 0), Place(1, 2, 0)}))
    board = report(at(records.BARRIER, 0), at(records.BARRIER, 2))
    assert actions(board, wanted) == [Advance(Place(0, 0, 0)), Advance(Place(1, 2, 0))]
    assert machine.after(Place(1, 2, 0), PROGRAM) == Progress(3, 0, 0, 0, 0)


def test_what_comes_after_the_end_of_a_round_is_the_next_round():
    loop = '\n[[tracks.x.phases]]\nphase = "loop"\nback_to = "day"\ntimes = 2\n'
    plan = PLAN.replace('phase = "ageing"', 'phase = "ageing"\nlabel = "day"', 1)
    plan = plan.replace("[tracks.y]", loop + "[tracks.y]")
    program = compile_program(parse_plan(plan, "p.toml"), parse_bench(BENCH, "b.toml"))
    assert machine.after(Place(0, 2, 0), program) == Progress(1, 1, 0, 0, 0)
    assert machine.after(Place(0, 2, 1), program) == Progress(4, 0, 0, 0, 0)


def test_a_wait_for_a_time_of_day_ends_when_it_has_come_and_asks_for_no_sweep():
    plan = PLAN.replace('phase = "ageing"', 'phase = "ageing"\nstart = "22:00"', 1)
    program = compile_program(parse_plan(plan, "p.toml"), parse_bench(BENCH, "b.toml"))
    wanted = replace(WANTED, program=program)
    board = report(at(records.BARRIER, 1), at(records.RUNNING, 1))
    assert actions(board, wanted) == []
    place = Place(0, 1, 0)
    assert actions(board, replace(wanted, due=frozenset({place}))) == [Advance(place)]


LONGER = replace(WANTED, extended={Place(0, 1, 0): 7_200_000})
GOAL = SetGoal(Place(0, 1, 0), 7_200_000)


@pytest.mark.parametrize("state", [records.RUNNING, records.PAUSED])
def test_another_goal_is_set_once_where_it_was_ordered_and_nowhere_else(state):
    other = at(records.RUNNING, 1, goal=3_600_000)
    assert actions(report(at(state, 1, goal=3_600_000), other), LONGER) == [GOAL]
    assert actions(report(at(state, 1, goal=7_200_000), other), LONGER) == []
    assert actions(report(at(state, 1, 1, goal=3_600_000), other), LONGER) == []
    assert actions(report(at(records.DONE, 1, goal=3_600_000), other), LONGER) == []


def test_a_restarted_board_has_the_goal_before_its_track_runs():
    """More may be delivered already than the program asks for."""
    place = Progress(1, 0, 5_000_000, 5_000_000, 5_100_000)
    wanted = replace(LONGER, progress={0: place})
    board = report(at(records.IDLE), at(records.DONE, 2), app=messages.LOADED)
    assert actions(board, wanted) == [StartTrack(0, place), GOAL, ResumeAll()]


def test_a_host_that_died_between_start_and_goal_sets_it_before_it_resumes():
    board = report(at(records.READY, 1, goal=3_600_000), at(records.DONE, 2))
    assert actions(board, LONGER) == [GOAL, ResumeAll()]
    waits = replace(LONGER, paused=frozenset({0}))
    assert actions(board, waits) == [GOAL]
    board = report(at(records.READY, 1, goal=7_200_000), at(records.DONE, 2))
    assert actions(board, LONGER) == [ResumeAll()]


def test_an_extended_phase_may_be_paused_and_skipped():
    board = report(at(records.RUNNING, 1, goal=3_600_000), at(records.DONE, 2))
    paused = replace(LONGER, paused=frozenset({0}))
    assert actions(board, paused) == [GOAL, PauseTrack(0)]
    skipped = replace(LONGER, skipped=frozenset({Place(0, 1, 0)}))
    after = StartTrack(0, Progress(2, 0, 0, 0, 0))
    assert actions(board, skipped) == [PauseTrack(0), after, ResumeTrack(0)]


def test_a_skip_into_an_extended_phase_sets_its_goal():
    wanted = replace(LONGER, skipped=frozenset({Place(0, 0, 0)}))
    board = report(at(records.PAUSED, 0), at(records.DONE, 2))
    begin = StartTrack(0, Progress(1, 0, 0, 0, 0))
    assert actions(board, wanted) == [begin, GOAL, ResumeTrack(0)]
