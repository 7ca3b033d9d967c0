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
    Place,
    Progress,
    ResumeAll,
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


def at(state: int, step: int = 0, cycle: int = 0) -> TrackReport:
    return TrackReport(state, step, cycle, True, 0, 0, 0)


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
