"""Whether what a plan says about trouble, time-outs and confirming sensors can be done."""

from collections.abc import Iterator, Sequence

from soakbench.config import BenchConfig, PlanConfig
from soakbench.config.bench import Station
from soakbench.config.phases import Confirm, Environment, Phase, Sign, ThermalRecovery
from soakbench.config.source import Loc, Problem
from soakbench.config.tracks import Track


def policy_problems(plan: PlanConfig, bench: BenchConfig) -> Iterator[Problem]:
    """Of all tracks."""
    for name, track in plan.tracks.items():
        here: Loc = ("tracks", name, "phases")
        for index, (phase, station) in enumerate(_with_stations(track)):
            yield from _timeout_problems((*here, index), phase, station)
            if isinstance(phase, Confirm):
                yield from _absence_problems(plan, (*here, index), phase, station)
                yield from _sign_problems((*here, index), track, index, bench)


def _with_stations(track: Track) -> Iterator[tuple[Phase, str]]:
    """Each phase, and the station where the cells are in it."""
    station = track.station
    for phase in track.phases:
        if isinstance(phase, Environment):
            station = phase.station or station
        yield phase, station
        if isinstance(phase, Confirm):
            station = phase.station or station


def _timeout_problems(here: Loc, phase: Phase, station: str) -> Iterator[Problem]:
    if not isinstance(phase, Environment | Confirm):
        return
    if phase.timeout_ms is None:
        if "on_timeout" in phase.model_fields_set:
            text = 'says what to do at a time-out, but there is none; add a `timeout` like "6 h"'
            yield Problem((*here, "on_timeout"), text)
    elif isinstance(phase, Confirm) and phase.on_timeout == "pause":
        text = 'cells wait at a confirm anyway; say on_timeout = "skip" or "stop"'
        yield Problem((*here, "timeout"), text)
    elif isinstance(phase, Confirm) and phase.on_timeout == "skip" and _moves(phase, station):
        yield Problem((*here, "on_timeout"), f'{_not_there(phase, station)}; allowed: "stop"')


def _absence_problems(
    plan: PlanConfig, here: Loc, phase: Confirm, station: str
) -> Iterator[Problem]:
    skips = plan.plan.operator_absence.do == "skip" and phase.timeout_ms is None
    if skips and _moves(phase, station):
        text = f'operator_absence = "{plan.plan.operator_absence}" would skip this one, and'
        hint = 'give it a `timeout` with on_timeout = "stop"'
        yield Problem(here, f"{text} {_not_there(phase, station)}; {hint}")


def late_problems(plan: PlanConfig) -> Iterator[Problem]:
    """`late` without the time of day that it is about."""
    for name, track in plan.tracks.items():
        for index, phase in enumerate(track.phases):
            if not isinstance(phase, Environment) or phase.start is not None:
                continue
            if "late_ms" in phase.model_fields_set:
                text = 'says how late the phase may begin, but there is no `start` like "22:00"'
                yield Problem(("tracks", name, "phases", index, "late"), text)


def _moves(phase: Confirm, station: str) -> bool:
    return phase.station is not None and phase.station != station


def _not_there(phase: Confirm, station: str) -> str:
    return f'the cells would still be at "{station}", not at "{phase.station}"'


def _sign_problems(here: Loc, track: Track, index: int, bench: BenchConfig) -> Iterator[Problem]:
    phase = track.phases[index]
    assert isinstance(phase, Confirm)
    if "steady_ms" in phase.model_fields_set and not phase.by_sensors:
        text = 'says how long signs must hold, but there are none; add by_sensors = ["dark"]'
        yield Problem((*here, "steady"), text)
    stations = [station for _, station in _with_stations(track)]
    name = phase.station or stations[index]
    station = bench.stations.get(name)
    if station is None:
        return
    for number, sign in enumerate(phase.by_sensors):
        why_not = _why_unseen(sign, name, station, track, track.phases[index + 1 :], bench)
        if why_not is not None:
            yield Problem((*here, "by_sensors", number), f'"{sign}" cannot be seen: {why_not}')


def _why_unseen(
    sign: Sign,
    name: str,
    station: Station,
    track: Track,
    later: Sequence[Phase],
    bench: BenchConfig,
) -> str | None:
    if sign == "dark" and station.lux_sensor is None:
        return f'station "{name}" has no lux_sensor'
    if sign == "warm":
        if station.plate_sensor is None:
            return f'station "{name}" has no plate_sensor'
        if next_heat(later) is None:
            return "no thermal_recovery follows that says how warm"
    if sign == "contact":
        blind = [cell for cell in track.cells if cell in bench.cells and not _sensed(cell, bench)]
        if blind or not track.cells:
            return f"nothing senses {', '.join(blind) or 'a cell of this track'}"
    return None


def next_heat(later: Sequence[Phase]) -> ThermalRecovery | None:
    """The next phase that the cells live through, if that is one on the plate."""
    following = (phase for phase in later if isinstance(phase, Environment))
    phase = next(following, None)
    return phase if isinstance(phase, ThermalRecovery) else None


def _sensed(cell: str, bench: BenchConfig) -> bool:
    config = bench.cells[cell]
    return config.voltage_sense is not None or config.current_sense is not None
