"""What each cell went through, from records that a test has written: hours by load, light,
temperatures and what happened in between. Every figure can be worked out by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from make_records import event, make, station, track

from soakbench.assets import find_bench
from soakbench.cell_history import CellAccount
from soakbench.clock import moment
from soakbench.config import parse_bench, parse_plan
from soakbench.plan import CompiledProgram, compile_program
from soakbench.run.cell_account import cell_accounts
from soakbench.run.deviations import find_deviations
from soakbench.run.recorded import read_recorded
from soakbench.store import open_store
from soakbench.store.intake import add_records
from soakwire import records as wire
from soakwire.slots import Record

PLAN = """
[plan]
name = "p"
sample_s = 60
max_gap = "5 min"

[tracks.x]
cells = ["A1", "A2"]
station = "simulator"
loads = { A1 = "OC", A2 = "SC" }

[[tracks.x.phases]]
phase = "jv"

[[tracks.x.phases]]
phase = "ageing"
until = "10 min"
light = "1 sun"

[[tracks.x.phases]]
phase = "confirm"
message = "Move"
station = "hotplate_box"

[[tracks.x.phases]]
phase = "dark_recovery"
load = "OC"
loads = { A2 = "OC" }
until = "20 min"

[[tracks.x.phases]]
phase = "thermal_recovery"
load = "OC"
loads = { A2 = "OC" }
until = "5 min"
temperature = "50 °C"
"""
JV, AGEING, MOVE, DARK, WARM = range(5)
SIMULATOR, BOX = 0, 1
MIN = 60_000
SUN_MIN = 60_000  # milli-sun-seconds

# A2 has less light than the sensor; the box has no light sensor.
BENCH = parse_bench(
    find_bench("twin").read_text("utf-8").replace("[cells.A2]", "[cells.A2]\nposition = 0.9"),
    "b.toml",
)


class Story:
    """A run whose records a test writes in order; the board's clock and UTC are one."""

    def __init__(self, data: Path, plan: str = PLAN, accelerate: float = 1) -> None:
        self.store = open_store(data)
        self.connection = self.store.connect_writer()
        self.connection.execute(
            "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
            " state, created_utc_ms) VALUES ('r', 'p', '', '', '', 1, 1, 'running', 0)"
        )
        self.program: CompiledProgram = compile_program(
            parse_plan(plan, "p.toml"), BENCH, accelerate
        )
        self.boot = "a"
        self.seq = 0

    def put(self, item: Record, shift_ms: int = 0) -> None:
        """Store a record; `shift_ms`: how far the computer's clock is off."""
        add_records(self.connection, "d", self.boot, "r", [item], lambda t: (t + shift_ms, 1), 0)
        self.seq += 1

    def tell(self, t_min: float, code: int, step: int, **more: int) -> None:
        """An event of the track."""
        at = {"track": 0, "step": step, "cycle": 0, "station": SIMULATOR if step < DARK else BOX}
        self.put(event(self.seq, round(t_min * MIN), code, **at, **more))

    def see(self, t_min: float, place: int = SIMULATOR, **readings: int) -> None:
        """A sample of a station."""
        self.put(station(self.seq, round(t_min * MIN), place, **readings))

    def step(self, begin: float, end: float, step: int, delivered: float = 0, dose: float = 0):
        """A step from begin to end, in condition all the time; amounts in minutes."""
        barrier = step in (JV, MOVE)
        self.tell(begin, wire.EV_BARRIER if barrier else wire.EV_STEP_BEGIN, step)
        if not barrier:
            self.tell(begin, wire.EV_IN_CONDITION, step)
        amounts = {"delivered": round(delivered * MIN), "dose": round(dose * SUN_MIN)}
        self.tell(end, wire.EV_STEP_END, step, **amounts)

    def accounts(self, until_min: float = 1000) -> dict[str, CellAccount]:
        """By cell."""
        deviations = find_deviations(self.store, "r", self.program, BENCH)
        recorded = read_recorded(self.store, "r", self.program)
        until = moment(round(until_min * MIN))
        found = cell_accounts(recorded, self.program, BENCH, deviations, until)
        return {each.cell: each for each in found}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.connection.close()


