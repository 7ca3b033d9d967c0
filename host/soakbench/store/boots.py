"""The starts of a board, and what died with them in its memory (RE-15)."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from soakbench.store.body import columns
from soakbench.store.intake import next_on_disk
from soakbench.store.notes import add_note
from soakbench.store.wear import reconcile
from soakwire import records, slots
from soakwire.slots import Record


@dataclass(frozen=True)
class Boot:
    """A start of a board, as its HELLO tells.

    `left_seq` is what the boot before it had reached, if the reset left a trace of that.
    """

    device: str
    boot: str
    seen_utc_ms: int
    reset_cause: str
    firmware: str
    produced: int
    left_seq: int | None = None


@dataclass(frozen=True)
class _Last:
    """The last that is known of a boot: of its last stored record, or else of its first HELLO."""

    produced: int
    t_device_ms: int
    t_utc_ms: int
    t_err_ms: int
    fit: int | None
    run: str | None


_UNDER_WAY = "run IN (SELECT run FROM run WHERE ended_utc_ms IS NULL)"


def see_boot(connection: sqlite3.Connection, boot: Boot) -> None:
    """Note a boot; every other boot of that board is over, and what it still held is lost.

    Comes in the writer's order: whatever was handed over of the boot before is stored by now, or
    was refused. A boot that was seen before changes nothing.
    """
    others = connection.execute(
        "SELECT boot FROM boot WHERE device = ? AND boot <> ? AND lost_from IS NULL",
        (boot.device, boot.boot),
    ).fetchall()
    for (name,) in others:
        reconcile(connection, boot.device, name)
        _declare_lost(connection, boot, name)
    _withdraw(connection, boot)
    connection.execute(
        "INSERT OR IGNORE INTO boot (device, boot, seen_utc_ms, reset_cause, firmware, produced)"
        " VALUES (?,?,?,?,?,?)",
        (
            boot.device,
            boot.boot,
            boot.seen_utc_ms,
            boot.reset_cause,
            boot.firmware,
            boot.produced,
        ),
    )


def _declare_lost(connection: sqlite3.Connection, after: Boot, name: str) -> None:
    """Write the open-ended LOSS of boot `name`, which is over since `after`.

    What the reset left in a scratch register is the number of the boot right before. Where the
    host was away for several boots, those between are unknown to it, and the number is taken for
    that of the boot it knows: nobody can tell.
    """
    key = (after.device, name)
    last = _last_stored(connection, key)
    end = max(last.produced, after.left_seq or 0, next_on_disk(connection, *key))
    stored, declared, first = _kept(connection, key)
    absent = max(end - stored - declared, 0)
    item = _loss(first, absent, last.t_device_ms)
    connection.execute(
        "INSERT INTO record (device, boot, seq, kind, place, t_device_ms, body, t_utc_ms, t_err_ms,"
        " fit, hist, run, slot) VALUES (?,?,?,?,?,?,?,?,?,?,1,?,?)",
        (*key, first, *columns(item), last.t_utc_ms, last.t_err_ms, last.fit, last.run, item.slot),
    )
    connection.execute(
        "UPDATE boot SET lost_from = ?, produced = ? WHERE device = ? AND boot = ?",
        (first, end, *key),
    )
    connection.execute(
        "UPDATE run_boot SET end_seq = max(end_seq, ?) WHERE device = ? AND boot = ?"
        f" AND {_UNDER_WAY}",
        (end, *key),
    )
    text = _in_words(name, last.t_utc_ms, absent)
    add_note(connection, after.seen_utc_ms, last.run, "loss", text, deviation=True)


def _kept(connection: sqlite3.Connection, key: tuple[str, str]) -> tuple[int, int, int]:
    """How many records of a boot are stored and how many declared absent by the board, and the
    first seq that is neither: of a thinned backlog the LOSS comes last, and may have died."""
    where = "FROM record WHERE device = ? AND boot = ?"
    stored = connection.execute(f"SELECT count(*) {where}", key).fetchone()[0]
    losses = connection.execute(
        "SELECT body ->> 'first_seq', body ->> 'last_seq', body ->> 'absent'"
        f" {where} AND kind = 'loss'",
        key,
    ).fetchall()
    gaps = connection.execute(
        "SELECT before + 1, seq FROM (SELECT seq, lag(seq, 1, -1) OVER (ORDER BY seq) AS before"
        f" {where}) WHERE seq > before + 1 ORDER BY seq",
        key,
    )
    for begin, end in gaps:
        for seq in range(begin, end):
            if not any(first <= seq <= last for first, last, _ in losses):
                return stored, sum(loss[2] for loss in losses), seq
    return stored, sum(loss[2] for loss in losses), next_on_disk(connection, *key)


def _in_words(name: str, t_utc_ms: int, known: int) -> str:
    since = f"{datetime.fromtimestamp(t_utc_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    if known:
        were, count = "were", f"{known} known"
    else:
        were, count = "may have been", "none known"
    return (
        f"records after {since} of boot {name} {were} lost in the board's memory: {count}, end open"
    )


def _loss(first_seq: int, absent: int, t_ms: int) -> Record:
    slot = bytearray(records.SLOT_SIZE)
    stamp = slots.split_time(t_ms)
    values: list[int | None] = [first_seq, None, absent, 0, *stamp]
    records.pack_slot(slot, 0, first_seq, stamp, records.LOSS, 0, values)
    return Record(bytes(slot))


def _last_stored(connection: sqlite3.Connection, key: tuple[str, str]) -> _Last:
    produced, t_utc_ms = connection.execute(
        "SELECT produced, seen_utc_ms FROM boot WHERE device = ? AND boot = ?", key
    ).fetchone()
    t_device_ms, t_err_ms, fit, run = 0, 0, None, None
    row = connection.execute(
        "SELECT t_device_ms, t_utc_ms, t_err_ms, fit, run FROM record"
        " WHERE device = ? AND boot = ? ORDER BY seq DESC LIMIT 1",
        key,
    ).fetchone()
    if row is not None:
        t_device_ms, t_utc_ms, t_err_ms, fit, run = row
    going = connection.execute(
        f"SELECT run FROM run_boot WHERE device = ? AND boot = ? AND {_UNDER_WAY}", key
    ).fetchone()
    return _Last(produced, t_device_ms, t_utc_ms, t_err_ms, fit, going[0] if going else run)


def _withdraw(connection: sqlite3.Connection, boot: Boot) -> None:
    """A boot that shows again was not dead (two boards with one id): its records go on, and the
    LOSS must not stand where the next one belongs."""
    key = (boot.device, boot.boot)
    connection.execute(
        "DELETE FROM record WHERE device = ?1 AND boot = ?2 AND seq ="
        " (SELECT lost_from FROM boot WHERE device = ?1 AND boot = ?2)",
        key,
    )
    connection.execute("UPDATE boot SET lost_from = NULL WHERE device = ? AND boot = ?", key)
