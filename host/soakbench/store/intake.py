"""Records into the database, and the progress of the run with them, in one transaction.

These functions are jobs or parts of jobs: they take the writer's connection.
"""

import functools
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from soakbench.store.body import columns
from soakbench.store.wear import take_wear
from soakwire import names, records
from soakwire.slots import Record

ToUtc = Callable[[int], tuple[int, int]]  # device ms → (UTC ms, estimated error ms)

# One statement for so many rows takes SQLite a third less time than one statement each.
_ROWS = 35

# Where a TRACK record has its state: the progress wants to know before anything is unpacked.
_STATE_AT = records.HEAD_SIZE + 3


class NotContinuousError(Exception):
    """A batch does not continue what is on disk for its boot (RE-13)."""


@dataclass(frozen=True)
class Batch:
    """Records of one boot, in order. Everything of that boot before `after` is on disk, or gone
    and declared."""

    device: str
    boot: str
    after: int
    items: list[Record]
    run: str | None
    fit: int
    hist_before_utc_ms: int


def store_batch(connection: sqlite3.Connection, batch: Batch, to_utc: ToUtc) -> None:
    """Store what of `batch` is not on disk yet. NotContinuousError if something is missing
    before it."""
    next_seq = next_on_disk(connection, batch.device, batch.boot)
    if batch.after > next_seq:
        raise NotContinuousError(
            f"records {next_seq} to {batch.after - 1} of boot {batch.boot} are not on disk"
        )
    items = batch.items
    if items and items[0].seq < next_seq:
        items = [item for item in items if item.seq >= next_seq]
    add_records(
        connection,
        batch.device,
        batch.boot,
        batch.run,
        items,
        to_utc,
        batch.hist_before_utc_ms,
        batch.fit,
    )


def next_on_disk(connection: sqlite3.Connection, device: str, boot: str) -> int:
    """The first seq of that boot that is not on disk; an open-ended LOSS does not count."""
    row = connection.execute(
        "SELECT lost_from FROM boot WHERE device = ? AND boot = ? AND lost_from IS NOT NULL",
        (device, boot),
    ).fetchone()
    if row is None:
        row = connection.execute(
            "SELECT max(seq) + 1 FROM record WHERE device = ? AND boot = ?", (device, boot)
        ).fetchone()
    return int(row[0] or 0)


def add_records(
    connection: sqlite3.Connection,
    device: str,
    boot: str,
    run: str | None,
    items: list[Record],
    to_utc: ToUtc,
    hist_before_utc_ms: int,
    fit: int | None = None,
) -> None:
    """Store records and move the run's progress along with them.

    Args:
        to_utc: device ms → (UTC ms, estimated error ms).
        hist_before_utc_ms: records older than this are marked as replayed.
        fit: the version of the fit behind `to_utc`.
    """
    newest: dict[int, tuple[Record, int]] = {}  # the last word about each track, and its UTC ms
    for at in range(0, len(items), _ROWS):
        some = items[at : at + _ROWS]
        values: list[object] = [device, boot, run, fit]
        for item in some:
            kind, place, t_ms, body = columns(item)
            t_utc, t_err = to_utc(t_ms)
            hist = 1 if t_utc < hist_before_utc_ms else 0
            values += (item.seq, kind, place, t_ms, t_utc, t_err, hist, item.slot, body)
            # A track is idle where the board has restarted and does not know its program yet.
            if kind == "track" and item.slot[_STATE_AT] != records.IDLE:
                newest[place] = item, t_utc
            elif kind == "wear":
                take_wear(connection, device, boot, item, t_utc)
        connection.execute(_insert(len(some)), values)
    if run is not None:
        for item, t_utc in newest.values():
            _advance(connection, run, item, t_utc)


@functools.cache
def _insert(rows: int) -> str:
    """The statement for `rows` records: four values that they share, then nine of each."""
    one = "(?1,?2,?3,?4" + ",?{}" * 9 + ")"
    each = (one.format(*range(first, first + 9)) for first in range(5, 5 + 9 * rows, 9))
    return (
        "INSERT OR IGNORE INTO record (device, boot, run, fit, seq, kind, place, t_device_ms,"
        f" t_utc_ms, t_err_ms, hist, slot, body) VALUES {','.join(each)}"
    )


def _advance(connection: sqlite3.Connection, run: str, item: Record, t_utc_ms: int) -> None:
    v = item.values
    state = names.TRACK_STATE_NAMES[v["state"] or records.IDLE]
    at = (v["step"], v["cycle"], v["delivered"], v["dose"], v["elapsed"])
    connection.execute(
        "INSERT OR REPLACE INTO progress VALUES (?,?,?,?,?,?,?,?,?)",
        (run, item.place, *at, state, t_utc_ms),
    )