def test_hours_by_load_and_light_by_place(story: Story) -> None:
    story.step(0, 1, JV, dose=0.5)
    story.step(1, 11, AGEING, delivered=10, dose=10)
    story.step(11, 14, MOVE)
    story.step(14, 34, DARK, delivered=20)
    story.step(34, 44, WARM, delivered=5)
    a1, a2 = story.accounts().values()
    hours = a1.ageing.oc_h, a1.ageing.sc_h, a1.dark_recovery.oc_h, a1.thermal_recovery.oc_h
    assert hours == pytest.approx((10 / 60, 0, 20 / 60, 5 / 60))
    assert (a2.ageing.oc_h, a2.ageing.sc_h) == pytest.approx((0, 10 / 60))
    assert (a2.dark_recovery.oc_h, a2.dark_recovery.sc_h) == pytest.approx((20 / 60, 0))
    assert (a1.dose_sun_h, a1.outside_sun_h) == pytest.approx((10.5 / 60, 0.5 / 60))
    assert (a2.dose_sun_h, a2.outside_sun_h) == pytest.approx((9.45 / 60, 0.45 / 60))
    assert a2.sc_sun_h == pytest.approx(9.45 / 60), "the J-V step has the load of the track"
    assert a1.handling.moved_h == pytest.approx(3 / 60)
    assert (a1.cycles.complete, a1.cycles.light_h) == (1, pytest.approx(10 / 60))
    assert a1.cycles.period_h == pytest.approx(43 / 60)


def test_hours_are_the_cells_where_they_live_faster(tmp_path: Path) -> None:
    story = Story(tmp_path, accelerate=10)
    story.step(0, 1, AGEING, delivered=1, dose=1)
    story.see(0, light=900)
    story.see(0.5, light=900)
    story.step(1, 4, MOVE)
    cell = story.accounts()["A1"]
    assert cell.ageing.oc_h == pytest.approx(10 / 60)
    assert cell.dose_sun_h == pytest.approx(10 / 60)
    assert cell.light_suns.read_h == pytest.approx(10 / 60)
    assert cell.handling.moved_h == pytest.approx(30 / 60)
    story.connection.close()


def test_a_station_without_a_light_sensor_knows_no_dose(story: Story) -> None:
    """The ageing is measured; in the box nobody knows, and for how long is told."""
    story.step(0, 10, AGEING, delivered=10, dose=10)
    story.step(10, 30, DARK, delivered=20)
    cell = story.accounts()["A1"]
    assert cell.dose_sun_h == pytest.approx(10 / 60)
    assert cell.outside_sun_h is None
    assert cell.outside_unread_h == pytest.approx(20 / 60)


def test_ageing_without_a_light_sensor_has_hours_and_no_dose(tmp_path: Path) -> None:
    text = find_bench("twin").read_text("utf-8")
    blind = parse_bench(text.replace("light_sensor =", "# light_sensor ="), "b.toml")
    story = Story(tmp_path)
    program = compile_program(parse_plan(PLAN.replace('light = "1 sun"', ""), "p.toml"), blind)
    story.step(0, 10, AGEING, delivered=10)
    recorded = read_recorded(story.store, "r", program)
    cell, _ = cell_accounts(recorded, program, blind, [], moment(0))
    assert cell.ageing.oc_h == pytest.approx(10 / 60)
    assert (cell.dose_sun_h, cell.oc_sun_h, cell.sc_sun_h) == (None, None, 0)
    assert (cell.light_suns.mean, cell.light_suns.unread_h) == (None, pytest.approx(10 / 60))
    story.connection.close()


DOSE_PLAN = PLAN.replace('until = "10 min"', 'until = "5 sun_h"')


def test_where_a_light_dose_counts_the_hours_are_those_in_condition(tmp_path: Path) -> None:
    story = Story(tmp_path, DOSE_PLAN)
    story.tell(0, wire.EV_STEP_BEGIN, AGEING)
    story.tell(1, wire.EV_IN_CONDITION, AGEING)
    story.tell(4, wire.EV_OUT_OF_CONDITION, AGEING)
    story.tell(6, wire.EV_IN_CONDITION, AGEING)
    story.tell(8, wire.EV_PAUSED, AGEING)
    story.tell(9, wire.EV_RESUMED, AGEING)
    running = {"state": wire.RUNNING, "step": AGEING, "in_condition": 1}
    story.put(track(story.seq, 10 * MIN, **running))  # told by no event
    story.tell(12, wire.EV_STEP_END, AGEING, delivered=8 * SUN_MIN, dose=8 * SUN_MIN)
    assert story.accounts()["A1"].ageing.oc_h == pytest.approx((3 + 2 + 2) / 60)
    story.connection.close()


