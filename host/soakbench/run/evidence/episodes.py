"""From single readings to episodes: several in a row, hysteresis, begin and end."""

from dataclasses import dataclass
from enum import Enum

from soakbench.run.evidence.finding import Finding, Moment, Reading
from soakbench.run.evidence.rules import Rule


class Verdict(Enum):
    """What one reading says."""

    BAD = 1
    BETWEEN = 2
    """Neither bad nor good enough to end what was bad."""
    GOOD = 3
    OVER = 4
    """The condition that the rule is about does not hold (any more)."""


Key = tuple[str, str]  # rule and subject


@dataclass
class _Watch:
    """Readings of one rule about one subject in a row."""

    bad: int = 0
    good: int = 0
    since: Moment | None = None
    """The first of the row."""
    first: Reading | None = None
    worst: Reading | None = None
    finding: Finding | None = None


class Episodes:
    """All episodes of a run. `changed` collects those that have opened or ended."""

    def __init__(self) -> None:
        self._watches: dict[Key, _Watch] = {}
        self.changed: list[Finding] = []

    def is_open(self, rule: Rule, subject: str) -> bool:
        """Whether that is going on."""
        watch = self._watches.get((rule.id, subject))
        return watch is not None and watch.finding is not None

    def weigh(
        self,
        rule: Rule,
        subject: str,
        verdict: Verdict,
        now: Moment,
        reading: Reading | None = None,
        station: str = "",
        cells: tuple[str, ...] = (),
    ) -> None:
        """Take one reading into account."""
        watch = self._watches.get((rule.id, subject))
        if watch is None:
            if verdict is not Verdict.BAD:
                return
            watch = self._watches[rule.id, subject] = _Watch()
        if watch.finding is None:
            self._before(watch, rule, subject, verdict, now, reading, station, cells)
        else:
            self._during(watch, rule, verdict, now, reading)
        if watch.finding is None and watch.bad == 0:
            del self._watches[rule.id, subject]

    def end_all(self, now: Moment) -> None:
        """Nothing goes on beyond `now`."""
        for watch in self._watches.values():
            if watch.finding is not None:
                self._end(watch, now)
        self._watches.clear()

    def _before(
        self,
        watch: _Watch,
        rule: Rule,
        subject: str,
        verdict: Verdict,
        now: Moment,
        reading: Reading | None,
        station: str,
        cells: tuple[str, ...],
    ) -> None:
        if verdict is not Verdict.BAD:
            watch.bad = 0
            return
        if watch.bad == 0:
            watch.since, watch.first, watch.worst = now, reading, reading
        watch.bad += 1
        watch.worst = _worse(watch.worst, reading)
        begin = watch.since
        assert begin is not None
        if watch.bad >= rule.samples and now.t_ms - begin.t_ms >= rule.lasting_s * 1000:
            finding = Finding(rule, subject, station, cells, begin, watch.first, watch.worst)
            watch.finding, watch.good = finding, 0
            self.changed.append(finding)

    def _during(
        self, watch: _Watch, rule: Rule, verdict: Verdict, now: Moment, reading: Reading | None
    ) -> None:
        assert watch.finding is not None
        if verdict is Verdict.OVER:
            self._end(watch, now)
        elif verdict is Verdict.GOOD:
            if watch.good == 0:
                watch.since = now
            watch.good += 1
            if watch.good >= rule.samples:
                self._end(watch, watch.since or now)
        else:
            watch.good = 0
            if verdict is Verdict.BAD:
                watch.finding.worst = _worse(watch.finding.worst, reading)

    def _end(self, watch: _Watch, end: Moment) -> None:
        assert watch.finding is not None
        watch.finding.end = end
        self.changed.append(watch.finding)
        watch.finding, watch.bad = None, 0


def _worse(one: Reading | None, other: Reading | None) -> Reading | None:
    """The one that is farther from its limit."""
    if one is None or other is None:
        return other or one
    return max(one, other, key=lambda reading: abs(reading.value - reading.limit))
