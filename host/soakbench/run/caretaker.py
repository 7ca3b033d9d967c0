"""Looks after a run when nobody else does: keeps the plan's policies, takes sensors for an answer
where the plan allows it, and reminds people who are waited for.

What it decides becomes an order or a note, which are on disk before anything is done.
"""

from collections.abc import Callable
from dataclasses import dataclass

from soakbench.clock import moment
from soakbench.config import BenchConfig
from soakbench.config.policy import Policy
from soakbench.plan import CompiledProgram, StepInfo
from soakbench.run.ledger import Ledger
from soakbench.run.machine import BoardReport, Place, TrackReport
from soakbench.run.orders import Orders, Reason
from soakbench.run.sign_reader import Watched, watch
from soakbench.run.signs import words_of
from soakbench.run.troubles import Decision, Standing, Trouble, decide, reminders_due, trouble_of
from soakwire import blobs, records

LOOK_MS = 5000  # how often it looks at a track at which nothing has changed

_STATES = (records.RUNNING, records.PAUSED, records.BARRIER)


@dataclass(frozen=True)
class Hands:
    """What the caretaker can do besides giving orders."""

    confirm: Callable[[Place, str], None]
    """Release a confirm; why."""
    stop: Callable[[str], None]
    """End the run; why."""
    hurry: Callable[[], None]
    """There is something new to bring the board to."""


class Caretaker:
    """Of one run."""

    def __init__(
        self,
        run: str,
        bench: BenchConfig,
        program: CompiledProgram,
        ledger: Ledger,
        orders: Orders,
        hands: Hands,
    ) -> None:
        self._run = run
        self._bench = bench
        self._program = program
        self._ledger = ledger
        self._orders = orders
        self._hands = hands
        self._reader = ledger.sign_reader()
        self._watched: dict[Place, Watched] = {}
        self._looked: dict[int, tuple[TrackReport, int]] = {}
        self._reminded: dict[str, int] = {}

    async def look(self, report: BoardReport, confirmed: frozenset[Place], now_utc_ms: int) -> None:
        """Do what is due. `confirmed`: the confirms that somebody has answered."""
        for number, track in enumerate(report.tracks):
            place = Place(number, track.step, track.cycle)
            left_alone = place in confirmed or place in self._orders.skipped
            if left_alone or not self._is_time(number, track, now_utc_ms):
                continue
            if number in self._orders.paused:
                self._remind_of_pause(number, now_utc_ms)
            elif track.state in _STATES:
                await self._look_after(place, track, now_utc_ms)

    def _is_time(self, number: int, track: TrackReport, now_utc_ms: int) -> bool:
        """Whether something has changed, or it is a while ago."""
        before, looked_ms = self._looked.get(number, (None, 0))
        if before is not None and _same(before, track) and 0 <= now_utc_ms - looked_ms < LOOK_MS:
            return False
        self._looked[number] = track, now_utc_ms
        return True

    async def _look_after(self, place: Place, track: TrackReport, now_utc_ms: int) -> None:
        standing = self._standing(place, track)
        if standing is None:
            return
        if standing.step.by_sensors and self._sensors_agree(standing):
            why = words_of(standing.step.by_sensors)
            self._hands.confirm(place, f"by sensors: {why}")
            return
        trouble = trouble_of(standing)
        if trouble is None:
            return
        decision = decide(trouble, standing.step, self._program.policies, now_utc_ms)
        if decision is not None:
            await self._do(decision, place)
        elif track.state != records.RUNNING:
            self._remind(place.track, trouble, standing.step.message, now_utc_ms)

    def _standing(self, place: Place, track: TrackReport) -> Standing | None:
        """What is known of a track; None where nothing can be the matter."""
        info = self._program.tracks[place.track]
        step = info.steps[place.step]
        running = track.state == records.RUNNING
        if running and step.kind == blobs.AGEING and track.in_condition:
            return None
        if running and self._running_policy(step).do == "hold":
            return None  # nothing to read the database for
        at_barrier = track.state == records.BARRIER
        if at_barrier and step.kind != blobs.CONFIRM:
            return None
        return Standing(
            place,
            track,
            step,
            info.cells,
            self._ledger.events_at(self._run, place),
            self._ledger.open_findings(self._run) if running else (),
        )

    def _running_policy(self, step: StepInfo) -> Policy:
        """What the plan says about trouble with the light of a step that runs."""
        policies = self._program.policies
        return policies.lamp_failure if step.kind == blobs.AGEING else policies.light_leak

    def _sensors_agree(self, standing: Standing) -> bool:
        """Whether the sensors have seen that the confirm's work is done."""
        began = next((e for e in reversed(standing.events) if e.name == "barrier"), None)
        if began is None or standing.report.state != records.BARRIER:
            return False
        watched = self._watched.get(standing.place)
        if watched is None or watched.boot != began.boot:
            watched = watch(standing.place, began, self._program, self._bench)
            self._watched[standing.place] = watched
        self._reader.read(watched)
        return watched.is_steady()

    async def _do(self, decision: Decision, place: Place) -> None:
        reason = Reason(why=decision.why)
        match decision.do:
            case "pause":
                name = self._program.tracks[place.track].name
                await self._orders.pause(place.track, name, reason, "policy")
            case "skip":
                await self._orders.skip(place, place_words(place, self._program), reason)
            case "stop":
                words = place_words(place, self._program)
                self._hands.stop(f"{words}: the run is to be ended: {decision.why}")
        self._hands.hurry()

    # --- reminders ---

    def _remind_of_pause(self, number: int, now_utc_ms: int) -> None:
        pause = self._orders.pauses[number]
        if pause.cause != "person":
            trouble = Trouble("trip", pause.since_utc_ms, pause.why)
            self._remind(number, trouble, "", now_utc_ms)

    def _remind(self, number: int, trouble: Trouble, message: str, now_utc_ms: int) -> None:
        """Say it again to somebody who is waited for. The text is the same each time, so that it
        can be counted."""
        since = moment(trouble.since_utc_ms)
        name = self._program.tracks[number].name
        what = f"confirm: {message}" if message else f"resume: {trouble.what}"
        text = f"track {name} waits since {since:%Y-%m-%d %H:%M} UTC for somebody to {what}"
        due = reminders_due(trouble.since_utc_ms, self._program.policies.remind_ms, now_utc_ms)
        if not due:
            return
        if text not in self._reminded:
            self._reminded[text] = self._ledger.told_how_often(self._run, "reminder", text)
        if self._reminded[text] < due:
            self._reminded[text] = due
            self._ledger.note(self._run, "reminder", text)


def _same(before: TrackReport, now: TrackReport) -> bool:
    """Whether a track is where it was."""
    return (before.state, before.step, before.cycle, before.in_condition) == (
        now.state,
        now.step,
        now.cycle,
        now.in_condition,
    )


def place_words(place: Place, program: CompiledProgram) -> str:
    """`track dark: ageing (phase 2, round 3)`."""
    track = program.tracks[place.track]
    step = track.steps[place.step]
    has_loop = any(one.loop is not None for one in track.steps)
    rounds = f", round {place.cycle + 1}" if has_loop else ""
    return f"track {track.name}: {step.phase} (phase {step.index + 1}{rounds})"
