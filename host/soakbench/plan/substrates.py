"""Cells on one substrate can only move together."""

from collections.abc import Iterator

from soakbench.config import BenchConfig
from soakbench.config.source import Problem
from soakbench.config.tracks import Track
from soakbench.plan.course import CourseStep
from soakbench.plan.stays import Stay, disagreements, stays
from soakbench.units import format_duration


def substrate_problems(
    tracks: dict[str, Track], courses: dict[str, list[CourseStep]], bench: BenchConfig
) -> Iterator[Problem]:
    """The tracks that would have one substrate at two stations. Times are nominal."""
    for substrate, names in _tracks_of(tracks, bench).items():
        there = [stay for name in names for stay in stays(name, courses[name])]
        for first, second in disagreements(there, lambda a, b: a.station == b.station):
            yield _torn(substrate, first, second)


def _tracks_of(tracks: dict[str, Track], bench: BenchConfig) -> dict[str, list[str]]:
    """Substrate → the tracks that have cells of it, where it has a name."""
    found: dict[str, list[str]] = {}
    for name, track in tracks.items():
        substrates = {bench.cells[cell].substrate for cell in track.cells}
        for substrate in sorted(substrates - {""}):
            found.setdefault(substrate, []).append(name)
    return found


def _torn(substrate: str, first: Stay, second: Stay) -> Problem:
    begin = format_duration(second.begin_ms)
    text = (
        f'substrate "{substrate}" has cells in tracks "{first.track}" and "{second.track}", which'
        f' are at "{first.station}" and "{second.station}" from {begin} after the start; cells on'
        " one substrate can only move together: give them the same track, or the same station"
    )
    return Problem(("tracks", second.track, "phases", second.index), text)
