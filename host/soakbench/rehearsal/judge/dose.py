"""What was delivered: the amounts in the records against the true light and the true time.

Each stay is judged by itself, from its coming to its end, and on the way at every sample. What a
reset cuts off, and what falls in before the track is back, is in no record: it is added up as
`uncounted`.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram
from soakbench.rehearsal.judge.contacts import Contacts
from soakbench.rehearsal.judge.findings import Findings, Rule
from soakbench.rehearsal.judge.progress import Goes, Visit
from soakbench.rehearsal.judge.provoked import WRONG_READINGS, WRONG_TEMPERATURE, Provoked
from soakbench.rehearsal.judge.stay import SLACK_MS, Stay
from soakbench.rehearsal.judge.truth import Truth
from soakbench.run.machine import Place
from soakwire import blobs

_BARRIERS = (blobs.HOST, blobs.CONFIRM)


class _Ended(NamedTuple):
    """A step with a goal has ended. Its goal is what people had ordered by then."""

    at_ms: float
    visit: Visit
    delivered: int
    before: tuple[str, ...]
    """What was observed last."""


class Doses:
    """The stays of all tracks."""

    def __init__(
        self,
        bench: BenchConfig,
        program: CompiledProgram | None,
        truth: Truth,
        contacts: Contacts,
        findings: Findings,
        provoked: Provoked,
    ) -> None:
        self.uncounted: Counter[str] = Counter()
        """Per cell, milli-sun-s that fell in between the last record and the restart."""
        self._lag_s = bench.twin.plate.sensor_lag_s
        self._tracks = [] if program is None else program.tracks
        self._numbers = {name: number for number, name in enumerate(bench.cells)}
        self._truth = truth
        self._contacts = contacts
        self._findings = findings
        self._provoked = provoked
        self._stays: dict[int, Stay] = {}
        self._cut: dict[int, Stay] = {}
        self._ended: list[_Ended] = []

    # --- what the world does ---

    def look(self, at_ms: float) -> None:
        """Light, contacts, a plate at an edge, or cells' places: something has changed."""
        for stay in self._stays.values():
            stay.look(at_ms)
        for place in self._truth.places.values():
            calms = [stay.calm(place) for stay in self._stays.values()]
            place.calm_low_c = max((low for low, _ in calms), default=float("-inf"))
            place.calm_high_c = min((high for _, high in calms), default=float("inf"))

    # --- what the records say ---

    def comes(self, at_ms: float, visit: Visit, goes: Goes) -> None:
        """A stay begins."""
        cells = {cell: self._numbers[cell] for cell in self._tracks[visit.track].cells}
        contacts = self._contacts.cells
        stay = Stay(at_ms, visit, cells, self._truth, contacts, self._lag_s)
        self._count_cut(at_ms, visit)
        self._stays[visit.track] = stay
        stay.turn(at_ms, goes)
        self.look(at_ms)

    def turns(self, at_ms: float, visit: Visit, goes: Goes) -> None:
        """It pauses or goes on."""
        self._stays[visit.track].turn(at_ms, goes)
        self.look(at_ms)

    def tells(self, at_ms: float, visit: Visit, delivered: int, dose: int) -> None:
        """A sample: its amounts may be one control period old."""
        stay = self._stays[visit.track]
        stay.look(at_ms)
        self._judge(at_ms, stay, delivered, dose, SLACK_MS)

    def ends(self, at_ms: float, visit: Visit, delivered: int, dose: int) -> None:
        """The stay is over."""
        stay = self._stays.pop(visit.track)
        stay.look(at_ms)
        self._judge(at_ms, stay, delivered, dose, 0)
        if visit.wanted["goal_kind"] != blobs.GOAL_NONE:
            self._ended.append(_Ended(at_ms, visit, delivered, self._findings.before(at_ms)))
        self.look(at_ms)

    def drops(self, at_ms: float, visit: Visit) -> None:
        """The stay was cut off; if the track comes back to it, what is missing is known."""
        stay = self._stays.pop(visit.track)
        stay.look(at_ms)
        self._cut[visit.track] = stay
        self.look(at_ms)

    # --- in the end ---

    def judge_goals(self, findings: Findings, ordered: Mapping[Place, int]) -> None:
        """Whether each step has ended by its goal; `ordered` are those that are not the plan's."""
        for ended in self._ended:
            visit = ended.visit
            place = Place(visit.track, visit.step, visit.cycle)
            goal = ordered.get(place, visit.wanted["goal"] or 0)
            if ended.delivered < goal:
                text = f"{visit} ended with {ended.delivered} of {goal}"
                findings.add(ended.at_ms, Rule.GOAL, text, before=ended.before)

    # --- inside ---

    def _count_cut(self, at_ms: float, visit: Visit) -> None:
        stay = self._cut.pop(visit.track, None)
        if stay is None or (stay.visit.step, stay.visit.cycle) != (visit.step, visit.cycle):
            return
        counted = visit.dose - stay.visit.dose
        for cell, had in stay.light(at_ms).items():
            self.uncounted[cell] += max(round(had.sun_ms) - counted, 0)

    def _judge(self, at_ms: float, stay: Stay, delivered: int, dose: int, late_ms: int) -> None:
        if stay.visit.wanted["kind"] in _BARRIERS:
            return  # people carry the cells about
        gained = delivered - stay.visit.delivered
        self._judge_light(at_ms, stay, "dose", dose - stay.visit.dose, late_ms)
        if stay.visit.wanted["goal_kind"] == blobs.GOAL_DOSE:
            self._judge_light(at_ms, stay, "delivered light", gained, late_ms)
        else:
            self._judge_time(at_ms, stay, gained, late_ms)

    def _judge_light(self, at_ms: float, stay: Stay, what: str, gained: int, late_ms: int) -> None:
        if stay.full_scale_suns is None:
            return
        light = stay.light(at_ms) if what == "dose" else stay.run_light(at_ms)
        for cell, had in light.items():
            slack = stay.light_slack(at_ms, cell) + late_ms * self._truth.place_of(cell).suns
            if abs(gained - had.sun_ms) > slack:
                text = (
                    f"{stay.visit}: {what} {gained} milli-sun-s since"
                    f" {stay.begin_ms:.0f} ms, but {cell} had {had.sun_ms:.0f} (± {slack:.0f})"
                )
                self._tell(at_ms, stay, Rule.DOSE, text)

    def _judge_time(self, at_ms: float, stay: Stay, gained: int, late_ms: int) -> None:
        slack_ms = stay.time_slack_ms + late_ms
        if stay.sure_ms - slack_ms <= gained <= stay.possible_ms + slack_ms:
            return
        text = (
            f"{stay.visit}: {gained} ms in condition since {stay.begin_ms:.0f} ms, truly"
            f" {stay.sure_ms:.0f} to {stay.possible_ms:.0f} (± {slack_ms:.0f})"
        )
        self._tell(at_ms, stay, Rule.TIME, text)

    def _tell(self, at_ms: float, stay: Stay, rule: Rule, text: str) -> None:
        if rule in stay.told:
            return
        stay.told.add(rule)
        heated = stay.visit.wanted["kind"] == blobs.THERMAL_RECOVERY
        kinds = WRONG_TEMPERATURE if heated and rule is Rule.TIME else WRONG_READINGS
        provoked = self._provoked.by(kinds, stay.begin_ms, at_ms)
        self._findings.add(at_ms, rule, text, provoked)
