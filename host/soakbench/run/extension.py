"""Another goal for the phase that a track is in, when people want more of it, or less.

A phase with J-V curves inside is one visit for each stretch between them. The curves stay where
the plan has them: what changes is the last stretch.
"""

from dataclasses import dataclass

from soakbench.errors import DaemonError
from soakbench.plan import CompiledProgram
from soakbench.plan.entries import shortened
from soakbench.run.caretaker import place_words
from soakbench.run.goals import Goals
from soakbench.run.machine import BoardReport, Place
from soakbench.units import MILLI_PER_HOUR, Goal
from soakwire import blobs, records

_IN_A_PHASE = (records.READY, records.RUNNING, records.PAUSED)


@dataclass(frozen=True)
class Extension:
    """Another goal for a visit, in milli-units as on the wire; `text` says it in words."""

    place: Place
    goal: int
    text: str


def extension(here: Place, delivered: int, change: Goal, goals: Goals) -> Extension:
    """`change` more, or less if it is negative, of the phase that a track is in.

    Args:
        delivered: at `here`, as the board has reported it.

    DaemonError if the phase has no such amount, or would end before now.
    """
    what = place_words(here, goals.program)
    _check_unit(what, here, change, goals)
    stretches = _stretches(here, goals)
    last = stretches[-1]
    before = sum(goals.milli(place) for place in stretches[:-1])
    new = before + goals.milli(last) + change.milli
    if new > blobs.MAX_DELIVERED:
        most = blobs.MAX_DELIVERED // MILLI_PER_HOUR
        raise DaemonError(
            f"{what} would come to {new / MILLI_PER_HOUR:g} {change.unit}",
            hint=f"a phase has at most {most} {change.unit}",
        )
    here_last = here == last
    behind = before + round(delivered * goals.program.accelerate) if here_last else before
    if new < behind or new <= before:
        name = goals.program.tracks[here.track].name
        why = "is delivered already" if here_last else "comes before its last J-V curves"
        raise DaemonError(
            f"{what} cannot be that short: {Goal(behind, change.unit)} {why}",
            hint=f"`soakbench skip {name}` ends what it is in now",
        )
    verb = "extended" if change.milli > 0 else "shortened"
    by = Goal(abs(change.milli), change.unit)
    text = f"{what} {verb} by {by} to {Goal(new, change.unit)}"
    goal = shortened(new - before, goals.program.accelerate)
    if _times_out_first(last, goal, goals.program):
        text += "; its time-out comes before that"
    return Extension(last, goal, text)


def companions(here: Place, goal: int, report: BoardReport, goals: Goals) -> list[str]:
    """The tracks in a phase at the same station whose goal is not `goal` as well: tracks that age
    together leave the light together, and where one is to be dark the other has no light."""
    station = goals.step(here).station
    found = []
    for number, track in enumerate(report.tracks):
        place = Place(number, track.step, track.cycle)
        if number == here.track or track.state not in _IN_A_PHASE:
            continue
        step = goals.step(place)
        if step.station != station or step.goal is None:
            continue
        if goals.wire_milli(_stretches(place, goals)[-1]) != goal:
            found.append(goals.program.tracks[number].name)
    return found


def _check_unit(what: str, here: Place, change: Goal, goals: Goals) -> None:
    step = goals.step(here)
    if step.goal is None:
        raise DaemonError(
            f"{what} has no amount that could be extended",
            hint="ageing, dark_recovery and thermal_recovery have one",
        )
    if change.unit != step.unit:
        raise DaemonError(
            f"{what} is counted in {step.unit}, not in {change.unit}",
            hint=f'say how much in that unit, like "2 {step.unit}"',
        )


def _times_out_first(place: Place, goal: int, program: CompiledProgram) -> bool:
    """Whether the board ends the visit before so much time can be delivered."""
    step = blobs.Program(program.blob).step(place.track, place.step)
    limit_ms = 1000 * (step["timeout"] or 0)
    return step["goal_kind"] != blobs.GOAL_DOSE and 0 < limit_ms <= goal


def _stretches(here: Place, goals: Goals) -> list[Place]:
    """The visits that make up the phase, in order."""
    phase = goals.step(here).phase_index
    return [
        Place(here.track, step.index, here.cycle)
        for step in goals.program.tracks[here.track].steps
        if step.phase_index == phase and step.goal is not None
    ]
