"""Two tracks that are at one station at the same time must want the same light and heat."""

from collections.abc import Iterator
from dataclasses import dataclass

from soakbench.config.phases import Ageing, Environment, ThermalRecovery
from soakbench.config.source import Problem
from soakbench.plan.course import CourseStep, loops_of, nominal_ms, visits
from soakbench.units import format_duration, format_suns


@dataclass(frozen=True)
class _Stay:
    """A track at a station, from when to when (ms after the start, nominally)."""

    begin_ms: int
    end_ms: int
    track: str
    index: int
    light_on: bool
    light_suns: float | None
    target_c: float | None

    def agrees(self, other: "_Stay") -> bool:
        levels = {self.light_suns, other.light_suns} - {None}
        same_light = self.light_on == other.light_on and len(levels) < 2
        return same_light and self.target_c == other.target_c

    def wants(self) -> str:
        level = "light" if self.light_suns is None else format_suns(self.light_suns)
        heat = "no heat" if self.target_c is None else f"{self.target_c:g} °C"
        return f"{level if self.light_on else 'dark'} and {heat}"


def overlap_problems(courses: dict[str, list[CourseStep]]) -> Iterator[Problem]:
    """The first disagreement of each pair of tracks at each station.

    Times are nominal: waiting for people and heating up are not counted.
    """
    by_station: dict[str, list[_Stay]] = {}
    for name, steps in courses.items():
        for station, stay in _stays(name, steps):
            by_station.setdefault(station, []).append(stay)
    for station, stays in by_station.items():
        yield from _station_problems(station, stays)


def _station_problems(station: str, stays: list[_Stay]) -> Iterator[Problem]:
    told = set()
    present: list[_Stay] = []
    for stay in sorted(stays, key=lambda s: s.begin_ms):
        present = [other for other in present if other.end_ms > stay.begin_ms]
        for other in present:
            pair = frozenset((stay.track, other.track))
            if pair not in told and not stay.agrees(other):
                told.add(pair)
                yield _disagreement(station, other, stay)
        present.append(stay)


def _disagreement(station: str, first: _Stay, second: _Stay) -> Problem:
    begin = format_duration(second.begin_ms)
    end = format_duration(min(first.end_ms, second.end_ms))
    text = (
        f'tracks "{first.track}" and "{second.track}" are both at station "{station}" from'
        f' {begin} to {end} after the start, but "{first.track}" wants {first.wants()} and'
        f' "{second.track}" wants {second.wants()}; use another station for one of them, or let'
        " them do it one after the other"
    )
    return Problem(("tracks", second.track, "phases", second.index), text)


def _stays(track: str, steps: list[CourseStep]) -> Iterator[tuple[str, _Stay]]:
    now_ms = 0
    for visit in visits(loops_of(steps)):
        step = steps[visit.step]
        end_ms = now_ms + nominal_ms(step.phase)
        if isinstance(step.phase, Environment):
            yield (
                step.station,
                _Stay(
                    now_ms,
                    end_ms,
                    track,
                    step.phase_index,
                    isinstance(step.phase, Ageing),
                    step.phase.light_suns if isinstance(step.phase, Ageing) else None,
                    step.phase.target_c if isinstance(step.phase, ThermalRecovery) else None,
                ),
            )
        now_ms = end_ms
