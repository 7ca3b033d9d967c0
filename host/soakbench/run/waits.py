"""Tracks that wait for a time of day."""

from collections.abc import Callable

from soakbench.clock import moment
from soakbench.plan import CompiledProgram
from soakbench.plan.clock_time import wait_end, zone_of
from soakbench.run.machine import BoardReport, Place
from soakwire import records


class ClockWaits:
    """When the waits of a run end. A wait counts from when the track came to it, so that a daemon
    that was away at 22:00 lets it go on as soon as it is back."""

    def __init__(self, program: CompiledProgram, began: Callable[[Place], int | None]) -> None:
        """`began`: when a track has come to a place, in ms of UTC, if that is known."""
        self._program = program
        self._began = began
        self._ends: dict[Place, int] = {}

    def over(self, report: BoardReport, now_utc_ms: int) -> frozenset[Place]:
        """The places at which tracks stand and whose time has come."""
        waits = self.pending(report)
        return frozenset(place for place, end_ms in waits.items() if end_ms <= now_utc_ms)

    def pending(self, report: BoardReport) -> dict[Place, int]:
        """The places at which tracks wait, and until when (ms of UTC)."""
        found = {}
        for number, track in enumerate(report.tracks):
            if track.state != records.BARRIER:
                continue
            place = Place(number, track.step, track.cycle)
            end_ms = self._end_ms(place)
            if end_ms is not None:
                found[place] = end_ms
        return found

    def _end_ms(self, place: Place) -> int | None:
        step = self._program.tracks[place.track].steps[place.step]
        if step.start is None:
            return None
        if place not in self._ends:
            began_ms = self._began(place)
            if began_ms is None:
                return None
            began = moment(began_ms)
            zone = zone_of(self._program.timezone)
            until = wait_end(began, step.start, step.late, zone)
            # Where cells live faster, so do the clocks on their wall.
            lasts_ms = (until - began).total_seconds() * 1000 / self._program.accelerate
            self._ends[place] = began_ms + round(lasts_ms)
        return self._ends[place]
