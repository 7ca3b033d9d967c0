"""What the source meter has measured becomes sweeps of a run, with what they say."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from soakbench.clock import Clock
from soakbench.run.curves.results import PlaceResults, keep, results_of
from soakbench.run.jv_batch import jv_place
from soakbench.run.machine import Place
from soakbench.smu.plans import BOTH, Direction
from soakbench.smu.result import Sweep
from soakbench.store import Store, Writer
from soakbench.store.notes import add_note
from soakbench.store.sweeps import Conditions, Source, StoredSweep, add_sweep, withdraw_sweeps

InBackground = Callable[[Callable[[], PlaceResults]], Awaitable[PlaceResults]]
"""Computes something without holding up the event loop."""


@dataclass(frozen=True)
class Measured:
    """One cell at one J-V: its sweep, and what is known of the conditions."""

    run: str
    place: Place
    cell: str
    area_cm2: float
    sweep: Sweep
    conditions: Conditions
    instrument: str

    @property
    def is_whole(self) -> bool:
        """Whether both curves were measured to their ends."""
        return self.sweep.outcome.ended == "complete" and bool(self.sweep.outcome.points)


class SweepKeeper:
    """Reads and writes the sweeps of `jv` barriers."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        clock: Clock,
        in_background: InBackground,
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._in_background = in_background

    def measured(self, run: str, place: Place) -> set[str]:
        """The cells that have their curves at `place`, from whatever source."""
        rows = self._store.rows(
            "SELECT DISTINCT cell FROM sweep WHERE run = ? AND track = ? AND step = ?"
            " AND cycle = ? AND withdrawn_utc_ms IS NULL",
            (run, *jv_place(place)),
        )
        return {row["cell"] for row in rows}

    async def keep(self, measured: Measured, note: str, deviation: bool) -> None:
        """Store both curves and what they say, with a note.

        What was not measured to its end is stored too, but does not stand: the J-V stays pending,
        and the curve can be measured again or imported. `sweep.outcome` must have points.
        """
        now = self._clock.utc_ms()
        sweeps = [s for d in BOTH if (s := _stored(measured, d, now)) is not None]
        results = await self._in_background(lambda: results_of(sweeps)) if sweeps else None

        def job(connection: sqlite3.Connection) -> None:
            if results is not None:
                _add(connection, measured, sweeps, results, now)
            add_note(connection, now, measured.run, "jv", note, deviation)

        await asyncio.wrap_future(self._writer.submit(job))


def _add(
    connection: sqlite3.Connection,
    measured: Measured,
    sweeps: list[StoredSweep],
    results: PlaceResults,
    now: int,
) -> None:
    added = [add_sweep(connection, sweep) for sweep in sweeps]
    keep(connection, added, results)
    if not measured.is_whole:
        withdraw_sweeps(connection, [sweep.id for sweep in added], now)
        return
    connection.execute(
        "UPDATE jv SET state = 'taken' WHERE run = ? AND track = ? AND step = ? AND cycle = ?"
        " AND cell = ?",
        (measured.run, *jv_place(measured.place), measured.cell),
    )


def _stored(measured: Measured, direction: Direction, now: int) -> StoredSweep | None:
    """A curve at its planned voltages; NaN where there is no reading. None: it was not begun."""
    points = measured.sweep.curve(direction)
    if not points:
        return None
    planned = measured.sweep.plan.voltages(direction)
    absent = [np.nan] * (len(planned) - len(points))
    volts = [p.set_v if p.voltage_v is None else p.voltage_v for p in points]
    currents = [np.nan if p.current_ma is None else p.current_ma for p in points]
    times = [p.at_ms / 1000 for p in points]
    return StoredSweep(
        run=measured.run,
        place=jv_place(measured.place),
        cell=measured.cell,
        direction=direction,
        quantity="mA",
        area_cm2=measured.area_cm2,
        voltage_v=np.array(volts + planned[len(points) :]),
        current=np.array(currents + absent),
        time_s=np.array(times + absent),
        conditions=measured.conditions,
        source=Source("smu", who=measured.instrument),
        stored_utc_ms=now,
    )
