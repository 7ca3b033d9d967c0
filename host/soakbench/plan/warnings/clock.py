"""Phases that begin at a time of day, and could miss it by a little."""

from collections.abc import Iterator

from soakbench.config.source import Loc, Problem
from soakbench.plan.course import CourseStep, Wait, loops_of, nominal_ms, visits
from soakbench.units import format_duration

_MS_PER_MIN = 60_000
_MS_PER_DAY = 86_400_000

# What heating up, J-V curves and a person who is not there at once may take, and the hour that a
# night lacks on which clocks go forward.
LEAST_SLACK_MS = 90 * _MS_PER_MIN

# What a round takes longer than its phases every time: with less to spare it begins ever later.
DRIFT_MS = 15 * _MS_PER_MIN


def clock_warnings(here: Loc, steps: list[CourseStep]) -> Iterator[Problem]:
    """Of one track: each `start` with little time left between it and the `start` before it."""
    told = set()
    last: Wait | None = None
    since_ms = 0
    for visit in visits(loops_of(steps)):
        step = steps[visit.step]
        phase = step.phase
        if not isinstance(phase, Wait):
            since_ms += nominal_ms(phase)
            continue
        slack_ms = 0 if last is None else (_between_ms(last, phase) - since_ms) % _MS_PER_DAY
        late_ms = phase.late.total_seconds() * 1000
        short = slack_ms < DRIFT_MS or slack_ms + late_ms < LEAST_SLACK_MS
        if last is not None and short and step.index not in told:
            told.add(step.index)
            yield Problem(
                (*here, "phases", step.phase_index, "start"), _text(last, phase, slack_ms)
            )
        last, since_ms = phase, 0


def _between_ms(first: Wait, second: Wait) -> int:
    minutes = [wait.until.hour * 60 + wait.until.minute for wait in (first, second)]
    return (minutes[1] - minutes[0]) * _MS_PER_MIN


def _text(last: Wait, now: Wait, slack_ms: int) -> str:
    late = format_duration(now.late.total_seconds() * 1000)
    return (
        f"the phases since {last.until:%H:%M} leave {format_duration(slack_ms)} until"
        f" {now.until:%H:%M}, without heating up, J-V curves, people, and the hour that a night"
        " lacks on which clocks go forward; rounds may begin ever later, and once one is more than"
        f" {late} late (`late`), the cells wait for almost a day"
    )
