"""What people do to a run under way: pause, resume, skip or extend a phase, write a note.

Orders are on disk before anything is done, so that neither a killed daemon nor a board that is away
forgets them; the run machine then brings the board to them.
"""

import asyncio
from collections.abc import Callable

from soakbench.device import Device
from soakbench.errors import BenchFault, DaemonError
from soakbench.run.active import ActiveRun
from soakbench.run.caretaker import place_words
from soakbench.run.extension import Extension, companions, extension
from soakbench.run.goals import Goals
from soakbench.run.keeper import RunKeeper
from soakbench.run.machine import Place, TrackReport
from soakbench.run.orders import Reason
from soakbench.status import Extend, Note, Order
from soakbench.units import UnitError, parse_change
from soakwire import records

ANSWER_S = 10.0
_WAITS = (records.PAUSED, records.READY, records.BARRIER, records.IDLE, records.DONE)


async def pause(request: Order, keeper: RunKeeper) -> list[str]:
    """Let tracks wait: no light, no heat, cells keep their loads. The names of those that now do.

    BenchFault if the board is away; it is paused as soon as it is back.
    """
    active = _active(keeper)
    numbers = [n for n in _asked_for(request.track, active) if not _is_done(n, keeper)]
    if not numbers:
        raise DaemonError("there is nothing to pause; all that was asked for is done")
    for number in numbers:
        await active.orders.pause(number, active.program.tracks[number].name, _reason(request))
    keeper.hurry()
    await _until(keeper, lambda: all(_state(n, keeper) in _WAITS for n in numbers), "paused")
    return _names(numbers, active)


async def resume(request: Order, keeper: RunKeeper, device: Device) -> list[str]:
    """Let tracks go on that wait, whoever or whatever has paused them; their names.

    BenchFault if the board is away, or refuses.
    """
    active = _active(keeper)
    asked = _asked_for(request.track, active)
    numbers = [number for number in asked if _waits(number, active, keeper)]
    if not numbers:
        names = ", ".join(_names(asked, active))
        raise DaemonError(f"not paused: {names}", hint="`soakbench status` shows what tracks do")
    if keeper.report is None:
        raise BenchFault("the board is not there", hint="`soakbench status` says why")
    await _let_go_on(numbers, active, _reason(request), keeper, device)
    return _names(numbers, active)


async def resume_at(station: str, reason: Reason, keeper: RunKeeper, device: Device) -> None:
    """Let the tracks go on that wait at `station`, if there are any."""
    active, report = keeper.active, keeper.own_report
    if active is None or report is None:
        return
    here = [
        number
        for number, track in enumerate(report.tracks)
        if _waits(number, active, keeper)
        and active.program.tracks[number].steps[track.step].station == station
    ]
    await _let_go_on(here, active, reason, keeper, device)


async def skip(request: Order, keeper: RunKeeper) -> str:
    """End the phase that a track is in; the next one begins. What was skipped, in words."""
    active = _active(keeper)
    place, _ = _here(request.track, active, keeper)
    what = place_words(place, active.program)
    await active.orders.skip(place, what, _reason(request))
    keeper.hurry()
    await _until(keeper, lambda: _place(place.track, keeper) != place, "at the next phase")
    return what


async def extend(request: Extend, keeper: RunKeeper) -> str:
    """Give the phase that a track is in another goal. What was done, in words."""
    try:
        change = parse_change(request.by)
    except UnitError as error:
        raise DaemonError(str(error), hint='like "2 h", or "-30 min" for less') from error
    active = _active(keeper)
    here, track = _here(request.track, active, keeper)
    goals = Goals(active.program, active.orders.extended)
    wanted = extension(here, track.delivered, change, goals)
    others = _companions(wanted, goals, keeper)
    before = active.orders.extended.get(wanted.place)
    await active.orders.extend(wanted.place, wanted.goal, wanted.text, _reason(request))
    keeper.hurry()
    if wanted.place == here:
        await _set_or_too_late(wanted, before, active, keeper)
    return wanted.text + others


def _companions(wanted: Extension, goals: Goals, keeper: RunKeeper) -> str:
    """A word about tracks at the same station that have not been given the same."""
    report = keeper.own_report
    names = [] if report is None else companions(wanted.place, wanted.goal, report, goals)
    if not names:
        return ""
    return f"; also at this station: {', '.join(names)}; without the same, one waits for the other"


