"""Fixtures that all tests may use, and what is told at the end of a run."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "safety"))

import bounds  # noqa: E402
import figures  # noqa: E402

RunMicroPython = Callable[..., str]


@pytest.fixture(scope="session")
def micropython() -> RunMicroPython:
    """Run a script in real MicroPython with a heap of the RP2040's size; what it printed."""

    def run(script: Path, *arguments: str, path: tuple[Path, ...] = (), heap: str = "240k") -> str:
        folders = [*path, ROOT / "firmware", ROOT / "protocol"]
        result = subprocess.run(
            [
                sys.executable,
                "-m",
                "micropython_unix",
                "-X",
                f"heapsize={heap}",
                script,
                *arguments,
            ],
            env=os.environ | {"MICROPYPATH": ":".join(str(folder) for folder in folders)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that sets up its log must not change what the tests after it see."""
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes hands over what its tests have seen."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["said"], output["bounds"] = figures.SAID, (bounds.SEEN, bounds.CALM)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of several processes has ended; without output if it crashed, which fails the run."""
    output = getattr(node, "workeroutput", None)
    if output is not None:
        figures.SAID.extend(output["said"])
        bounds.add(*output["bounds"])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, lines in (
        ("figures", sorted(figures.SAID)),
        ("safety: worst time seen and bound", bounds.table()),
    ):
        if lines:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)
