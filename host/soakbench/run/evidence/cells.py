"""What the cells themselves say: load, light, dark, and contact after they were moved."""

from soakbench.run.evidence import rules
from soakbench.run.evidence.episodes import Episodes, Verdict
from soakbench.run.evidence.finding import Moment, Reading
from soakbench.run.evidence.rules import Rule
from soakbench.run.evidence.scene import CellSeen, Scene
from soakwire import records

# What a cell's silence or voice under light is about; over as soon as it cannot be judged.
_UNDER_LIGHT = (rules.SC_NO_CURRENT, rules.OC_NO_VOLTAGE, rules.NO_CONTACT, rules.REVERSED)
_IN_THE_DARK = (rules.DARK_VOLTAGE, rules.DARK_CURRENT)

# The board's own judgement: the event, the load it is about, raw units in one.
_TOLD = {
    records.EV_SC_VOLTAGE: (rules.SC_SHOWS_VOLTAGE, 10.0),
    records.EV_OC_CURRENT: (rules.OC_CARRIES_CURRENT, 1.0),
}
_LOAD_OF = {rules.SC_SHOWS_VOLTAGE.id: records.SC, rules.OC_CARRIES_CURRENT.id: records.OC}


class CellJudge:
    """Judges what CELLS records say, and the board's events about cells."""

    def __init__(self, scene: Scene, episodes: Episodes) -> None:
        self._scene = scene
        self._episodes = episodes
        self._sensed = [cell for cell in scene.cells.values() if cell.has_sense]

    def judge(self, at: Moment) -> None:
        """A sample of all cells has come."""
        unsure: dict[str, list[tuple[CellSeen, Reading]]] = {}
        proven = set()
        for cell in self._sensed:
            reading = self._under_light(cell, at)
            if reading is not None:
                station = self._scene.station_of(cell)
                if station.has_light_sensor:
                    self._lit(cell, reading, at)
                    continue
                unsure.setdefault(station.name, []).append((cell, reading))
                if _verdict(reading) is not Verdict.BAD or _polarity(reading) is Verdict.BAD:
                    proven.add(station.name)
        for name, members in unsure.items():
            self._without_sensor(name, members, name in proven, at)

    def told(self, code: int, number: int, value: int, at: Moment) -> None:
        """The board has judged a cell."""
        cell = self._scene.cells[number]
        if code in _TOLD:
            rule, per_unit = _TOLD[code]
            reading = Reading(value / per_unit, rule.bad, rule.unit)
            self._weigh(rule, cell, Verdict.BAD, at, reading)
        elif code == records.EV_AS_COMMANDED:
            for rule, _ in _TOLD.values():
                self._weigh(rule, cell, Verdict.GOOD, at)

    def switched(self, number: int, at: Moment) -> None:
        """A cell has another load: what was said about the one before is over."""
        cell = self._scene.cells[number]
        for rule, _ in _TOLD.values():
            if cell.load != _LOAD_OF[rule.id]:
                self._weigh(rule, cell, Verdict.OVER, at)
        self._over(cell, at)

    def moved(self, track: int) -> None:
        """The cells of a track are at another station now: contacts were opened and closed."""
        for cell in self._scene.cells.values():
            if cell.track == track and cell.has_sense:
                cell.unchecked, cell.fine = True, 0

    def begun(self, track: int, at: Moment) -> None:
        """A track has another place or state."""
        for cell in self._scene.cells.values():
            if cell.track != track:
                continue
            self._over(cell, at)
            if cell.unchecked and self._scene.tracks[track].rests:
                self._weigh(rules.UNCHECKED, cell, Verdict.BAD, at)

    # --- inside ---

    def _under_light(self, cell: CellSeen, at: Moment) -> Reading | None:
        """What the cell shows, if it is under light and settled; else judge it in the dark."""
        scene, track = self._scene, self._scene.tracks[cell.track]
        quiet_ms = scene.quiet_ms(cell, at.t_ms)
        if track.in_hands or cell.load not in (records.OC, records.SC):
            self._over(cell, at)
            return None
        if track.rests:
            self._dark(cell, quiet_ms, at)
            return None
        suns = scene.suns_at(cell)
        if suns is None or suns < rules.LIT_SUNS:
            self._over(cell, at)
            return None
        if quiet_ms < rules.OC_NO_VOLTAGE.settle_s * 1000:
            return None
        if cell.sense is None:
            if cell.unchecked:
                self._weigh(rules.UNCHECKED, cell, Verdict.BAD, at)
            return None
        return _reading(cell, suns)

    def _dark(self, cell: CellSeen, quiet_ms: int, at: Moment) -> None:
        rule = rules.DARK_VOLTAGE if cell.load == records.OC else rules.DARK_CURRENT
        if cell.sense is None or quiet_ms < rule.settle_s * 1000:
            return
        value = cell.sense / (10 if cell.load == records.OC else 1)
        verdict = Verdict.BETWEEN
        if abs(value) > rule.bad:
            verdict = Verdict.BAD
        elif abs(value) <= rule.good:
            verdict = Verdict.GOOD
        self._weigh(rule, cell, verdict, at, Reading(value, rule.bad, rule.unit))

    def _lit(self, cell: CellSeen, reading: Reading, at: Moment) -> None:
        """A reading under light that is known to be there."""
        verdict, polarity = _verdict(reading), _polarity(reading)
        self._weigh(rules.REVERSED, cell, polarity, at, reading)
        if polarity is Verdict.BAD or self._has_the_board_told(cell):
            self._weigh(_nothing_rule(cell), cell, Verdict.OVER, at)
        else:
            self._weigh(_nothing_rule(cell), cell, verdict, at, reading)
        cell.fine = cell.fine + 1 if verdict is Verdict.GOOD else 0
        if cell.unchecked:
            self._check_move(cell, at)

    def _check_move(self, cell: CellSeen, at: Moment) -> None:
        found = any(
            self._episodes.is_open(rule, cell.name) for rule in (rules.NO_CONTACT, rules.REVERSED)
        )
        if found or cell.fine >= rules.IN_A_ROW:
            self._weigh(rules.UNCHECKED, cell, Verdict.OVER, at)
        if cell.fine >= rules.IN_A_ROW:
            cell.unchecked = False

    def _without_sensor(
        self,
        station: str,
        members: list[tuple[CellSeen, Reading]],
        is_proven: bool,
        at: Moment,
    ) -> None:
        """Cells that are to be under light where no sensor proves it: one that shows something
        does."""
        rule = rules.NO_LIGHT_AT_CELLS
        cells = tuple(cell.name for cell, _ in members)
        verdict = Verdict.GOOD if is_proven else Verdict.BAD
        self._episodes.weigh(rule, station, verdict, at, None, station, cells)
        if is_proven:
            for cell, reading in members:
                self._lit(cell, reading, at)

    def _has_the_board_told(self, cell: CellSeen) -> bool:
        return any(self._episodes.is_open(rule, cell.name) for rule, _ in _TOLD.values())

    def _over(self, cell: CellSeen, at: Moment) -> None:
        for rule in (*_UNDER_LIGHT, *_IN_THE_DARK):
            self._weigh(rule, cell, Verdict.OVER, at)

    def _weigh(
        self,
        rule: Rule,
        cell: CellSeen,
        verdict: Verdict,
        at: Moment,
        reading: Reading | None = None,
    ) -> None:
        station = self._scene.tracks[cell.track].station
        self._episodes.weigh(rule, cell.name, verdict, at, reading, station, (cell.name,))


