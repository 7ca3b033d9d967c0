"""The account of a run from the database alone: what was planned, delivered, and at what
temperature. Works during the run and years later."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from soakbench.clock import moment
from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram, StepInfo
from soakbench.run.account import Account
from soakbench.run.cell_dose import cell_doses
from soakbench.run.deviations import find_deviations
from soakbench.run.devices import devices_of
from soakbench.run.evidence.status import cell_evidence, finding_status
from soakbench.status import JournalEntry, PhaseSummary, RunState, Summary
from soakbench.store import Store
from soakbench.store.findings import read_findings
from soakbench.units import MILLI_PER_HOUR
from soakwire import blobs

Visit = tuple[int, int, int]  # track, step, cycle
Samples = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StoredRun:
    """A run as the database has it."""

    run: str
    plan: str
    title: str
    state: RunState
    accelerate: float
    created_utc_ms: int
    started: datetime | None
    ended: datetime | None
    message: str
    program_id: int
    plan_toml: str
    bench_toml: str


def find_run(store: Store, run: str | None) -> StoredRun | None:
    """Run `run`, or the newest; None if there is none."""
    where, parameters = ("WHERE run = ?", (run,)) if run else ("", ())
    rows = store.rows(
        "SELECT run, plan, title, state, accelerate, created_utc_ms, started_utc_ms,"
        " ended_utc_ms, message, program_id, plan_toml, bench_toml"
        f" FROM run {where} ORDER BY created_utc_ms DESC LIMIT 1",
        parameters,
    )
    if not rows:
        return None
    values = list(rows[0])
    values[6], values[7] = (None if ms is None else moment(ms) for ms in values[6:8])
    return StoredRun(*values)


def summarise(
    store: Store,
    account: Account,
    stored: StoredRun,
    program: CompiledProgram,
    bench: BenchConfig,
    live_boot: str | None,
) -> Summary:
    """The summary of `stored`, whose plan compiles to `program`, on `bench` as it was then."""
    run = stored.run
    journal = _journal(store, run)
    findings = finding_status(read_findings(store, run))
    phases = list(_phases(store, run, program, stored.accelerate, list(bench.stations)))
    doses = ((track, step, phase.dose_sun_h) for track, step, phase in phases)
    pending = store.rows("SELECT count(*) AS n FROM jv WHERE run = ? AND state = 'pending'", (run,))
    return Summary(
        run=run,
        plan=stored.plan,
        title=stored.title,
        state=stored.state,
        accelerate=stored.accelerate,
        started=stored.started,
        ended=stored.ended,
        phases=[phase for _, _, phase in phases],
        cells=cell_doses(program, bench, doses),
        records=account.counts(run, live_boot if stored.ended is None else None),
        boots=len(account.stretches(run)),
        jv_pending=pending[0]["n"],
        deviations=find_deviations(store, run, program, bench),
        journal=journal,
        data=str(store.path.parent),
        findings=findings,
        evidence=cell_evidence(bench, program, findings, _end_of(store, stored)),
        devices=devices_of(store, run, program),
    )


def _end_of(store: Store, stored: StoredRun) -> datetime:
    """When the run has ended, or the newest record of it."""
    if stored.ended is not None:
        return stored.ended
    rows = store.rows("SELECT max(t_utc_ms) AS t FROM progress WHERE run = ?", (stored.run,))
    return moment(rows[0]["t"] or stored.created_utc_ms)


def _journal(store: Store, run: str) -> list[JournalEntry]:
    rows = store.rows(
        "SELECT utc_ms, kind, who, text, deviation FROM note WHERE run = ? ORDER BY id", (run,)
    )
    return [
        JournalEntry(
            time=moment(row["utc_ms"]),
            kind=row["kind"],
            who=row["who"],
            text=row["text"],
            deviation=bool(row["deviation"]),
        )
        for row in rows
    ]


def _phases(
    store: Store, run: str, program: CompiledProgram, accelerate: float, stations: list[str]
) -> Iterator[tuple[int, StepInfo, PhaseSummary]]:
    """Each passage, with its track's number and its step."""
    spans = _spans(store, run)
    skipped = _skipped(store, run)
    samples = _StationSamples(store, run)
    pending = {
        (row["track"], row["step"], row["cycle"])
        for row in store.rows(
            "SELECT DISTINCT track, step, cycle FROM jv WHERE run = ? AND state = 'pending'", (run,)
        )
    }
    for number, track in enumerate(program.tracks):
        for index, cycle in program.visits(number):
            step = track.steps[index]
            visit = (number, index, cycle)
            span = spans.get(visit)
            if span is not None and visit in skipped:
                _cut_off(span, skipped[visit])
            measured = _NOTHING
            if span is not None and step.goal is not None:
                measured = samples.temperature(stations.index(step.station), span, step)
            made = _phase(
                track.name,
                step,
                cycle,
                accelerate,
                span,
                "skipped" if visit in skipped else "pending" if visit in pending else "done",
                measured,
            )
            yield number, step, made


