"""The light that each cell has got: its track's dose, by its load, times its position's share.

A track's dose is ∫E dt at the station's light sensor. Between the sensor's place and a cell's lies
the position map of the bench file the run was started with.
"""

from collections.abc import Iterable

from soakbench.config import BenchConfig
from soakbench.plan import CompiledProgram, StepInfo
from soakbench.status import CellDose

StepDose = tuple[int, StepInfo, float | None]
"""Track number, step, and sun-hours at the sensor while the track was at it."""


def cell_doses(
    program: CompiledProgram, bench: BenchConfig, doses: Iterable[StepDose]
) -> list[CellDose]:
    """For each cell of each track. `bench` is the one that the run was started with."""
    positions = {name: cell.position for name, cell in bench.cells.items()}
    at_load = {cell: {"OC": 0.0, "SC": 0.0} for track in program.tracks for cell in track.cells}
    for number, step, dose_sun_h in doses:
        for cell in program.tracks[number].cells:
            at_load[cell][step.loads[cell]] += (dose_sun_h or 0.0) * positions[cell]
    return [
        CellDose(
            cell=cell,
            track=track.name,
            position=positions[cell],
            dose_sun_h=at_load[cell]["OC"] + at_load[cell]["SC"],
            oc_sun_h=at_load[cell]["OC"],
            sc_sun_h=at_load[cell]["SC"],
        )
        for track in program.tracks
        for cell in track.cells
    ]