def _reading(cell: CellSeen, suns: float) -> Reading | None:
    """What a cell under light shows, and the least that it should. None: too little to tell."""
    assert cell.sense is not None
    if cell.load == records.OC:
        return Reading(cell.sense / 10, rules.OC_NO_VOLTAGE.bad, "mV")
    least_ua = cell.least_ua_per_sun * suns
    if least_ua < 2 * rules.SEEN_UA:
        return None
    return Reading(cell.sense, max(rules.SC_NO_CURRENT.bad * least_ua, rules.SEEN_UA), "uA")


def _nothing_rule(cell: CellSeen) -> Rule:
    """What it is called when the cell shows nothing."""
    if cell.unchecked:
        return rules.NO_CONTACT
    return rules.OC_NO_VOLTAGE if cell.load == records.OC else rules.SC_NO_CURRENT


def _verdict(reading: Reading) -> Verdict:
    if reading.value < reading.limit:
        return Verdict.BAD
    return Verdict.GOOD if reading.value >= reading.limit * rules.ENOUGH else Verdict.BETWEEN


def _polarity(reading: Reading) -> Verdict:
    if reading.value < -reading.limit * rules.REVERSED_SHARE:
        return Verdict.BAD
    return Verdict.GOOD if reading.value >= 0 else Verdict.BETWEEN
