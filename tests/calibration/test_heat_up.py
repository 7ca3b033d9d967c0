"""The heat-up of a calibration, lived through in virtual time: how it goes, and where it ends."""

import asyncio
from pathlib import Path

import pytest
from heated_twin import BOX
from hot_twin import ROOM_C, plate_bench
from virtual_session import VirtualBench

from soakbench.calibration.identify import identify
from soakbench.calibration.record import recorded
from soakbench.cli.commands.calibrate.heating import heat_up
from soakbench.cli.session import InterruptedByUserError
from soakbench.errors import BenchFault
from soakbench.twin.sensors import Fault


def calibrated(bench: VirtualBench, target_c: float = 50.0) -> tuple[str, list[str]]:
    """The run of a heat-up that succeeds, and the lines told meanwhile."""
    lines: list[str] = []
    run = bench.play(lambda session, _: heat_up(session, BOX, target_c, lines.append))
    return str(run), lines


def refused(bench: VirtualBench, why: str, after_s: float = 0, happens=None) -> None:
    """The heat-up ends as a BenchFault, whose text holds `why`, with everything off.

    `happens` is called `after_s` after the beginning.
    """

    async def work(session, _):
        if happens is not None:
            asyncio.get_running_loop().call_later(after_s, happens)
        return await heat_up(session, BOX, 50.0, lambda line: None)

    with pytest.raises(BenchFault, match=why):
        bench.play(work)
    assert_safe(bench)


def assert_safe(bench: VirtualBench) -> None:
    box = bench.simulation.board.stations[BOX]
    assert box.heater is not None
    assert not box.heater.on
    assert box.contactor is not None
    assert not box.contactor.on


def states(bench: VirtualBench) -> list[str]:
    return [row["state"] for row in bench.store.rows("SELECT state FROM run")]


def test_it_rests_heats_holds_and_tells_how_long_it_takes(tmp_path: Path) -> None:
    bench = VirtualBench(plate_bench(), tmp_path)
    run, lines = calibrated(bench)
    begun = [line.split(",")[0] for line in lines]
    order = list(dict.fromkeys(begun))
    assert order[-3:] == ["at rest", "heating", "holding"]
    assert any("100% of the power, about 6 min" in line for line in lines)
    assert states(bench) == ["finished"]
    assert_safe(bench)
    found = identify(recorded(bench.store, run, 1))
    assert found.plate.rise_c_per_s == pytest.approx(60 / 380, rel=0.01)
    assert found.plate.ambient_c == pytest.approx(ROOM_C, abs=0.5)
    loads = bench.store.rows("SELECT count(*) AS n FROM event WHERE event = 'load'")
    assert loads[0]["n"] == 0  # no cell was touched


def test_ctrl_c_puts_the_heater_off_at_once(tmp_path: Path) -> None:
    bench = VirtualBench(plate_bench(), tmp_path)

    async def work(session, made):
        loop = asyncio.get_running_loop()
        loop.call_later(100, made.interrupted.set)
        try:
            await heat_up(session, BOX, 50.0, lambda line: None)
        finally:
            made.took_s = loop.time()

    with pytest.raises(InterruptedByUserError, match="safe state"):
        bench.play(work)
    assert bench.took_s < 110
    assert bench.simulation.board.stations[BOX].plate.temp_c > 30  # it was heating
    assert states(bench) == ["stopped"]
    assert_safe(bench)


def test_a_plate_that_is_hot_already(tmp_path: Path) -> None:
    bench = VirtualBench(plate_bench(), tmp_path)
    plate = bench.simulation.board.stations[BOX].plate
    plate.temp_c = plate.sensor_c = 44.0
    refused(bench, r"the plate is at 4\d\.\d °C already")
    assert states(bench) == []


def test_a_plate_that_still_cools_down_is_not_heated(tmp_path: Path) -> None:
    bench = VirtualBench(plate_bench(), tmp_path)
    plate = bench.simulation.board.stations[BOX].plate
    plate.temp_c = plate.sensor_c = 38.0
    refused(bench, r"the plate is not at rest: -\d\.\d °C a minute")
    assert bench.simulation.board.stations[BOX].heated_ms < 3000


def test_a_sensor_that_is_not_there(tmp_path: Path) -> None:
    bench = VirtualBench(plate_bench(), tmp_path)
    bench.simulation.board.stations[BOX].inputs["plate"].set_fault(Fault.OPEN, 0)
    refused(bench, "the plate sensor of hotplate_box has no reading")
    assert states(bench) == []


def test_a_trip_of_before_that_nobody_has_cleared(tmp_path: Path) -> None:
    bench = VirtualBench(plate_bench(), tmp_path)
    sensor = bench.simulation.board.stations[BOX].inputs["plate"]

    async def work(session, _):
        sensor.set_fault(Fault.OPEN, 0)
        await session.watch(lambda status: any(each.faults for each in status.stations))
        sensor.set_fault(None, 0)
        await session.watch(lambda status: status.stations[1].plate_c is not None)
        await heat_up(session, BOX, 50.0, lambda line: None)

    with pytest.raises(BenchFault, match="hotplate_box has plate_sensor_open: its heater stays"):
        bench.play(work)
    assert states(bench) == []
    assert_safe(bench)


def test_a_trip_in_the_middle(tmp_path: Path) -> None:
    bench = VirtualBench(plate_bench(), tmp_path)
    sensor = bench.simulation.board.stations[BOX].inputs["plate"]
    refused(bench, "tripped while it heated up", 90, lambda: sensor.set_fault(Fault.OPEN, 0))
    assert states(bench) == ["stopped"]


def test_a_heater_too_weak_for_the_guards(tmp_path: Path) -> None:
    """30 W on 760 J/K: less than the 2 °C a minute that S7 asks of full power."""
    bench = VirtualBench(plate_bench(heater_w=0.5, heat_capacity_j_per_k=2), tmp_path)
    refused(bench, "tripped while it heated up: .*no_temperature_rise")


def test_a_law_that_never_asks_for_full_power(tmp_path: Path) -> None:
    made = plate_bench()
    box = made.stations[BOX]
    heater = box.heater.model_copy(update={"kp_permille_per_c": 10, "ki_permille_per_c_s": 0.5})
    stations = made.stations | {BOX: box.model_copy(update={"heater": heater})}
    bench = VirtualBench(made.model_copy(update={"stations": stations}), tmp_path)
    refused(bench, r"the heater is not given full power: \d\d% at 2\d\.\d °C")
