"""Times of day: when it is 22:00 next, where clocks are put forward and back."""

from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo


def zone_of(name: str | None) -> tzinfo | None:
    """The time zone of a plan; None: the computer's."""
    return None if name is None else ZoneInfo(name)


def next_time(after: datetime, at: time, zone: tzinfo | None) -> datetime:
    """The first moment from `after` on at which clocks in `zone` show `at`.

    In the hour that a spring night leaves out, the moment when clocks go on; in the hour that an
    autumn night has twice, the first.
    """
    local = after.astimezone(zone)
    for days in (0, 1):
        day = local.date() + timedelta(days=days)
        # Without a zone the computer's counts, which astimezone() knows for each day.
        naive = datetime.combine(day, at)
        found = naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
        if found.timestamp() >= after.timestamp():
            return found.astimezone(after.tzinfo)
    raise AssertionError("tomorrow comes after today")
