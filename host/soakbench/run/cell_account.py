"""What each cell of a run went through: ageing by load, recovery, light, temperature, handling.

Cells of a track share its time, its places and what its station's sensors saw; their loads and
the share of the light at their places are their own. All of it comes from the records and the
bench file that the run began with. Hours are the cells': real ones times `accelerate`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from soakbench.cell_history import CellAccount, Exposure, Handling, Readings
from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram, StepInfo, TrackInfo
from soakbench.run.cycles import RECOVERIES, cycles_of
from soakbench.run.handling import handling_of
from soakbench.run.history import Stretches
from soakbench.run.readings import HUMIDITY_PERCENT, LIGHT_SUNS, TEMPERATURE_C, Sensors
from soakbench.run.recorded import Recorded
from soakbench.run.spans import Span
from soakbench.status import Deviation
from soakbench.units import MILLI_PER_HOUR
from soakwire import blobs

Wanted = Callable[[StepInfo], bool]


def cell_accounts(
    recorded: Recorded,
    program: CompiledProgram,
    bench: BenchConfig,
    deviations: list[Deviation],
    until: datetime,
) -> list[CellAccount]:
    """Of each cell of each track. `until`: when the run has ended, or its newest record."""
    found: list[CellAccount] = []
    for number in range(len(program.tracks)):
        track = _track(number, recorded, program, bench)
        handling = handling_of(number, track.lived, deviations, program, until)
        found += _accounts(track, recorded.sensors, handling)
    return found


@dataclass(frozen=True)
class _Passage:
    """One time through a step."""

    step: StepInfo
    cycle: int
    span: Span


@dataclass(frozen=True)
class _Track:
    """What is known of a track."""

    info: TrackInfo
    bench: BenchConfig
    factor: float
    passages: list[_Passage]
    lived: Stretches
    is_over: bool
    """Its last recovery has ended."""


def _track(number: int, recorded: Recorded, program: CompiledProgram, bench: BenchConfig) -> _Track:
    info = program.tracks[number]
    spans = {
        (index, cycle): recorded.spans[number, index, cycle]
        for index, cycle in program.visits(number)
        if (number, index, cycle) in recorded.spans
    }
    recoveries = [
        visit for visit in program.visits(number) if info.steps[visit.step].kind in RECOVERIES
    ]
    last = spans.get(recoveries[-1]) if recoveries else None
    return _Track(
        info=info,
        bench=bench,
        factor=program.accelerate,
        passages=[
            _Passage(info.steps[index], cycle, span) for (index, cycle), span in spans.items()
        ],
        lived=recorded.tracks[number],
        is_over=last is not None and last.ended,
    )


def _accounts(track: _Track, sensors: Sensors, handling: Handling) -> Iterator[CellAccount]:
    """What all cells share is worked out once."""
    temps = {
        kind: sensors.during(TEMPERATURE_C, _counting(track, _is(kind)))
        for kind in (blobs.AGEING, *RECOVERIES)
    }
    light = sensors.during(LIGHT_SUNS, _counting(track, _is(blobs.AGEING)))
    humidity = sensors.during(HUMIDITY_PERCENT, _counting(track, lambda step: bool(step.goal)))
    outside = sensors.during(LIGHT_SUNS, _stays(track, _is_outside))
    cycles = cycles_of(track.info, track.lived, track.is_over, track.factor)
    for cell in track.info.cells:
        position = track.bench.cells[cell].position
        yield CellAccount(
            cell=cell,
            track=track.info.name,
            position=position,
            ageing=_exposure(track, cell, blobs.AGEING, temps),
            dark_recovery=_exposure(track, cell, blobs.DARK_RECOVERY, temps),
            thermal_recovery=_exposure(track, cell, blobs.THERMAL_RECOVERY, temps),
            light_suns=light.scaled(position),
            humidity_percent=humidity,
            dose_sun_h=_dose_sun_h(track, cell, lambda _: True),
            oc_sun_h=_dose_sun_h(track, cell, _has(cell, "OC")),
            sc_sun_h=_dose_sun_h(track, cell, _has(cell, "SC")),
            outside_sun_h=_dose_sun_h(track, cell, _is_outside),
            outside_unread_h=outside.unread_h,
            cycles=cycles,
            handling=handling,
        )


# --- which steps ---


def _is(kind: int) -> Wanted:
    return lambda step: step.kind == kind


def _has(cell: str, load: str) -> Wanted:
    return lambda step: step.loads[cell] == load


def _is_outside(step: StepInfo) -> bool:
    return step.kind != blobs.AGEING


# --- what they come to ---


def _stays(track: _Track, wanted: Wanted) -> list[tuple[int, Stretches]]:
    """By the number of the station, all the time that the track was at steps that are wanted."""
    steps: dict[str, list[int]] = {}
    for step in track.info.steps:
        if wanted(step):
            steps.setdefault(step.station, []).append(step.index)
    return [
        (track.bench.station_index(station), track.lived.at(indices))
        for station, indices in steps.items()
    ]


def _counting(track: _Track, wanted: Wanted) -> list[tuple[int, Stretches]]:
    """The same, as far as it counted."""
    return [(station, stretches.counting) for station, stretches in _stays(track, wanted)]


def _exposure(track: _Track, cell: str, kind: int, temps: dict[int, Readings]) -> Exposure:
    hours = {"OC": 0.0, "SC": 0.0}
    for passage in track.passages:
        if passage.step.kind == kind:
            hours[passage.step.loads[cell]] += _hours(track, passage)
    return Exposure(oc_h=hours["OC"], sc_h=hours["SC"], temp_c=temps[kind])


def _hours(track: _Track, passage: _Passage) -> float:
    """In condition. The board counts them, but where it counts a light dose instead."""
    if passage.step.unit == "sun_h":
        lived = track.lived.passage(passage.step.index, passage.cycle)
        return lived.counting.hours * track.factor
    return (passage.span.delivered or 0) * track.factor / MILLI_PER_HOUR


def _dose_sun_h(track: _Track, cell: str, wanted: Wanted) -> float | None:
    """At the cell's place. None where it was aged without a light sensor, or none was anywhere;
    for how long there was none outside of ageing is told beside it."""
    passages = [passage for passage in track.passages if wanted(passage.step)]
    measured = [
        passage
        for passage in passages
        if track.bench.stations[passage.step.station].light_sensor is not None
    ]
    if len(measured) < len(passages) and (
        not measured or any(not _is_outside(each.step) for each in passages if each not in measured)
    ):
        return None
    dose = sum(passage.span.dose or 0 for passage in measured)
    return dose * track.factor / MILLI_PER_HOUR * track.bench.cells[cell].position
