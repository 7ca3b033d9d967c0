"""One track: where it is in its steps and what it has been given there."""

from soakfw.flicker import Flicker
from soakwire import blobs, records
from soakwire.layout import U32
from soakwire.records import ABSENT, EV_IN_CONDITION, EV_OUT_OF_CONDITION, IDLE

MILLI = 1000


class Track:
    """The state of one track. Amounts end at U32, what a record can hold."""

    def __init__(self, index: int, cells: int) -> None:
        self.index = index
        self.cells = cells  # bits
        self.state = IDLE
        self.step = 0
        self.cycle = 0
        self._where = (index, 0, 0)
        self.wanted: dict = {}  # the step's values by name, once the track has a place
        self.delivered = 0  # towards the goal: milli-seconds or milli-sun-seconds
        self.dose = 0  # milli-sun-seconds, whatever the goal is
        self.elapsed = 0  # ms since the step began, pauses included
        self.in_condition = False
        self._rest = 0  # of the dose, in micro-sun-seconds
        self._running_ms = 0  # since the step began or was resumed, for its time-out
        self.held = 0  # PAUSED until release: HELD or ALONE of soakwire.records
        self._flicker = Flicker()

    @property
    def station(self) -> int | None:
        """The station's number, None where the step has none."""
        return self.wanted["station"] if self.wanted else None

    @property
    def goal(self) -> int:
        """Of the step it is in; 0 where that has none."""
        return self.wanted["goal"] if self.wanted else 0

    def where(self) -> tuple[int, int, int]:
        """(track, step, cycle) for records; one and the same tuple while the track stays there."""
        where = self._where
        if where[1] != self.step or where[2] != self.cycle:
            where = self._where = (self.index, self.step, self.cycle)
        return where

    def begin(self, wanted: dict, amounts: tuple[int, int, int]) -> None:
        """Be at a step with (delivered, dose, elapsed) behind it."""
        self.wanted = wanted
        self.delivered, self.dose, self.elapsed = amounts
        self.in_condition = False
        self._rest = 0
        self._running_ms = 0
        self.held = 0
        self._flicker.reset()

    def take_loop(self) -> None:
        """Go back, or past the loop once its stretch has run `loop_times` in all."""
        self.cycle += 1
        if self.cycle < self.wanted["loop_times"]:
            self.step = self.wanted["loop_to"]
        else:
            self.cycle = 0
            self.step += 1

    def lit(self, cells: list) -> bool:
        """Whether it wants light: for ageing, and at a HOST barrier that has a light while one of
        its `cells` is on the source meter, which the host's lease for it ends."""
        wanted = self.wanted
        if self.state != records.BARRIER:
            return self.state == records.RUNNING and wanted["kind"] == blobs.AGEING
        for cell in cells:
            if cell.manual == records.MEASURE and self.cells >> cell.number & 1:
                return wanted["kind"] == blobs.HOST and wanted["light"] is not None
        return False

    def load(self, cell: int, power_off: int) -> int:
        """The load this step gives to `cell`."""
        load = self.wanted["loads"] >> (2 * cell) & 3
        return power_off if load == ABSENT else load

    def add_elapsed(self, dt_ms: int) -> None:
        """Time goes by."""
        self.elapsed = min(self.elapsed + dt_ms, U32)

    def add_dose(self, milli_suns: int, dt_ms: int) -> int:
        """Light falls in; the whole milli-sun-seconds gained, the remainder is kept."""
        total = milli_suns * dt_ms + self._rest
        gained = total // MILLI
        self._rest = total % MILLI
        self.dose = min(self.dose + gained, U32)
        return gained

    def deliver(self, amount: int) -> None:
        """Towards the goal."""
        self.delivered = min(self.delivered + amount, U32)

    def is_through(self) -> bool:
        """Whether the goal is reached."""
        return self.wanted["goal_kind"] != blobs.GOAL_NONE and self.delivered >= self.wanted["goal"]

    def soonest_ms(self, milli_suns: int, far_ms: int) -> int:
        """At this light, when the goal can be reached at the earliest; at most `far_ms`."""
        kind = self.wanted["goal_kind"]
        left = self.wanted["goal"] - self.delivered
        if kind == blobs.GOAL_NONE or left > far_ms or left <= 0:  # 0: it waits for another track
            return far_ms
        if kind != blobs.GOAL_DOSE:
            return left if self.in_condition else far_ms
        return min(left * MILLI // milli_suns + 1, far_ms) if milli_suns else far_ms

    def timed_out(self, dt_ms: int) -> bool:
        """Whether the step has run longer than it may, `dt_ms` more included."""
        self._running_ms = min(self._running_ms + dt_ms, U32)
        limit_s = self.wanted["timeout"]
        return limit_s != 0 and self._running_ms // MILLI >= limit_s

    def restart_timeout(self) -> None:
        """A person has resumed the step: it has its whole time again."""
        self._running_ms = 0

    def condition_event(self, now: int) -> int:
        """The event's code when the condition has changed and may be told, else 0."""
        if not self._flicker.must_tell(self.in_condition, now):
            return 0
        return EV_IN_CONDITION if self.in_condition else EV_OUT_OF_CONDITION

    def look(self, now: int) -> None:
        """Time passes in a state in which nothing is told."""
        self._flicker.look(now)
