"""The clock of one boot as it runs: which measurements are kept, and when a new fit begins."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from soakbench.device.clockfit import fit_line
from soakbench.store.clocks import ClockLine, ClockPoint

HELLO_ERROR_MS = 500  # a HELLO may have waited that long in a buffer
FIRST = 5  # points of a boot that are kept at once; then the best of a minute is
MINUTE_MS = 60_000
KEPT = 120  # points behind the running fit: two hours

# Measurements that contradict the fit by more than this, so many in a row that agree with each
# other: the computer's clock was set.
SET_MS = 50
SET_FACTOR = 4
SET_POINTS = 3

# A fit that moves the time less than this and is not much better is not worth a new version.
WORTH_MS = 1
WORTH = 0.9


@dataclass
class News:
    """What one measurement has changed: points to keep, a new line, a clock that was set."""

    points: list[ClockPoint] = field(default_factory=list)
    line: ClockLine | None = None
    version: int = 0
    segment: int = 0
    set_by_ms: int | None = None


class BoardClock:
    """Takes the measurements of one boot. Belongs to one thread."""

    def __init__(
        self, hello: ClockPoint, known: Sequence[ClockPoint] = (), version: int = 0
    ) -> None:
        """`known`: what is on disk of this boot, up to fit `version`; else `hello` has to do."""
        last = max((p.segment for p in known), default=0)
        self._segment = last
        self._kept = deque((p for p in known if p.segment == last), maxlen=KEPT)
        self._first_left = FIRST - len(self._kept)
        self._best: ClockPoint | None = None
        self._odd: list[ClockPoint] = []
        self.line = fit_line(self._kept or [hello])
        self.version = version + 1
        self.newest_ms = hello.device_ms
        """The device time of the last measurement."""

    def current(self) -> News:
        """The line to begin with."""
        return News(line=self.line, version=self.version, segment=self._segment)

    def add(self, sent_utc_ms: int, received_utc_ms: int, device_ms: int) -> News:
        """Take one round trip into account."""
        news = News(version=self.version, segment=self._segment)
        if received_utc_ms < sent_utc_ms:
            return news  # the clock was set back in between
        half = (received_utc_ms - sent_utc_ms + 1) // 2
        point = ClockPoint(device_ms, sent_utc_ms + half, half, self._segment)
        self.newest_ms = device_ms
        if self._contradicts(point):
            self._suspect(point, news)
        else:
            self._odd.clear()
            self._take(point, news)
        return news

    def _contradicts(self, point: ClockPoint) -> bool:
        utc_ms, error_ms = self.line.to_utc(point.device_ms)
        return abs(point.utc_ms - utc_ms) > max(SET_MS, SET_FACTOR * error_ms) + point.half_ms

    def _suspect(self, point: ClockPoint, news: News) -> None:
        """A point that does not fit. Some of them that agree tell that the clock was set."""
        self._odd = [p for p in self._odd if self._agree(p, point)] + [point]
        if len(self._odd) < SET_POINTS:
            return
        news.set_by_ms = round(
            median(p.utc_ms - self.line.to_utc(p.device_ms)[0] for p in self._odd)
        )
        self._segment += 1
        self._kept.clear()
        self._first_left = FIRST
        self._best = None
        for odd in self._odd:
            self._keep(replace(odd, segment=self._segment), news)
        self._odd = []
        self._take_up(fit_line(self._kept), news)

    @staticmethod
    def _agree(one: ClockPoint, other: ClockPoint) -> bool:
        apart = (one.utc_ms - other.utc_ms) - (one.device_ms - other.device_ms)
        return abs(apart) <= SET_MS + one.half_ms + other.half_ms

    def _take(self, point: ClockPoint, news: News) -> None:
        """Keep the first ones, then the best of every minute."""
        if self._first_left > 0:
            self._keep(point, news)
        elif self._best is None:
            self._best = point
            return
        elif point.device_ms // MINUTE_MS == self._best.device_ms // MINUTE_MS:
            self._best = min(self._best, point, key=lambda p: p.half_ms)
            return
        else:
            self._keep(self._best, news)
            self._best = point
        line = fit_line(self._kept)
        if self._is_worth(line):
            self._take_up(line, news)

    def _keep(self, point: ClockPoint, news: News) -> None:
        self._kept.append(point)
        self._first_left -= 1
        news.points.append(point)

    def _is_worth(self, line: ClockLine) -> bool:
        was_ms, was_error_ms = self.line.to_utc(self.newest_ms)
        is_ms, error_ms = line.to_utc(self.newest_ms)
        return abs(is_ms - was_ms) > WORTH_MS or error_ms < was_error_ms * WORTH

    def _take_up(self, line: ClockLine, news: News) -> None:
        self.line = line
        self.version += 1
        news.line, news.version, news.segment = line, self.version, self._segment
