"""What the page is about."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from soakbench.cli.view.plan_page.local_time import LocalTime
from soakbench.config import BenchConfig, PlanConfig
from soakbench.plan import PlannedPhase, TrackTimeline
from soakbench.plan.clock_time import zone_of

_SHORT_S = 2 * 3600  # plans below this are shown with seconds


@dataclass(frozen=True)
class Sheet:
    """A plan on a bench, from a given start on."""

    plan: PlanConfig
    bench: BenchConfig
    tracks: list[TrackTimeline]
    """With clock times."""
    start: datetime
    warnings: list[str]

    @property
    def title(self) -> str:
        """The plan's, or its name."""
        return self.plan.plan.title or self.plan.plan.name

    @cached_property
    def end(self) -> datetime:
        """When the last track is done."""
        ends = [ended(track.phases[-1]) for track in self.tracks if track.phases]
        return max([self.start.astimezone(UTC), *ends])

    @cached_property
    def clock(self) -> LocalTime:
        """Of the plan's time zone, else of the computer's."""
        return LocalTime(zone_of(self.plan.plan.timezone))

    @property
    def is_short(self) -> bool:
        """Whether minutes are too coarse."""
        return self.end.timestamp() - self.start.timestamp() < _SHORT_S

    def whole(self, moment: datetime) -> str:
        """A moment in a sentence, with year and zone."""
        local = self.clock.at(moment)
        return f"{local:%a %d %b %Y %H:%M:%S %Z}" if self.is_short else self.clock.whole(moment)

    def written(self, moment: datetime) -> str:
        """A moment in a table."""
        return self.clock.second(moment) if self.is_short else self.clock.minute(moment)


def began(phase: PlannedPhase) -> datetime:
    """On the clock, in UTC: times of one zone cannot be subtracted across a change of clocks."""
    assert phase.start is not None  # the timeline of a sheet has a start
    return phase.start.astimezone(UTC)


def ended(phase: PlannedPhase) -> datetime:
    """On the clock, in UTC."""
    assert phase.end is not None
    return phase.end.astimezone(UTC)
