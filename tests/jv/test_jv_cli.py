"""`soakbench jv` as a person types it: with a daemon, without, and on the way to a paper."""

import asyncio
import json
from pathlib import Path

import pytest
from diodes import swept
from jv_run import AREA_CM2, RUN, JvRun, csv, curve, request, sent
from typer.testing import CliRunner, Result

from soakbench.api import ApiClient
from soakbench.api.client import RemoteError
from soakbench.assets import find_bench
from soakbench.cli.app import app
from soakbench.config import load_bench
from soakbench.daemon import Daemon
from soakbench.daemon.lock import data_lock
from soakbench.jv.extract import extract
from soakbench.jv.figure import Drawn, draw_curves
from soakbench.jv.flags import WORDS, Flag

BACK, FORTH = curve("reverse"), curve("forward", rs=6.0)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JvRun:
    monkeypatch.setenv("SOAKBENCH_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "120")
    made = JvRun(tmp_path / "data")
    made.due(0)
    made.due(2, after_h=3)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "A1.csv"
    path.write_text(csv(BACK, FORTH))
    return path


def cli(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def take(file: Path, *more: object) -> Result:
    return cli("jv", "import", file, "--cell", "A1", "--irradiance", "1 sun", *more)


def test_an_import_without_a_daemon(run, file):
    done = take(file, "--who", "kim", "--temperature", "25 °C")
    assert done.exit_code == 0, done.output
    assert 'current in "Current (mA)" (column 2); 120 points' in " ".join(done.output.split())
    assert "A1: initial" in done.output
    assert run.states() == ["taken", "pending"]
    again = take(file)
    assert (again.exit_code, again.output) == (0, "A1.csv: imported before, nothing changed\n")


def test_the_table_and_what_waits(run, file):
    take(file)
    shown = cli("jv").output
    line = next(line for line in shown.splitlines() if "reverse" in line)
    assert line.split()[:3] == ["A1", "initial", "reverse"]
    assert line.split()[3] == f"{extract(BACK).voc_v:.3f}"
    assert "Not yet measured: initial (step 0, cycle 0): A2" in shown
    assert "Not yet measured: ageing 3 h (step 2, cycle 0): A1, A2" in shown
    found = json.loads(cli("jv", "--run", RUN, "--json").output)
    assert [sweep["direction"] for sweep in found["sweeps"]] == ["reverse", "forward"]
    assert found["sweeps"][0]["fit"]["rs_ohm_cm2"] == pytest.approx(4, rel=1e-2)
    assert found["hysteresis"][0]["indices"]["pce"] > 0
    assert found["pce_relative"] == {"A1": 1.0}
    assert "Rs Ω cm²" in cli("jv", "--fit").output
    summary = json.loads(cli("summary", "--json").output)
    assert summary["jv_pending"] == 3


def test_every_flag_is_explained_where_it_is_shown(run, tmp_path):
    path = tmp_path / "source_meter.csv"
    path.write_text(csv(curve("reverse", sign=-1.0)))
    shown = take(path).output
    assert "–" in shown
    words = " ".join(shown.split())
    assert f"sign: {WORDS[Flag.SIGN]}" in words
    turned = take(path, "--flip-sign", "--replace").output
    assert "in the place of 1 earlier" in turned
    assert "sign" not in turned


def test_without_irradiance_the_pce_is_missing_and_it_says_how(run, file):
    shown = " ".join(cli("jv", "import", file, "--cell", "A1").output.split())
    assert "no irradiance: the irradiance is not stated" in shown
    assert "--irradiance" in shown


def test_a_unit_is_asked_for(run, tmp_path):
    path = tmp_path / "two columns.txt"
    path.write_text(csv(BACK, title="U,I"))
    refused = take(path)
    assert refused.exit_code == 1
    assert 'does not say in which unit "I" is' in refused.output
    assert "hint: say it: --current-unit mA" in refused.output
    assert run.notes() == [], "nothing was stored"
    assert take(path, "--current-unit", "mA").exit_code == 0
    (sweep,) = json.loads(cli("jv", "--json").output)["sweeps"]
    assert sweep["jsc_ma_cm2"] == pytest.approx(BACK.density_ma_cm2[-4], rel=0.01)
    assert sweep["area_cm2"] == AREA_CM2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--irradiance", "1000"], "has no unit"),
        (["--temperature", "warm"], "not a number with a unit"),
        (["--measured-at", "yesterday"], "no time like"),
        (["--columns", "V,I"], 'not like "1,2"'),
    ],
)
def test_what_is_typed_wrong_is_a_matter_of_usage(run, file, arguments, words):
    refused = take(file, *arguments)
    assert refused.exit_code == 2
    assert words in " ".join(refused.output.split())


