"""Whether SC is a short circuit: what a cell's current drops over shunt, contact and leads.

docs/hardware.md#shunt has the sum; it is told only where the bench file knows the shunt.
"""

import math
from collections.abc import Iterator

from soakbench.config import BenchConfig
from soakbench.config.bench import Cell
from soakbench.config.phases import Ageing
from soakbench.config.source import Loc, Problem
from soakbench.plan.course import CourseStep
from soakbench.units import format_suns

MOST_DROP_V = 0.010
JSC_A_PER_CM2 = 23.6e-3  # at 1 sun, of the cells of the source study
CONTACT_OHM = 0.05  # two poles of 100 mΩ in parallel
LEADS_OHM = 0.25  # 1 m there and back, 0.14 mm²


def short_circuit_problems(
    here: Loc, steps: list[CourseStep], bench: BenchConfig
) -> Iterator[Problem]:
    """Of a track: the cells whose SC is none in the light of a phase, each told once."""
    told = set()
    for step in steps:
        if not isinstance(step.phase, Ageing):
            continue
        suns = step.phase.light_suns or 1.0
        for name, load in step.loads.items():
            cell = bench.cells.get(name)
            if cell is None or load != "SC" or name in told:
                continue
            text = _text(name, cell, suns)
            if text is not None:
                told.add(name)
                yield Problem((*here, "phases", step.phase_index), text)


def drop_v(cell: Cell, suns: float) -> float | None:
    """What stays across `cell` at SC under `suns` at the station; None without a known shunt."""
    if cell.current_sense is None:
        return None
    ohm = cell.current_sense.shunt_ohm + CONTACT_OHM + LEADS_OHM
    return JSC_A_PER_CM2 * cell.area_cm2 * suns * cell.position * ohm


def _text(name: str, cell: Cell, suns: float) -> str | None:
    volts = drop_v(cell, suns)
    if volts is None or volts <= MOST_DROP_V:
        return None
    assert cell.current_sense is not None
    current_a = JSC_A_PER_CM2 * cell.area_cm2 * suns * cell.position
    most_ohm = MOST_DROP_V / current_a - CONTACT_OHM - LEADS_OHM
    at = "" if cell.position == 1 else f" × position {cell.position:g}"
    fix = (
        f"a shunt of {_whole(most_ohm)} Ω or less would do"
        if most_ohm > 0.01
        else "no shunt is small enough with these leads; take thicker ones, or leave it out"
    )
    shunt_ohm = cell.current_sense.shunt_ohm
    return (
        f'cell "{name}" at SC would keep {volts * 1000:.1f} mV, allowed are'
        f" {MOST_DROP_V * 1000:g}: {current_a * 1000:.3g} mA ({cell.area_cm2:g} cm² at"
        f" {format_suns(suns)}{at}) through a shunt of {shunt_ohm:g} Ω, {CONTACT_OHM:g} Ω of"
        f" contact and {LEADS_OHM:g} Ω of leads; {fix} (docs/hardware.md#shunt)"
    )


def _whole(ohm: float) -> str:
    """Two digits, rounded down."""
    step = 10.0 ** (math.floor(math.log10(ohm)) - 1)
    return f"{math.floor(ohm / step) * step:.2g}"
