"""`calibrate thermistor` and `calibrate light` around the measuring: options, files, questions.

What is measured is in tests/calibration/test_sensors_twin.py; here it is given.
"""

import asyncio
import json
import threading
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest
import typer
from typer.testing import CliRunner, Result

from soakbench.assets import find_bench
from soakbench.calibration.light import fit_suns, map_positions
from soakbench.calibration.steady import Reading, Steady
from soakbench.calibration.thermistor import Point
from soakbench.cli.app import app
from soakbench.cli.commands.calibrate import light, thermistor
from soakbench.cli.commands.calibrate.asking import Person
from soakbench.cli.commands.calibrate.light import Measured
from soakbench.config import load_bench
from soakbench.errors import DaemonError


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bench file of one's own, and where its data would go."""
    monkeypatch.setenv("SOAKBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(thermistor, "set_up_logs", lambda _: None)
    monkeypatch.setattr(light, "set_up_logs", lambda _: None)
    path = tmp_path / "lab.toml"
    path.write_text(find_bench("twin").read_text("utf-8"), encoding="utf-8")
    return path


def calibrate(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["calibrate", *arguments], input=answer)


def given_points(monkeypatch: pytest.MonkeyPatch, *points: Point) -> list[Any]:
    """Instead of measuring; what was wanted."""
    asked: list[Any] = []

    async def measured(here: Any, station: str, key: str, wanted: Any, console: Any) -> Any:
        asked.append((station, key, wanted))
        return list(points)

    monkeypatch.setattr(thermistor, "_measured", measured)
    return asked


@pytest.mark.parametrize("command", ["thermistor", "light"])
def test_help_ends_with_an_example(command: str):
    result = calibrate(command, "--help")
    assert result.exit_code == 0
    assert f"soakbench calibrate {command}" in result.output.split("Example", 1)[1]


def test_one_point_is_stored_beside_the_sensor(lab: Path, monkeypatch: pytest.MonkeyPatch):
    asked = given_points(monkeypatch, Point(23.9, 23.0))
    line = ("thermistor", "simulator", "stage", "--bench", str(lab), "--at", "23")
    result = calibrate(*line, "--yes", "--json")
    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert (made["kind"], made["offset_c"], made["stored"]) == ("offset", -0.9, True)
    assert made["points"][0]["residual_c"] == pytest.approx(0, abs=0.01)
    (station, key, (wanted,)) = asked[0]
    assert (station, key, wanted.true_c, wanted.heat_c) == ("simulator", "stage_sensor", 23, None)
    sensor = load_bench(lab).stations["simulator"].stage_sensor
    assert sensor is not None
    assert sensor.offset_c == -0.9
    assert lab.with_name("lab.toml.bak").is_file()
    assert "offset_c = -0.9" in result.stderr  # the change is shown


def test_without_a_yes_nothing_is_stored(lab: Path, monkeypatch: pytest.MonkeyPatch):
    before = lab.read_bytes()
    given_points(monkeypatch, Point(23.9, 23.0))
    line = ("thermistor", "simulator", "stage", "--bench", str(lab))
    refused = calibrate(*line, answer="n\n")
    assert refused.exit_code == 0
    assert "Nothing was changed" in refused.output
    only_told = calibrate(*line, "--json")
    assert json.loads(only_told.stdout)["stored"] is False
    assert lab.read_bytes() == before


def test_a_kind_that_another_station_uses_is_left_to_it(lab: Path, monkeypatch: pytest.MonkeyPatch):
    points = (Point(24.0, 23.0), Point(51.5, 50.0))
    given_points(monkeypatch, *points)
    line = ("thermistor", "hotplate_box", "plate_sensor", "--points", "2", "--yes")
    assert calibrate(*line, "--bench", str(lab)).exit_code == 0
    made = tomllib.loads(lab.read_text("utf-8"))
    assert made["thermistors"]["ntc10k"]["r25_ohm"] == 10_000
    own = made["thermistors"]["ntc10k_hotplate_box"]
    assert own["divider_ohm"] == 10_000
    assert own["r25_ohm"] != 10_000
    assert made["stations"]["hotplate_box"]["plate_sensor"]["thermistor"] == "ntc10k_hotplate_box"
    # It is this station's own now: a second time, its values change in their place.
    given_points(monkeypatch, Point(23.0, 23.0), Point(36.0, 36.5), Point(50.0, 51.0))
    line = ("thermistor", "hotplate_box", "plate", "--points", "3", "--yes")
    again = calibrate(*line, "--bench", str(lab))
    assert again.exit_code == 0, again.output
    made = tomllib.loads(lab.read_text("utf-8"))
    assert sorted(made["thermistors"]) == ["ntc10k", "ntc10k_hotplate_box"]
    assert "r25_ohm" not in made["thermistors"]["ntc10k_hotplate_box"]
    assert len(made["thermistors"]["ntc10k_hotplate_box"]["steinhart_hart"]) == 3


def test_the_stations_other_sensor_is_warned_of(lab: Path, monkeypatch: pytest.MonkeyPatch):
    text = lab.read_text("utf-8")
    guard = 'guard_sensor = { adc = 27, thermistor = "ntc10k" }\nlux_sensor'
    stage = 'stage_sensor = { adc = 27, thermistor = "ntc10k" }\n'
    lab.write_text(text.replace(stage, "").replace("lux_sensor", guard, 1), encoding="utf-8")
    given_points(monkeypatch, Point(24.0, 23.0), Point(51.5, 50.0))
    line = ("thermistor", "hotplate_box", "plate", "--points", "2", "--yes", "--json")
    made = json.loads(calibrate(*line, "--bench", str(lab)).stdout)
    (warning,) = made["warnings"]
    assert "hotplate_box.guard_sensor is of the same kind and will read -1.4" in warning


def test_nonsense_is_a_bench_fault_and_stores_nothing(lab: Path, monkeypatch: pytest.MonkeyPatch):
    before = lab.read_bytes()
    given_points(monkeypatch, Point(31.0, 23.0))
    result = calibrate("thermistor", "simulator", "stage", "--bench", str(lab), "--yes")
    assert result.exit_code == 3
    assert "an offset of -8.00 °C, allowed are ±5 °C" in result.stderr
    assert lab.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["thermistor", "simulater", "stage"], 1, 'no station "simulater"'),
        (["thermistor", "simulater", "stage"], 1, 'Did you mean "simulator"?'),
        (["thermistor", "simulator", "guard"], 1, "has no such sensor; thermistors there: stage"),
        (["thermistor", "simulator", "stag"], 1, 'Did you mean "stage"?'),
        (["thermistor", "simulator", "stage", "--heat", "40"], 1, "has no heater for --heat"),
        (["thermistor", "hotplate_box", "plate", "--heat", "61"], 1, "is outside 0 to 60 °C"),
        (
            ["thermistor", "simulator", "stage", *["--at", "1"] * 4],
            1,
            "at most 3 points are of use",
        ),
        (
            ["thermistor", "simulator", "stage", "--points", "1", "--at", "1", "--at", "20"],
            1,
            "more often than --points 1",
        ),
        (["thermistor", "simulator", "stage", "--points", "4"], 2, "--points"),
        (["thermistor", "simulator", "stage", "--at", "warm"], 2, "--at"),
        (["light", "hotplate_box"], 1, 'station "hotplate_box" has no light_sensor; stations with'),
        (["light", "simulatr"], 1, 'Did you mean "simulator"?'),
        (["light", "simulator", "--suns", "0"], 2, "--suns"),
    ],
)
def test_what_cannot_be(lab: Path, arguments: list[str], code: int, says: str):
    result = calibrate(*arguments, "--bench", str(lab), "--yes")
    assert result.exit_code == code
    assert says in " ".join(result.stderr.split())


