"""A boot's clock in the database: what was measured, and the lines through it."""

import sqlite3
from dataclasses import dataclass

from soakbench.store.store import Store


@dataclass(frozen=True)
class ClockPoint:
    """At `device_ms` of the board it was `utc_ms` here, to `half_ms`."""

    device_ms: int
    utc_ms: int
    half_ms: int
    segment: int = 0
    """Counts how often the computer's clock was set during the boot."""


@dataclass(frozen=True)
class ClockLine:
    """UTC of a boot's device time: a point on it, the drift, and how well both are known."""

    device_ms: int
    utc_ms: float
    drift_ppm: float
    """How much longer a second of UTC is taken to be than one of the board: above 0, the board's
    clock is slow."""
    error_ms: float
    drift_error_ppm: float
    wander_ppm: float
    from_ms: int
    to_ms: int
    points: int

    def to_utc(self, device_ms: int) -> tuple[int, int]:
        """(UTC ms, estimated error ms) of a device time."""
        t = device_ms - self.device_ms
        error_ppm_ms = abs(t) * self.drift_error_ppm
        if device_ms > self.to_ms:
            error_ppm_ms += (device_ms - self.to_ms) * self.wander_ppm
        elif device_ms < self.from_ms:
            error_ppm_ms += (self.from_ms - device_ms) * self.wander_ppm
        utc_ms = round(self.utc_ms + t + t * self.drift_ppm * 1e-6)
        return utc_ms, int(self.error_ms + error_ppm_ms * 1e-6) + 1


def add_points(
    connection: sqlite3.Connection, device: str, boot: str, points: list[ClockPoint]
) -> None:
    """Keep measurements. One of the same device time is there already: it stays."""
    connection.executemany(
        "INSERT OR IGNORE INTO clock_point (device, boot, device_ms, segment, utc_ms, half_ms)"
        " VALUES (?,?,?,?,?,?)",
        [(device, boot, p.device_ms, p.segment, p.utc_ms, p.half_ms) for p in points],
    )


def read_points(store: Store, device: str, boot: str) -> list[ClockPoint]:
    """The measurements of a boot, by device time."""
    rows = store.rows(
        "SELECT device_ms, utc_ms, half_ms, segment FROM clock_point WHERE device = ? AND boot = ?"
        " ORDER BY segment, device_ms",
        (device, boot),
    )
    return [ClockPoint(*row) for row in rows]


def newest_version(store: Store, device: str, boot: str) -> int:
    """The number of the newest line of a boot; 0 if there is none."""
    sql = "SELECT max(version) AS newest FROM clock_fit WHERE device = ? AND boot = ?"
    return int(store.rows(sql, (device, boot))[0]["newest"] or 0)


def add_line(
    connection: sqlite3.Connection,
    device: str,
    boot: str,
    version: int,
    segment: int,
    made_utc_ms: int,
    line: ClockLine,
) -> None:
    """Keep a line under its version, for records to refer to."""
    connection.execute(
        "INSERT INTO clock_fit (device, boot, version, segment, made_utc_ms, points, device_ms,"
        " utc_ms, drift_ppm, error_ms, drift_error_ppm, wander_ppm, from_ms, to_ms)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            device,
            boot,
            version,
            segment,
            made_utc_ms,
            line.points,
            line.device_ms,
            line.utc_ms,
            line.drift_ppm,
            line.error_ms,
            line.drift_error_ppm,
            line.wander_ppm,
            line.from_ms,
            line.to_ms,
        ),
    )
