"""The main job, whole: what `make demo` runs, as a process, with its own broker and listener."""

import subprocess
import sys
from pathlib import Path

CLAIMS = 6


def test_the_demo_keeps_every_claim_it_makes(tmp_path: Path):
    # Its rehearsal is tested with a shorter plan, in tests/cli/test_cli_demo.py.
    demo = [sys.executable, "-m", "soakbench", "demo", "--no-rehearsal"]
    result = subprocess.run(
        [*demo, "--data", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=150,  # J-V curves of 20 cells by the source meter take 40 s of it
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count("✓") == CLAIMS
    assert "0 lost" in result.stdout
    assert (tmp_path / "demo" / "soakbench.sqlite3").is_file()
