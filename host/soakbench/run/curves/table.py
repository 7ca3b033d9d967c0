"""The sweeps of a run as a table, from the database alone."""

from dataclasses import dataclass
from itertools import groupby

from soakbench.clock import moment
from soakbench.jv.messages import JvFit, JvHysteresis, JvPending, JvSweep, JvTable
from soakbench.jv.relative import PceOf, pce_relative, relative_to_first
from soakbench.jv.values import METHOD
from soakbench.run.curves.known_run import KnownRun
from soakbench.run.curves.places import CellPlace, cell_places
from soakbench.store import Store
from soakbench.store.sweep_results import SweepResults, read_hysteresis, read_results
from soakbench.store.sweeps import JvPlace, StoredSweep, read_sweeps


@dataclass(frozen=True)
class _Where:
    """How a place is called."""

    track: str
    step: int
    cycle: int
    stage: str


def jv_table(store: Store, known: KnownRun) -> JvTable:
    """Every sweep of the run that stands, what waits for one, and the hysteresis."""
    sweeps = read_sweeps(store, known.run)
    results = read_results(store, known.run)
    pces = _by_place(sweeps, results)
    relative = [share for place in relative_to_first(pces) for share in place]
    places = cell_places(store, known.run, known.stages)
    indices = read_hysteresis(store, known.run)
    return JvTable(
        run=known.run,
        sweeps=[
            _row(sweep, results[sweep.id], share, _where(known, sweep.place))
            for sweep, share in zip(sweeps, relative, strict=True)
        ],
        hysteresis=[
            JvHysteresis(cell=cell, indices=values, method=METHOD, **vars(_where(known, place)))
            for (place, cell), values in indices.items()
        ],
        pending=[_pending(at, known) for at in places if not at.directions],
        pce_relative=pce_relative(pces),
    )


def pce_shares(store: Store, run: str) -> dict[str, float | None]:
    """Of each cell that has sweeps: its newest PCE over its first one."""
    return pce_relative(_by_place(read_sweeps(store, run), read_results(store, run)))


def _by_place(sweeps: list[StoredSweep], results: dict[int, SweepResults]) -> list[list[PceOf]]:
    groups = groupby(sweeps, key=lambda sweep: (sweep.cell, sweep.place))
    return [[_pce_of(sweep, results) for sweep in group] for _, group in groups]


def _pce_of(sweep: StoredSweep, results: dict[int, SweepResults]) -> PceOf:
    return PceOf(sweep.cell, sweep.direction, results[sweep.id].extracted.pce_percent)


def _where(known: KnownRun, place: JvPlace) -> _Where:
    track = known.program.tracks[place.track].name
    return _Where(track, place.step, place.cycle, known.stages.of(place).words)


def _pending(at: CellPlace, known: KnownRun) -> JvPending:
    where = _where(known, at.place)
    return JvPending(cell=at.cell, since=moment(at.since_utc_ms), **vars(where))


def _row(
    sweep: StoredSweep, results: SweepResults, relative: float | None, where: _Where
) -> JvSweep:
    conditions, values = sweep.conditions, vars(results.extracted).copy()
    measured = conditions.measured_utc_ms
    del values["pmax_mw_cm2"]
    return JvSweep(
        id=sweep.id,
        cell=sweep.cell,
        direction=sweep.direction,
        points=len(sweep.voltage_v),
        area_cm2=sweep.area_cm2,
        pce_relative=relative,
        **vars(where),
        **values | {"flags": [str(flag) for flag in results.extracted.flags]},
        measured=None if measured is None else moment(measured),
        since_phase_s=conditions.since_phase_s,
        cell_temp_c=conditions.cell_temp_c,
        irradiance_suns=conditions.irradiance_suns,
        source=sweep.source.kind,
        file_name=sweep.source.file_name,
        file_sha256=sweep.source.file_sha256,
        fit=JvFit(**vars(results.fit)),
    )
