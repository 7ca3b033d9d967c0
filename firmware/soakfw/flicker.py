"""Tells the changes of a condition at growing intervals, the last state always (RE-11).

A lamp at the edge of its tolerance must fill neither the event ring nor a page of the log. The
interval doubles with every change that is told and falls back after a long calm.
"""

from soakfw.clock import Deadline
from soakfw.limits import CONDITION_CALM_MS, CONDITION_EVENT_MAX_MS, CONDITION_EVENT_MS


class Flicker:
    """One condition, false at first."""

    def __init__(self) -> None:
        self._quiet = Deadline()  # nothing is told until then
        self._calm = Deadline()  # unless it changes before, it is calm then
        self.reset()

    def reset(self) -> None:
        """A new step: what was told before does not count."""
        self._told = False
        self._last = False
        self._interval_ms = CONDITION_EVENT_MS
        self._quiet.clear()
        self._calm.clear()

    def look(self, now: int) -> None:
        """Time passes. Deadlines that nobody looks at would come back when the ticks wrap."""
        self._quiet.passed(now)
        if self._calm.passed(now):
            self._interval_ms = CONDITION_EVENT_MS

    def must_tell(self, state: bool, now: int) -> bool:
        """Whether an event must tell `state` now."""
        self.look(now)
        changed, self._last = state != self._last, state
        tell = state != self._told and self._quiet.passed(now)
        if tell:
            self._told = state
            self._quiet.set(now, self._interval_ms)
            self._interval_ms = min(2 * self._interval_ms, CONDITION_EVENT_MAX_MS)
        if changed:
            self._calm.set(now, max(self._interval_ms, CONDITION_CALM_MS))
        return tell
