"""A track at a step, from its coming (or coming back) to its end: what it truly had meanwhile."""

from soakbench.rehearsal.judge.conditions import NO, Met, calm, met
from soakbench.rehearsal.judge.contacts import CellContacts
from soakbench.rehearsal.judge.progress import Goes, Visit
from soakbench.rehearsal.judge.truth import NO_LIGHT, Exposure, Place, Truth
from soakwire import blobs

SLACK_MS = 1100
"""Of a change: one control period, and the time that light is given to settle."""

_RESOLUTION_SUNS = 0.001
_ADC_STEPS = 4095
_LAGS = 1.5  # time constants after which a thermistor has followed a plate through an edge


class Stay:
    """One stay. `cells` are those of the track, name → number on the board."""

    def __init__(
        self,
        at_ms: float,
        visit: Visit,
        cells: dict[str, int],
        truth: Truth,
        contacts: dict[str, CellContacts],
        sensor_lag_s: float,
    ) -> None:
        self.visit = visit
        self.begin_ms = at_ms
        self.sure_ms = 0.0
        self.possible_ms = 0.0
        self.told: set[str] = set()
        """The rules that it was found to break: each is told once a stay."""
        self.full_scale_suns = truth.scale_of(visit.wanted["station"])
        """Of the sensor that the board goes by; None: it has none there, and claims nothing."""
        self._cells = cells
        self._truth = truth
        self._contacts = contacts
        self._lag_ms = 1000 * sensor_lag_s
        # Light that changes with the step may have been told before it, and the board's reading is
        # of before.
        lit = [truth.place_of(cell).lately_suns(at_ms, SLACK_MS) for cell in cells]
        self._lit_suns = max(lit, default=0.0)
        self._at_begin = {cell: truth.exposure(cell, at_ms) for cell in cells}
        self._runs = False
        self._run_begin = self._at_begin
        self._run_light = dict.fromkeys(cells, NO_LIGHT)
        self._met = NO
        self._met_ms = at_ms
        self._changes = 1
        self._turns = 0

    def turn(self, at_ms: float, goes: Goes) -> None:
        """It runs from now on, or waits."""
        runs = goes is Goes.RUNNING
        if runs == self._runs:
            return
        self.look(at_ms)
        self._turns += 1
        self._run_light = self.run_light(at_ms)
        self._run_begin = {cell: self._truth.exposure(cell, at_ms) for cell in self._cells}
        self._runs = runs
        self.look(at_ms)

    def look(self, at_ms: float) -> None:
        """Something may have changed: add up what was until now, see what is."""
        dt_ms = at_ms - self._met_ms
        if self._runs and dt_ms > 0:
            self.sure_ms += dt_ms if self._met.sure else 0
            self.possible_ms += dt_ms if self._met.possible else 0
        self._met_ms = max(at_ms, self._met_ms)
        now = self._now_met() if self._runs else NO
        if now != self._met:
            self._changes += 1
            self._met = now

    def calm(self, place: Place) -> tuple[float, float]:
        """Plate temperatures at `place` for which there is nothing to look at."""
        here = any(at is place for at in self.places())
        return calm(self.visit.wanted, place) if here else (float("-inf"), float("inf"))

    def places(self) -> list[Place]:
        """Where the cells are: as a rule one. A track without cells is about its station."""
        if not self._cells:
            return self._truth.place_at(self.visit.wanted["station"])
        return list({id(at): at for at in map(self._truth.place_of, self._cells)}.values())

    def light(self, at_ms: float) -> dict[str, Exposure]:
        """What each cell has had of light since it came."""
        return self._since(self._at_begin, at_ms)

    def run_light(self, at_ms: float) -> dict[str, Exposure]:
        """The same, while the step was running."""
        if not self._runs:
            return self._run_light
        new = self._since(self._run_begin, at_ms)
        return {cell: had.and_also(new[cell]) for cell, had in self._run_light.items()}

    def light_slack(self, at_ms: float, cell: str) -> float:
        """By how much (milli-sun-s) what was measured may differ from what the cell had."""
        had = self._truth.exposure(cell, at_ms).since(self._at_begin[cell])
        resolution_suns = _RESOLUTION_SUNS + (self.full_scale_suns or 0) / _ADC_STEPS / 2
        moves_suns = had.swing_suns + self._lit_suns + self._turns * self._truth.place_of(cell).suns
        return SLACK_MS * moves_suns + resolution_suns * (at_ms - self.begin_ms) + 1

    @property
    def time_slack_ms(self) -> float:
        """By how much the time counted may differ from the true one."""
        lag_ms = 0.0
        if self.visit.wanted["kind"] == blobs.THERMAL_RECOVERY:
            lag_ms = _LAGS * self._lag_ms
        return self._changes * (SLACK_MS + lag_ms)

    def _now_met(self) -> Met:
        verdict: Met | None = None
        for place in self.places():
            here = {c: n for c, n in self._cells.items() if self._truth.place_of(c) is place}
            each = met(self.visit.wanted, here, self._contacts, place)
            verdict = each if verdict is None else verdict & each
        return verdict or NO

    def _since(self, begin: dict[str, Exposure], at_ms: float) -> dict[str, Exposure]:
        return {cell: self._truth.exposure(cell, at_ms).since(begin[cell]) for cell in self._cells}
