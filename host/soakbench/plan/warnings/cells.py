"""Cells: where they are, and what becomes of them without power."""

from collections.abc import Iterator

from soakbench.config import BenchConfig
from soakbench.config.base import Load
from soakbench.config.explain import quoted
from soakbench.config.phases import Environment
from soakbench.config.source import Loc, Problem
from soakbench.config.tracks import Track
from soakbench.plan.course import CourseStep


def cell_warnings(
    here: Loc, track: Track, steps: list[CourseStep], bench: BenchConfig
) -> Iterator[Problem]:
    """Of one track."""
    if not track.cells:
        text = (
            "there are none: the phases only light or heat the station, and every cell stays at"
            " its power_off load"
        )
        yield Problem((*here, "cells"), text)
    yield from _elsewhere_warnings(here, track, bench)
    yield from _latching_warnings(here, steps, bench)


def _elsewhere_warnings(here: Loc, track: Track, bench: BenchConfig) -> Iterator[Problem]:
    away: dict[str, list[str]] = {}  # station of the bench file → cells
    for cell in track.cells:
        if bench.cells[cell].station != track.station:
            away.setdefault(bench.cells[cell].station, []).append(cell)
    for station, cells in away.items():
        text = (
            f'bench "{bench.bench.name}" has {quoted(cells)} at "{station}"; they must be at'
            f' "{track.station}" when the run begins, and nobody is asked to move them'
        )
        yield Problem((*here, "station"), text)


def _latching_warnings(here: Loc, steps: list[CourseStep], bench: BenchConfig) -> Iterator[Problem]:
    """S16: a latching contact stays where it is in a power cut, whatever `power_off` says."""
    for at, cells in _left_behind(steps, bench).items():
        power_off = "SC" if at == "OC" else "OC"
        text = (
            f"latching relays at {', '.join(cells)}. A power cut while these are at {at} leaves"
            " them there; only a stop, or the board once it is back, takes them to their"
            f" power_off load {power_off}. If light can fall on them without power, choose"
            " power_off and phases so that this does no harm, or use relays that need current to"
            " stay (safety rules R9, S16)"
        )
        yield Problem((*here, "cells"), text)


def _left_behind(steps: list[CourseStep], bench: BenchConfig) -> dict[Load, list[str]]:
    """Load → cells with latching relays that a power cut would leave at it."""
    found: dict[Load, list[str]] = {}
    for step in steps:
        if not isinstance(step.phase, Environment):
            continue
        for name, load in step.loads.items():
            cell = bench.cells[name]
            latching = cell.short_relay is not None and cell.short_relay.latching
            if latching and load != cell.power_off and name not in found.setdefault(load, []):
                found[load].append(name)
    return found
