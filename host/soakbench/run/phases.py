"""The phases of a run as they were: planned, delivered, and at what temperature."""

from collections.abc import Iterator

from soakbench.cell_history import Readings
from soakbench.config import BenchConfig
from soakbench.config.bench import Station
from soakbench.plan import CompiledProgram, StepInfo
from soakbench.run.goals import Goals, read_extended
from soakbench.run.history import Stretches
from soakbench.run.machine import Place
from soakbench.run.readings import PLATE_C, TEMPERATURE_C
from soakbench.run.recorded import Recorded
from soakbench.run.spans import Span, Visit
from soakbench.status import PhaseSummary
from soakbench.store import Store
from soakbench.units import MILLI_PER_HOUR
from soakwire import blobs


def phase_summaries(
    store: Store, run: str, program: CompiledProgram, bench: BenchConfig, recorded: Recorded
) -> Iterator[PhaseSummary]:
    """One for each passage of the plan, reached or not, track by track."""
    pending = _pending(store, run)
    goals = Goals(program, read_extended(store, run))
    for number, track in enumerate(program.tracks):
        for index, cycle in program.visits(number):
            step = track.steps[index]
            span = recorded.spans.get((number, index, cycle))
            temp, samples = Readings(), 0
            if span is not None and step.goal is not None:
                counted = recorded.tracks[number].passage(index, cycle).counting
                temp, samples = _temperature(recorded, bench, step, counted)
            yield PhaseSummary(
                track=track.name,
                phase=step.phase,
                cycle=cycle,
                station=step.station,
                planned=goals.amount(Place(number, index, cycle)),
                delivered=_delivered(span, step, program.accelerate),
                unit=step.unit,
                dose_sun_h=_dose_sun_h(span, bench.stations[step.station], program.accelerate),
                temp_c_mean=temp.mean,
                temp_c_sd=temp.sd,
                temp_sensor=temp.sensor,
                samples=samples,
                state=_state(span, step, (number, index, cycle) in pending),
            )


def _pending(store: Store, run: str) -> set[Visit]:
    """The J-V steps whose sweeps have not been measured."""
    rows = store.rows(
        "SELECT DISTINCT track, step, cycle FROM jv WHERE run = ? AND state = 'pending'", (run,)
    )
    return {(row["track"], row["step"], row["cycle"]) for row in rows}


def _temperature(
    recorded: Recorded, bench: BenchConfig, step: StepInfo, counted: Stretches
) -> tuple[Readings, int]:
    """While the phase counted. A plate that is held at a target is told by its own sensor, else
    it is told where the cells lie, if it can."""
    quantity = PLATE_C if step.kind == blobs.THERMAL_RECOVERY else TEMPERATURE_C
    station = bench.station_index(step.station)
    readings = recorded.sensors.during(quantity, [(station, counted)])
    return readings, recorded.sensors.samples(quantity, station, counted)


def _delivered(span: Span | None, step: StepInfo, factor: float) -> float | None:
    if span is None or step.goal is None or span.delivered is None:
        return None
    return span.delivered * factor / MILLI_PER_HOUR


def _dose_sun_h(span: Span | None, station: Station, factor: float) -> float | None:
    """The board counts no light where no sensor is; here that is not known."""
    if span is None or span.dose is None or station.light_sensor is None:
        return None
    return span.dose * factor / MILLI_PER_HOUR


def _state(span: Span | None, step: StepInfo, is_pending: bool) -> str:
    if span is None:
        return "not reached"
    if not span.ended:
        return "running" if step.goal is not None else "waiting"
    if span.skipped:
        return "skipped"
    return "pending" if is_pending else "done"
