"""Fixtures that all tests may use."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

RunMicroPython = Callable[..., str]


@pytest.fixture(scope="session")
def micropython() -> RunMicroPython:
    """Run a script in real MicroPython with a heap of the RP2040's size; what it printed."""

    def run(script: Path, *arguments: str, path: tuple[Path, ...] = ()) -> str:
        folders = [*path, ROOT / "firmware", ROOT / "protocol"]
        result = subprocess.run(
            [sys.executable, "-m", "micropython_unix", "-X", "heapsize=240k", script, *arguments],
            env=os.environ | {"MICROPYPATH": ":".join(str(folder) for folder in folders)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run
