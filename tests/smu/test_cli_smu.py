"""`soakbench smu check`."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sim_2400 import ANSWER_MS, FarEnd
from typer.testing import CliRunner, Result

from soakbench.assets import find_bench
from soakbench.cli.app import app
from soakbench.file_lock import file_lock

MakeFarEnd = Callable[..., FarEnd]
GOOD = '"+1.000200E+00,-1.650000E-03,+2.150800E+04"'
NOTHING = '"+3.000000E-05,-2.000000E-07,+2.150800E+04"'
TABLE = '[smu]\ndriver = "keithley2400"\nresource = "GPIB0::24::INSTR"\ncompliance_ma = 20\n'


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr("soakbench.cli.commands.smu.check.SETTLED_S", 0.001)
    monkeypatch.setattr("soakbench.smu.opening.ANSWER_MS", ANSWER_MS)


@pytest.fixture
def bench(tmp_path: Path) -> str:
    path = tmp_path / "bench.toml"
    path.write_text(find_bench("pico-8cell").read_text("utf-8") + TABLE, "utf-8")
    return str(path)


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["smu", "check", "--bench", *arguments])


def test_nothing_connected(far_end: MakeFarEnd, bench: str) -> None:
    instrument = far_end({GOOD: NOTHING})
    result = check(bench)
    assert result.exit_code == 0
    assert "KEITHLEY INSTRUMENTS INC. 2400, serial 1234567" in result.output
    assert "GPIB0::24::INSTR" in result.output
    assert "was on; now off, high impedance" in result.output
    assert "+0.03 mV, +0.00020 mA" in result.output
    assert "No current flows at 0 V" in result.output
    assert instrument.commands[-2:] == [":OUTP 0", ":OUTP?"]
    assert instrument.commands.count(":OUTP 1") == instrument.commands.count(":READ?") == 1


def test_a_cell_is_connected(far_end: MakeFarEnd, bench: str) -> None:
    far_end({GOOD: GOOD.replace("1.000200E+00", "0.000000E+00")})
    result = check(bench, "--json")
    assert result.exit_code == 0
    told = json.loads(result.output)
    assert told["ok"] is True
    assert told["found_on"] is True
    assert told["off"] is True
    assert told["current_ma"] == pytest.approx(1.65)
    assert "something is connected" in told["advice"]


def test_at_its_limit(far_end: MakeFarEnd, bench: str) -> None:
    far_end({GOOD: '"+3.0E-01,-2.000000E-02,+8.000000E+00"'})
    result = check(bench)
    assert result.exit_code == 0
    assert "at its limit of 20 mA" in result.output


def test_more_than_the_range_holds(far_end: MakeFarEnd, bench: str) -> None:
    far_end({GOOD: '"+3.0E-01,+9.900000E+37,+1.000000E+00"'})
    told = json.loads(check(bench, "--json").output)
    assert told["current_ma"] is None
    assert "no number" in told["advice"]


def test_silent(far_end: MakeFarEnd, bench: str) -> None:
    far_end().silent_to = (b"*IDN?",)
    result = check(bench)
    assert result.exit_code == 3
    assert "error: the source meter at GPIB0::24::INSTR does not answer" in result.output
    assert "hint: check that it is switched on" in result.output


def test_it_fails_in_the_reading(far_end: MakeFarEnd, bench: str) -> None:
    far_end().silent_to = (b":READ?",)
    result = check(bench, "--json")
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert (told["ok"], told["off"], told["current_ma"]) == (False, True, None)
    assert "does not answer" in told["error"]


def test_another_instrument_at_another_address(far_end: MakeFarEnd, bench: str) -> None:
    far_end({"GPIB0::24::INSTR: {": "GPIB0::9::INSTR: {", "MODEL 2400": "MODEL 2000"})
    result = check(bench, "--resource", "GPIB0::9::INSTR", "--json")
    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert told["resource"] == "GPIB0::9::INSTR"
    assert "not a Keithley 2400" in told["error"]
    assert told["hint"]


def test_in_use_by_another_process(far_end: MakeFarEnd, bench: str, tmp_path: Path) -> None:
    """A check in mid-sweep would read the sweep's answers, and switch it off."""
    instrument = far_end()
    locks = tmp_path / "locks"
    locks.mkdir()
    with file_lock(locks / "smu-GPIB0-24-INSTR.lock"):
        result = check(bench)
    assert result.exit_code == 3
    assert f"GPIB0::24::INSTR is in use by process {os.getpid()}" in result.output
    assert instrument.commands == []


def test_a_bench_without_one() -> None:
    result = check("pico-8cell")
    assert result.exit_code == 1
    assert "the bench pico-8cell has no source meter" in result.output
    assert "add a table [smu]" in result.output


def test_the_simulated_one() -> None:
    result = check("twin")
    assert result.exit_code == 0
    assert "simulated source meter" in result.output
    assert "No current flows at 0 V" in result.output


def test_the_simulated_one_has_no_address() -> None:
    result = check("twin", "--resource", "GPIB0::24::INSTR")
    assert result.exit_code == 1
    assert "is simulated and has no address" in result.output


def test_help_has_an_example() -> None:
    result = CliRunner().invoke(app, ["smu", "check", "--help"])
    assert result.exit_code == 0
    assert "soakbench smu check --bench my-bench.toml" in result.output.split("Example", 1)[1]
