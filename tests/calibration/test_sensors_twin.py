"""Sensors of the simulated bench that are not as the bench file says: calibrated, they read true.

Shipped firmware and host in virtual time; nobody waits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from figures import say
from sensor_lab import Told, silent, wrong_bench
from virtual_session import VirtualBench

from soakbench.calibration.light import raw_light
from soakbench.calibration.sensor_changes import light_changes, thermistor_changes
from soakbench.calibration.station_plan import lit_plan
from soakbench.calibration.thermistor import Fitted, Point, fit
from soakbench.cli.commands.calibrate.light import Measured, Work, find_light_sensor, measure
from soakbench.cli.commands.calibrate.thermistor import take_points, wanted_points
from soakbench.cli.session import BenchSession
from soakbench.config import BenchConfig, parse_bench
from soakbench.config.edit import edited
from soakbench.errors import BenchFault
from soakbench.twin.sensors import Fault

BOX, SIMULATOR = "hotplate_box", "simulator"


def calibrated(bench: BenchConfig, changes) -> BenchConfig:
    """The same bench after its file was changed."""
    return parse_bench(edited(bench.source.text, changes), "lab.toml")


def plate_c(virtual: VirtualBench) -> float:
    plate = virtual.simulation.board.stations[BOX].plate
    assert plate is not None
    return plate.temp_c


def points_of(
    virtual: VirtualBench, station: str, key: str, heat: list[float], count: int, person: Told
) -> list[Point]:
    wanted = wanted_points(virtual.bench.stations[station], station, [], count, heat)

    async def work(session: BenchSession, _: VirtualBench) -> list[Point]:
        return await take_points(session, station, key, wanted, person, silent())

    return cast(list[Point], virtual.play(work))


def fitted(bench: BenchConfig, station: str, key: str, points: list[Point]) -> Fitted:
    sensor = bench.stations[station].temperature_sensors()[key]
    return fit(bench.thermistors[sensor.thermistor], sensor, points)


def reads_and_is(
    bench: BenchConfig, folder: Path, heat: list[float], read: Callable[[VirtualBench], float]
) -> list[tuple[float, float]]:
    """(shown, true) of the plate, as a bench file makes the board read it."""
    virtual = VirtualBench(bench, folder)
    truth = Told(*[lambda: read(virtual)] * (len(heat) + 1))
    points = points_of(virtual, BOX, "plate_sensor", heat, len(heat) + 1, truth)
    return [(point.shown_c, point.true_c) for point in points]


def test_one_point_of_a_stage_sensor(tmp_path: Path):
    """A sensor that shows 1.3 °C too little, in a bath of 23 °C."""
    bench = wrong_bench(f"[twin.sensors.{SIMULATOR}.stage_sensor]", "offset_c = 1.3")
    points = points_of(
        VirtualBench(bench, tmp_path / "a"), SIMULATOR, "stage_sensor", [], 1, Told(23.0)
    )
    found = fitted(bench, SIMULATOR, "stage_sensor", points)
    assert found.offset_c == pytest.approx(1.3, abs=0.05)
    right = calibrated(bench, thermistor_changes(bench, SIMULATOR, "stage_sensor", found))
    (after,) = points_of(
        VirtualBench(right, tmp_path / "b"), SIMULATOR, "stage_sensor", [], 1, Told(23.0)
    )
    say(
        f"calibrate thermistor, 1 point: {points[0].error_c:+.2f} °C before,"
        f" {after.error_c:+.2f} °C after"
    )
    assert abs(after.error_c) <= 0.05


PARTS = [
    ("2 points", "r25_ohm = 10350\nbeta_k = 3750", [45.0], 0.1),
    ("3 points", "steinhart_hart = [1.1e-3, 2.38e-4, 9.5e-8]", [38.0, 58.0], 0.1),
]


@pytest.mark.parametrize(("name", "part", "heat", "bound_c"), PARTS)
def test_points_of_a_plate_sensor_that_the_board_heats(
    tmp_path: Path, name: str, part: str, heat: list[float], bound_c: float
):
    """The plate's own temperature is the reference's. Checked at temperatures in between."""
    bench = wrong_bench(f"[twin.sensors.{BOX}.plate_sensor]", part)
    virtual = VirtualBench(bench, tmp_path / "a")
    person = Told(*[lambda: plate_c(virtual)] * (len(heat) + 1))
    points = points_of(virtual, BOX, "plate_sensor", heat, len(heat) + 1, person)
    assert len(person.questions) == len(heat) + 1
    found = fitted(bench, BOX, "plate_sensor", points)
    right = calibrated(bench, thermistor_changes(bench, BOX, "plate_sensor", found))
    # The other station's sensor is of the same kind and must not have been touched.
    assert right.thermistors["ntc10k"] == bench.thermistors["ntc10k"]
    assert right.stations[SIMULATOR] == bench.stations[SIMULATOR]
    before = max(abs(point.error_c) for point in points)
    seen = reads_and_is(right, tmp_path / "b", [30.0, 50.0], plate_c)
    after = max(abs(shown - true) for shown, true in seen)
    say(f"calibrate thermistor, {name}: {before:.2f} °C before, {after:.2f} °C after, 23..50 °C")
    assert before > 0.5
    assert after <= bound_c


def light(
    bench: BenchConfig, folder: Path, work: Work, person: Told, prepare=lambda sim: None
) -> Measured:
    virtual = VirtualBench(bench, folder)
    prepare(virtual.simulation)
    sensor = find_light_sensor(bench, SIMULATOR)

    async def go(session: BenchSession, _: VirtualBench) -> Measured:
        return await measure(session, SIMULATOR, sensor, work, person, silent())

    return cast(Measured, virtual.play(go, raw_light(bench, SIMULATOR)))


DIODE = f"[twin.sensors.{SIMULATOR}.light_sensor]\nfull_scale_suns = 1.27\ndark_code = 330"
ALL = Work(dark=True, suns=True, true_suns=None, positions=False)


# dark_code of the file far above the true one: the board would read 0, and the light too low.
@pytest.mark.parametrize("file_dark", [0, 2000])
def test_a_photodiode_reads_true_afterwards(tmp_path: Path, file_dark: int):
    old = "light_sensor = { adc = 28, full_scale_suns = 1.5 }"
    new = old.replace("1.5", f"1.5, dark_code = {file_dark}")
    bench = wrong_bench(DIODE, **{old: new})
    got = light(bench, tmp_path / "a", ALL, Told(1.0))
    assert got.fit is not None
    assert got.fit.dark_code == pytest.approx(330, abs=16)  # one step of the converter
    assert got.fit.full_scale_suns == pytest.approx(1.27, rel=2e-3)
    right = calibrated(bench, light_changes(SIMULATOR, got.fit, None))
    dim = right.model_copy(update={"twin": right.twin.model_copy(update={"lamp_suns": 0.6})})
    shown = [reading_suns(each, tmp_path / str(n)) for n, each in enumerate((right, dim))]
    say(
        f"calibrate light: 1 sun was shown as {got.fit.shown_suns:.3f},"
        f" then as {shown[0]:.3f}; 0.6 sun as {shown[1]:.3f}; dark code {got.fit.dark_code} of 330"
    )
    assert shown[0] == pytest.approx(1.0, abs=0.005)
    assert shown[1] == pytest.approx(0.6, abs=0.005)


def reading_suns(bench: BenchConfig, folder: Path) -> float:
    """What the board shows with the lamp on."""
    seen: list[float] = []

    async def work(session: BenchSession, _: VirtualBench) -> None:
        def look(status) -> bool:
            here = next((s for s in status.stations if s.station == SIMULATOR), None)
            if here is not None and here.light_on and here.light_suns:
                seen.append(here.light_suns)
            return len(seen) > 100

        await session.run(lit_plan(SIMULATOR, "light"), look)

    VirtualBench(bench, folder).play(work)
    return seen[-1]


def test_a_map_is_asked_for_place_by_place(tmp_path: Path):
    bench = wrong_bench()
    readings = [1.0, 0.95, 0.97, 0.99, 1.0, 1.01, 1.02, 1.03, 1.04, 1.0]
    person = Told(*readings)
    work = Work(dark=False, suns=False, true_suns=None, positions=True)
    got = light(bench, tmp_path, work, person)
    assert got.places is not None
    assert list(got.places.positions.values()) == readings[1:-1]
    assert "A1" in person.questions[1]
    right = calibrated(bench, light_changes(SIMULATOR, None, got.places))
    assert right.cells["B4"].position == 1.04


@pytest.mark.parametrize(
    ("truth", "prepare", "work", "says"),
    [
        ("", lambda sim: sim.board.set_lamp(False), ALL, "still reads"),
        (DIODE.replace("1.27", "0.9"), lambda sim: None, ALL, "the reading is saturated"),
        (DIODE.replace("330", "3000"), lambda sim: None, ALL, "code of (29|30)[0-9]* in the dark"),
    ],
)
def test_light_that_is_none_or_too_much(tmp_path: Path, truth: str, prepare, work, says: str):
    with pytest.raises(BenchFault, match=says):
        light(wrong_bench(truth), tmp_path, work, Told(1.0), prepare)


def test_light_that_changes_while_the_reference_is_read(tmp_path: Path):
    bench = wrong_bench()
    virtual = VirtualBench(bench, tmp_path)

    def dimmed() -> float:
        virtual.simulation.lamp_level(0.9)
        return 1.0

    class Slow(Told):
        async def number(self, question: str) -> float:
            value = await super().number(question)
            await super().number(question)
            return value

    async def go(session: BenchSession, _: VirtualBench) -> Measured:
        sensor = find_light_sensor(bench, SIMULATOR)
        return await measure(session, SIMULATOR, sensor, ALL, Slow(dimmed, 1.0), silent())

    with pytest.raises(BenchFault, match=r"went from .* while the reference was read"):
        virtual.play(go, raw_light(bench, SIMULATOR))


@pytest.mark.parametrize("fault", [Fault.OPEN, Fault.SHORT])
def test_a_thermistor_that_is_broken(tmp_path: Path, fault: Fault):
    virtual = VirtualBench(wrong_bench(), tmp_path)
    virtual.simulation.board.stations[SIMULATOR].inputs["stage"].set_fault(fault, 0)
    with pytest.raises(BenchFault, match="stage sensor of simulator has had no reading for 15 s"):
        points_of(virtual, SIMULATOR, "stage_sensor", [], 1, Told(23.0))


def test_a_thermistor_that_is_never_steady(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Noise of 40 steps, a degree; nobody waits for half an hour here."""
    monkeypatch.setattr("soakbench.cli.commands.calibrate.observing.WAIT_S", 180.0)
    bench = wrong_bench()
    noisy = bench.model_copy(update={"twin": bench.twin.model_copy(update={"adc_noise_lsb": 40.0})})
    with pytest.raises(BenchFault, match=r"was not steady within 3 min; it moves by"):
        points_of(VirtualBench(noisy, tmp_path), SIMULATOR, "stage_sensor", [], 1, Told(23.0))


def test_a_wrong_type_of_thermistor_is_told_not_stored(tmp_path: Path):
    """A 5 kΩ part where the file says 10 kΩ."""
    bench = wrong_bench(
        f"[twin.sensors.{SIMULATOR}.stage_sensor]", "r25_ohm = 5000", "beta_k = 3950"
    )
    points = points_of(VirtualBench(bench, tmp_path), SIMULATOR, "stage_sensor", [], 1, Told(23.0))
    with pytest.raises(BenchFault, match="an offset of -1") as caught:
        fitted(bench, SIMULATOR, "stage_sensor", points)
    assert "another type of NTC is more likely" in caught.value.hint
