"""The firmware's tests once more, in real MicroPython with a heap of the RP2040's size."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = sorted(
    path.stem for path in HERE.glob("test_fw_*.py") if path.stem != Path(__file__).stem
)


@pytest.mark.parametrize("module", MODULES)
def test_module(micropython, module):
    out = micropython(HERE / "run_module.py", module, path=(HERE,))
    assert out.strip().endswith("passed"), out
