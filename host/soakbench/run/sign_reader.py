"""Reads from the database what sensors have recorded since a `confirm` began."""

from dataclasses import dataclass

from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram
from soakbench.run.machine import Place
from soakbench.run.signs import CellReading, Signs, StationReading
from soakbench.run.troubles import TrackEvent
from soakbench.store import Store

USUAL_DARK_LUX = 1.0  # where the plan names no limit
MOST_AT_ONCE = 2000


@dataclass
class Watched:
    """A confirm that sensors may answer."""

    signs: Signs
    station: int
    cells: list[str]
    """All of the bench, by their numbers."""
    track_cells: list[str]
    steady_ms: int
    device: str
    boot: str
    next_seq: int
    newest_utc_ms: int = 0
    """Of what has been read."""

    def is_steady(self) -> bool:
        """Whether all signs have been there for as long as the plan wants."""
        since = self.signs.steady_since()
        return since is not None and self.newest_utc_ms - since >= self.steady_ms


class SignReader:
    """Brings the signs of confirms up to date."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, watched: Watched) -> None:
        """Take what was stored since the last time."""
        which = (watched.device, watched.boot, watched.next_seq, watched.next_seq + MOST_AT_ONCE)
        where = "device = ? AND boot = ? AND seq >= ? AND seq < ?"
        stations = self._store.rows(
            f"SELECT seq, t_utc_ms, lux, plate_c FROM station_sample WHERE {where} AND station = ?",
            (*which, watched.station),
        )
        cells = self._store.rows(
            f"SELECT seq, t_utc_ms, cell, voltage_v, current_ma FROM cell_sample WHERE {where}",
            which,
        )
        watched.signs.look(
            [StationReading(row["t_utc_ms"], row["lux"], row["plate_c"]) for row in stations],
            [
                CellReading(row["t_utc_ms"], name, row["voltage_v"], row["current_ma"])
                for row in cells
                if (name := _name(row["cell"], watched)) is not None
            ],
        )
        for row in (*stations, *cells):
            watched.next_seq = max(watched.next_seq, row["seq"] + 1)
            watched.newest_utc_ms = max(watched.newest_utc_ms, row["t_utc_ms"])


def watch(place: Place, began: TrackEvent, program: CompiledProgram, bench: BenchConfig) -> Watched:
    """Begin to watch the confirm at `place`, which began with the event `began`."""
    track = program.tracks[place.track]
    step = track.steps[place.step]
    later = [one for one in track.steps[place.step + 1 :] if one.goal is not None]
    band = None
    if later and later[0].target_c is not None and later[0].band_c is not None:
        target_c, band_c = later[0].target_c, later[0].band_c
        band = target_c - band_c, target_c + band_c
    limit = later[0].dark_max_lux if later else None
    return Watched(
        signs=Signs(step.by_sensors, track.cells, limit or USUAL_DARK_LUX, band),
        station=bench.station_index(step.moves_to or step.station),
        cells=list(bench.cells),
        track_cells=track.cells,
        steady_ms=step.steady_ms,
        device=began.device,
        boot=began.boot,
        next_seq=began.seq,
    )


def _name(number: int, watched: Watched) -> str | None:
    """Of a cell of the track that is watched."""
    name = watched.cells[number] if number < len(watched.cells) else None
    return name if name in watched.track_cells else None
