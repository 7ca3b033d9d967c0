"""From moments to pixels, and where the ticks of the time axis are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from soakbench.cli.view.plan_page.local_time import LocalTime

WIDTH = 1120.0
LEFT, RIGHT = 118.0, 1104.0  # of the lanes; the names of tracks and cells are left of them

_LEAST_PX = 46.0  # between two labelled ticks
_LEAST_DAY_PX = 74.0
_DAY_S = 86_400
_DAYS = (1, 2, 7, 14, 28, 56)
_HOURS = (0.1, 0.2, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344)
_STEPS_S = (1, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200)


@dataclass(frozen=True)
class Scale:
    """The time axis. Seconds that really go by, so a day on which clocks change has 23 or 25 h."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """From one end to the other; never 0."""
        return max(self.end.timestamp() - self.start.timestamp(), 1.0)

    def x(self, moment: datetime) -> float:
        """Where `moment` is."""
        share = (moment.timestamp() - self.start.timestamp()) / self.seconds
        return LEFT + share * (RIGHT - LEFT)

    def at(self, seconds: float) -> datetime:
        """So long after the start."""
        return self.start.astimezone(UTC) + timedelta(seconds=seconds)

    def px(self, seconds: float) -> float:
        """How wide so much time is."""
        return seconds / self.seconds * (RIGHT - LEFT)

    def step_s(self) -> int:
        """The finest step between ticks that leaves room for a time of day; whole days else."""
        for step in _STEPS_S:
            if self.px(step) >= _LEAST_PX:
                return step
        return _DAY_S

    def ticks(self, clock: LocalTime) -> Iterator[tuple[datetime, str]]:
        """Times of day between midnights; none where days are too narrow for them."""
        step = self.step_s()
        if step >= _DAY_S:
            return
        if step < 3600:
            first = -(-self.start.timestamp() // step) * step
            count = int((self.end.timestamp() - first) // step) + 1
            for number in range(max(count, 0)):
                moment = datetime.fromtimestamp(first + number * step, UTC)
                yield moment, clock.second(moment) if step < 60 else f"{clock.at(moment):%H:%M}"
            return
        for hour in range(0, 24, step // 3600):
            for moment in clock.each(time(hour), self.start, self.end):
                yield moment, f"{hour:02}:00"

    def days(self, clock: LocalTime) -> Iterator[tuple[datetime, str]]:
        """Midnights, and their dates where there is room for them."""
        every = next((n for n in _DAYS if self.px(n * _DAY_S) >= _LEAST_DAY_PX), _DAYS[-1])
        for number, midnight in enumerate(clock.each(time(0), self.start, self.end)):
            yield midnight, clock.day(midnight) if number % every == 0 else ""

    def hours(self, faster: float) -> Iterator[tuple[datetime, float]]:
        """Round hours of cells that live so much faster, and when they are."""
        step = next((h for h in _HOURS if self.px(h * 3600 / faster) >= _LEAST_PX), _HOURS[-1])
        for number in range(int(self.seconds * faster / 3600 / step) + 1):
            yield self.at(number * step * 3600 / faster), number * step
