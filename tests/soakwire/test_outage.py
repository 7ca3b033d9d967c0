"""A host that is away for a night and for a weekend: custody over an outage, in virtual time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from figures import say

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "tests" / "firmware"
sys.path.insert(0, str(FIRMWARE))

from outage import check  # noqa: E402

from soakfw import limits  # noqa: E402

pytestmark = pytest.mark.rule("RE-8", "RE-9", "RE-10", "RE-11", "SE-6", "BO-3")


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """When a blocked line is tried again does not matter in a day."""
    monkeypatch.setattr(limits, "BLOCKED_MS", limits.IDLE_MS)


def test_a_night():
    text = check(16)
    say(f"outage of {text}")
    assert "stride 32," in text


def test_a_weekend(monkeypatch):
    """With control every five seconds: custody does not depend on it."""
    for name in ("CONTROL_MS", "IDLE_MS", "BLOCKED_MS"):
        monkeypatch.setattr(limits, name, 5000)
    text = check(72)
    say(f"outage of {text}")
    assert "stride 128," in text


def test_a_night_in_micropython():
    folders = (FIRMWARE, ROOT / "firmware", ROOT / "protocol")
    interpreter = [sys.executable, "-m", "micropython_unix", "-X", "heapsize=4m"]
    result = subprocess.run(
        [*interpreter, str(FIRMWARE / "outage.py"), "16"],
        env=os.environ | {"MICROPYPATH": ":".join(map(str, folders))},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    say(f"outage of {result.stdout.strip()} (MicroPython)")
    assert "stride 32," in result.stdout