async def _set_or_too_late(
    wanted: Extension, before: int | None, active: ActiveRun, keeper: RunKeeper
) -> None:
    """Wait for the board to take another goal. DaemonError, and what was ordered `before` holds, if
    the phase has ended meanwhile."""
    here = wanted.place

    def is_set() -> bool:
        return active.given.get(here) == wanted.goal or _goal_at(here, keeper) == wanted.goal

    def is_over() -> bool:
        is_somewhere = _state(here.track, keeper) not in (None, records.IDLE)
        return is_somewhere and _place(here.track, keeper) != here

    await _until(keeper, lambda: is_set() or is_over(), "extended")
    if not is_set():
        what = f"{place_words(here, active.program)} had ended before"
        await active.orders.extend(here, before, what, Reason())
        raise DaemonError(what, hint="`soakbench status` shows where the track is now")


async def stop(request: Order, keeper: RunKeeper) -> None:
    """End the run, or whatever the board is running; see RunKeeper.stop."""
    if keeper.active is not None:
        keeper.note("stop", _reason(request).after("the run is to be ended"), who=request.who)
    await keeper.stop()


def note(request: Note, keeper: RunKeeper) -> None:
    """Keep what somebody says, with the run if there is one."""
    keeper.note("note", request.text, who=request.who)


def _active(keeper: RunKeeper) -> ActiveRun:
    if keeper.active is None or keeper.active.state not in ("arming", "running"):
        raise DaemonError("no run is under way", hint="`soakbench run PLAN` starts one")
    return keeper.active


def _asked_for(track: str | None, active: ActiveRun) -> list[int]:
    """The numbers of one track, or of all."""
    names = [entry.name for entry in active.program.tracks]
    if track is None:
        return list(range(len(names)))
    if track not in names:
        raise DaemonError(f"there is no track {track}", hint=f"there is: {', '.join(names)}")
    return [names.index(track)]


def _here(name: str | None, active: ActiveRun, keeper: RunKeeper) -> tuple[Place, TrackReport]:
    """Where a track is, by the board's last report. BenchFault if the board is not there."""
    if name is None and len(active.program.tracks) > 1:
        names = ", ".join(track.name for track in active.program.tracks)
        raise DaemonError("which track?", hint=f"name one of: {names}")
    (number,) = _asked_for(name, active)
    report = keeper.own_report
    if report is None or report.tracks[number].state == records.IDLE:
        raise BenchFault("the board is not there", hint="`soakbench status` says why")
    track = report.tracks[number]
    if track.state == records.DONE:
        raise DaemonError(f"track {active.program.tracks[number].name} is done")
    return Place(number, track.step, track.cycle), track


def _names(numbers: list[int], active: ActiveRun) -> list[str]:
    return [active.program.tracks[number].name for number in numbers]


def _reason(request: Order | Extend) -> Reason:
    return Reason(request.who, request.why)


def _waits(number: int, active: ActiveRun, keeper: RunKeeper) -> bool:
    """Whether a track waits for somebody to let it go on."""
    return number in active.orders.paused or _state(number, keeper) == records.PAUSED


async def _let_go_on(
    numbers: list[int], active: ActiveRun, reason: Reason, keeper: RunKeeper, device: Device
) -> None:
    for number in numbers:
        await active.orders.resume(number, active.program.tracks[number].name, reason)
        if _state(number, keeper) == records.PAUSED:
            await device.resume(number)
    keeper.hurry()


def _state(number: int, keeper: RunKeeper) -> int | None:
    """A track's state on the board; None if it is not known."""
    report = keeper.own_report
    return None if report is None else report.tracks[number].state


def _is_done(number: int, keeper: RunKeeper) -> bool:
    return _state(number, keeper) == records.DONE


def _place(number: int, keeper: RunKeeper) -> Place | None:
    """Where the board says that a track is; past its end once it is done."""
    report = keeper.own_report
    if report is None or _is_done(number, keeper):
        return None
    track = report.tracks[number]
    return Place(number, track.step, track.cycle)


def _goal_at(place: Place, keeper: RunKeeper) -> int | None:
    """The goal that the board has for the visit, if it is there."""
    report = keeper.own_report
    if report is None or _place(place.track, keeper) != place:
        return None
    return report.tracks[place.track].goal


async def _until(keeper: RunKeeper, reached: Callable[[], bool], what: str) -> None:
    """Wait for the board's report of it. BenchFault if none comes."""
    try:
        async with asyncio.timeout(ANSWER_S):
            while not reached():
                keeper.reported.clear()
                await keeper.reported.wait()
    except TimeoutError as error:
        raise BenchFault(
            "the order is written down, but the board does not answer",
            hint=f"it is {what} as soon as the board is back; keep the daemon running",
        ) from error
