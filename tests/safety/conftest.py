"""The safety tests' own folder on the path, and their table at the end of a test run."""

import sys
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
for folder in ("firmware", "twin", "safety"):
    sys.path.insert(0, str(_TESTS / folder))

import bounds  # noqa: E402


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = bounds.table()
    if lines:
        terminalreporter.section("safety: worst time seen and bound")
        for line in lines:
            terminalreporter.write_line(line)