def test_readings_weigh_by_the_time_they_stand_for(story: Story) -> None:
    """One of 20 °C for a minute, sixty of 40 °C for a second each: 30 °C."""
    story.tell(0, wire.EV_STEP_BEGIN, AGEING)
    story.tell(0, wire.EV_IN_CONDITION, AGEING)
    story.see(1 / 60, stage=2000, plate=9000)
    for second in range(60):
        story.see(1 + second / 60, stage=4000, plate=9000)
    story.tell(2, wire.EV_STEP_END, AGEING)
    temp = story.accounts()["A1"].ageing.temp_c
    assert temp.sensor == "stage"
    assert (temp.mean, temp.sd) == pytest.approx((30, 10), abs=0.1)
    assert (temp.low, temp.high) == (20, 40)
    assert (temp.read_h, temp.unread_h) == pytest.approx((2 / 60, 0), abs=1e-6)


def test_time_without_a_reading_is_told_and_not_filled(story: Story) -> None:
    """A broken wire is no reading; and a sample stands for three periods at most."""
    story.tell(0, wire.EV_STEP_BEGIN, DARK)
    story.tell(0, wire.EV_IN_CONDITION, DARK)
    story.see(1, BOX, plate=2300)
    story.see(2, BOX, plate=2300)
    for t_min in range(3, 7):
        story.see(t_min, BOX)
    story.see(7, BOX, plate=2300)  # then nothing for 13 min
    story.tell(20, wire.EV_STEP_END, DARK)
    temp = story.accounts()["A1"].dark_recovery.temp_c
    assert temp.sensor == "plate", "the box has no other"
    assert temp.read_h == pytest.approx((1 + 1 + 1 + 3) / 60), "the first also for what was before"
    assert temp.unread_h == pytest.approx((4 + 10) / 60)


def test_what_was_seen_while_it_did_not_count_says_nothing_of_it(story: Story) -> None:
    story.tell(0, wire.EV_STEP_BEGIN, AGEING)
    story.see(0, light=0)
    story.tell(0, wire.EV_IN_CONDITION, AGEING)
    story.see(1, light=1000)
    story.see(5 - 0.001, light=0)  # right before the event that it causes
    story.tell(5, wire.EV_OUT_OF_CONDITION, AGEING)
    story.see(6, light=0)
    story.tell(8, wire.EV_IN_CONDITION, AGEING)
    story.see(9, light=1000)
    story.tell(10, wire.EV_STEP_END, AGEING)
    a1, a2 = story.accounts().values()
    assert (a1.light_suns.low, a1.light_suns.mean, a1.light_suns.high) == (1, 1, 1)
    assert a2.light_suns.mean == pytest.approx(0.9), "at its own place"


def test_humidity_is_told_where_there_is_a_sensor(story: Story) -> None:
    story.tell(0, wire.EV_STEP_BEGIN, AGEING)
    story.tell(0, wire.EV_IN_CONDITION, AGEING)
    assert story.accounts()["A1"].humidity_percent.sensor is None
    for t_min, percent in ((1, 40), (2, 50)):
        story.put(make(story.seq, t_min * MIN, wire.AIR, 0, humidity=percent * 100))
    story.tell(3, wire.EV_STEP_END, AGEING)
    humidity = story.accounts()["A1"].humidity_percent
    assert (humidity.sensor, humidity.low, humidity.high) == ("humidity", 40, 50)
    assert humidity.mean == pytest.approx((2 * 40 + 50) / 3)


def test_away_and_interrupted(story: Story) -> None:
    """Out of condition for 2 min, away for 8 of which nobody knows, and out again: still."""
    story.tell(0, wire.EV_STEP_BEGIN, AGEING)
    story.tell(0, wire.EV_IN_CONDITION, AGEING)
    story.tell(3, wire.EV_OUT_OF_CONDITION, AGEING)
    story.tell(5, wire.EV_IN_CONDITION, AGEING)
    story.put(track(story.seq, 6 * MIN, state=wire.RUNNING, step=AGEING, in_condition=1))
    handling = story.accounts()["A1"].handling
    assert (handling.interruptions, handling.interrupted, handling.away_h) == (1, False, 0)
    assert handling.longest_interruption_h == pytest.approx(2 / 60)
    story.boot, story.seq = "b", 0
    story.tell(14, wire.EV_STEP_BEGIN, AGEING)
    handling = story.accounts()["A1"].handling
    assert (handling.interruptions, handling.interrupted) == (2, True)
    assert handling.away_h == handling.longest_interruption_h == pytest.approx(8 / 60)
    story.tell(15, wire.EV_IN_CONDITION, AGEING)
    story.tell(16, wire.EV_OUT_OF_CONDITION, AGEING)
    handling = story.accounts(until_min=36)["A1"].handling
    assert handling.interruptions == 3
    assert handling.longest_interruption_h == pytest.approx(20 / 60)


