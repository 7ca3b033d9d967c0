"""What happens when: the nominal times of a plan's phases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from soakbench.config import BenchConfig, PlanConfig
from soakbench.config.base import Load
from soakbench.plan import wording
from soakbench.plan.check import check
from soakbench.plan.clock_time import wait_end, zone_of
from soakbench.plan.course import Wait, course, loops_of, nominal_ms, visits
from soakbench.units import MILLI_PER_HOUR

NOTE = (
    "Times are nominal: heating up, J-V sweeps and waiting for people (confirm) take extra time,"
    " and a phase lasts longer while its condition does not hold."
)


@dataclass(frozen=True)
class PlannedPhase:
    """One passage through a phase. Hours count from the start of the run, in the cells' time."""

    track: str
    phase: str
    phase_index: int
    cycle: int
    """Round of a loop, from 0."""
    station: str
    detail: str
    """What is special, for people: goal, light, temperature, or what a person is asked."""
    goal: str
    """What ends it; empty for people and J-V curves."""
    condition: str
    """What must hold for the goal to come nearer; of a confirm, which sensors may confirm."""
    limit: str
    """How long it may take, and what is done then; empty where it may take any time."""
    loads: dict[str, Load]
    start_h: float
    end_h: float
    start: datetime | None
    """On the wall clock, if the start of the run was given."""
    end: datetime | None


@dataclass(frozen=True)
class TrackTimeline:
    """A track's phases in order of time, loops unrolled."""

    track: str
    cells: list[str]
    phases: list[PlannedPhase]

    @property
    def end_h(self) -> float:
        """When the track is done, in hours from the start."""
        return self.phases[-1].end_h if self.phases else 0.0


def timeline(
    plan: PlanConfig,
    bench: BenchConfig,
    start: datetime | None = None,
    accelerate: float | None = None,
) -> list[TrackTimeline]:
    """The nominal times of every track; ConfigError if `check` finds anything. See `NOTE`.

    Args:
        start: when the run begins; gives the phases clock times.
        accelerate: shortens the clock times (not the hours); the plan's own by default.
    """
    check(plan, bench)
    factor = plan.plan.accelerate if accelerate is None else accelerate
    tracks = []
    for name, track in plan.tracks.items():
        steps = course(track)
        now_ms = 0
        phases = []
        for visit in visits(loops_of(steps)):
            step = steps[visit.step]
            begin = _moment(start, now_ms / factor)
            if isinstance(step.phase, Wait):
                end_ms = now_ms + _wait_ms(begin, step.phase, zone_of(plan.plan.timezone))
            else:
                end_ms = now_ms + nominal_ms(step.phase)
            phases.append(
                PlannedPhase(
                    track=name,
                    phase=step.phase.phase,
                    phase_index=step.phase_index,
                    cycle=visit.cycle,
                    station=step.station,
                    detail=wording.detail(step.phase),
                    goal=wording.goal(step.phase),
                    condition=wording.condition(step.phase, bench.stations[step.station]),
                    limit=wording.limit(step.phase),
                    loads=step.loads,
                    start_h=now_ms / MILLI_PER_HOUR,
                    end_h=end_ms / MILLI_PER_HOUR,
                    start=begin,
                    end=_moment(start, end_ms / factor),
                )
            )
            now_ms = end_ms
        tracks.append(TrackTimeline(name, list(track.cells), phases))
    return tracks


def _moment(start: datetime | None, after_ms: float) -> datetime | None:
    """Time that has really gone by: on a clock that is put back meanwhile, an hour less."""
    if start is None:
        return None
    return (start.astimezone(UTC) + timedelta(milliseconds=after_ms)).astimezone(start.tzinfo)


def _wait_ms(begin: datetime | None, phase: Wait, zone: tzinfo | None) -> int:
    """Until the time of day; where the begin of the run is not known, nobody knows."""
    if begin is None:
        return 0
    end = wait_end(begin, phase.until, phase.late, zone)
    return round((end.timestamp() - begin.timestamp()) * 1000)
