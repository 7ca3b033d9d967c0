"""The run as a pure state machine: the board's report in, actions out.

There is one rule: compare what the board says with what the run wants, and give the first actions
that bring them together. Every action is absolute and may be repeated, so it does not matter
whether the host or the board was away in between.

    board says                            then
    ----------                            ----
    another configuration, not active     upload the configuration
    active with a program not ours        fail the run, touch nothing
    a program that is not ours            upload the program
    tracks idle (loaded, or restarted)    start each where the database says it was, resume all
    tracks ready                          resume them, but for those that people have paused
    a track with another goal             set the goal that people have ordered (before it runs)
    a track where it shall not be         leave this place (a phase that people have skipped)
    running, and people have paused it    pause
    at a J-V barrier                      note the sweep as pending, advance
    waiting for a time of day             advance once it has come
    before the end of a loop              advance, or start the track after it if it is over
    at a confirm barrier                  advance once a person has confirmed
    finished, all its records on disk     finish the run
    anything, and the run is to be ended  stop the program; end once its records are on disk
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from soakbench.plan import CompiledProgram
from soakwire import blobs, messages, records


@dataclass(frozen=True)
class Place:
    """Where a track is: the key of a barrier, and of what a person confirms."""

    track: int
    step: int
    cycle: int


@dataclass(frozen=True)
class Progress:
    """How far a track is, from the database. Amounts in milli-units, as on the wire."""

    step: int
    cycle: int
    delivered: int
    dose: int
    elapsed_ms: int


@dataclass(frozen=True)
class TrackReport:
    """A track as the board reports it."""

    state: int
    step: int
    cycle: int
    in_condition: bool
    delivered: int
    dose: int
    elapsed_ms: int
    goal: int
    """Of the visit it is in; 0 where there is none."""


@dataclass(frozen=True)
class BoardReport:
    """A STATE, typed."""

    app_state: int
    config_crc: int
    program_id: int
    newest_seq: int
    acked_seq: int
    tracks: tuple[TrackReport, ...]


@dataclass(frozen=True)
class UploadConfig:
    """Hand over the bench configuration."""


@dataclass(frozen=True)
class UploadProgram:
    """Hand over the run's program."""


@dataclass(frozen=True)
class StartTrack:
    """Put a track at a place, ready to run."""

    track: int
    at: Progress


@dataclass(frozen=True)
class SetGoal:
    """Give a visit another goal than the program's, in milli-units."""

    place: Place
    goal: int


@dataclass(frozen=True)
class ResumeAll:
    """Let all ready tracks run at one instant."""


@dataclass(frozen=True)
class ResumeTrack:
    """Let one ready or paused track run."""

    track: int


@dataclass(frozen=True)
class PauseTrack:
    """Let one running track wait: no light, no heat, the cells keep their loads."""

    track: int


@dataclass(frozen=True)
class Advance:
    """Release a barrier."""

    place: Place


@dataclass(frozen=True)
class JvPending:
    """Write down that a sweep is due here."""

    place: Place


@dataclass(frozen=True)
class StopProgram:
    """End the program: safe state."""


@dataclass(frozen=True)
class Finish:
    """The run has ended, by itself or because it was stopped, and its records are on disk."""


@dataclass(frozen=True)
class Fail:
    """The run cannot go on; a person must decide."""

    message: str


Action = (
    UploadConfig
    | UploadProgram
    | StartTrack
    | SetGoal
    | ResumeAll
    | ResumeTrack
    | PauseTrack
    | Advance
    | JvPending
    | StopProgram
    | Finish
    | Fail
)

