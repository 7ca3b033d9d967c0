"""Short rehearsals in this process, and what they leave behind."""

from dataclasses import replace
from pathlib import Path

from soakbench.assets import find_bench
from soakbench.config import BenchConfig, load_bench, parse_faults, parse_plan
from soakbench.config.bench import ShortRelay
from soakbench.rehearsal.rehearse import Order, rehearse
from soakbench.rehearsal.report import Report
from soakbench.store import Store, open_store

# Light side by side, then one track stays in the dark while the other is carried to the hotplate.
# Without faults: light to 6 min, dark to 16 min, 50 °C from about 9 to 12 min.
SPLIT = """
[plan]
name = "split"
title = "Dark and warm"
sample_s = 10
fast_for_s = 30

[tracks.dark]
cells = ["A1", "A2"]
station = "simulator"
loads = { A1 = "OC", A2 = "SC" }

[[tracks.dark.phases]]
phase = "ageing"
until = "6 min"
light = "1 sun"

[[tracks.dark.phases]]
phase = "dark_recovery"
load = "OC"
until = "10 min"

[tracks.thermal]
cells = ["B1", "B2"]
station = "simulator"
load = "OC"

[[tracks.thermal.phases]]
phase = "ageing"
until = "6 min"
light = "1 sun"

[[tracks.thermal.phases]]
phase = "confirm"
message = "Move substrate B"
station = "hotplate_box"

[[tracks.thermal.phases]]
phase = "thermal_recovery"
until = "3 min"
temperature = "50 °C"
"""

# One substrate as in paper-oc-dark, in minutes.
OC_DARK = """
[plan]
name = "oc-dark"
sample_s = 10

[tracks.a]
cells = ["A1", "A2", "A3", "A4"]
station = "simulator"
load = "OC"

[[tracks.a.phases]]
phase = "jv"

[[tracks.a.phases]]
phase = "ageing"
until = "5 min"
light = "1 sun"

[[tracks.a.phases]]
phase = "jv"

[[tracks.a.phases]]
phase = "dark_recovery"
until = "5 min"

[[tracks.a.phases]]
phase = "jv"
"""


def bench() -> BenchConfig:
    """Without a source meter: J-V curves that are taken elsewhere take no time, so that faults can
    be timed to the minute. test_jv_batches.py is about those that take theirs."""
    return load_bench(find_bench("twin")).model_copy(update={"smu": None})


def order(plan: str = SPLIT, faults: str = "", seed: int = 1, **more: int) -> Order:
    """For the firmware in this process."""
    return Order(
        plan=parse_plan(plan, "plan.toml"),
        bench=bench(),
        seed=seed,
        faults=parse_faults(faults, "faults.toml"),
        chip="in-process",
        patience_ms=10 * 60_000,
        **more,
    )


def latching(made: Order, power_off: str = "SC") -> Order:
    """Substrate A with latching relays: the coils on the pins of B's relays."""
    cells = {
        name: cell.model_copy(update={"power_off": power_off, "short_relay": relay(number)})
        for number, (name, cell) in enumerate(made.bench.cells.items())
        if name.startswith("A")
    }
    bench = made.bench.model_copy(update={"cells": cells})
    return replace(made, bench=bench)


def relay(number: int) -> ShortRelay:
    """Of cell `number`."""
    return ShortRelay(set_pin=number, reset_pin=4 + number, rest="SC")


def fault(kind: str, at: str, **keys: object) -> str:
    """One entry of a fault script; `for_` is `for`."""
    lines = [f'fault = "{kind}"', f'at = "{at}"']
    for key, value in keys.items():
        written = f'"{value}"' if isinstance(value, str) else str(value)
        lines.append(f"{key.rstrip('_')} = {written}")
    return "[[faults]]\n" + "\n".join(lines) + "\n"


class Rehearsed:
    """A rehearsal that is over, and its database."""

    def __init__(self, report: Report, data: Path) -> None:
        self.report = report
        self.store: Store = open_store(data)

    def events(self, name: str) -> list[dict[str, object]]:
        """The events of a name, in order."""
        rows = self.store.rows(
            "SELECT t_device_ms, track, step, station, a, b FROM event WHERE event = ?"
            " ORDER BY t_utc_ms, boot, seq",
            (name,),
        )
        return [dict(row) for row in rows]

    def count(self, sql: str) -> int:
        """The one number that a query gives."""
        (row,) = self.store.rows(sql)
        number: int = row[0]
        return number

    def column(self, sql: str) -> list[object]:
        """The first column of what a query gives."""
        return [row[0] for row in self.store.rows(sql)]


def play(data: Path, *faults: str, plan: str = SPLIT, seed: int = 1, **more: int) -> Rehearsed:
    """Rehearse in `data`, which is new."""
    report = rehearse(order(plan, "".join(faults), seed, **more), data)
    return Rehearsed(report, data)


def assert_passed(report: Report) -> None:
    """Finished, with every record in its place and no rule broken."""
    assert report.why_not == ""
    assert report.violations == []
    custody = report.verdict.custody
    assert (custody.missing, custody.duplicates, custody.foreign) == (0, 0, 0)
    assert custody.produced == custody.stored + custody.declared_loss + custody.on_board
