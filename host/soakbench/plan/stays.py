"""Where each track is when, and in what, nominally."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from soakbench.config.phases import Ageing, Environment, ThermalRecovery
from soakbench.plan.course import CourseStep, loops_of, nominal_ms, visits


@dataclass(frozen=True)
class Stay:
    """A track at a station, from when to when (ms after the start)."""

    begin_ms: int
    end_ms: int
    track: str
    index: int
    """The phase's, in the track."""
    station: str
    light_on: bool
    light_suns: float | None
    target_c: float | None


def stays(track: str, steps: list[CourseStep]) -> Iterator[Stay]:
    """The passages of a track through light, dark and heat, loops unrolled."""
    now_ms = 0
    for visit in visits(loops_of(steps)):
        step = steps[visit.step]
        end_ms = now_ms + nominal_ms(step.phase)
        if isinstance(step.phase, Environment):
            yield Stay(
                now_ms,
                end_ms,
                track,
                step.phase_index,
                step.station,
                isinstance(step.phase, Ageing),
                step.phase.light_suns if isinstance(step.phase, Ageing) else None,
                step.phase.target_c if isinstance(step.phase, ThermalRecovery) else None,
            )
        now_ms = end_ms


def disagreements(
    some: Iterable[Stay], agree: Callable[[Stay, Stay], bool]
) -> Iterator[tuple[Stay, Stay]]:
    """The first two stays of each pair of tracks that are at the same time and do not agree."""
    told = set()
    present: list[Stay] = []
    for stay in sorted(some, key=lambda s: s.begin_ms):
        present = [other for other in present if other.end_ms > stay.begin_ms]
        for other in present:
            pair = frozenset((stay.track, other.track))
            if pair not in told and not agree(other, stay):
                told.add(pair)
                yield other, stay
        present.append(stay)
