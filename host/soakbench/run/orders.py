"""What people have ordered of a run, on disk before it is done: pauses, phases to be skipped, and
other goals than the plan's.

An order is absolute, like everything the run machine works with: it says how things shall be, not
what to do. So it holds whoever was away when it was given, and giving it twice changes nothing.
"""

import asyncio
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from soakbench.clock import Clock
from soakbench.run.comeback import Cause
from soakbench.run.goals import read_extended
from soakbench.run.machine import Place
from soakbench.store import Store, Writer
from soakbench.store.notes import add_note
from soakbench.units import format_duration


@dataclass(frozen=True)
class Reason:
    """Who gave an order, and why; both may be empty."""

    who: str = ""
    why: str = ""

    @property
    def in_words(self) -> str:
        """Both, as far as they are known."""
        return ": ".join(part for part in (self.who, self.why) if part)

    def after(self, text: str) -> str:
        """`text`, and the reason."""
        return f"{text}: {self.why}" if self.why else text


@dataclass(frozen=True)
class Pause:
    """Why and since when a track waits."""

    since_utc_ms: int
    cause: Cause
    why: str
    """In words, with who has ordered it; may be empty."""


class Orders:
    """The orders of one run. Each is on disk, with a note for the account, when its call returns.

    `paused`, `skipped` and `extended` are what is on disk.
    """

    def __init__(self, run: str, store: Store, writer: Writer, clock: Clock) -> None:
        self._run = run
        self._writer = writer
        self._clock = clock
        self._paused = {
            track: Pause(*pause)
            for track, *pause in store.rows(
                "SELECT track, since_utc_ms, cause, why FROM paused WHERE run = ?", (run,)
            )
        }
        self._skipped = {
            Place(*row)
            for row in store.rows("SELECT track, step, cycle FROM skipped WHERE run = ?", (run,))
        }
        self._extended = read_extended(store, run)

    @property
    def paused(self) -> frozenset[int]:
        """The tracks that wait for `resume`."""
        return frozenset(self._paused)

    @property
    def pauses(self) -> Mapping[int, Pause]:
        """The same, with the reasons."""
        return self._paused

    @property
    def skipped(self) -> frozenset[Place]:
        """The places that are left as soon as a track is there."""
        return frozenset(self._skipped)

    @property
    def extended(self) -> Mapping[Place, int]:
        """The places that have another goal than the plan's, in milli-units as on the wire."""
        return self._extended

    async def pause(self, track: int, name: str, reason: Reason, cause: Cause = "person") -> None:
        """Let a track wait until `resume`."""
        if track in self._paused:
            return
        now = self._clock.utc_ms()
        pause = Pause(now, cause, reason.in_words)
        await self._write(
            now,
            "pause",
            reason.after(f"track {name} paused"),
            reason,
            "INSERT INTO paused VALUES (?,?,?,?,?)",
            self._run,
            track,
            now,
            cause,
            pause.why,
        )
        self._paused[track] = pause

    async def resume(self, track: int, name: str, reason: Reason) -> None:
        """Let a track go on."""
        now = self._clock.utc_ms()
        pause = self._paused.get(track)
        told = f"track {name} resumed"
        if pause is not None:
            told += f" after {format_duration(round(max(now - pause.since_utc_ms, 0), -3))}"
        await self._write(
            now,
            "resume",
            reason.after(told),
            reason,
            "DELETE FROM paused WHERE run = ? AND track = ?",
            self._run,
            track,
        )
        self._paused.pop(track, None)

    async def skip(self, place: Place, what: str, reason: Reason) -> None:
        """Let a track leave `place`; `what` says in words which phase that is."""
        text = reason.after(f"{what} skipped")
        await self._write(
            self._clock.utc_ms(),
            "skip",
            text,
            reason,
            "INSERT OR IGNORE INTO skipped VALUES (?,?,?,?)",
            self._run,
            place.track,
            place.step,
            place.cycle,
        )
        self._skipped.add(place)

    async def extend(self, place: Place, goal: int | None, text: str, reason: Reason) -> None:
        """Give `place` another goal, or the plan's if None; `text` says it in words."""
        sql = "INSERT OR REPLACE INTO extended VALUES (?,?,?,?,?)"
        if goal is None:
            sql = "DELETE FROM extended WHERE run = ? AND track = ? AND step = ? AND cycle = ?"
        at = (self._run, place.track, place.step, place.cycle)
        values = at if goal is None else (*at, goal)
        text = reason.after(text)
        await self._write(self._clock.utc_ms(), "extend", text, reason, sql, *values)
        if goal is None:
            self._extended.pop(place, None)
        else:
            self._extended[place] = goal

    async def _write(
        self, now: int, kind: str, text: str, reason: Reason, sql: str, *values: object
    ) -> None:
        """The order and its note in one transaction."""

        def job(connection: sqlite3.Connection) -> None:
            connection.execute(sql, values)
            add_note(connection, now, self._run, kind, text, deviation=True, who=reason.who)

        await asyncio.wrap_future(self._writer.submit(job))
