"""Readings until they stand still, and then what they are.

A reading is steady while the running medians of the last WINDOW_S lie within ± its band; when it
has been so for another WINDOW_S, the median of these is the result. Medians, because a converter's
spikes are no change of what it measures.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_S = 30.0
RUNNING = 5
LEAST_SAMPLES = 20  # of the 31 that a second's sampling gives in a window
MOST_GAP_S = 5.0
_MEDIAN_ERROR = 1.2533  # of a median's standard error to a mean's, for Gaussian noise


@dataclass(frozen=True)
class Reading:
    """A steady reading."""

    value: float
    error: float
    """Standard error of `value`, of what noise there is."""
    samples: int


class Steady:
    """Takes samples in the order of time."""

    def __init__(self, band: Callable[[float], float]) -> None:
        """`band` gives half the width that is allowed around a value."""
        self._band = band
        self._samples: list[tuple[float, float]] = []
        self._since_s: float | None = None
        self.reading: Reading | None = None

    def add(self, at_s: float, value: float) -> None:
        """One sample; after a gap everything begins anew."""
        if self._samples and at_s <= self._samples[-1][0]:
            return
        if self._samples and at_s - self._samples[-1][0] > MOST_GAP_S:
            self.restart()
        self._samples.append((at_s, value))
        while self._samples[0][0] < at_s - WINDOW_S:
            del self._samples[0]
        if not self._is_still():
            self._since_s = None
            return
        if self._since_s is None:
            self._since_s = at_s
        if at_s - self._since_s >= WINDOW_S and self.reading is None:
            self.reading = self._read()

    def restart(self) -> None:
        """Forget what was."""
        self._samples.clear()
        self._since_s = None

    @property
    def moved(self) -> float | None:
        """How far apart the running medians of the window lie; None before there is a window."""
        values = [value for _, value in self._samples]
        if len(values) < LEAST_SAMPLES:
            return None
        medians = [
            statistics.median(values[i : i + RUNNING]) for i in range(len(values) - RUNNING + 1)
        ]
        return max(medians) - min(medians)

    @property
    def left_s(self) -> float | None:
        """Until there is a reading, if it stays steady; None while it is not."""
        if self._since_s is None:
            return None
        return max(WINDOW_S - (self._samples[-1][0] - self._since_s), 0.0)

    def _is_still(self) -> bool:
        whole = self._samples[-1][0] - self._samples[0][0] >= WINDOW_S - 2
        moved = self.moved
        if moved is None or not whole:
            return False
        return moved <= 2 * self._band(self._samples[-1][1])

    def _read(self) -> Reading:
        values = [value for _, value in self._samples]
        spread = statistics.stdev(values)
        error = _MEDIAN_ERROR * spread / len(values) ** 0.5
        return Reading(statistics.median(values), error, len(values))
