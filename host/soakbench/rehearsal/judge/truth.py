"""What there truly was at the stations, and what of it each cell has had, wherever it lay."""

from dataclasses import dataclass

from soakbench.config import BenchConfig


@dataclass(frozen=True, slots=True)
class Exposure:
    """Light up to a moment: sun-milliseconds, which are milli-sun-seconds, and how much the light
    has moved up and down for it, in suns."""

    sun_ms: float
    swing_suns: float

    def since(self, begin: "Exposure") -> "Exposure":
        """What came after `begin`."""
        return Exposure(self.sun_ms - begin.sun_ms, self.swing_suns - begin.swing_suns)

    def and_also(self, other: "Exposure") -> "Exposure":
        """Both."""
        return Exposure(self.sun_ms + other.sun_ms, self.swing_suns + other.swing_suns)


NO_LIGHT = Exposure(0, 0)


class Place:
    """One station: its light and its plate."""

    def __init__(self, bench: BenchConfig, name: str) -> None:
        sensor = bench.stations[name].light_sensor
        self._leak_lux = bench.twin.leak_lux
        self._lux_per_sun = bench.twin.lux_per_sun
        self.full_scale_suns = None if sensor is None else sensor.full_scale_suns
        self.suns = 0.0
        self.lux = self._leak_lux
        self.temp_c = bench.twin.ambient_c
        self.calm_low_c = float("-inf")  # between these nobody has to look at the temperature
        self.calm_high_c = float("inf")
        self._since_ms = 0.0
        self._before_suns = 0.0
        self._sun_ms = 0.0
        self._swing_suns = 0.0

    def exposure(self, at_ms: float) -> Exposure:
        """The light that has fallen here from the start to `at_ms`."""
        return Exposure(self._sun_ms + self.suns * (at_ms - self._since_ms), self._swing_suns)

    def lately_suns(self, at_ms: float, ms: float) -> float:
        """The brightest it was here in the last `ms`, as far back as one change."""
        changed = at_ms - self._since_ms <= ms
        return max(self.suns, self._before_suns) if changed else self.suns

    def light(self, at_ms: float, suns: float, lux: float | None) -> None:
        """From now on it is this light; `lux` where more comes in than the lamp's."""
        self._sun_ms += self.suns * (at_ms - self._since_ms)
        self._since_ms = at_ms
        self._swing_suns += abs(suns - self.suns)
        self._before_suns = self.suns
        self.suns = suns
        self.lux = self._leak_lux + self._lux_per_sun * suns if lux is None else lux


class Truth:
    """Stations, and where the cells are."""

    def __init__(self, bench: BenchConfig) -> None:
        self.places = {name: Place(bench, name) for name in bench.stations}
        self._where = {name: cell.station for name, cell in bench.cells.items()}
        self._carried = dict.fromkeys(bench.cells, NO_LIGHT)  # less than none: see `moved`

    def place_of(self, cell: str) -> Place:
        """The station where it lies."""
        return self.places[self._where[cell]]

    def place_at(self, station: int | None) -> list[Place]:
        """The station of that number; none where a step has none."""
        return [] if station is None else [list(self.places.values())[station]]

    def scale_of(self, station: int | None) -> float | None:
        """Full scale (suns) of the light sensor at a station of this number, if there is one."""
        return None if station is None else list(self.places.values())[station].full_scale_suns

    def exposure(self, cell: str, at_ms: float) -> Exposure:
        """The light that has fallen on it from the start to `at_ms`."""
        return self._carried[cell].and_also(self.place_of(cell).exposure(at_ms))

    def moved(self, at_ms: float, cell: str, station: str) -> None:
        """A hand has put it elsewhere. What it had is kept as a difference to the new place."""
        had = self.exposure(cell, at_ms)
        old, new = self.place_of(cell).suns, self.places[station].suns
        self._where[cell] = station
        there = self.places[station].exposure(at_ms)
        step = Exposure(0, abs(new - old))
        self._carried[cell] = had.since(there).and_also(step)
