"""Days of experiment in virtual time: how fast, and where the time goes.

The two kinds of chip take turns on the same plan, so that their ratio is of one and the same hour
of a noisy computer.
"""

import cProfile
import pstats
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from terminal import ROOT

from soakbench.assets import find_bench, find_plan
from soakbench.config import load_bench, load_plan, parse_plan
from soakbench.config.plan import PlanConfig
from soakbench.rehearsal.rehearse import Chip, Order, rehearse
from soakbench.rehearsal.report import Report

CHIPS: tuple[Chip, ...] = ("micropython", "in-process")
PAPER = ("paper_oc_dark", "paper_fig4")
LONG = "day_night_1000h"
_LONG_DAYS = 42  # of 24 h and a little more

Figures = dict[str, Any]


def plan_of(name: str) -> PlanConfig:
    """A shipped plan by its name here; the long one is day-night for more days."""
    if name != LONG:
        return load_plan(find_plan(name.replace("_", "-")))
    text = find_plan("day-night").read_text("utf-8")
    longer, count = re.subn(r"^times = 7$", f"times = {_LONG_DAYS}", text, flags=re.MULTILINE)
    if not count:
        raise ValueError("day-night has no loop of seven days")
    return parse_plan(longer, LONG)


def order_of(name: str, chip: Chip) -> Order:
    """What is rehearsed."""
    bench = "twin-day-night" if name.startswith("day_night") else "twin"
    return Order(plan=plan_of(name), bench=load_bench(find_bench(bench)), chip=chip)


def rehearsals(names: list[str], tell: Callable[[str], None]) -> dict[str, Figures]:
    """Each plan on both chips. The figures of the first chip, and beside them the other's.

    `tell` hears of each as it is through: the long one takes many minutes.
    """
    return {name: _both(name, tell) for name in names}


def _both(name: str, tell: Callable[[str], None]) -> Figures:
    child, local = (_one(name, chip, tell) for chip in CHIPS)
    return {
        "simulated_s": round(child.simulated_s),
        "wall_s": round(child.wall_s, 1),
        "speedup": round(child.speedup),
        "polls": child.polls,
        "us_per_poll": round(1e6 * child.wall_s / child.polls),
        "in_process": {
            "wall_s": round(local.wall_s, 1),
            "times_as_fast": round(child.wall_s / local.wall_s, 2),
            "same_database": child.db_hash == local.db_hash,
        },
    }


def _one(name: str, chip: Chip, tell: Callable[[str], None]) -> Report:
    report = rehearse(order_of(name, chip))
    if report.verdict.counts or report.why_not:
        raise RuntimeError(f"{name}: {report.why_not or dict(report.verdict.counts)}")
    tell(f"{name}, {chip}: {report.simulated_s / 3600:.1f} h in {report.wall_s:.1f} s")
    return report


def table(results: dict[str, Figures]) -> Table:
    """For people."""
    columns = ("plan", "h", "wall s", "speed-up", "exchanges", "µs each")
    made = Table(*columns, "local s", "faster", title="rehearsals; local: in this process")
    for name, figures in results.items():
        local = figures["in_process"]
        made.add_row(
            name,
            f"{figures['simulated_s'] / 3600:.1f}",
            f"{figures['wall_s']:.1f}",
            f"{figures['speedup']}×",
            f"{figures['polls']:,}",
            str(figures["us_per_poll"]),
            f"{local['wall_s']:.1f}",
            f"{local['times_as_fast']:.2f}×",
        )
    return made


def show_profile(console: Console, name: str = PAPER[0]) -> None:
    """Where the time of a rehearsal in this process goes, by the folder of the code."""
    profile = cProfile.Profile()
    profile.runcall(rehearse, order_of(name, "in-process"))
    spent: Counter[str] = Counter()
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _line, _function), (_calls, _all, own_s, _with, callers) in stats.items():
        if file == "~":  # built in: that of who has called it
            for (caller, *_rest), figures in callers.items():
                spent[_folder(caller)] += figures[2]
        else:
            spent[_folder(file)] += own_s
    total_s = sum(spent.values())
    made = Table("code", "share", title=f"{name} in process, by cProfile")
    for folder, own_s in spent.most_common(14):
        made.add_row(folder, f"{100 * own_s / total_s:.0f} %")
    console.print(made)


def _folder(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return str(path.relative_to(ROOT).parent)
    return path.parent.name or "python"
