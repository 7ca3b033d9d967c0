"""What the shipped firmware records of the sensed bench, and what it makes of bad senses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rehearsing import OC_DARK, Rehearsed, assert_passed, fault, order

from soakbench.assets import find_bench
from soakbench.config import load_bench
from soakbench.rehearsal.rehearse import rehearse
from soakwire import records

# Of OC_DARK, in seconds: lit from its begin to 305, then dark.
MID_LIGHT = "120 s"
VOLTAGES_A = 0x48  # converter a: A1 to A4

# Light at OC to about 180 s, then at SC to about 360.
OC_THEN_SC = """
[plan]
name = "oc-then-sc"
sample_s = 10

[tracks.a]
cells = ["A1", "A2", "A3", "A4"]
station = "simulator"
load = "OC"

[[tracks.a.phases]]
phase = "ageing"
until = "3 min"
light = "1 sun"

[[tracks.a.phases]]
phase = "ageing"
load = "SC"
until = "3 min"
light = "1 sun"
"""


def play(data: Path, *faults: str, plan: str = OC_DARK) -> Rehearsed:
    """Rehearse on the sensed bench."""
    bench = load_bench(find_bench("twin-sensed")).model_copy(update={"smu": None})
    sensed = replace(order(plan, "".join(faults)), bench=bench)
    done = Rehearsed(rehearse(sensed, data), data)
    assert_passed(done.report)
    return done


def senses(done: Rehearsed, cell: int, from_s: float, to_s: float) -> list[int | None]:
    """What the records of that time say of a cell: 0.1 mV at OC, µA at SC."""
    rows = done.column(
        "SELECT body FROM record WHERE kind = 'cells'"
        f" AND t_device_ms BETWEEN {from_s * 1000} AND {to_s * 1000} ORDER BY seq"
    )
    assert len(rows) > 3
    return [json.loads(str(body))["senses"][cell] for body in rows]


def air(done: Rehearsed, from_s: float, to_s: float) -> list[tuple[float | None, float | None]]:
    """% and °C at the simulator."""
    rows = done.column(
        "SELECT body FROM record WHERE kind = 'air'"
        f" AND t_device_ms BETWEEN {from_s * 1000} AND {to_s * 1000} ORDER BY seq"
    )
    bodies = [json.loads(str(body)) for body in rows]
    return [(body["humidity_percent"], body["temperature_c"]) for body in bodies]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return play(tmp_path_factory.mktemp("senses") / "plain")


def test_voltage_and_current_under_one_sun(plain: Rehearsed):
    for cell in range(4):  # at OC
        volts = senses(plain, cell, 20, 290)
        assert None not in volts
        assert all(10440 <= each <= 10502 for each in volts)
        assert volts[0] > volts[-1], "it ages"
    for cell in range(4, 8):  # at SC
        assert all(abs(each - 1652) <= 5 for each in senses(plain, cell, 20, 290))


def test_in_the_dark_they_are_gone(plain: Rehearsed):
    for cell in range(4):
        assert all(0 <= each < 100 for each in senses(plain, cell, 330, 590)), "below 10 mV"
    for cell in range(4, 8):
        assert all(abs(each) <= 4 for each in senses(plain, cell, 330, 590))


def test_the_air(plain: Rehearsed):
    seen = air(plain, 20, 290)
    assert len(seen) > 10
    assert set(seen) == {(1.0, 23.0)}


def test_nothing_is_told_of_senses_that_are_right(plain: Rehearsed):
    for name in ("device", "sc_voltage", "oc_current", "as_commanded", "fault"):
        assert plain.events(name) == []


def test_a_silent_converter_is_told_and_its_cells_have_no_reading(tmp_path):
    done = play(tmp_path, fault("device_silent", MID_LIGHT, converter="a", for_="60 s"))
    told = [(event["a"], event["b"]) for event in done.events("device")]
    assert told == [(VOLTAGES_A, 1), (VOLTAGES_A, 0)]
    assert set(senses(done, 0, 126, 179)) == {None}
    assert None not in senses(done, 4, 126, 179), "of another converter"
    assert None not in senses(done, 0, 190, 290)


def test_a_silent_humidity_sensor_is_a_fault(tmp_path):
    gone = {"station": "simulator", "sensor": "humidity"}
    done = play(tmp_path, fault("device_silent", MID_LIGHT, for_="60 s", **gone))
    (seen,) = done.events("fault")
    assert (seen["a"], seen["station"]) == (records.FAULT_HUMIDITY, 0)
    assert set(air(done, 130, 179)) == {(None, None)}
    assert set(air(done, 195, 290)) == {(1.0, 23.0)}
    assert None not in senses(done, 0, 126, 290)


def test_a_bus_that_hangs_is_freed(tmp_path):
    done = play(tmp_path, fault("i2c_hung", MID_LIGHT))
    for cell in range(8):
        assert None not in senses(done, cell, 135, 290)
    assert set(air(done, 135, 290)) == {(1.0, 23.0)}


def test_a_shorted_bus_silences_all_and_harms_nothing(tmp_path):
    done = play(tmp_path, fault("i2c_short", MID_LIGHT, for_="60 s"))
    silent = {event["a"] for event in done.events("device") if event["b"] == 1}
    assert silent == {0x48, 0x49, 0x4A, 0x4B}
    for cell in range(8):
        assert set(senses(done, cell, 130, 179)) == {None}
        assert None not in senses(done, cell, 195, 290)


def test_a_relay_that_sticks_at_short_circuit_is_seen_in_the_current(tmp_path):
    done = play(tmp_path, fault("relay_stuck", "0 s", cell="A1", for_="120 s"))
    (odd,) = done.events("oc_current")
    assert odd["a"] == 0
    assert odd["b"] == pytest.approx(1652, abs=5)
    assert all(each < 100 for each in senses(done, 0, 20, 115)), "commanded to OC, and no voltage"
    (again,) = done.events("as_commanded")
    assert again["a"] == 0
    assert all(each > 10400 for each in senses(done, 0, 130, 290))


def test_a_relay_that_sticks_at_open_circuit_is_seen_in_the_voltage(tmp_path):
    done = play(tmp_path, fault("relay_stuck", "100 s", cell="A1", for_="200 s"), plan=OC_THEN_SC)
    (odd,) = done.events("sc_voltage")
    assert odd["a"] == 0
    assert odd["b"] > 10400
    (again,) = done.events("as_commanded")
    assert again["a"] == 0
    assert all(abs(each) <= 4 for each in senses(done, 0, 200, 295)), "commanded to SC, no current"
    assert all(abs(each - 1652) <= 5 for each in senses(done, 0, 310, 350))
    assert all(abs(each - 1652) <= 5 for each in senses(done, 1, 200, 350)), "of another cell"


@pytest.mark.parametrize(("how", "deci_mv"), [("none", 0), ("reversed", -3000)])
def test_a_cell_that_sits_badly_shows_it(tmp_path, how, deci_mv):
    done = play(tmp_path, fault("cell_contact", MID_LIGHT, cell="A2", how=how, for_="60 s"))
    assert all(abs(each - deci_mv) <= 2 for each in senses(done, 1, 126, 179))
    assert all(each > 10400 for each in senses(done, 1, 190, 290))
    assert all(each > 10400 for each in senses(done, 0, 20, 290)), "of another cell"
