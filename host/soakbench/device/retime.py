"""The times of stored records, computed anew from the stored measurements of the board's clock.

While a run goes, each record gets the best time that is known then. Afterwards all measurements
of a boot are there, and the board's crystal is steadier than a computer's clock that somebody
sets: one line for the whole boot, by the computer's clock as it was set last.
"""

import sqlite3
from dataclasses import dataclass

from soakbench.device.clockfit import fit_boot
from soakbench.store import Store
from soakbench.store.clocks import ClockLine, add_line, newest_version, read_points

_WHERE = "device = ? AND boot = ? AND (? IS NULL OR run = ?)"


@dataclass(frozen=True)
class RetimedBoot:
    """What changes for the records of one boot. Without measurements nothing does."""

    device: str
    boot: str
    records: int
    measurements: int
    moved: int
    most_ms: int
    """By how much the time moves at most, either way."""
    error_ms: int
    """The largest estimated error afterwards; before, where nothing changes."""
    drift_ppm: float | None


def retime(
    store: Store,
    connection: sqlite3.Connection,
    run: str | None,
    made_utc_ms: int,
    dry_run: bool,
) -> list[RetimedBoot]:
    """Retime the records of `run`, or all; in one transaction. A dry run changes nothing."""
    connection.execute("BEGIN" if dry_run else "BEGIN IMMEDIATE")
    try:
        boots = connection.execute(
            "SELECT device, boot FROM boot WHERE ?1 IS NULL OR EXISTS (SELECT 1 FROM run_boot"
            " WHERE run_boot.device = boot.device AND run_boot.boot = boot.boot AND run = ?1)"
            " ORDER BY seen_utc_ms",
            (run,),
        ).fetchall()
        done = [_retime_boot(store, connection, key, run, made_utc_ms, dry_run) for key in boots]
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return [boot for boot in done if boot.records]


def _retime_boot(
    store: Store,
    connection: sqlite3.Connection,
    key: tuple[str, str],
    run: str | None,
    made_utc_ms: int,
    dry_run: bool,
) -> RetimedBoot:
    which = (*key, run, run)
    points = read_points(store, *key)
    if not points:
        count, error_ms = connection.execute(
            f"SELECT count(*), coalesce(max(t_err_ms), 0) FROM record WHERE {_WHERE}", which
        ).fetchone()
        return RetimedBoot(*key, count, 0, 0, 0, error_ms, None)
    line = fit_boot(points)
    _teach(connection, line)
    count, moved, most_ms, error_ms = connection.execute(
        "SELECT count(*), total(by <> 0), coalesce(max(abs(by)), 0), coalesce(max(error), 0) FROM"
        " (SELECT t_utc_ms - line_utc(t_device_ms) AS by, line_error(t_device_ms) AS error"
        f" FROM record WHERE {_WHERE})",
        which,
    ).fetchone()
    if count and not dry_run:
        version = newest_version(store, *key) + 1
        add_line(connection, *key, version, points[-1].segment, made_utc_ms, line)
        connection.execute(
            "UPDATE record SET t_utc_ms = line_utc(t_device_ms),"
            f" t_err_ms = line_error(t_device_ms), fit = ? WHERE {_WHERE}",
            (version, *which),
        )
    return RetimedBoot(*key, count, len(points), int(moved), most_ms, error_ms, line.drift_ppm)


def _teach(connection: sqlite3.Connection, line: ClockLine) -> None:
    """`line` as functions of SQL, so that rows are counted and moved by the same arithmetic."""
    connection.create_function("line_utc", 1, lambda t: line.to_utc(t)[0], deterministic=True)
    connection.create_function("line_error", 1, lambda t: line.to_utc(t)[1], deterministic=True)
