"""Moments that come back at the same time of day, told as that."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from soakbench.cli.view.plan_page.sheet import Sheet

_WORTH_A_RULE = 3  # moments


def all_of(sheet: Sheet, moments: Iterable[datetime]) -> str:
    """ "every day at 18:00, Sat 24 Oct to Sun 01 Nov"; what does not fit in is told by itself."""
    return "; ".join(_told(sheet, run) for run in _runs([sheet.clock.at(m) for m in moments]))


def _told(sheet: Sheet, run: list[datetime]) -> str:
    if len(run) < _WORTH_A_RULE:
        return ", ".join(sheet.written(moment) for moment in run)
    days = _days(run[0], run[1])
    every = "every day" if days == 1 else f"every {days} days"
    return f"{every} at {run[0]:%H:%M}, {run[0]:%a %d %b} to {run[-1]:%a %d %b}"


def _runs(local: list[datetime]) -> Iterator[list[datetime]]:
    """Cut where the time of day changes, or the number of days between two."""
    run: list[datetime] = []
    for moment in local:
        days = _days(run[-1], moment) if run else 0
        same = days > 0 and (len(run) == 1 or days == _days(run[0], run[1]))
        if run and not same:
            yield run
            run = []
        run.append(moment)
    if run:
        yield run


def _days(one: datetime, other: datetime) -> int:
    """Days from one to the other; 0 where their times of day differ, to the minute."""
    if f"{one:%H:%M}" != f"{other:%H:%M}":
        return 0
    return (other.date() - one.date()).days