def test_the_board_does_not_heat_unasked(lab: Path, monkeypatch: pytest.MonkeyPatch):
    asked = given_points(monkeypatch, Point(50.4, 50.0))
    line = ("thermistor", "hotplate_box", "plate", "--heat", "50", "--bench", str(lab))
    result = calibrate(*line, answer="n\n")
    assert result.exit_code == 1
    assert "Take all cells off it" in result.output
    assert asked == []
    assert calibrate(*line, answer="y\nn\n").exit_code == 0
    assert asked[0][2][0].heat_c == 50


def test_light_is_stored(lab: Path, monkeypatch: pytest.MonkeyPatch):
    sensor = load_bench(lab).stations["simulator"].light_sensor
    assert sensor is not None

    async def measured(*_: Any) -> Measured:
        places = map_positions(1.0, {"A1": 0.97, "B4": 1.05}, 1.0)
        return Measured(fit_suns(sensor, 240, 7.2, 1.0), 1.0, places)

    monkeypatch.setattr(light, "_measured", measured)
    result = calibrate("light", "simulator", "--bench", str(lab), "--yes", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made["full_scale_suns"] == pytest.approx(1.39, abs=0.01)
    assert made["positions"] == {"A1": 0.97, "B4": 1.05}
    bench = load_bench(lab)
    stored = bench.stations["simulator"].light_sensor
    assert stored is not None
    assert (stored.dark_code, bench.cells["A1"].position) == (240, 0.97)


def test_light_does_not_come_on_unasked(lab: Path):
    result = calibrate("light", "simulator", "--bench", str(lab), answer="n\n")
    assert result.exit_code == 1
    assert "Take all cells out (A1, A2" in result.output


def test_a_person_is_asked_beside_the_loop(monkeypatch: pytest.MonkeyPatch):
    """The loop goes on meanwhile: the board hears from it, and the plate stays warm."""
    may_answer = threading.Event()

    def prompt(question: str, **_: Any) -> float:
        may_answer.wait()
        return 25.25

    monkeypatch.setattr(typer, "prompt", prompt)

    async def ask() -> float:
        answer = asyncio.create_task(Person().number("The reference shows"))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not answer.done()
        may_answer.set()
        return await answer

    assert asyncio.run(ask()) == 25.25


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch):
    def prompt(question: str, **_: Any) -> float:
        raise click.Abort

    monkeypatch.setattr(typer, "prompt", prompt)
    with pytest.raises(DaemonError, match="nobody answered: The reference shows"):
        asyncio.run(Person().number("The reference shows"))


