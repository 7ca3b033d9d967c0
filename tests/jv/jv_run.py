"""A run in a database whose J-V have come due, and curves for them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from diodes import Diode, reverse, swept

from soakbench.assets import find_bench
from soakbench.jv.messages import CurveSent, FileSent, ImportCurves
from soakbench.jv.sweep import Sweep
from soakbench.store import Job, Store, open_store
from soakbench.store.transaction import transact

RUN = "20260302-090000-cells-1a2b"
UTC0 = 1_772_442_000_000
HOUR_MS = 3_600_000
BENCH_TOML = find_bench("twin").read_text("utf-8")
AREA_CM2 = 0.07
VOLTAGE = np.arange(-0.06, 1.12, 0.02)

PLAN = """
[plan]
name = "cells"

[tracks.a]
cells = ["A1", "A2"]
station = "simulator"

[[tracks.a.phases]]
phase = "jv"
label = "again"

[[tracks.a.phases]]
phase = "ageing"
until = "16 h"
light = "1 sun"
jv_at = ["3 h", "10 h"]

[[tracks.a.phases]]
phase = "jv"

[[tracks.a.phases]]
phase = "dark_recovery"
until = "30 min"

[[tracks.a.phases]]
phase = "loop"
back_to = "again"
times = 2
"""
# Steps: 0 jv, 1 ageing 3 h, 2 jv, 3 ageing 7 h, 4 jv, 5 ageing 6 h, 6 jv, 7 dark, 8 loop.


class JvRun:
    """The database of a run of PLAN that has ended."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.store: Store = open_store(data)
        self.now = UTC0
        self.commit(
            lambda c: c.execute(
                "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
                " state, created_utc_ms, started_utc_ms, ended_utc_ms)"
                " VALUES (?, 'cells', 'Cells', ?, ?, 1, 1, 'finished', ?, ?, ?)",
                (RUN, PLAN, BENCH_TOML, UTC0, UTC0, UTC0 + 40 * HOUR_MS),
            )
        )

    def commit(self, job: Job) -> object:
        with closing(self.store.connect_writer()) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # the disk is not what is tested
            (done,) = transact(connection, [job])
        if isinstance(done, Exception):
            raise done
        return done

    def due(self, step: int, cycle: int = 0, after_h: float = 0, cells: str = "A1 A2") -> None:
        """J-V of these cells have come due."""

        def insert(connection: sqlite3.Connection) -> None:
            for cell in cells.split():
                row = (RUN, 0, step, cycle, cell, UTC0 + round(after_h * HOUR_MS))
                connection.execute("INSERT INTO jv VALUES (?,?,?,?,?,?,'pending')", row)

        self.commit(insert)

    def states(self, cell: str = "A1") -> list[str]:
        rows = self.store.rows(
            "SELECT state FROM jv WHERE cell = ? ORDER BY cycle, utc_ms, step", (cell,)
        )
        return [row["state"] for row in rows]

    def notes(self) -> list[tuple[str, str]]:
        return [tuple(row) for row in self.store.rows("SELECT who, text FROM note ORDER BY id")]


def curve(direction: str = "reverse", rs: float = 4.0, sign: float = 1.0) -> Sweep:
    cell = Diode(jph=23.6, voc_wanted=1.04, n=1.5, rs=rs, rsh=1500)
    forth = swept(VOLTAGE, sign * cell.density(VOLTAGE))
    return reverse(forth) if direction == "reverse" else forth


def sent(*curves: Sweep, name: str = "a.csv", per_area: bool = False) -> FileSent:
    """A file with these curves; its hash is made up of its name."""
    factor = 1.0 if per_area else AREA_CM2
    return FileSent(
        name=name,
        sha256=name.encode().hex().ljust(64, "0"),
        curves=[
            CurveSent(
                direction=each.direction,
                quantity="mA/cm2" if per_area else "mA",
                voltage_v=each.voltage_v.tolist(),
                current=(each.density_ma_cm2 * factor).tolist(),
            )
            for each in curves
        ],
    )


def request(*files: FileSent, cell: str = "A1", **more: object) -> ImportCurves:
    wishes = {"irradiance_suns": 1.0, "who": "kim"} | more
    return ImportCurves(cell=cell, files=list(files), **wishes)


def csv(*curves: Sweep, title: str = "Voltage (V),Current (mA)", factor: float = AREA_CM2) -> str:
    """The same as the text of a file."""
    rows = [
        f"{v:.4f},{j * factor:.9g}"
        for each in curves
        for v, j in zip(each.voltage_v, each.density_ma_cm2, strict=True)
    ]
    return "\n".join([title, *rows]) + "\n"
