"""What can run but should be known first."""

from collections.abc import Iterator

from soakbench.config import BenchConfig, PlanConfig
from soakbench.config.source import Loc, Problem
from soakbench.config.tracks import Track
from soakbench.plan.course import course
from soakbench.plan.isos_claim import claim_problems
from soakbench.plan.warnings.by_hand import by_hand_warnings
from soakbench.plan.warnings.cells import cell_warnings
from soakbench.plan.warnings.clock import clock_warnings
from soakbench.plan.warnings.heat import heat_warnings
from soakbench.plan.warnings.light import light_warnings


def warnings(plan: PlanConfig, bench: BenchConfig) -> list[str]:
    """In words, each with its place in the file; for `plan` that has passed `check` on `bench`."""
    found = [
        problem
        for name, track in plan.tracks.items()
        for problem in _of_track(("tracks", name), track, bench)
    ]
    return plan.told([*found, *claim_problems(plan, bench)])


def _of_track(here: Loc, track: Track, bench: BenchConfig) -> Iterator[Problem]:
    steps = course(track)
    yield from cell_warnings(here, track, steps, bench)
    yield from light_warnings(here, track, steps, bench)
    yield from by_hand_warnings(here, steps, bench)
    yield from heat_warnings(here, steps, bench)
    yield from clock_warnings(here, steps)
