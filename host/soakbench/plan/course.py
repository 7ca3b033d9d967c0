"""The course of a track: for each step of the board's program, where the cells are, at which load.

A phase is one step; one with J-V curves inside (`jv_at`) is a step for each stretch between them,
with a `jv` in between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import ClassVar, Literal, NamedTuple

from soakbench.config.base import Load
from soakbench.config.phases import Ageing, Confirm, Environment, Jv, Loop, Phase
from soakbench.config.tracks import Track
from soakbench.units import Goal


@dataclass(frozen=True)
class Wait:
    """What `start` of a phase becomes: the cells wait for a time of day."""

    until: time
    late: timedelta
    """Who comes so long after that does not wait."""
    phase: ClassVar[Literal["wait"]] = "wait"
    label: ClassVar[None] = None


@dataclass(frozen=True)
class Decide:
    """What `until` of a loop becomes: the host says whether there is another round."""

    pce_below: float
    phase: ClassVar[Literal["decide"]] = "decide"
    label: ClassVar[None] = None


Part = Phase | Wait | Decide
"""A phase, or what goes before it."""


@dataclass(frozen=True)
class CourseStep:
    """A phase, or a stretch of one. `station` is where the cells are until its end."""

    index: int
    """The step's, on the board."""
    phase_index: int
    """The phase's, in the file."""
    phase: Part
    station: str
    loads: dict[str, Load]
    loop_to: int | None
    """Of a loop: the index it goes back to."""


class Visit(NamedTuple):
    """One passage through a step; `cycle` counts the rounds of a loop from 0."""

    step: int
    cycle: int


def course(track: Track) -> list[CourseStep]:
    """The steps of `track` in the order of the file.

    While the cells wait at a barrier they keep the load they had, so that waiting for a person
    changes nothing.
    """
    steps: list[CourseStep] = []
    station = track.station
    loads = _loads(track, None)
    labels: dict[str, int] = {}
    for phase_index, phase in enumerate(track.phases):
        if phase.label is not None:
            labels.setdefault(phase.label, len(steps))
        if isinstance(phase, Environment):
            station = phase.station or station
            loads = _loads(track, phase)
        back_to = labels.get(phase.back_to) if isinstance(phase, Loop) else None
        for part in _parts(phase):
            steps.append(CourseStep(len(steps), phase_index, part, station, loads, back_to))
        if isinstance(phase, Confirm):
            station = phase.station or station
    return steps


def visits(loops: Sequence[tuple[int, int] | None]) -> Iterator[Visit]:
    """The passages through the steps in order of time, loops unrolled and not themselves visited.

    `loops` has, for each step, None or the loop's (first step, times in all).
    """
    index = cycle = 0
    while index < len(loops):
        loop = loops[index]
        if loop is None:
            yield Visit(index, cycle)
            index += 1
        elif cycle + 1 < loop[1]:
            index, cycle = loop[0], cycle + 1
        else:
            index, cycle = index + 1, 0


def loops_of(steps: list[CourseStep]) -> list[tuple[int, int] | None]:
    """What `visits` needs, of a track that has passed its check."""
    return [
        (step.loop_to, step.phase.times)
        if isinstance(step.phase, Loop) and step.loop_to is not None
        else None
        for step in steps
    ]


def nominal_ms(phase: Part) -> int:
    """How long `phase` takes if its conditions hold from the start; 0 for people, J-V and waits.

    A light dose counts at the light the plan names, else at 1 sun.
    """
    if isinstance(phase, Ageing) and phase.until.unit == "sun_h":
        return round(phase.until.milli / (phase.light_suns or 1))
    if isinstance(phase, Environment):
        return phase.until.milli
    return 0


def _parts(phase: Phase) -> Iterator[Part]:
    """What goes before it, and the phase."""
    if isinstance(phase, Environment) and phase.start is not None:
        yield Wait(phase.start, timedelta(milliseconds=phase.late_ms))
        phase = phase.model_copy(update={"start": None})
    if isinstance(phase, Loop) and phase.pce_below is not None:
        yield Decide(phase.pce_below)
    yield from _stretches(phase)


def _stretches(phase: Phase) -> Iterator[Phase]:
    """The phase, cut where J-V curves are taken inside it."""
    if not isinstance(phase, Environment) or not phase.jv_at:
        yield phase
        return
    begin = 0
    for point in [*phase.jv_at, phase.until]:
        stretch = Goal(max(point.milli - begin, 0), phase.until.unit)
        yield phase.model_copy(update={"until": stretch, "jv_at": []})
        if point is not phase.until:
            yield Jv(phase="jv")
        begin = point.milli


def _loads(track: Track, phase: Environment | None) -> dict[str, Load]:
    """The nearest statement counts: the phase's for the cell, the phase's, then the track's."""
    loads: dict[str, Load] = {}
    for cell in track.cells:
        load = track.loads.get(cell, track.load)
        if phase is not None:
            load = phase.loads.get(cell, phase.load or load)
        loads[cell] = load
    return loads
