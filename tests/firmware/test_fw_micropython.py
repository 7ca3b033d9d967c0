"""The firmware in real MicroPython: the other tests once more, and how much heap it leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fw_rig import ageing, barrier, config_blob, dark, loop, program_blob, thermal

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDERS = (HERE, HERE.parent / "safety")
FOUND = {path.stem for folder in FOLDERS for path in folder.glob("test_fw_*.py")}
MODULES = sorted(FOUND - {Path(__file__).stem})
LEAST_FREE = 16 * 1024  # the test's own board included


def run(heap: str, script: str, *arguments: str) -> str:
    """What a script of this folder prints in MicroPython."""
    folders = (*FOLDERS, ROOT / "firmware", ROOT / "protocol")
    interpreter = [sys.executable, "-m", "micropython_unix", "-X", f"heapsize={heap}"]
    result = subprocess.run(
        [*interpreter, str(HERE / script), *arguments],
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


def test_heap_of_a_board(tmp_path, capsys):
    """All rings, both upload buffers, eight cells, a long program on four tracks."""
    arms = []
    for cells in (0x03, 0x0C, 0x30, 0xC0):
        stretch = [ageing(1000, cells=cells), barrier(), dark(1000, cells=cells)]
        arms.append((cells, stretch * 20 + [thermal(1000, cells=cells), loop(0, 7)]))
    (tmp_path / "config").write_bytes(config_blob())
    (tmp_path / "program").write_bytes(program_blob(arms, sample_ms=100))
    out = run("240k", "memory_check.py", str(tmp_path / "config"), str(tmp_path / "program"))
    assert out.strip().isdigit(), out
    with capsys.disabled():
        print(f"\nfirmware: {int(out) // 1024} KB of 240 KB heap free")
    assert int(out) >= LEAST_FREE


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
