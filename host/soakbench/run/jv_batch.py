"""A batch of J-V curves: the cells of a track at one of its `jv`, one after the other.

What is decided before anything is switched: in which order, with which sweep, and for how long the
board may leave a cell on the source meter.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from soakbench.config.jv_table import JvTable
from soakbench.plan import CompiledProgram
from soakbench.run.machine import Place
from soakbench.smu.plans import Hold, SweepPlan
from soakbench.smu.smu import Settings
from soakbench.store.sweeps import JvPlace

LEASE_MARGIN_MS = 30_000  # for routing, light and a slow instrument
LEAST_NPLC = 0.01
_SPARE_MS = 5  # of a step that is hardly longer than a reading


class Measurer(Protocol):
    """Whoever measures at `jv` barriers. Told of each report of the board."""

    async def stand_at(self, places: Sequence[Place]) -> None:
        """Tracks stand at these `jv` and may be measured; a batch at another place ends, output
        off first, before this returns."""


def rotated(cells: Sequence[str], visit: int) -> list[str]:
    """The order in which `cells` are measured in their `visit`th J-V, counted from 0: none is
    always the last one, which waits longest."""
    first = visit % len(cells)
    return [*cells[first:], *cells[:first]]


def visit_number(program: CompiledProgram, place: Place) -> int:
    """How many J-V a track has had before `place`."""
    count = 0
    steps = program.tracks[place.track].steps
    for visit in program.visits(place.track):
        if (visit.step, visit.cycle) == (place.step, place.cycle):
            break
        count += steps[visit.step].phase == "jv"
    return count


def sweep_plan(
    table: JvTable,
    settings: Settings,
    accelerate: float,
    reading_ms: Callable[[Settings], int],
) -> SweepPlan:
    """The plan's sweep. Where cells live faster (on the simulated bench only) it is faster as well,
    as far as the readings allow, and they integrate as short as can be."""
    if table.nplc is not None:
        settings = replace(settings, nplc=table.nplc)
    rate_v_s = table.rate_v_s
    held_s = 0.0 if table.precondition is None else table.precondition.ms / 1000
    if accelerate > 1:
        settings = replace(settings, nplc=LEAST_NPLC)
        least_s = (reading_ms(settings) + _SPARE_MS) / 1000
        rate_v_s = max(min(rate_v_s * accelerate, table.step_v / least_s), rate_v_s)
        held_s = held_s and max(held_s / accelerate, least_s)
    held = table.precondition
    return SweepPlan(
        table.from_v,
        table.to_v,
        settings,
        table.step_v,
        rate_v_s,
        precondition=None if held is None else Hold(held.voltage_v, held_s),
    )


def lease_ms(plan: SweepPlan) -> int:
    """How long the board may leave a cell on the source meter."""
    points = sum(len(plan.voltages(direction)) for direction in plan.directions)
    held_ms = 0.0 if plan.precondition is None else plan.precondition.seconds * 1000
    return round(points * plan.dwell_ms + held_ms) + LEASE_MARGIN_MS


def jv_place(place: Place) -> JvPlace:
    """As the database names it."""
    return JvPlace(place.track, place.step, place.cycle)