def test_an_option_before_the_command_would_be_lost(run, file):
    refused = cli("jv", "--data", "elsewhere", "import", file, "--cell", "A1")
    assert refused.exit_code == 2
    assert "write --data behind `import`" in refused.output


def test_a_file_and_a_database_that_are_not_there(run, tmp_path):
    missing = take(tmp_path / "nope.csv")
    assert missing.exit_code == 1
    assert "cannot read" in missing.output
    nowhere = cli("jv", "--data", tmp_path / "empty")
    assert nowhere.exit_code == 1
    assert "there is no database" in nowhere.output


def test_a_figure(run, file, tmp_path):
    take(file)
    png = tmp_path / "A1.png"
    shown = cli("jv", "show", "A1", "--png", png)
    assert shown.exit_code == 0, shown.output
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "Single-diode fit" in shown.output
    other = cli("jv", "show", "A2")
    assert (other.exit_code, "hint: of: A1" in other.output) == (1, True)
    wrong = cli("jv", "show", "A1", "--png", tmp_path / "A1.docx")
    assert wrong.exit_code == 1
    assert "should end in .png" in wrong.output


def test_a_figure_can_be_read_in_grey():
    curves = [Drawn(each, stage) for stage in ("initial", "ageing 16 h") for each in (BACK, FORTH)]
    dead = Drawn(swept(BACK.voltage_v[::-1], 0 * BACK.density_ma_cm2), "dark recovery 16 h")
    (axes,) = draw_curves([*curves, dead], "A1").axes
    assert axes.get_xlabel() == "Voltage / V"
    assert axes.get_ylabel() == "Current density / mA cm⁻²"
    drawn = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
    styles = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in drawn}
    assert len(styles) == len(drawn) == 5
    assert all(0 <= float(line.get_color()) < 0.7 for line in drawn), "greys, none too light"
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[0].startswith("initial, reverse, ")
    assert labels[-1] == "dark recovery 16 h, forward (!)"


def test_recompute(run, file):
    take(file)
    done = cli("jv", "recompute")
    assert (done.exit_code, "2 sweeps computed anew" in done.output) == (0, True)


def test_while_another_program_has_the_database_nothing_is_written(run, file):
    with data_lock(run.data):
        refused = take(file)
    assert refused.exit_code == 1
    assert "another daemon" in refused.output
    assert run.states() == ["pending", "pending"]


def test_a_daemon_takes_curves_and_its_errors_reach_the_person(run):
    bench = load_bench(find_bench("twin"))

    async def main() -> None:
        async with Daemon(bench, run.data, port="/dev/none").running():
            while not (run.data / "api.sock").exists():
                await asyncio.sleep(0.01)
            with ApiClient(run.data) as api:
                done = await asyncio.to_thread(api.import_curves, request(sent(BACK, FORTH)))
                assert [row.stage for row in done.sweeps] == ["initial", "initial"]
                again = await asyncio.to_thread(api.import_curves, request(sent(BACK, FORTH)))
                assert again.known == ["a.csv"]
                with pytest.raises(RemoteError, match="no cell Z9") as caught:
                    await asyncio.to_thread(api.import_curves, request(sent(BACK), cell="Z9"))
                assert "A1, A2" in caught.value.hint
                assert await asyncio.to_thread(api.recompute, None) == 2
                typed = await asyncio.to_thread(cli, "jv", "recompute")
                assert "2 sweeps" in typed.output, "the command asks the daemon"

    asyncio.run(main())
    assert run.states() == ["taken", "pending"]
