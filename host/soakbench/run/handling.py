"""What happened to the cells of a track that no phase is about, and what should not have."""

from datetime import datetime

from soakbench.cell_history import Handling
from soakbench.plan import CompiledProgram
from soakbench.run.history import Stretches
from soakbench.status import Deviation
from soakbench.units import MILLI_PER_HOUR

_HOUR_S = 3600


def handling_of(
    number: int,
    lived: Stretches,
    deviations: list[Deviation],
    program: CompiledProgram,
    until: datetime,
) -> Handling:
    """Of track `number`. A deviation that still lasts counts up to `until`."""
    track = program.tracks[number]
    phases = {step.phase for step in track.steps if step.goal is not None}
    moves = lived.at(step.index for step in track.steps if step.moves_to is not None)
    mine = [each for each in deviations if each.track == track.name]
    cut_h = [
        _hours(each, until) * program.accelerate
        for each in mine
        if each.kind != "trip" and each.phase in phases
    ]
    max_gap_h = program.max_gap_ms / MILLI_PER_HOUR * program.accelerate
    return Handling(
        moved_h=moves.hours * program.accelerate,
        away_h=sum(_hours(each, until) for each in mine if each.kind == "gap") * program.accelerate,
        interruptions=len(cut_h),
        longest_interruption_h=max(cut_h, default=None),
        interrupted=any(length_h > max_gap_h for length_h in cut_h),
    )


def _hours(deviation: Deviation, until: datetime) -> float:
    end = max(until, deviation.begin) if deviation.end is None else deviation.end
    return (end - deviation.begin).total_seconds() / _HOUR_S