@dataclass
class _Span:
    """When a track was at a step, and what it got there."""

    begin_utc_ms: int
    end_utc_ms: int | None = None
    delivered: int | None = None
    dose: int | None = None


def _spans(store: Store, run: str) -> dict[Visit, _Span]:
    """From the events. A step that began twice (after a restart) counts from its first begin."""
    spans: dict[Visit, _Span] = {}
    for row in store.rows(
        "SELECT event, track, step, cycle, t_utc_ms, delivered_milli, dose_sun_h FROM event"
        " WHERE run = ? AND event IN ('step_begin', 'barrier', 'step_end')"
        " ORDER BY t_utc_ms, boot, seq",
        (run,),
    ):
        visit = (row["track"], row["step"], row["cycle"])
        span = spans.setdefault(visit, _Span(row["t_utc_ms"]))
        if row["event"] == "step_end":
            span.end_utc_ms = row["t_utc_ms"]
            span.delivered = row["delivered_milli"]
            span.dose = round(row["dose_sun_h"] * MILLI_PER_HOUR)
    for row in store.rows(
        "SELECT track, step, cycle, delivered, dose FROM progress WHERE run = ?", (run,)
    ):
        running = spans.get((row["track"], row["step"], row["cycle"]))
        if running is not None and running.end_utc_ms is None:
            running.delivered, running.dose = row["delivered"], row["dose"]
    return spans


def _skipped(store: Store, run: str) -> dict[Visit, sqlite3.Row]:
    """The phases that a person has ended, with what the last record in each says of it."""
    rows = store.rows(
        "SELECT s.track, s.step, s.cycle, t.delivered_milli, t.dose_sun_h,"
        " max(t.t_utc_ms) AS t_utc_ms FROM skipped AS s LEFT JOIN track_sample AS t"
        " ON t.run = s.run AND t.track = s.track AND t.step = s.step AND t.cycle = s.cycle"
        " WHERE s.run = ? GROUP BY s.track, s.step, s.cycle",
        (run,),
    )
    return {(row["track"], row["step"], row["cycle"]): row for row in rows}


def _cut_off(span: _Span, last: sqlite3.Row) -> None:
    """A phase that was skipped has no event of its end."""
    if span.end_utc_ms is None and last["t_utc_ms"] is not None:
        span.end_utc_ms = last["t_utc_ms"]
        span.delivered = last["delivered_milli"]
        span.dose = round(last["dose_sun_h"] * MILLI_PER_HOUR)


@dataclass(frozen=True)
class _Temperature:
    sensor: str | None
    values_c: Samples


_NOTHING = _Temperature(None, np.empty(0))


class _StationSamples:
    """The temperatures of all stations during a run, by time."""

    def __init__(self, store: Store, run: str) -> None:
        rows = store.rows(
            "SELECT station, t_utc_ms, plate_c, stage_c, outputs LIKE '%in_band%' AS in_band"
            " FROM station_sample WHERE run = ? ORDER BY t_utc_ms",
            (run,),
        )
        self._table = np.array([tuple(row) for row in rows], dtype=float).reshape(-1, 5)

    def temperature(self, station: int, span: _Span, step: StepInfo) -> _Temperature:
        """What tells the temperature of `step`: the plate while it is held at a target, from the
        first sample in its band on; else the stage, where the cells lie, or the plate."""
        table = self._table
        end = span.end_utc_ms if span.end_utc_ms is not None else np.inf
        here = table[
            (table[:, 0] == station) & (table[:, 1] >= span.begin_utc_ms) & (table[:, 1] <= end)
        ]
        if step.kind == blobs.THERMAL_RECOVERY:
            held = np.flatnonzero(here[:, 4])
            return _Temperature("plate", here[held[0] :, 2] if held.size else np.empty(0))
        for sensor, column in (("stage", 3), ("plate", 2)):
            values = here[:, column]
            if np.isfinite(values).any():
                return _Temperature(sensor, values[np.isfinite(values)])
        return _NOTHING


def _phase(
    track: str,
    step: StepInfo,
    cycle: int,
    accelerate: float,
    span: _Span | None,
    ended_as: str,
    measured: _Temperature,
) -> PhaseSummary:
    def planned_units(milli: int | None) -> float | None:
        return None if milli is None else milli * accelerate / MILLI_PER_HOUR

    state = "not reached"
    if span is not None:
        under_way = "running" if step.goal is not None else "waiting"
        state = under_way if span.end_utc_ms is None else ended_as
    values = measured.values_c
    return PhaseSummary(
        track=track,
        phase=step.phase,
        cycle=cycle,
        station=step.station,
        planned=step.goal,
        delivered=planned_units(span.delivered) if span and step.goal is not None else None,
        unit=step.unit,
        dose_sun_h=planned_units(span.dose) if span else None,
        temp_c_mean=float(values.mean()) if values.size else None,
        temp_c_sd=float(values.std(ddof=1)) if values.size > 1 else None,
        temp_sensor=measured.sensor,
        samples=int(values.size),
        state=state,
    )
