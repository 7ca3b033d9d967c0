"""Whether a track goes on by itself when its board is back, or waits for a person.

Light and heat that somebody must first agree to: after a trip or a time-out, always; after a gap
that is longer than the plan's `resume` says.
"""

from dataclasses import dataclass
from typing import Literal

from soakbench.units import format_duration

Cause = Literal["person", "gap", "pause", "policy"]


@dataclass(frozen=True)
class LastSeen:
    """What the database has of a track: its last record, in UTC of the computer."""

    t_utc_ms: int
    state: str
    held: bool
    """It was paused for want of room for events, which ends by itself."""


@dataclass(frozen=True)
class Wait:
    """Why a track waits."""

    cause: Cause
    why: str


def wait_for_person(seen: LastSeen | None, now_utc_ms: int, longest_ms: int | None) -> Wait | None:
    """Why a track that the board has forgotten waits; None: it goes on.

    Args:
        seen: None if the track has no record yet.
        longest_ms: the longest gap after which it goes on by itself; None: after any.
    """
    if seen is None:
        return None
    gap_ms = max(now_utc_ms - seen.t_utc_ms, 0)
    away = f"the board was away for {format_duration(round(gap_ms, -3))}"
    if seen.state == "paused" and not seen.held:
        return Wait("pause", f"{away}; before that it was paused, by a trip or a time-out")
    if longest_ms is None or gap_ms <= longest_ms or seen.state == "done":
        return None
    return Wait("gap", f"{away}, and the plan says to ask")