def read(samples: Sequence[tuple[float, float]], band: float = 0.05) -> Reading | None:
    steady = Steady(lambda _: band)
    for at_s, value in samples:
        steady.add(at_s, value)
    return steady.reading


def test_steady_takes_a_window_to_wait_and_one_to_read():
    still = [(float(t), 25.0 + 0.02 * (t % 2)) for t in range(61)]
    assert read(still[:57]) is None
    made = read(still)
    assert made is not None
    assert made.value == pytest.approx(25.01, abs=0.011)
    assert made.samples == 31
    assert 0 < made.error < 0.01


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        ([(t, 25 + 0.004 * t) for t in range(600)], "drifts by 0.12 °C in 30 s"),
        ([(t, 25 + 0.2 * (t % 40 > 20)) for t in range(600)], "jumps to and fro"),
        ([(6 * t, 25.0) for t in range(100)], "too few samples"),
        ([(t, 25.0) for t in range(50)] + [(t, 25.0) for t in range(60, 110)], "a gap"),
    ],
)
def test_what_is_not_steady(samples: Sequence[tuple[float, float]], why: str):
    assert read(samples) is None, why


def test_a_spike_is_no_change():
    """Of one conversion, as the RP2040 makes them."""
    made = read([(t, 25.0 + 0.3 * (t == 20)) for t in range(62)])
    assert made is not None
    assert made.value == 25.0
