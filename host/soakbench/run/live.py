"""The live picture: the newest sample of each station, and load and reading of the cells."""

import contextlib
from datetime import UTC, datetime

from soakbench.plan import StepInfo
from soakbench.run.goals import Goals
from soakbench.run.machine import Place, TrackReport
from soakbench.run.orders import Pause
from soakbench.run.signs import words_of
from soakbench.status import CellStatus, StationStatus, TrackStatus
from soakbench.store import decode_body
from soakbench.store.decode import SENSES, CellReading, cell_readings
from soakbench.units import MILLI_PER_HOUR
from soakwire import blobs, names, records
from soakwire.layout import LayoutError
from soakwire.slots import Record


class LivePicture:
    """Takes records as they arrive; gives what the status shows, decoded when somebody looks."""

    def __init__(self, stations: list[str], cells: list[str]) -> None:
        self._station_names = stations
        self._cell_names = cells
        self._stations: dict[int, tuple[Record, int]] = {}  # with the time of its arrival
        self._cells: dict[int, Record] = {}  # by the first of their cells
        self._air: dict[int, Record] = {}

    def take(self, items: list[Record], utc_ms: int) -> None:
        """Take records that have just been made; replayed ones do not belong here."""
        for item in items:
            if item.kind == records.STATION:
                self._stations[item.place] = item, utc_ms
            elif item.kind == records.CELLS:
                self._cells[item.place] = item
            elif item.kind == records.AIR:
                self._air[item.place] = item

    def forget(self) -> None:
        """The link is down: nothing here is live any more."""
        self._stations.clear()
        self._cells.clear()
        self._air.clear()

    def stations(self) -> list[StationStatus]:
        """The stations that have reported, in the order of the bench file."""
        shown = []
        for place, name in enumerate(self._station_names):
            with contextlib.suppress(KeyError, LayoutError):  # what cannot be decoded is stored
                shown.append(_station(name, *self._stations[place], self._air.get(place)))
        return shown

    def cells(self, track_of: dict[str, str]) -> list[CellStatus]:
        """All cells; their load is None while the board is away."""
        shown: dict[str, CellReading] = {}
        for first, item in self._cells.items():
            with contextlib.suppress(LayoutError):
                names = self._cell_names[first : first + SENSES]
                shown |= zip(names, cell_readings(item), strict=False)
        return [
            CellStatus(
                cell=name,
                track=track_of.get(name),
                **shown.get(name, CellReading(None, None, None))._asdict(),
            )
            for name in self._cell_names
        ]


def track_status(
    goals: Goals,
    number: int,
    report: TrackReport | None,
    pause: Pause | None = None,
    waits_until: datetime | None = None,
) -> TrackStatus:
    """One track for people: amounts in the plan's units, whatever the acceleration.

    `pause` is what people have ordered, `waits_until` the time of day it waits for.
    """
    track = goals.program.tracks[number]
    accelerate = goals.program.accelerate
    if report is None or report.step >= len(track.steps):
        done = report is not None and report.state == records.DONE
        report = TrackReport(records.DONE if done else records.IDLE, 0, 0, False, 0, 0, 0, 0)
    step = track.steps[-1] if report.state == records.DONE else track.steps[report.step]
    waiting = report.state == records.BARRIER and step.kind == blobs.CONFIRM
    return TrackStatus(
        track=track.name,
        cells=list(track.cells),
        state=names.TRACK_STATE_NAMES[report.state],
        station=step.station,
        phase=step.phase,
        step=step.index,
        steps=len(track.steps),
        cycle=report.cycle,
        delivered=report.delivered * accelerate / MILLI_PER_HOUR,
        goal=goals.amount(Place(number, step.index, report.cycle)),
        unit=step.unit,
        dose_sun_h=report.dose * accelerate / MILLI_PER_HOUR,
        in_condition=report.in_condition,
        eta_s=remaining_ms(goals, number, report) / 1000,
        waiting_for=_asked(step) if waiting else None,
        waits_until=waits_until,
        paused=_paused(report, pause),
    )


def _asked(step: StepInfo) -> str:
    """What a person is asked to do, and who else may tell that it is done."""
    if not step.by_sensors:
        return step.message
    return f"{step.message} (sensors confirm it: {words_of(step.by_sensors)})"


def _paused(report: TrackReport, pause: Pause | None) -> str | None:
    """Why a track waits for `resume`; None if it does not."""
    if report.state == records.DONE:
        return None
    if pause is not None:
        return pause.why
    return "" if report.state == records.PAUSED else None


def remaining_ms(goals: Goals, number: int, report: TrackReport) -> float:
    """Real milliseconds until the track ends, if conditions hold and nobody is waited for.

    A light dose counts as at 1 sun.
    """
    if report.state == records.DONE:
        return 0.0
    left = 0.0
    ahead = False
    for index, cycle in goals.program.visits(number):
        goal = goals.wire_milli(Place(number, index, cycle))
        if (index, cycle) == (report.step, report.cycle):
            ahead = True
            left -= min(report.delivered, goal)
        if ahead:
            left += goal
    return left


def _station(name: str, item: Record, utc_ms: int, air: Record | None) -> StationStatus:
    raw = item.values
    air_raw = {} if air is None else air.values
    body = decode_body(item)
    outputs = raw["outputs"] or 0
    faults = body["faults"]
    assert isinstance(faults, list)
    return StationStatus(
        station=name,
        time=datetime.fromtimestamp(utc_ms / 1000, UTC),
        plate_c=_scaled(raw["plate"], 100),
        guard_c=_scaled(raw["guard"], 100),
        stage_c=_scaled(raw["stage"], 100),
        target_c=_scaled(raw["target"], 100),
        light_suns=_scaled(raw["light"], 1000),
        lux=_scaled(raw["lux"], 10),
        duty=(raw["duty"] or 0) / 1000,
        light_on=bool(outputs & records.OUT_LIGHT),
        heater_on=bool(outputs & records.OUT_HEATER),
        holding=bool(outputs & records.OUT_HOLD),
        faults=[str(fault) for fault in faults],
        humidity_percent=_scaled(air_raw.get("humidity"), 100),
        air_c=_scaled(air_raw.get("temperature"), 100),
    )


def _scaled(raw: int | None, per_unit: int) -> float | None:
    return None if raw is None else raw / per_unit
