"""The scene: where each cell is, at which load and in what light, as the records tell it."""

from dataclasses import dataclass, field

from soakbench.config import BenchConfig
from soakbench.config.bench import Cell, Station
from soakbench.plan import CompiledProgram, StepInfo
from soakbench.run.evidence.rules import LEAST_UA_PER_CM2, LIT_SUNS, USUAL_SUNS
from soakwire import blobs, records

DARK = (blobs.DARK_RECOVERY, blobs.THERMAL_RECOVERY)

NEVER_MS = -(10**15)  # before any record: nothing has changed lately


@dataclass
class StationSeen:
    """A station. Times are the board's, in ms."""

    name: str
    has_light_sensor: bool
    has_lux: bool
    by_hand: bool
    light_on: bool = False
    suns: float | None = None
    lux: float | None = None
    humidity: int | None = None
    is_lit: bool = False
    light_since_ms: int = NEVER_MS
    """When it last became light or dark there."""

    def see(self, light_on: bool, suns: float | None, lux: float | None, now_ms: int) -> None:
        """Take a sample of it."""
        self.light_on, self.suns, self.lux = light_on, suns, lux
        is_lit = suns >= LIT_SUNS if suns is not None else light_on
        if is_lit != self.is_lit:
            self.is_lit, self.light_since_ms = is_lit, now_ms


@dataclass
class CellSeen:
    """A cell of the run."""

    name: str
    has_voltage: bool
    has_current: bool
    least_ua_per_sun: float
    """What it gives at SC in one sun at the station's sensor."""
    track: int
    load: int | None = None
    load_since_ms: int = NEVER_MS
    sense: int | None = None
    """0.1 mV at OC, uA at SC."""
    unchecked: bool = False
    """Moved, and no light since has shown that it has contact."""
    fine: int = 0
    """Good readings in a row under light."""

    @property
    def is_sensed(self) -> bool:
        """Whether its load has a sense that tells."""
        return self.has_voltage if self.load == records.OC else self.has_current

    @property
    def has_sense(self) -> bool:
        """Whether there is any."""
        return self.has_voltage or self.has_current

    def be_at(self, load: int, now_ms: int) -> bool:
        """Its load as the board has it; whether that is another one."""
        if load == self.load:
            return False
        self.load, self.load_since_ms = load, now_ms
        self.sense, self.fine = None, 0
        return True


@dataclass
class TrackSeen:
    """A track: its place in the program, and since when."""

    steps: list[StepInfo]
    cells: tuple[str, ...]
    state: int = records.IDLE
    place: tuple[int, int] | None = None
    since_ms: int = NEVER_MS
    station: str = ""
    """Where the cells are, or are to be once a person has moved them."""

    def __post_init__(self) -> None:
        self.station = self.steps[0].station

    @property
    def step(self) -> StepInfo | None:
        """The step it is at."""
        return None if self.place is None else self.steps[self.place[0]]

    @property
    def ages(self) -> bool:
        """Whether it wants light now."""
        step = self.step
        return self.state == records.RUNNING and step is not None and step.kind == blobs.AGEING

    @property
    def rests(self) -> bool:
        """Whether it wants darkness now."""
        step = self.step
        return self.state == records.RUNNING and step is not None and step.kind in DARK

    @property
    def in_hands(self) -> bool:
        """Whether a person has the cells in hand."""
        step = self.step
        return step is not None and step.kind == blobs.CONFIRM

    @property
    def wanted_suns(self) -> float:
        """The light of its ageing."""
        step = self.step
        return (None if step is None else step.light_suns) or USUAL_SUNS

    def be_at(self, place: tuple[int, int], state: int, now_ms: int) -> bool:
        """Its place and state; whether its cells have come to another station with that."""
        if place[0] >= len(self.steps):
            return False
        if (place, state) != (self.place, self.state):
            self.place, self.state, self.since_ms = place, state, now_ms
        station = self.steps[place[0]].station
        has_moved = station != self.station
        self.station = station
        return has_moved


@dataclass
class Scene:
    """All of it, for one run."""

    bench: BenchConfig
    program: CompiledProgram
    stations: list[StationSeen] = field(init=False)
    tracks: list[TrackSeen] = field(init=False)
    cells: dict[int, CellSeen] = field(init=False)
    """By the board's number; those of the run only."""

    def __post_init__(self) -> None:
        self.stations = [_station(name, at) for name, at in self.bench.stations.items()]
        self.tracks = [TrackSeen(t.steps, tuple(t.cells)) for t in self.program.tracks]
        self.cells = {
            self.bench.cell_index(name): _cell(name, self.bench.cells[name], number)
            for number, track in enumerate(self.program.tracks)
            for name in track.cells
        }

    def restart(self) -> None:
        """The board has restarted: what it said is over. Where cells are, and what has been seen
        of moved ones, stays."""
        for station in self.stations:
            station.see(False, None, None, NEVER_MS)
            station.light_since_ms, station.humidity = NEVER_MS, None
        for track in self.tracks:
            track.state, track.place, track.since_ms = records.IDLE, None, NEVER_MS
        for cell in self.cells.values():
            cell.load, cell.load_since_ms, cell.sense, cell.fine = None, NEVER_MS, None, 0

    def station_of(self, cell: CellSeen) -> StationSeen:
        """Where `cell` is."""
        return self.stations[self.bench.station_index(self.tracks[cell.track].station)]

    def cells_at(self, station: str) -> tuple[str, ...]:
        """The cells of the run that are there."""
        return tuple(
            cell for track in self.tracks if track.station == station for cell in track.cells
        )

    def suns_at(self, cell: CellSeen) -> float | None:
        """The light at the sensor of the cell's station; where none is, the least that an open
        shutter must give."""
        station, track = self.station_of(cell), self.tracks[cell.track]
        if station.has_light_sensor:
            return station.suns
        return LIT_SUNS if track.ages and station.light_on else None

    def quiet_ms(self, cell: CellSeen, now_ms: int) -> int:
        """For how long nothing has been switched or begun for `cell`."""
        last_ms = max(
            self.tracks[cell.track].since_ms,
            cell.load_since_ms,
            self.station_of(cell).light_since_ms,
        )
        return now_ms - last_ms


def _station(name: str, station: Station) -> StationSeen:
    light = station.light
    return StationSeen(
        name,
        has_light_sensor=station.light_sensor is not None,
        has_lux=station.lux_sensor is not None,
        by_hand=light is not None and light.actuator == "by_hand",
    )


def _cell(name: str, cell: Cell, track: int) -> CellSeen:
    return CellSeen(
        name,
        has_voltage=cell.voltage_sense is not None,
        has_current=cell.current_sense is not None,
        least_ua_per_sun=LEAST_UA_PER_CM2 * cell.area_cm2 * cell.position,
        track=track,
    )
