"""How far each passage through a step came, as the board has told it."""

import sqlite3
from dataclasses import dataclass

from soakbench.store import Store
from soakbench.units import MILLI_PER_HOUR

Visit = tuple[int, int, int]  # track, step, cycle


@dataclass
class Span:
    """A passage. Amounts are the board's, accelerated."""

    ended: bool = False
    skipped: bool = False
    """By a person."""
    delivered: int | None = None
    """Milli-units: which of the two depends on the step."""
    dose: int | None = None
    """Milli-sun-seconds at the station's sensor."""


def read_spans(store: Store, run: str) -> dict[Visit, Span]:
    """Those that have begun. A step that began twice (after a restart) is one passage."""
    spans: dict[Visit, Span] = {}
    for row in store.rows(
        "SELECT event, track, step, cycle, delivered_milli, dose_sun_h FROM event"
        " WHERE run = ? AND event IN ('step_begin', 'barrier', 'step_end')"
        " ORDER BY t_utc_ms, boot, seq",
        (run,),
    ):
        span = spans.setdefault((row["track"], row["step"], row["cycle"]), Span())
        if row["event"] == "step_end":
            _end(span, row)
    _add_running(store, run, spans)
    _add_skipped(store, run, spans)
    return spans


def _end(span: Span, row: sqlite3.Row) -> None:
    span.ended = True
    span.delivered = row["delivered_milli"]
    span.dose = round(row["dose_sun_h"] * MILLI_PER_HOUR)


def _add_running(store: Store, run: str, spans: dict[Visit, Span]) -> None:
    """What the newest record of each track says of the step it is at."""
    for row in store.rows(
        "SELECT track, step, cycle, delivered, dose FROM progress WHERE run = ?", (run,)
    ):
        running = spans.get((row["track"], row["step"], row["cycle"]))
        if running is not None and not running.ended:
            running.delivered, running.dose = row["delivered"], row["dose"]


def _add_skipped(store: Store, run: str, spans: dict[Visit, Span]) -> None:
    """A phase that a person has ended has no event of its end: the last record in it counts."""
    for row in store.rows(
        "SELECT s.track, s.step, s.cycle, t.delivered_milli, t.dose_sun_h,"
        " max(t.t_utc_ms) AS t_utc_ms FROM skipped AS s LEFT JOIN track_sample AS t"
        " ON t.run = s.run AND t.track = s.track AND t.step = s.step AND t.cycle = s.cycle"
        " WHERE s.run = ? GROUP BY s.track, s.step, s.cycle",
        (run,),
    ):
        span = spans.get((row["track"], row["step"], row["cycle"]))
        if span is None:
            continue
        span.skipped = True
        if not span.ended and row["t_utc_ms"] is not None:
            _end(span, row)
