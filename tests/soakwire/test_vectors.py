"""The same vector file holds on both interpreters."""

from pathlib import Path

import check_vectors

HERE = Path(__file__).parent
VECTORS = HERE / "vectors.json"
COUNTS = "frames 8 bad lines 8 records 28 out of range 135 blobs 2"


def test_vectors_on_cpython():
    assert check_vectors.check(str(VECTORS)) == COUNTS


def test_vectors_on_micropython(micropython):
    # The vectors as JSON are the host's; of a board's heap they alone would be the half.
    assert micropython(HERE / "check_vectors.py", str(VECTORS), heap="1m").strip() == COUNTS
