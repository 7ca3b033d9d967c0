"""The safety tests' own folder on the path, and those of the rigs that they use."""

import sys
from pathlib import Path

_TESTS = Path(__file__).parents[1]
for folder in ("firmware", "twin", "safety"):
    sys.path.insert(0, str(_TESTS / folder))
