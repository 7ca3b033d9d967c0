"""The queue of runs: which plan is next, when it begins, and why it waits. Time is passed in.

Plans begin in the order in which they were put in, since where one leaves the cells is where the
next one finds them. So the first one that waits holds up all behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from soakbench.clock import moment
from soakbench.errors import DaemonError
from soakbench.plan.clock_time import zone_of
from soakbench.status import RunState
from soakbench.units import format_duration

LATE_MS = 60_000  # from here on a delay is told


@dataclass(frozen=True)
class Entry:
    """A plan in the queue, as the database has it."""

    number: int
    bench: str
    """The name of the bench it was checked for."""
    plan: str
    """Names the plan in messages, as `cells` the list of cells."""
    plan_toml: str
    accelerate: float
    cells: str
    cells_csv: str
    begin_utc_ms: int | None
    who: str
    queued_utc_ms: int


@dataclass(frozen=True)
class LastRun:
    """The newest run, and who has let the queue go on after it, if anybody had to."""

    run: str
    state: RunState
    ended_utc_ms: int | None
    resumed_utc_ms: int | None = None
    resumed_by: str = ""

    @property
    def holds(self) -> bool:
        """Nobody knows whether the cells are where the next plan wants them."""
        return self.state in ("stopped", "failed") and self.resumed_utc_ms is None

    @property
    def end_in_words(self) -> str:
        """`run X was stopped`, `run X has failed`."""
        return f"run {self.run} {'was stopped' if self.state == 'stopped' else 'has failed'}"


@dataclass(frozen=True)
class Situation:
    """What decides whether a run may begin now."""

    now_utc_ms: int
    last: LastRun | None
    obstacle: str
    """What is in the way of any run; empty if nothing is."""
    is_served: bool
    """Whether this daemon begins queued runs."""


Reason = Literal["person", "time", "bench", "turn"]


@dataclass(frozen=True)
class Wait:
    """Why a plan has not begun."""

    reason: Reason
    text: str

    @property
    def needs_person(self) -> bool:
        """It does not end by itself."""
        return self.reason == "person"


def wait_of_first(entry: Entry, unfit: str, now: Situation) -> Wait | None:
    """Why the first plan waits; None: it is to begin.

    Args:
        unfit: why it cannot run on this bench; empty if it can.
    """
    if unfit:
        return Wait("person", f"{unfit}; {_WAY_OUT.format(entry.number)}")
    if now.last is not None and now.last.holds:
        return Wait("person", f"{now.last.end_in_words}; {_CELLS}")
    if not now.is_served:
        return Wait("person", "this program runs one plan only; `soakbench daemon` begins it")
    if entry.begin_utc_ms is not None and now.now_utc_ms < entry.begin_utc_ms:
        return Wait("time", "its time has not come")
    return Wait("bench", now.obstacle) if now.obstacle else None


def waits(entries: Sequence[tuple[Entry, str]], now: Situation) -> list[Wait]:
    """Why each of them waits, in order; with each comes why it is unfit."""
    found: list[Wait] = []
    for place, (entry, unfit) in enumerate(entries):
        if place and not unfit:
            found.append(Wait("turn", f"number {entries[place - 1][0].number} is before it"))
        elif place:
            found.append(Wait("person", f"{unfit}; {_WAY_OUT.format(entry.number)}"))
        else:
            found.append(wait_of_first(entry, unfit, now) or Wait("bench", "it begins now"))
    return found


def check_begin(begin_utc_ms: int | None, before: Sequence[Entry], now_utc_ms: int) -> None:
    """DaemonError where a plan could not begin at its time."""
    if begin_utc_ms is None:
        return
    if begin_utc_ms < now_utc_ms:
        late = format_duration(round(now_utc_ms - begin_utc_ms, -3))
        raise DaemonError("the time to begin is past", hint=f"it was {late} ago")
    for entry in before:
        if entry.begin_utc_ms is not None and entry.begin_utc_ms > begin_utc_ms:
            raise DaemonError(
                f"number {entry.number} in the queue, {entry.plan}, begins later than that, and"
                " plans begin in the order in which they were put in",
                hint=f"choose a later time, or `soakbench queue remove {entry.number}` first",
            )


def delay_words(
    entry: Entry, last: LastRun | None, now_utc_ms: int, zone: str | None
) -> str | None:
    """What the journal says of a run that begins later than wanted; None: it does not."""
    if entry.begin_utc_ms is None or now_utc_ms - entry.begin_utc_ms < LATE_MS:
        return None
    late = format_duration(round(now_utc_ms - entry.begin_utc_ms, -3))
    causes = []
    if last is not None and (last.ended_utc_ms or 0) > entry.begin_utc_ms:
        causes.append(f"run {last.run} ended at {clock_words(last.ended_utc_ms or 0, zone)}")
    if last is not None and (last.resumed_utc_ms or 0) > entry.begin_utc_ms:
        at = clock_words(last.resumed_utc_ms or 0, zone)
        causes.append(f"the queue waited for somebody until {at}")
    cause = ", ".join(causes) or "board or daemon were not there"
    return f"begun {late} after its time, {clock_words(entry.begin_utc_ms, zone)}: {cause}"


def clock_words(utc_ms: int, zone: str | None) -> str:
    """What clocks show in a plan's time zone."""
    return moment(utc_ms).astimezone(zone_of(zone)).strftime("%Y-%m-%d %H:%M")


_CELLS = (
    "nobody knows whether the cells are where this plan wants them; see to it, then"
    " `soakbench queue resume`"
)
_WAY_OUT = "start the daemon with a bench file that fits, or `soakbench queue remove {}`"
