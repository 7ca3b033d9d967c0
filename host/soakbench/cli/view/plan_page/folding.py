"""A track's phases as rows, with the rounds of a loop that are the same in one row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from soakbench.cli.view.plan_page.sheet import began, ended
from soakbench.plan import PlannedPhase

_LEAST = 2  # so many rounds after the first are worth a row of their own


@dataclass(frozen=True)
class Rounds:
    """The rounds of a loop from its second on."""

    first_phase: int
    last_phase: int
    begins: tuple[datetime, ...]
    """Once a time of day that they wait for has come."""
    end: datetime


def folded(phases: list[PlannedPhase]) -> Iterator[PlannedPhase | Rounds]:
    """In order of time."""
    for again, group in groupby(phases, key=lambda phase: phase.cycle > 0):
        some = list(group)
        rounds = _rounds(some) if again else None
        if rounds is None or len(rounds.begins) < _LEAST:
            yield from some
        else:
            yield rounds


def _rounds(phases: list[PlannedPhase]) -> Rounds:
    """`phases` are of one loop: the first round of the next one lies in between."""
    begins: dict[int, datetime] = {}
    for phase in phases:
        if phase.phase != "wait":
            begins.setdefault(phase.cycle, began(phase))
    indices = [phase.phase_index for phase in phases]
    return Rounds(min(indices), max(indices), tuple(begins.values()), ended(phases[-1]))
