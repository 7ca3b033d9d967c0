"""Whether a loop that ends by the PCE of its cells has another round."""

import pytest

from soakbench.run.loop_ends import judge

CELLS = ["A1", "A2", "A3"]


@pytest.mark.parametrize(
    ("shares", "is_over", "why"),
    [
        (
            {"A1": 0.9, "A2": 0.75, "A3": 0.72},
            True,
            "PCE is at 79.0% of the first one (mean of A1, A2, A3), below 80%: no more rounds",
        ),
        (
            {"A1": 0.9, "A2": 0.76, "A3": 0.75},
            False,
            "PCE is at 80.3% of the first one (mean of A1, A2, A3), not below 80%: another round",
        ),
        (
            {"A1": 0.7, "A2": None, "B1": 0.1},
            True,
            "PCE is at 70.0% of the first one (mean of A1), below 80%: no more rounds",
        ),
        ({"A1": None, "B1": 0.1}, False, "nobody knows the PCE of its cells: another round"),
        ({}, False, "nobody knows the PCE of its cells: another round"),
    ],
)
def test_the_mean_of_the_samples_counts(shares, is_over, why):
    found = judge(shares, CELLS, 0.8)
    assert (found.is_over, found.why) == (is_over, why)
