"""Normal operation in the twin: other plates, rooms, ramps, noise, and lids that are opened."""

import pytest
from bounds import calm
from calm_rehearsal import calm_rehearsal


@pytest.mark.rule("S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12")
@pytest.mark.parametrize("seed", [101, 102])
def test_a_drawn_day_trips_nothing(seed: int) -> None:
    """A slice of what `make soak` does at length."""
    report = calm_rehearsal(seed, hours=2)
    assert report.why_not == ""
    assert report.violations == []
    calm(f"drawn day {seed} in the twin", report.simulated_s / 3600, report.trips)