def test_a_gap_belongs_to_no_phase(tmp_path: Path) -> None:
    story = Story(tmp_path, DOSE_PLAN)
    story.tell(0, wire.EV_STEP_BEGIN, AGEING)
    story.tell(0, wire.EV_IN_CONDITION, AGEING)
    story.see(0.1, stage=4000)
    story.put(track(story.seq, 2 * MIN, state=wire.RUNNING, step=AGEING, in_condition=1))
    story.boot, story.seq = "b", 0
    story.tell(62, wire.EV_STEP_BEGIN, AGEING)
    story.tell(62, wire.EV_IN_CONDITION, AGEING)
    story.tell(65, wire.EV_STEP_END, AGEING)
    ageing = story.accounts()["A1"].ageing
    assert ageing.oc_h == pytest.approx((2 + 3) / 60)
    assert (ageing.temp_c.read_h, ageing.temp_c.unread_h) == pytest.approx((2 / 60, 3 / 60))
    story.connection.close()


def test_a_computer_clock_that_was_set_changes_no_length(tmp_path: Path) -> None:
    story = Story(tmp_path, DOSE_PLAN)
    at = {"track": 0, "step": AGEING, "cycle": 0, "station": SIMULATOR}
    for t_min, code, shift_h in (
        (0, wire.EV_STEP_BEGIN, 0),
        (0, wire.EV_IN_CONDITION, 0),
        (6, wire.EV_OUT_OF_CONDITION, -1),
        (8, wire.EV_IN_CONDITION, -1),
        (9, wire.EV_STEP_END, +2),
    ):
        story.put(event(story.seq, t_min * MIN, code, **at), shift_h * 60 * MIN)
    assert story.accounts()["A1"].ageing.oc_h == pytest.approx(7 / 60)
    story.connection.close()


def test_a_clock_that_was_set_back_while_the_board_was_away_makes_no_time_twice(
    tmp_path: Path,
) -> None:
    """By the computer the second start begins before the end of the first."""
    story = Story(tmp_path, DOSE_PLAN)
    story.tell(0, wire.EV_STEP_BEGIN, AGEING)
    story.tell(0, wire.EV_IN_CONDITION, AGEING)
    story.see(1, light=1000)
    story.put(track(story.seq, 10 * MIN, state=wire.RUNNING, step=AGEING, in_condition=1))
    story.boot, story.seq = "b", 0
    at = {"track": 0, "step": AGEING, "cycle": 0, "station": SIMULATOR}
    for t_min, code in (
        (12, wire.EV_STEP_BEGIN),
        (12, wire.EV_IN_CONDITION),
        (16, wire.EV_STEP_END),
    ):
        story.put(event(story.seq, t_min * MIN, code, **at), -11 * MIN)
    cell = story.accounts()["A1"]
    assert cell.ageing.oc_h == pytest.approx((10 + 4) / 60)
    assert cell.light_suns.read_h == pytest.approx((1 + 3) / 60)
    story.connection.close()


def test_a_trip_and_a_wait_for_a_person_are_no_interruptions(story: Story) -> None:
    story.step(0, 10, AGEING, delivered=10)
    story.tell(10, wire.EV_FAULT, AGEING, a=wire.FAULT_PLATE_OPEN)
    story.tell(10, wire.EV_BARRIER, MOVE)
    story.put(track(story.seq, 11 * MIN, state=wire.BARRIER, step=MOVE))
    story.boot, story.seq = "b", 0
    story.tell(20, wire.EV_BARRIER, MOVE)
    deviations = find_deviations(story.store, "r", story.program, BENCH)
    assert [(each.kind, each.phase) for each in deviations] == [
        ("trip", "ageing"),
        ("gap", "confirm"),
    ]
    handling = story.accounts()["A1"].handling
    assert (handling.interruptions, handling.longest_interruption_h) == (0, None)
    assert handling.away_h == pytest.approx(9 / 60)
