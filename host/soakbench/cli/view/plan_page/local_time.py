"""Clock times where the bench is: ticks, nights, and the days on which clocks change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from soakbench.plan.clock_time import next_time

EVENING, MORNING = time(20), time(6)  # what the page shows as night

_MINUTE_S = 60
_HOUR_S = 3600


@dataclass(frozen=True)
class LocalTime:
    """A time zone; None: the computer's."""

    zone: tzinfo | None

    def at(self, moment: datetime) -> datetime:
        """The same moment as clocks there show it."""
        return moment.astimezone(self.zone)

    def day(self, moment: datetime) -> str:
        """ "Sat 24 Oct"."""
        return f"{self.at(moment):%a %d %b}"

    def minute(self, moment: datetime) -> str:
        """ "Sat 24 Oct 18:00"."""
        return f"{self.at(moment):%a %d %b %H:%M}"

    def second(self, moment: datetime) -> str:
        """ "18:00:05"."""
        return f"{self.at(moment):%H:%M:%S}"

    def whole(self, moment: datetime) -> str:
        """ "Sat 24 Oct 2026 18:00 CEST"."""
        return f"{self.at(moment):%a %d %b %Y %H:%M %Z}"

    def each(self, at: time, start: datetime, end: datetime) -> Iterator[datetime]:
        """The moments from `start` to `end` at which clocks show `at`."""
        moment = next_time(start.astimezone(UTC), at, self.zone)
        while moment <= end:
            yield moment
            moment = next_time(moment + timedelta(minutes=1), at, self.zone)

    def nights(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """From evening to morning, within the bounds."""
        for evening in self.each(EVENING, start - timedelta(days=1), end):
            morning = next_time(evening, MORNING, self.zone)
            if morning > start:
                yield max(evening, start), min(morning, end)

    def changes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """When clocks are put forward or back, to the minute."""
        before = start.astimezone(UTC)
        while before < end:
            after = min(before + timedelta(hours=12), end.astimezone(UTC))
            if self._offset(before) != self._offset(after):
                yield self._change(before, after)
            before = after

    def _change(self, before: datetime, after: datetime) -> datetime:
        while after - before > timedelta(minutes=1):
            middle = before + (after - before) / 2
            if self._offset(middle) == self._offset(before):
                before = middle
            else:
                after = middle
        return after.replace(second=0, microsecond=0)

    def _offset(self, moment: datetime) -> timedelta | None:
        return self.at(moment).utcoffset()