BEGIN = Progress(0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Wanted:
    """What the run wants of the board."""

    program: CompiledProgram
    program_id: int
    progress: Mapping[int, Progress]
    confirmed: frozenset[Place]
    stopping: bool = False
    paused: frozenset[int] = frozenset()
    """Tracks that people have paused."""
    due: frozenset[Place] = frozenset()
    """Places that have waited for a time of day which has come."""
    rounds_over: Mapping[Place, bool] = field(default_factory=dict)
    """Places before the end of a loop that is asked about: whether it is over."""
    skipped: frozenset[Place] = frozenset()
    """Places that people have said to leave."""
    extended: Mapping[Place, int] = field(default_factory=dict)
    """Places to which people have given another goal, in milli-units."""


def next_actions(report: BoardReport, config_crc: int, wanted: Wanted | None) -> list[Action]:
    """What to do now. Empty: all is as it should be, or a person is needed.

    Args:
        config_crc: of the bench configuration the board should have.
        wanted: the run, or None while there is none.
    """
    active = report.app_state == messages.ACTIVE
    ours = wanted is not None and report.program_id == wanted.program_id
    if wanted is not None and wanted.stopping:
        if ours and report.app_state >= messages.LOADED:
            return [StopProgram()]
        return _finish(report)
    if active and wanted is not None and not ours:
        return [Fail("the board is running another program; end it with `soakbench stop` first")]
    if report.config_crc != config_crc:
        if active:
            return [Fail("the board runs with another bench file; `soakbench stop` ends that")]
        return [UploadConfig()]
    if wanted is None:
        return []
    if not ours:
        return [UploadProgram()]
    if report.app_state == messages.FINISHED:
        return _finish(report)
    return _start(report, wanted) or _orders(report, wanted) or _barriers(report, wanted)


def _finish(report: BoardReport) -> list[Action]:
    return [Finish()] if report.acked_seq >= report.newest_seq else []


def _start(report: BoardReport, wanted: Wanted) -> list[Action]:
    actions: list[Action] = []
    for number, track in enumerate(report.tracks):
        if track.state == records.IDLE:
            actions += _put(number, wanted.progress.get(number, BEGIN), wanted)
        elif track.state == records.READY:
            actions += _goal(Place(number, track.step, track.cycle), track.goal, wanted)
    ready = [
        number
        for number, track in enumerate(report.tracks)
        if track.state in (records.IDLE, records.READY) and number not in wanted.paused
    ]
    if ready and not wanted.paused:
        actions.append(ResumeAll())
    elif ready:
        actions += [ResumeTrack(number) for number in ready]
    return actions


def _put(number: int, at: Progress, wanted: Wanted) -> list[Action]:
    """A track at a place, with the goal that it is to have there: more may be delivered already
    than the program asks for."""
    goal = _goal(Place(number, at.step, at.cycle), None, wanted)
    return [StartTrack(number, at), *goal]


def _goal(place: Place, is_goal: int | None, wanted: Wanted) -> list[Action]:
    """What makes `is_goal` at `place` the one that people have ordered, if they have."""
    goal = wanted.extended.get(place)
    return [] if goal is None or goal == is_goal else [SetGoal(place, goal)]


def _orders(report: BoardReport, wanted: Wanted) -> list[Action]:
    """What people have ordered and the board has not done yet."""
    actions: list[Action] = []
    for number, track in enumerate(report.tracks):
        place = Place(number, track.step, track.cycle)
        if track.state in (records.IDLE, records.DONE):
            continue
        if place in wanted.skipped:
            actions += _leave(place, track.state, wanted)
            continue
        actions += _goal(place, track.goal, wanted)
        if track.state == records.RUNNING and number in wanted.paused:
            actions.append(PauseTrack(number))
    return actions


def _leave(place: Place, state: int, wanted: Wanted) -> list[Action]:
    """The board starts a track only where it does not run."""
    if state == records.BARRIER:
        return [Advance(place)]
    pause: list[Action] = [PauseTrack(place.track)] if state == records.RUNNING else []
    start = _put(place.track, after(place, wanted.program), wanted)
    resume: list[Action] = [] if place.track in wanted.paused else [ResumeTrack(place.track)]
    return [*pause, *start, *resume]


def after(place: Place, program: CompiledProgram) -> Progress:
    """The beginning of what comes after `place`; after the last one, the end of the track."""
    visits = iter(program.visits(place.track))
    for visit in visits:
        if visit == (place.step, place.cycle):
            break
    step, cycle = next(visits, (len(program.tracks[place.track].steps), 0))
    return Progress(step, cycle, 0, 0, 0)


def _end_of_round(place: Place, wanted: Wanted) -> list[Action]:
    """On to the loop, or past it."""
    if place not in wanted.rounds_over:
        return []
    if not wanted.rounds_over[place]:
        return [Advance(place)]
    length = len(wanted.program.tracks[place.track].steps)
    past = StartTrack(place.track, Progress(place.step + 2, 0, 0, 0, 0))
    return [past] if place.step + 2 >= length else [past, ResumeTrack(place.track)]


def _barriers(report: BoardReport, wanted: Wanted) -> list[Action]:
    actions: list[Action] = []
    for number, track in enumerate(report.tracks):
        if track.state != records.BARRIER or number in wanted.paused:
            continue
        place = Place(number, track.step, track.cycle)
        step = wanted.program.tracks[number].steps[track.step]
        kind = step.kind
        if step.pce_below is not None:
            actions += _end_of_round(place, wanted)
        elif step.start is not None:
            if place in wanted.due:
                actions.append(Advance(place))
        elif kind == blobs.HOST:
            actions += [JvPending(place), Advance(place)]
        elif kind == blobs.CONFIRM and place in wanted.confirmed:
            actions.append(Advance(place))
    return actions


def waiting_for_person(report: BoardReport, program: CompiledProgram) -> list[Place]:
    """The confirm barriers at which tracks stand."""
    return [
        Place(number, track.step, track.cycle)
        for number, track in enumerate(report.tracks)
        if track.state == records.BARRIER
        and program.tracks[number].steps[track.step].kind == blobs.CONFIRM
    ]


def report_of(values: Mapping[str, int], tracks: list[dict[str, int]]) -> BoardReport:
    """The typed report of a STATE's raw values."""
    return BoardReport(
        app_state=values["app_state"],
        config_crc=values["config_crc"],
        program_id=values["program_id"],
        newest_seq=values["newest_seq"],
        acked_seq=values["acked_seq"],
        tracks=tuple(
            TrackReport(
                state=track["state"],
                step=track["step"],
                cycle=track["cycle"],
                in_condition=bool(track["in_condition"]),
                delivered=track["delivered"],
                dose=track["dose"],
                elapsed_ms=track["elapsed"],
                goal=track["goal"],
            )
            for track in tracks
        ),
    )
