"""`soakbench calibrate hotplate` as it is typed: what it refuses, shows, asks and stores."""

import json
from pathlib import Path

import pytest
from heated_twin import BOX
from hot_twin import plate_bench
from tuned_plates import rehearsed
from typer.testing import CliRunner, Result

from soakbench.assets import find_bench
from soakbench.cli import session
from soakbench.cli.app import app
from soakbench.config import load_bench
from soakbench.errors import DaemonError

HEATER = "[stations.hotplate_box.heater]"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one heat-up."""
    folder = tmp_path_factory.mktemp("data")
    rehearsed(plate_bench(), folder)
    return folder


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A bench file of a lab, with gains that are too small and a comment behind one."""
    text = find_bench("twin").read_text("utf-8")
    assert text.count("kp_permille_per_c = 200\n") == 1
    path = tmp_path / "lab.toml"
    path.write_text(text.replace("kp_permille_per_c = 200\n", "kp_permille_per_c = 70  # old\n"))
    return path


def run_of(data: Path) -> str:
    (row,) = session.open_store(data).rows("SELECT run FROM run")
    return str(row["run"])


def calibrate(*arguments: object, answer: str | None = None) -> Result:
    words = ["calibrate", "hotplate", *map(str, arguments)]
    return CliRunner().invoke(app, words, input=answer)


def test_a_stored_run_gives_coefficients_and_the_file_keeps_its_layout(
    data: Path, lab: Path
) -> None:
    before = lab.read_text()
    result = calibrate("--bench", lab, "--data", data, "--run", run_of(data), "--yes")
    assert result.exit_code == 0, result.output
    for said in (
        "rises at full power by",
        "overshoot",
        "-kp_permille_per_c = 70  # old",
        "lab.toml.bak",
    ):
        assert said in result.output
    heater = load_bench(lab).stations[BOX].heater
    assert heater is not None
    assert 300 < heater.kp_permille_per_c < 500
    assert abs(heater.feed_permille_per_c - 10) < 0.5
    lines = list(zip(before.splitlines(), lab.read_text().splitlines(), strict=True))
    assert len([pair for pair in lines if pair[0] != pair[1]]) == 3
    assert f"kp_permille_per_c = {heater.kp_permille_per_c}  # old" in lab.read_text()
    assert lab.with_name("lab.toml.bak").read_text() == before


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_without_consent_nothing_is_stored(data: Path, lab: Path, answer: str) -> None:
    before = lab.read_text()
    result = calibrate("--bench", lab, "--data", data, "--run", run_of(data), answer=answer)
    assert result.exit_code == 0
    assert "Nothing was changed" in result.output
    assert lab.read_text() == before


def test_json_for_programs(data: Path, lab: Path) -> None:
    result = calibrate("--bench", lab, "--data", data, "--run", run_of(data), "--json")
    found = json.loads(result.stdout)
    assert found["stored"] is False
    assert found["plate"]["rise_c_per_min"] == pytest.approx(60 * 60 / 380, rel=0.01)
    assert found["new"]["good"] is True
    assert found["old"]["kp_permille_per_c"] == 70
    assert found["new"]["lid_back_s"] < found["old"]["lid_back_s"]


def test_a_shipped_bench_is_not_changed(data: Path) -> None:
    result = calibrate("--bench", "twin", "--data", data, "--run", run_of(data), "--yes")
    assert result.exit_code == 0
    assert "twin.toml comes with soakbench and is not changed" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("attic",), 'there is no station "attic"; stations with a heater: hotplate_box'),
        (("hotplate_bx",), 'Did you mean "hotplate_box"?'),
        (("simulator",), 'station "simulator" has no heater'),
        (("--to", 61), "61 °C is above 60 °C, the ceiling_c of station hotplate_box"),
        (("--run", "yesterday"), "there is no run yesterday"),
    ],
)
def test_what_cannot_be(data: Path, lab: Path, arguments: tuple[object, ...], said: str) -> None:
    result = calibrate(*arguments, "--bench", lab, "--data", data, "--yes")
    assert result.exit_code == 1
    assert said in result.output


def test_a_plate_that_regulates_itself(data: Path, tmp_path: Path) -> None:
    text = find_bench("twin").read_text("utf-8")
    begin, end = text.index(HEATER), text.index("[cells.A1]")
    path = tmp_path / "watched.toml"
    watched = "[stations.hotplate_box.watched_plate]\nceiling_c = 60\n\n"
    path.write_text(text[:begin] + watched + text[end:])
    result = calibrate(BOX, "--bench", path, "--data", data)
    assert result.exit_code == 1
    assert "only watches its plate, which regulates itself" in result.output
    assert "which station?" in calibrate("--bench", path, "--data", data).output


def test_a_run_without_a_heat_up(tmp_path: Path, lab: Path) -> None:
    missing = calibrate("--bench", lab, "--data", tmp_path / "none", "--run", "x")
    assert missing.exit_code == 1
    assert "there is no database" in missing.output


def test_without_consent_nothing_is_heated(lab: Path, tmp_path: Path) -> None:
    result = calibrate("--bench", lab, "--data", tmp_path / "new", answer="n\n")
    assert result.exit_code == 1
    assert "Take all cells off the plate" in result.output
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("active", [True, False])
def test_a_daemon_is_not_disturbed(monkeypatch, lab: Path, tmp_path: Path, active: bool) -> None:
    import make_status as make

    status = make.status(make.run()) if active else make.status()
    monkeypatch.setattr(session.ApiClient, "is_running", lambda self: True)
    monkeypatch.setattr(session.ApiClient, "status", lambda self: status)
    with pytest.raises(DaemonError, match="is under way" if active else "for itself"):
        session.refuse_daemon(tmp_path)
    result = calibrate("--bench", lab, "--data", tmp_path, "--yes")
    assert result.exit_code == 1
