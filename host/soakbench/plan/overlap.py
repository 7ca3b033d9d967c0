"""Two tracks that are at one station at the same time must want the same light and heat."""

from collections.abc import Iterator

from soakbench.config.source import Problem
from soakbench.plan.course import CourseStep
from soakbench.plan.stays import Stay, disagreements, stays
from soakbench.units import format_duration, format_suns


def overlap_problems(courses: dict[str, list[CourseStep]]) -> Iterator[Problem]:
    """The first disagreement of each pair of tracks at each station.

    Times are nominal: waiting for people and heating up are not counted.
    """
    by_station: dict[str, list[Stay]] = {}
    for name, steps in courses.items():
        for stay in stays(name, steps):
            by_station.setdefault(stay.station, []).append(stay)
    for here in by_station.values():
        for first, second in disagreements(here, _agree):
            yield _disagreement(first, second)


def _agree(one: Stay, other: Stay) -> bool:
    levels = {one.light_suns, other.light_suns} - {None}
    same_light = one.light_on == other.light_on and len(levels) < 2
    return same_light and one.target_c == other.target_c


def _disagreement(first: Stay, second: Stay) -> Problem:
    begin = format_duration(second.begin_ms)
    end = format_duration(min(first.end_ms, second.end_ms))
    text = (
        f'tracks "{first.track}" and "{second.track}" are both at station "{first.station}" from'
        f' {begin} to {end} after the start, but "{first.track}" wants {_wants(first)} and'
        f' "{second.track}" wants {_wants(second)}; use another station for one of them, or let'
        " them do it one after the other"
    )
    return Problem(("tracks", second.track, "phases", second.index), text)


def _wants(stay: Stay) -> str:
    level = "light" if stay.light_suns is None else format_suns(stay.light_suns)
    heat = "no heat" if stay.target_c is None else f"{stay.target_c:g} °C"
    return f"{level if stay.light_on else 'dark'} and {heat}"
