"""What the judge finds: the rules, the violations of them, and what was observed right before."""

from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum

MOST_PER_RULE = 20  # kept in full; all are counted
_SHOWN = 10  # observations with a violation
_REMEMBERED = 4 * _SHOWN  # some are later than the violation: it is often seen in hindsight

Observation = tuple[float, str, object]  # time, what, and what became of it


class Rule(StrEnum):
    """What must hold; `SENTENCES` says it in full."""

    CUSTODY = "custody"
    EXCLUSION = "exclusion"
    BREAK_BEFORE_MAKE = "break before make"
    DWELL = "dwell"
    STAGGER = "stagger"
    COILS = "coils"
    WEAR = "wear"
    PLATE_LIMIT = "plate limit"
    HEAT_UNASKED = "heat unasked"
    DEAD_MAN = "dead man"
    CONTACTOR = "contactor"
    DOSE = "dose"
    TIME = "time"
    GOAL = "goal"
    ORDER = "order"


SENTENCES = {
    Rule.CUSTODY: "every record the board made is stored as it was, once, or covered by a LOSS;"
    " nothing else is stored, and the sums are exact",
    Rule.EXCLUSION: "no cell is shorted and on the source meter, and no two are on the meter",
    Rule.BREAK_BEFORE_MAKE: "a contact closes only settle_ms after the other one of its cell has"
    " opened, that of the meter only settle_ms after every other one",
    Rule.DWELL: "a cell stays dwell_ms where it is, but for the way into its power-off load",
    Rule.STAGGER: "two cells leave their power-off loads stagger_ms apart",
    Rule.COILS: "of a latching relay one coil at a time is energised, long enough to move it, and"
    " never for more than 300 ms",
    Rule.WEAR: "the relays' counts are those of the pins",
    Rule.PLATE_LIMIT: "no plate is hotter than its station's ceiling + 5 °C, none than 85 °C",
    Rule.HEAT_UNASKED: "heater and contactor are on only while a running step asks for heat",
    Rule.DEAD_MAN: "a board that hangs leaves no heater on for more than a second",
    Rule.CONTACTOR: "the heater is driven only behind a closed contactor, which opens without load",
    Rule.DOSE: "the dose recorded is the light that has fallen on the cells",
    Rule.TIME: "the time recorded is the time for which the cells had what the step asks for",
    Rule.GOAL: "a step ends by its goal, the plan's or the one that people have ordered, and not"
    " before it",
    Rule.ORDER: "each track takes its program's steps in order; a restart goes back to the last"
    " stored place and to no other",
}

_HEAT = (Rule.PLATE_LIMIT, Rule.HEAT_UNASKED, Rule.DEAD_MAN, Rule.CONTACTOR)


@dataclass(frozen=True)
class Violation:
    """One breach of a rule, at `at_ms` of the twin."""

    at_ms: float
    rule: Rule
    text: str
    before: tuple[str, ...] = ()
    """The last observations up to it, oldest first."""
    provoked_by: str = ""
    """The scripted fault that takes the means away from the board; empty: it is to blame."""


class History:
    """The latest observations. Heater pulses have a ring of their own, or there would be nothing
    else. `note` and `pulse` each take an `Observation`; words are made when somebody asks."""

    def __init__(self) -> None:
        self._seen: deque[Observation] = deque(maxlen=_REMEMBERED)
        self._pulses: deque[Observation] = deque(maxlen=_REMEMBERED)
        self.note = self._seen.append
        self.pulse = self._pulses.append

    def before(self, at_ms: float, pulses: bool) -> tuple[str, ...]:
        """The last ones up to `at_ms`, with the heaters' if `pulses`."""
        all_seen = [*self._seen, *self._pulses] if pulses else list(self._seen)
        known = sorted((seen for seen in all_seen if seen[0] <= at_ms), key=lambda seen: seen[0])
        return tuple(f"{at:.0f} ms: {what} {became}" for at, what, became in known[-_SHOWN:])


class Findings:
    """All violations, counted; the first ones of each rule in full."""

    def __init__(self, history: History, most: int = MOST_PER_RULE) -> None:
        self._history = history
        self._most = most
        self.kept: list[Violation] = []
        self.counts: Counter[Rule] = Counter()
        self.provoked: list[Violation] = []
        """What a scripted fault explains: told, but not held against anybody."""
        self.provoked_counts: Counter[Rule] = Counter()

    def copy(self) -> "Findings":
        """The same so far; what is added to one is not in the other."""
        twin = Findings(self._history, self._most)
        twin.kept, twin.counts = list(self.kept), self.counts.copy()
        twin.provoked, twin.provoked_counts = list(self.provoked), self.provoked_counts.copy()
        return twin

    def before(self, at_ms: float) -> tuple[str, ...]:
        """What was observed last, for a violation that is found later."""
        return self._history.before(at_ms, pulses=False)

    def add(
        self,
        at_ms: float,
        rule: Rule,
        text: str,
        provoked_by: str = "",
        before: tuple[str, ...] | None = None,
    ) -> None:
        """Rule `rule` is broken."""
        kept, counts = self.kept, self.counts
        if provoked_by:
            kept, counts = self.provoked, self.provoked_counts
        counts[rule] += 1
        if counts[rule] <= self._most:
            if before is None:
                before = self._history.before(at_ms, pulses=rule in _HEAT)
            kept.append(Violation(at_ms, rule, text, before, provoked_by))
