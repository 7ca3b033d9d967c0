"""Which plan is next, and why it waits: the rules, without a bench."""

from dataclasses import replace

import pytest

from soakbench.errors import DaemonError
from soakbench.run.queue import (
    Entry,
    LastRun,
    Situation,
    check_begin,
    delay_words,
    wait_of_first,
    waits,
)

HOUR_MS = 3_600_000
NOW = 1_774_731_600_000  # 2026-03-28, 21:00 UTC: 22:00 in Berlin, the night clocks go forward
FREE = Situation(NOW, None, "", is_served=True)
BUSY = replace(FREE, last=LastRun("r", "running", None), obstacle="run r is under way")


def entry(number: int = 1, begin_h: float | None = None) -> Entry:
    """To begin in so many hours."""
    begin = None if begin_h is None else NOW + round(begin_h * HOUR_MS)
    return Entry(number, "twin", f"{number}.toml", "", 1, "", "", begin, "anna", NOW - HOUR_MS)


@pytest.mark.parametrize(
    ("first", "unfit", "now", "reason"),
    [
        (entry(), "", FREE, None),
        (entry(begin_h=0), "", FREE, None),
        (entry(begin_h=-2), "", FREE, None),
        (entry(begin_h=0.01), "", FREE, "time"),
        (entry(), "", BUSY, "bench"),
        (entry(begin_h=1), "", BUSY, "time"),
        (entry(), "", replace(FREE, last=LastRun("r", "finished", NOW)), None),
        (entry(), "", replace(FREE, last=LastRun("r", "stopped", NOW)), "person"),
        (entry(), "", replace(FREE, last=LastRun("r", "failed", NOW)), "person"),
        (entry(begin_h=1), "", replace(FREE, last=LastRun("r", "failed", NOW)), "person"),
        (entry(), "", replace(FREE, last=LastRun("r", "stopped", NOW, NOW, "bert")), None),
        (entry(), "no cell", FREE, "person"),
        (entry(), "", replace(FREE, is_served=False), "person"),
    ],
)
def test_why_the_first_one_waits(
    first: Entry, unfit: str, now: Situation, reason: str | None
) -> None:
    wait = wait_of_first(first, unfit, now)
    assert (None if wait is None else wait.reason) == reason


def test_the_others_wait_for_the_one_before_them_even_where_their_time_has_come() -> None:
    queue = [(entry(2, begin_h=1), ""), (entry(3), ""), (entry(5, begin_h=2), "no cell")]
    time, turn, unfit = waits(queue, FREE)
    assert [time.text, turn.text] == ["its time has not come", "number 2 is before it"]
    assert unfit.needs_person, "it is said early that it will not begin"
    assert unfit.text.startswith("no cell; start the daemon with a bench file that fits, or")


def test_times_that_could_not_be_kept_are_refused() -> None:
    queue = [entry(4, begin_h=5), entry(5)]
    check_begin(None, queue, NOW)
    check_begin(NOW + 5 * HOUR_MS, queue, NOW)
    with pytest.raises(DaemonError, match="past"):
        check_begin(NOW - 1, [], NOW)
    with pytest.raises(DaemonError) as caught:
        check_begin(NOW + 4 * HOUR_MS, queue, NOW)
    assert "number 4 in the queue" in str(caught.value)
    assert "`soakbench queue remove 4`" in caught.value.hint


def test_a_delay_is_told_with_what_is_known_of_its_cause() -> None:
    late = entry(begin_h=-2)
    assert delay_words(entry(begin_h=0), None, NOW + 59_000, None) is None
    assert delay_words(entry(), None, NOW, None) is None
    zone = "Europe/Berlin"
    unknown = "begun 2 h after its time, 2026-03-28 20:00: board or daemon were not there"
    assert delay_words(late, LastRun("r", "finished", NOW - 3 * HOUR_MS), NOW, zone) == unknown
    stopped = LastRun("r", "stopped", NOW - HOUR_MS, NOW, "bert")
    assert delay_words(late, stopped, NOW, zone) == (
        "begun 2 h after its time, 2026-03-28 20:00: run r ended at 2026-03-28 21:00, the queue"
        " waited for somebody until 2026-03-28 22:00"
    )
