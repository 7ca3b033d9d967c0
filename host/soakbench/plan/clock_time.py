"""Times of day: when it is 22:00 next, where clocks are put forward and back."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from soakbench.config.base import parse_clock_time


def zone_of(name: str | None) -> tzinfo | None:
    """The time zone of a plan; None: the computer's."""
    return None if name is None else ZoneInfo(name)


def wait_end(after: datetime, at: time, late: timedelta, zone: tzinfo | None) -> datetime:
    """When a phase begins that waits for `at` from `after` on; at once, if it is at most `late`."""
    due = next_time(after.astimezone(UTC) - late, at, zone)  # time that has really gone by
    return max(due, after).astimezone(after.tzinfo)


def next_time(after: datetime, at: time, zone: tzinfo | None) -> datetime:
    """The first moment from `after` on at which clocks in `zone` show `at`.

    In the hour that a spring night leaves out, the moment when clocks go on; in the hour that an
    autumn night has twice, the first.
    """
    today = after.astimezone(zone).date()
    for days in (0, 1):
        found = _moment(today + timedelta(days=days), at, zone)
        if found.timestamp() >= after.timestamp():
            return found.astimezone(after.tzinfo)
    raise AssertionError("tomorrow comes after today")


def begin_time(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    """When somebody wants to begin who says "22:00" or "2026-12-01 22:00", in `zone`.

    ValueError says what is wrong, in words.
    """
    day, _, clock = text.strip().rpartition(" ")
    try:
        at = parse_clock_time(clock)
        if not day:
            return next_time(now, at, zone)
        found = _moment(date.fromisoformat(day), at, zone)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a time like "22:00" or "2026-12-01 22:00"') from error
    if found.timestamp() < now.timestamp():
        clocks = now.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        raise ValueError(f"{text} is past; it is {clocks} now")
    return found.astimezone(now.tzinfo)


def _moment(day: date, at: time, zone: tzinfo | None) -> datetime:
    # Without a zone the computer's counts, which astimezone() knows for each day.
    naive = datetime.combine(day, at)
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)
