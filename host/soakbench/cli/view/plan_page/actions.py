"""What a person has to do, and when: the confirms of all tracks, the same ones told once."""

from dataclasses import dataclass
from datetime import datetime

from soakbench.cli.view.plan_page.sheet import Sheet, began
from soakbench.config.phases import Confirm
from soakbench.plan import PlannedPhase


@dataclass(frozen=True)
class Action:
    """One thing to do, perhaps in every round of a loop."""

    number: int
    tracks: tuple[str, ...]
    message: str
    moves_to: str
    """The station where the cells are afterwards; empty if they stay."""
    condition: str
    limit: str
    moments: tuple[datetime, ...]
    places: frozenset[tuple[str, int]]
    """Track and phase, of each track."""


def actions(sheet: Sheet) -> list[Action]:
    """In the order of their first time."""
    tracks_of: dict[tuple[str, str, str, str, tuple[datetime, ...]], list[tuple[str, int]]] = {}
    for track in sheet.tracks:
        for index, visits in _confirms(track.phases).items():
            first = visits[0]
            moments = tuple(began(visit) for visit in visits)
            same = (first.detail, _moves_to(sheet, first), first.condition, first.limit, moments)
            tracks_of.setdefault(same, []).append((track.track, index))
    order = sorted(tracks_of.items(), key=lambda item: item[0][4][0])
    return [
        Action(number, tuple(track for track, _ in places), *same, frozenset(places))
        for number, (same, places) in enumerate(order, 1)
    ]


def _confirms(phases: list[PlannedPhase]) -> dict[int, list[PlannedPhase]]:
    """The visits of each confirm, by its place in the track."""
    found: dict[int, list[PlannedPhase]] = {}
    for phase in phases:
        if phase.phase == "confirm":
            found.setdefault(phase.phase_index, []).append(phase)
    return found


def _moves_to(sheet: Sheet, phase: PlannedPhase) -> str:
    written = sheet.plan.tracks[phase.track].phases[phase.phase_index]
    station = written.station if isinstance(written, Confirm) else None
    return station if station is not None and station != phase.station else ""
