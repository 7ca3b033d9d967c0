"""What the cells have just been through when a J-V is due: its stage."""

from dataclasses import dataclass

from soakbench.plan import CompiledProgram, StepInfo
from soakbench.store.sweeps import JvPlace
from soakbench.units import MILLI_PER_HOUR, format_duration

INITIAL = "initial"


@dataclass(frozen=True)
class Stage:
    """`name` is what `--stage` calls it: `initial`, or the phase before."""

    name: str
    words: str


def stage_of(program: CompiledProgram, place: JvPlace) -> Stage:
    """The stage of a place of the plan, for instance "ageing 3 h" in the midst of 16 h."""
    steps = program.tracks[place.track].steps
    before = []
    for visit in program.visits(place.track):
        if (visit.step, visit.cycle) == (place.step, place.cycle):
            break
        if steps[visit.step].goal is not None:
            before.append(visit)
    if not before:
        return Stage(INITIAL, INITIAL)
    last = before[-1]
    parts = _of_one_passage(steps, [visit.step for visit in before])
    phase = steps[last.step].phase
    round_ = f" #{last.cycle + 1}" if last.cycle else ""
    return Stage(phase, f"{phase.replace('_', ' ')} {_amount(parts)}{round_}")


def _of_one_passage(steps: list[StepInfo], visited: list[int]) -> list[StepInfo]:
    """The stretches of the last phase that was begun: J-V curves inside cut it into several."""
    parts = [steps[visited[-1]]]
    for index in reversed(visited[:-1]):
        if steps[index].phase_index != parts[0].phase_index or index >= parts[0].index:
            break
        parts.insert(0, steps[index])
    return parts


def _amount(parts: list[StepInfo]) -> str:
    amount = sum(part.goal or 0 for part in parts)
    if parts[0].unit == "h":
        return format_duration(round(amount * MILLI_PER_HOUR))
    return f"{amount:g} sun_h"
