"""The bench that the hardware-in-loop tests run against.

By default a simulated bench, started for each test. `--port PORT --bench BENCH.toml` runs the same
tests on a real board; what the wiring does not allow is skipped with the reason.
"""

from pathlib import Path

import pytest
from rig import Rig

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("hardware in loop")
    group.addoption("--port", help="serial port of a real board (default: the simulated bench)")
    group.addoption(
        "--bench",
        type=Path,
        default=ROOT / "benches" / "twin.toml",
        help="bench file of what is wired (default: benches/twin.toml)",
    )


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    """The bench; its parts start inside the test, see Rig."""
    config = request.config
    return Rig(config.getoption("--bench"), config.getoption("--port"), tmp_path)
