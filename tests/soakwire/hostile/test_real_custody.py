"""The same scenarios over soakbench's own custody and a real database."""

import pytest

from hostile import plan
from hostile.real_keeper import RealHost
from hostile.scenario import Scenario

SEEDS = range(100)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.rule("RE-5", "RE-13", "RE-15", "RE-16")
def test_custody_over_sqlite(seed, tmp_path):
    scenario = Scenario(plan.draw(seed), make_host=lambda: RealHost(tmp_path))
    result = scenario.run()
    assert not result.faults, f"seed {seed}\n" + "\n".join(result.faults[:12])
