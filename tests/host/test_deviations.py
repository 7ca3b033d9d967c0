"""Departures from the plan, found in the records of a run and nowhere else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from make_records import event, station, track

from soakbench.config import parse_bench, parse_plan
from soakbench.plan import compile_program
from soakbench.run.deviations import find_deviations
from soakbench.status import Deviation
from soakbench.store import open_store
from soakbench.store.intake import add_records
from soakwire import records as wire
from soakwire.slots import Record

BENCH = parse_bench(
    """
[bench]
name = "b"
port = "twin"
[thermistors.ntc]
r25_ohm = 10000
beta_k = 3950
divider_ohm = 10000
[stations.box]
light = { actuator = "shutter", pin = 16 }
plate_sensor = { adc = 26, thermistor = "ntc" }
light_sensor = { adc = 28, full_scale_suns = 1.5 }
heater = { pin = 17 }
[cells.A1]
station = "box"
area_cm2 = 0.07
power_off = "SC"
short_relay = { pin = 0, rest = "SC" }
[cells.A2]
station = "box"
area_cm2 = 0.07
power_off = "OC"
""",
    "b.toml",
)
PROGRAM = compile_program(
    parse_plan(
        """
[plan]
name = "p"
max_gap = "5 min"
[tracks.x]
cells = ["A1", "A2"]
station = "box"
load = "OC"
[[tracks.x.phases]]
phase = "ageing"
until = "16 h"
light = "1 sun"
[[tracks.x.phases]]
phase = "thermal_recovery"
until = "3 h"
temperature = "50 °C"
[[tracks.x.phases]]
phase = "confirm"
message = "look"
""",
        "p.toml",
    ),
    BENCH,
)
MIN = 60_000
AT = {"track": 0, "step": 0, "cycle": 0, "station": 0}


class Run:
    """A run whose records a test writes by hand; UTC is the time the test gives."""

    def __init__(self, data: Path) -> None:
        self.store = open_store(data)
        self.connection = self.store.connect_writer()
        self.connection.execute(
            "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
            " state, created_utc_ms) VALUES ('r', 'p', '', '', '', 1, 1, 'running', 0)"
        )

    def put(self, boot: str, *items: Record) -> None:
        add_records(self.connection, "d", boot, "r", list(items), lambda t: (t, 1), 0)

    def found(self) -> list[Deviation]:
        return find_deviations(self.store, "r", PROGRAM, BENCH)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path)
    yield made
    made.connection.close()


def test_a_run_that_went_as_planned_has_none(run: Run) -> None:
    run.put(
        "a",
        event(0, 0, wire.EV_STEP_BEGIN, **AT),
        event(1, 10, wire.EV_IN_CONDITION, **AT),
        track(2, 10 * MIN, state=wire.RUNNING),
        event(3, 20 * MIN, wire.EV_STEP_END, **AT),
        event(4, 20 * MIN, wire.EV_TRACK_DONE, **AT),
    )
    assert run.found() == []


def test_a_gap_says_what_was_delivered_and_how_the_cells_rested(run: Run) -> None:
    run.put(
        "a",
        event(0, 0, wire.EV_STEP_BEGIN, **AT),
        track(1, 700 * MIN, state=wire.RUNNING, delivered=702 * MIN),
    )
    assert run.found() == [], "it may be back any moment, and then the records say so"
    run.put("b", event(0, 737 * MIN, wire.EV_STEP_BEGIN, **AT))
    (gap,) = run.found()
    assert (gap.kind, gap.track, gap.cells, gap.phase) == ("gap", "x", ["A1", "A2"], "ageing")
    assert (gap.length_s, gap.interrupted) == (37 * 60, True)
    assert gap.text == (
        "the board was away; 11 h 42 min of 16 h delivered; cells rested at SC (A1), OC (A2), dark;"
        " what was delivered after the last record is not counted"
    )


def test_a_gap_in_an_extended_phase_is_held_against_its_own_goal(run: Run) -> None:
    run.connection.execute("INSERT INTO extended VALUES ('r', 0, 0, 1, ?)", (1080 * MIN,))
    run.put("a", track(0, 0, state=wire.RUNNING, cycle=1, delivered=1020 * MIN))
    run.put("b", event(0, MIN, wire.EV_STEP_BEGIN, **(AT | {"cycle": 1})))
    run.put("b", track(1, 2 * MIN, state=wire.RUNNING, cycle=2))
    run.put("c", event(0, 3 * MIN, wire.EV_STEP_BEGIN, **(AT | {"cycle": 2})))
    first, second = run.found()
    assert "; 17 h of 18 h delivered; " in first.text
    assert "; 0 s of 16 h delivered; " in second.text


def test_a_gap_within_max_gap_does_not_interrupt(run: Run) -> None:
    run.put("a", track(0, 0, state=wire.RUNNING))
    run.put("b", event(0, 5 * MIN, wire.EV_STEP_BEGIN, **AT))
    assert [gap.interrupted for gap in run.found()] == [False]


def test_two_restarts_in_a_row_are_two_gaps(run: Run) -> None:
    run.put("a", track(0, 0, state=wire.RUNNING))
    run.put("b", event(0, 2 * MIN, wire.EV_STEP_BEGIN, **AT), track(1, 3 * MIN, state=wire.RUNNING))
    run.put("c", event(0, 4 * MIN, wire.EV_STEP_BEGIN, **AT))
    assert [(gap.begin.minute, gap.length_s) for gap in run.found()] == [(0, 120), (3, 60)]


def test_a_lamp_that_was_out_is_told_with_what_the_sensor_saw(run: Run) -> None:
    run.put(
        "a",
        event(0, 0, wire.EV_STEP_BEGIN, **AT),
        station(1, 9 * MIN, light=1000),
        event(2, 10 * MIN, wire.EV_OUT_OF_CONDITION, dose=500_000, **AT),
        station(3, 11 * MIN, light=0),
        station(4, 12 * MIN, light=20),
        event(5, 13 * MIN, wire.EV_IN_CONDITION, dose=503_600, **AT),
        station(6, 14 * MIN, light=1000),
    )
    (dark,) = run.found()
    assert (dark.kind, dark.length_s, dark.interrupted) == ("out_of_condition", 180, False)
    assert dark.text == "not in condition: light 0.00 to 0.02 suns, wanted 1 sun"
    assert dark.dose_sun_h == pytest.approx(0.001)


def test_a_plate_out_of_its_band_lasts_until_the_end_of_the_phase(run: Run) -> None:
    at = AT | {"step": 1}
    run.put(
        "a",
        event(0, 0, wire.EV_OUT_OF_CONDITION, **at),
        station(1, MIN, plate=4210, target=5000),
        station(2, 2 * MIN, plate=4800, target=5000),
    )
    (going,) = run.found()
    assert (going.end, going.length_s, going.interrupted) == (None, None, False)
    run.put("a", event(3, 10 * MIN, wire.EV_STEP_END, **at))
    (over,) = run.found()
    assert over.text == "not in condition: plate 42.1 to 48.0 °C, wanted 50 ± 1 °C"
    assert over.end is not None
    assert over.end - over.begin == timedelta(minutes=10)
    assert over.interrupted


def test_what_a_restart_cuts_off_ends_with_the_last_record_and_the_gap_goes_on(run: Run) -> None:
    run.put(
        "a",
        event(0, 0, wire.EV_OUT_OF_CONDITION, **AT),
        track(1, 2 * MIN, state=wire.RUNNING),
    )
    run.put("b", event(0, 3 * MIN, wire.EV_STEP_BEGIN, **AT))
    assert [(one.kind, one.length_s) for one in run.found()] == [
        ("out_of_condition", 120),
        ("gap", 60),
    ]


def test_pauses_are_told_apart(run: Run) -> None:
    run.put(
        "a",
        event(0, 0, wire.EV_PAUSED, **AT),
        event(1, MIN, wire.EV_RESUMED, **AT),
        event(2, 2 * MIN, wire.EV_STEP_TIMEOUT, **AT),
        event(3, 2 * MIN, wire.EV_PAUSED, **AT),
        event(4, 4 * MIN, wire.EV_RESUMED, **AT),
        event(5, 5 * MIN, wire.EV_PAUSED, b=1, **AT),
        event(6, 6 * MIN, wire.EV_RESUMED, b=1, **AT),
        event(7, 7 * MIN, wire.EV_PAUSED, b=2, **AT),
        event(8, 9 * MIN, wire.EV_RESUMED, b=2, **AT),
    )
    assert [(one.kind, one.length_s, one.text) for one in run.found()] == [
        ("paused", 60, "paused"),
        ("paused", 120, "paused: the phase has run into its time-out"),
        ("held", 60, "paused: until the computer has taken the records the board holds"),
        ("held", 120, "paused: until the computer was back"),
    ]


def test_a_trip_lasts_until_it_is_cleared(run: Run) -> None:
    at = AT | {"step": 1}
    both = wire.FAULT_PLATE_OPEN | wire.FAULT_LUX
    run.put("a", event(0, 0, wire.EV_FAULT, a=both, **at))
    (trip,) = run.found()
    assert (trip.kind, trip.end, trip.track) == ("trip", None, "x")
    assert trip.text == "heater at box switched off by a safety rule: plate_sensor_open"
    run.put("b", event(0, MIN, wire.EV_FAULT_KEPT, a=wire.FAULT_PLATE_OPEN, station=0))
    run.put("b", event(1, 2 * MIN, wire.EV_FAULT_CLEARED, a=wire.FAULT_PLATE_OPEN, station=0))
    (trip,) = run.found()
    assert trip.length_s == 120


def test_a_stopped_run_ends_what_was_going_on(run: Run) -> None:
    run.put(
        "a",
        event(0, 0, wire.EV_OUT_OF_CONDITION, **AT),
        event(1, MIN, wire.EV_STOPPED),
    )
    assert [one.length_s for one in run.found()] == [60]
