"""What keeps a track from going on, since when, and what the plan says to do about it.

    the track is                         trouble
    ----------                           ----
    ageing without the light it wants    lamp_failure
    in a dark phase, light was found     light_leak
    paused by the board                  timeout, if it says so right before; else trip
    at a confirm                         timeout, if the confirm has one; else operator_absence

Time counts from the begin of the trouble, but not from before somebody has let the track go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from soakbench.config.policy import Do, Policy
from soakbench.plan.program import Policies, StepInfo
from soakbench.run.evidence.rules import DARK_CURRENT, DARK_LUX, DARK_SUNS, DARK_VOLTAGE
from soakbench.run.machine import Place, TrackReport
from soakbench.store.findings import StoredFinding
from soakbench.units import format_duration
from soakwire import blobs, records

Kind = Literal["lamp_failure", "light_leak", "trip", "timeout", "operator_absence"]

_LIGHT_FOUND = {rule.id for rule in (DARK_LUX, DARK_SUNS, DARK_VOLTAGE, DARK_CURRENT)}
_BEGINS = ("step_begin", "resumed")


class TrackEvent(NamedTuple):
    """What the board has recorded of a track at its place, in order of time."""

    name: str
    utc_ms: int
    b: int
    device: str
    boot: str
    seq: int


@dataclass(frozen=True)
class Standing:
    """A track, and what the database has of its passage through this step."""

    place: Place
    report: TrackReport
    step: StepInfo
    cells: Sequence[str]
    events: Sequence[TrackEvent]
    findings: Sequence[StoredFinding]
    """Those that have not ended."""


@dataclass(frozen=True)
class Trouble:
    """Something that a policy of the plan is about."""

    kind: Kind
    since_utc_ms: int
    what: str


@dataclass(frozen=True)
class Decision:
    """What is to be done now, and why in words."""

    do: Do
    why: str


def trouble_of(standing: Standing) -> Trouble | None:
    """What keeps a track from going on; None: nothing, or nobody can say since when."""
    state = standing.report.state
    if state == records.RUNNING:
        if standing.step.kind == blobs.AGEING:
            return _lamp_failure(standing)
        return _light_leak(standing)
    if state == records.PAUSED:
        return _pause_of_the_board(standing)
    if state == records.BARRIER and standing.step.kind == blobs.CONFIRM:
        return _absence(standing)
    return None


def decide(trouble: Trouble, step: StepInfo, policies: Policies, now_ms: int) -> Decision | None:
    """What the plan says to do about `trouble` now; None: nothing (yet)."""
    policy = _policy(trouble, step, policies)
    lasted_ms = now_ms - trouble.since_utc_ms
    if policy.do == "hold" or lasted_ms < policy.after_ms:
        return None
    long = f" for {format_duration(policy.after_ms)}" if policy.after_ms else ""
    key = "on_timeout" if trouble.kind == "timeout" else trouble.kind
    return Decision(policy.do, f"{trouble.what}{long}; {key} of the plan")


def _policy(trouble: Trouble, step: StepInfo, policies: Policies) -> Policy:
    match trouble.kind:
        case "lamp_failure":
            return policies.lamp_failure
        case "light_leak":
            return policies.light_leak
        case "trip":
            return policies.trip
        case "timeout":
            return step.timeout
        case "operator_absence":
            return policies.operator_absence


def _lamp_failure(standing: Standing) -> Trouble | None:
    if standing.report.in_condition:
        return None
    last = _last(standing, *_BEGINS, "paused", "out_of_condition", "in_condition")
    if last is None or last.name in ("paused", "in_condition"):
        return None
    return Trouble("lamp_failure", last.utc_ms, "not the light that the plan wants")


def _light_leak(standing: Standing) -> Trouble | None:
    step = standing.step
    here = [
        finding.begin_utc_ms
        for finding in standing.findings
        if finding.rule in _LIGHT_FOUND
        and finding.station == step.station
        and (finding.subject == step.station or finding.subject in standing.cells)
    ]
    last = _last(standing, *_BEGINS, "paused")
    if not here or last is None or last.name == "paused":
        return None
    return Trouble("light_leak", max(min(here), last.utc_ms), "light where it is to be dark")


def _last(standing: Standing, *which: str) -> TrackEvent | None:
    """The newest event of these. Events come after the report of what they have led to."""
    return next((event for event in reversed(standing.events) if event.name in which), None)


def _pause_of_the_board(standing: Standing) -> Trouble | None:
    told = [e for e in standing.events if e.name in ("paused", "step_timeout", "resumed")]
    if not told or told[-1].name != "paused" or told[-1].b:
        return None  # not on disk yet; or held, which ends by itself
    if len(told) > 1 and told[-2].name == "step_timeout":
        return Trouble("timeout", told[-1].utc_ms, "the phase has run into its time-out")
    return Trouble("trip", told[-1].utc_ms, "a safety rule has paused it")


def _absence(standing: Standing) -> Trouble | None:
    begins = [event.utc_ms for event in standing.events if event.name == "barrier"]
    if not begins:
        return None
    own = standing.step.timeout.do != "hold"
    return Trouble("timeout" if own else "operator_absence", begins[0], "nobody has confirmed")


def reminders_due(since_utc_ms: int, first_after_ms: int, now_ms: int) -> int:
    """How many reminders somebody who is waited for should have had: after `first_after_ms`, after
    twice that time, after four times, and so on."""
    waited = (now_ms - since_utc_ms) // first_after_ms
    return max(waited, 0).bit_length()
