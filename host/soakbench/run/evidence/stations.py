"""What the sensors of a station say about light and dark there."""

from soakbench.run.evidence import rules
from soakbench.run.evidence.episodes import Episodes, Verdict
from soakbench.run.evidence.finding import Moment, Reading
from soakbench.run.evidence.rules import Rule
from soakbench.run.evidence.scene import Scene, StationSeen, TrackSeen
from soakwire import records

_LIGHT_RULES = (rules.DARK_LUX, rules.DARK_SUNS, rules.NO_LIGHT, rules.NO_LIGHT_AT_CELLS)


class StationJudge:
    """Judges what STATION records say."""

    def __init__(self, scene: Scene, episodes: Episodes) -> None:
        self._scene = scene
        self._episodes = episodes
        used = {step.station for track in scene.tracks for step in track.steps}
        self._used = {n for n, station in enumerate(scene.stations) if station.name in used}

    def take(self, number: int, raw: dict[str, int | None], at: Moment) -> None:
        """A sample of station `number`."""
        if number not in self._used:
            return
        station = self._scene.stations[number]
        light, lux = raw["light"], raw["lux"]
        station.see(
            bool((raw["outputs"] or 0) & records.OUT_LIGHT),
            None if light is None else light / 1000,
            None if lux is None else lux / 10,
            at.t_ms,
        )
        self._light(station, at)
        faults = raw["faults"] or 0
        self._sensor(rules.LUX_SILENT, station, faults & records.FAULT_LUX, station.lux, at)
        is_mute = faults & records.FAULT_HUMIDITY
        self._sensor(rules.HUMIDITY_SILENT, station, is_mute, station.humidity, at)

    def take_air(self, number: int, raw: dict[str, int | None]) -> None:
        """What the humidity sensor of station `number` says; told with its next sample."""
        self._scene.stations[number].humidity = raw["humidity"]

    def switched(self, number: int, is_on: bool, at: Moment) -> None:
        """The light's actuator has moved; what a sensor says of it comes with the next sample."""
        if number in self._used:
            station = self._scene.stations[number]
            if not station.has_light_sensor:
                station.see(is_on, None, station.lux, at.t_ms)
            station.light_on = is_on

    def changed(self, at: Moment) -> None:
        """A track has another place or state: what nobody wants any more is over."""
        for number in self._used:
            station = self._scene.stations[number]
            ageing, resting = self._wishes(station)
            if not resting:
                self._over(station, (rules.DARK_LUX, rules.DARK_SUNS), at)
            if not ageing or resting:
                self._over(station, (rules.NO_LIGHT, rules.NO_LIGHT_AT_CELLS), at)

    def _light(self, station: StationSeen, at: Moment) -> None:
        ageing, resting = self._wishes(station)
        if resting:  # dark wins
            self._dark(station, resting, at)
        elif ageing:
            self._lit(station, ageing, at)

    def _wishes(self, station: StationSeen) -> tuple[list[TrackSeen], list[TrackSeen]]:
        """The tracks that want light there, and those that want darkness."""
        here = [track for track in self._scene.tracks if track.station == station.name]
        return [t for t in here if t.ages], [t for t in here if t.rests]

    def _dark(self, station: StationSeen, resting: list[TrackSeen], at: Moment) -> None:
        limits = [t.step.dark_max_lux for t in resting if t.step and t.step.dark_max_lux]
        if station.has_lux:
            rule, value, limit = rules.DARK_LUX, station.lux, min(limits)
            good = limit * rule.good
        else:
            rule, value, limit = rules.DARK_SUNS, station.suns, rules.DARK_SUNS.bad
            good = rule.good
        if value is None or not _is_settled(resting, rule.settle_s, at):
            return
        verdict = Verdict.BETWEEN
        if value > limit:
            verdict = Verdict.BAD
        elif value <= good:
            verdict = Verdict.GOOD
        self._weigh(rule, station, verdict, at, Reading(value, limit, rule.unit))

    def _lit(self, station: StationSeen, ageing: list[TrackSeen], at: Moment) -> None:
        rule = rules.NO_LIGHT
        settle_s = rules.BY_HAND_S if station.by_hand else rule.settle_s
        if station.suns is None or not _is_settled(ageing, settle_s, at):
            return
        wanted = min(track.wanted_suns for track in ageing)
        verdict = Verdict.BETWEEN
        if station.suns < rule.bad * wanted:
            verdict = Verdict.BAD
        elif station.suns >= rule.good * wanted:
            verdict = Verdict.GOOD
        reading = Reading(station.suns, rule.bad * wanted, "suns")
        self._weigh(rule, station, verdict, at, reading)

    def _sensor(
        self, rule: Rule, station: StationSeen, fault: int, value: float | None, at: Moment
    ) -> None:
        """A fault stays until somebody clears it; a sensor that reads again is silent no more."""
        is_silent = fault and value is None and self._scene.cells_at(station.name)
        self._weigh(rule, station, Verdict.BAD if is_silent else Verdict.GOOD, at, None)

    def _weigh(
        self, rule: Rule, station: StationSeen, verdict: Verdict, at: Moment, seen: Reading | None
    ) -> None:
        cells = self._scene.cells_at(station.name) if verdict is Verdict.BAD else ()
        self._episodes.weigh(rule, station.name, verdict, at, seen, station.name, cells)

    def _over(self, station: StationSeen, which: tuple[Rule, ...], at: Moment) -> None:
        for rule in which:
            self._episodes.weigh(rule, station.name, Verdict.OVER, at)


def _is_settled(tracks: list[TrackSeen], settle_s: float, at: Moment) -> bool:
    return all(at.t_ms - track.since_ms >= settle_s * 1000 for track in tracks)
