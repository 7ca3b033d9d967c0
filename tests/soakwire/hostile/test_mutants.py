"""The suite notices ends that break a rule: each mutant fails a seed that the real ends pass."""

from functools import lru_cache

import pytest

from hostile.mutants import Mutant, all_mutants
from hostile.scenario import run_seed

SEEDS = 400  # at most, until it is noticed


@lru_cache(maxsize=SEEDS)
def passes(seed: int) -> bool:
    """Whether the real ends pass; asked before anything is replaced."""
    return not run_seed(seed).faults


def noticed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """The first seed that the mutant fails and the real ends pass."""
    for seed in (*mutant.seeds, *range(SEEDS)):
        with monkeypatch.context() as patch:
            patch.setattr(mutant.where, mutant.name, mutant.by)
            failed = bool(run_seed(seed).faults)
        if failed and passes(seed):
            return seed
    return None


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.what)
def test_a_broken_end_is_noticed(mutant, monkeypatch):
    assert noticed(mutant, monkeypatch) is not None, f"{mutant.rule}: {mutant.what}"
