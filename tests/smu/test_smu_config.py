"""`[smu]` of a bench file."""

import re
from pathlib import Path

import pytest

import soakbench.smu
from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_bench
from soakbench.config.json_schema import json_schema
from soakbench.config.smu_table import SmuTable
from soakbench.errors import ConfigError
from soakbench.smu import Settings

TWIN = find_bench("twin").read_text("utf-8")
PICO = find_bench("pico-8cell").read_text("utf-8")
REAL = '[smu]\ndriver = "keithley2400"\ncompliance_ma = 20\n'


def uncommented(text: str) -> str:
    """The bench file with its `# [smu]` in force."""
    head, mark, rest = text.partition("# [smu]\n")
    assert mark
    table, gap, tail = rest.partition("\n\n")
    lines = [line.removeprefix("# ") for line in table.splitlines()]
    return head + "[smu]\n" + "\n".join(lines) + gap + tail


def test_the_example_in_the_reference_bench_is_right() -> None:
    smu = parse_bench(uncommented(PICO), "p.toml").smu
    assert smu is not None
    assert (smu.driver, smu.resource) == ("keithley2400", "GPIB0::24::INSTR")
    assert Settings.of(smu) == Settings(compliance_ma=20, wires=4, nplc=1)


@pytest.mark.parametrize("name", ["twin", "twin-sensed"])
def test_the_simulated_benches_have_one(name: str) -> None:
    smu = load_bench(find_bench(name)).smu
    assert smu is not None
    assert smu.driver == "simulated"


def test_without_the_table_there_is_none() -> None:
    assert load_bench(find_bench("pico-8cell")).smu is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('driver = "keithley2450"', 'smu.driver: "keithley2450" is not allowed; allowed: "keith'),
        ('resource = "COM3"', 'smu: a keithley2400 needs `resource`.*"ASRL3::INSTR" for COM3'),
        ("", "smu: a keithley2400 needs `resource`"),
        ('resource = "GPIB0::24::INSTR"\nwires = 3', "smu.wires: 3 is not allowed; allowed: 2, 4"),
        ('resource = "GPIB0::24::INSTR"\nnplc = 50', "smu.nplc: 50 is not allowed"),
        ('resource = "GPIB0::24::INSTR"\nbaud = 115200', "smu.baud: 115200 is not allowed"),
        (
            'resource = "GPIB0::24::INSTR"\nterminals = "back"',
            'smu.terminals: "back" is not allowed; allowed: "front", "rear"',
        ),
        (
            'resource = "ASRL/dev/serial/by-id/usb-MicroPython_Board_in_FS_mode_CHANGE_ME-if00::'
            'INSTR"',
            "smu.resource: is the port of the board",
        ),
    ],
)
def test_what_is_wrong_with_a_real_one(text: str, what: str) -> None:
    table = REAL.replace('driver = "keithley2400"\n', "") if "driver" in text else REAL
    with pytest.raises(ConfigError, match=what):
        parse_bench(PICO + table + text, "p.toml")


def test_the_limit_must_be_said() -> None:
    with pytest.raises(ConfigError, match=r"smu\.compliance_ma: is missing; write for example 20"):
        parse_bench(PICO + '[smu]\ndriver = "keithley2400"\nresource = "GPIB0::1::INSTR"\n', "p")


def test_a_simulated_one_on_a_real_bench_is_refused() -> None:
    """Curves that nobody measured must not lie among those of real cells."""
    with pytest.raises(ConfigError, match=r"smu\.driver: a simulated source meter belongs to"):
        parse_bench(PICO + '[smu]\ndriver = "simulated"\ncompliance_ma = 20\n', "p.toml")


def test_a_real_one_on_the_simulated_bench_is_refused() -> None:
    text = TWIN.replace(
        'driver = "simulated"', 'driver = "keithley2400"\nresource = "GPIB0::24::INSTR"'
    )
    with pytest.raises(ConfigError, match=r"smu\.driver: the simulated bench has simulated cells"):
        parse_bench(text, "t.toml")


def test_a_simulated_one_has_no_address() -> None:
    text = TWIN.replace(
        'driver = "simulated"', 'driver = "simulated"\nresource = "GPIB0::1::INSTR"'
    )
    with pytest.raises(ConfigError, match="has no address; leave `resource` out"):
        parse_bench(text, "t.toml")


def test_the_schema_for_editors_knows_it() -> None:
    smu = json_schema("bench")["$defs"]["SmuTable"]
    assert set(smu["properties"]) == set(SmuTable.model_fields)
    assert smu["required"] == ["driver", "compliance_ma"]


def test_pyvisa_is_loaded_when_a_source_meter_is_opened_and_not_before() -> None:
    """It is an extra: daemon and commands run without it."""
    host = Path(soakbench.smu.__file__).parents[1]
    texts = {file: file.read_text("utf-8") for file in host.rglob("*.py")}
    using = {file.name: text for file, text in texts.items() if "import pyvisa" in text}
    assert set(using) == {"visa.py"}
    assert not re.search(r"^(import|from) pyvisa", using["visa.py"], re.MULTILINE)
