"""The same vector file holds on both interpreters."""

from pathlib import Path

import check_vectors

HERE = Path(__file__).parent
VECTORS = HERE / "vectors.json"
COUNTS = "frames 8 bad lines 8 records 24 out of range 121 blobs 2"


def test_vectors_on_cpython():
    assert check_vectors.check(str(VECTORS)) == COUNTS


def test_vectors_on_micropython(micropython):
    assert micropython(HERE / "check_vectors.py", str(VECTORS)).strip() == COUNTS
