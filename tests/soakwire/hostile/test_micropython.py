"""The same scenarios with the board's end in real MicroPython, on a heap of the RP2040's size."""

import pytest

from hostile import plan
from hostile.remote import MicroPython
from hostile.scenario import Scenario, run_seed

SEEDS = range(60)


@pytest.fixture(scope="module")
def board():
    with MicroPython() as child:
        yield child


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.rule("SE-3", "SE-5", "RE-3", "RE-5", "RE-7", "RE-8", "RE-10", "CO-3", "CO-4", "TI-3")
def test_custody_with_a_micropython_board(board, seed):
    """Custody holds, and byte for byte the same happens as with the board's end in CPython."""
    result = Scenario(plan.draw(seed), make_core=board.boot, trace=True).run()
    assert not result.faults, "\n".join(result.faults)
    assert result == run_seed(seed, trace=True)
