"""The folders of the rigs that these tests use, on the path."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1]
for folder in ("firmware", "twin", "safety", "rehearsal", "cli", "calibration"):
    sys.path.insert(0, str(_TESTS / folder))
