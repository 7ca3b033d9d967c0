"""The firmware in real MicroPython: the other tests once more, and how much heap it leaves."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from figures import say
from fw_rig import (
    CONTACTOR_PIN,
    HEATER_PIN,
    LIGHT_PIN,
    LIGHT_SENSOR_PIN,
    ageing,
    barrier,
    cell,
    config_blob,
    dark,
    loop,
    program_blob,
    station,
    thermal,
)

from soakwire.blobs import FIRST_INPUT

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDERS = (HERE, HERE.parent / "safety")
FOUND = {path.stem for folder in FOLDERS for path in folder.glob("test_fw_*.py")}
MODULES = sorted(FOUND - {Path(__file__).stem})
LEAST_FREE = 20 * 1024  # 64-bit words; what the check itself takes, 4 KB, counts as used
# MicroPython's table of names is one piece, doubled when it is full: at 1260 that would ask a heap
# long since cut up for 8 KB, or 13 KB here.
MOST_NAMES = 1240
# With every device on the bus there are more names than that, and with 64-bit words 240 KB are too
# few. With a board's 32-bit words they are enough: `make memory` measures it.
PLAIN = ("heap", "240k", LEAST_FREE, MOST_NAMES)
SENSED = ("heap-sensed", "266k", 12 * 1024, 1300)
LONGEST_POLL_MS = 50  # of the processor, collections included; usually a few
MOST_PER_POLL = 4096  # bytes, with records and frames in it


def run(heap: str, script: str, *arguments: str, root: Path = ROOT, at: Path = ROOT) -> str:
    """What a script of this folder prints in MicroPython, in the folder `at`."""
    here = root / HERE.relative_to(ROOT)
    folders = (here, here.parent / "safety", root / "firmware", root / "protocol")
    interpreter = [sys.executable, "-m", "micropython_unix", "-X", f"heapsize={heap}"]
    result = subprocess.run(
        [*interpreter, str(here / script), *arguments],
        cwd=at,
        env=os.environ | {"MICROPYPATH": ":".join(map(str, folders))},
        capture_output=True,
        text=True,
        timeout=110,
    )
    return result.stdout + result.stderr


@pytest.mark.parametrize("module", MODULES)
def test_module(module):
    """A heap larger than the board's: the rig and its records take more than the firmware."""
    out = run("4m", "run_module.py", module)
    assert out.strip().endswith("passed"), out


def sensed_config() -> bytes:
    """Four converters with all of their inputs in use, a humidity and a lux sensor."""
    heat = {"kp": 200, "ki": 1000, "feed": 10000}
    stations = [
        station(light_pin=LIGHT_PIN, light_adc=LIGHT_SENSOR_PIN, stage_adc=FIRST_INPUT),
        station(
            heater_pin=HEATER_PIN,
            contactor_pin=CONTACTOR_PIN,
            plate_adc=FIRST_INPUT + 4,
            guard_adc=FIRST_INPUT + 5,
            lux_address=16,
            humidity_address=68,
            **heat,
        ),
    ]
    free = [n for n in range(16) if n not in (0, 4, 5)]
    senses = [{"voltage_input": free[2 * n], "current_input": free[2 * n + 1]} for n in range(6)]
    senses += [{"voltage_input": free[12]}, {}]
    cells = [cell(n, shunt=4700, **sense) for n, sense in enumerate(senses)]
    converters = [{"address": 72 + n, "full": 26400} for n in range(4)]
    return config_blob(cells=cells, stations=stations, converters=converters)


def blobs(folder: Path, sample_ms: int, config_made: bytes | None = None) -> tuple[str, str]:
    """Files: eight cells, and a program near the largest whose four tracks run for hours."""
    arms = []
    for cells in (0x03, 0x0C, 0x30, 0xC0):
        first = thermal(7200000, cells=cells) if cells == 0xC0 else ageing(7200000, cells=cells)
        stretch = [first, barrier(), dark(1000, cells=cells)]
        arms.append((cells, stretch * 20 + [thermal(1000, cells=cells), loop(0, 7)]))
    config, program = folder / "config", folder / "program"
    config.write_bytes(config_made or config_blob())
    program.write_bytes(program_blob(arms, sample_ms=sample_ms))
    return str(config), str(program)


@pytest.mark.parametrize(("bench", "heap", "least", "most"), [PLAIN, SENSED])
def test_heap_of_a_board(tmp_path, bench, heap, least, most):
    """All rings, the upload buffer, an hour at full rate: every poll samples.

    With another length of any path other garbage is taken for something in use: 2 KB more or less.
    So all paths are the same wherever this runs.
    """
    (tmp_path / "repo").symlink_to(ROOT)
    blobs(tmp_path, 100, sensed_config() if bench == "heap-sensed" else None)
    files = ("config", "program")
    out = run(heap, "memory_check.py", bench, *files, root=Path("repo"), at=tmp_path)
    found = re.fullmatch(r"(\d+) (\d+) (\d+)\n.*n_qstr=(\d+),.*\n", out)
    assert found, out
    free, longest_ms, polls, names = map(int, found.groups())
    text = f"firmware, {bench}: {free / 1024:.1f} KB of {heap} heap free after {polls} polls,"
    say(f"{text} the longest {longest_ms} ms; {names} names")
    assert polls > 36000
    assert free >= least
    assert longest_ms <= LONGEST_POLL_MS
    assert names <= most


@pytest.mark.parametrize("bench", ["plain", "sensed"])
def test_polls_allocate_only_for_records_and_frames(tmp_path, bench):
    sensed = bench == "sensed"
    files = blobs(tmp_path, 1000, sensed_config() if sensed else None)
    out = run("4m", "memory_check.py", "polls-sensed" if sensed else "polls", *files)
    rows = [line.split() for line in out.splitlines()]
    assert [row[0] for row in rows] == ["idle", "idle-host", "running", "running-host"], out
    for name, *numbers in rows:
        quiet, quiet_most, polls, mean, most = map(int, numbers)
        text = (
            f"firmware, {bench}, {name}: {quiet} of {polls} polls quiet, {quiet_most} bytes at most"
        )
        say(f"{text}; {mean} bytes per poll, {most} at most")
        assert quiet > polls // 4
        assert quiet_most == 0
        assert mean <= MOST_PER_POLL


def run_main(ending: str) -> list[str]:
    out = run("4m", "main_check.py", str(ROOT / "firmware" / "main.py"), ending)
    return [line for line in out.splitlines() if line]


@pytest.mark.rule("TX-5")
def test_ctrl_c_ends_in_a_maintenance_boot_with_outputs_off():
    lines = ["watchdog", "light 1", "light 0", "reset maintenance", "released 26"]
    assert run_main("KeyboardInterrupt") == lines


def test_an_exception_is_told_and_ends_in_a_reset_with_outputs_off():
    lines = run_main("RuntimeError")
    assert lines[:2] == ["watchdog", "light 1"]
    assert lines[2].startswith("Traceback")
    assert lines[-4:] == ["RuntimeError: in idle", "light 0", "reset exception", "released 26"]


@pytest.mark.rule("TX-5")
def test_a_maintenance_boot_starts_nothing():
    lines = ["soakbench: maintenance; reset the board to run", "released 26"]
    assert run_main("maintenance") == lines
