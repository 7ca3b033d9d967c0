"""Rehearsals with whatever may go wrong, for as long as you like. By hand, or by `make soak`:

.venv/bin/python tests/rehearsal/soak.py --seeds 300

Each seed gives a short plan and one to six faults at any time. The run has to come to its end, or
to say that a heater has tripped, and no rule may be broken. A failure prints one command that plays
it again; its script lies in build/soak. With --long: every plan with every fault script that comes
with soakbench.
"""

import argparse
import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drawing import PLANS, draw

from soakbench.assets import find_bench, find_faults, find_plan, shipped
from soakbench.cli.logs import quiet_logs
from soakbench.config import load_bench, load_faults, load_plan, parse_faults, parse_plan
from soakbench.errors import ConfigError
from soakbench.rehearsal.rehearse import Chip, Order, rehearse
from soakbench.rehearsal.report import Report
from soakbench.rehearsal.script import check_faults

EVERY = 10  # one of so many in MicroPython, the others in this process
BUILD = Path("build/soak")
BENCH = "twin"
BENCHES = {"day-night": "twin-day-night"}  # where it is another one
FAULT_BENCHES = {"senses": "twin-sensed"}  # where a script needs more of it


@dataclass(frozen=True)
class Case:
    """One rehearsal: texts, or the names of what comes with soakbench."""

    name: str
    order: Order
    plan: str
    faults: str
    bench: str = BENCH

    def files(self, folder: Path) -> tuple[str, str]:
        """Plan and fault script for the command line, written down where they are drawn."""
        if not self.name.isdigit():
            return self.plan, self.faults
        folder.mkdir(parents=True, exist_ok=True)
        plan, faults = folder / f"{self.plan}.plan.toml", folder / f"{self.name}.toml"
        plan.write_text(PLANS[self.plan], encoding="utf-8")
        faults.write_text(self.faults, encoding="utf-8")
        return str(plan), str(faults)

    def command(self, folder: Path) -> str:
        """What plays it again."""
        plan, faults = self.files(folder)
        line = ["soakbench", "rehearse", plan, "--bench", self.bench, "--faults", faults]
        line += ["--seed", str(self.order.seed)]
        if self.order.chip == "in-process":
            line.append("--in-process")
        return shlex.join(line)


def drawn(seed: int, chip: Chip | None = None) -> Case:
    """The case of a seed; `chip`: not every tenth in MicroPython but all in this one."""
    made = draw(seed)
    order = Order(
        plan=parse_plan(PLANS[made.plan], f"{made.plan}.plan.toml"),
        bench=load_bench(find_bench(BENCH)),
        seed=seed,
        faults=parse_faults(made.faults, f"{seed}.toml"),
        chip=chip or ("in-process" if seed % EVERY else "micropython"),
    )
    return Case(str(seed), order, made.plan, made.faults)


def with_soakbench(chip: Chip) -> Iterator[Case]:
    """Every plan with every fault script."""
    for plan in shipped("plans"):
        for faults in shipped("plans/faults"):
            bench = BENCHES.get(plan, FAULT_BENCHES.get(faults, BENCH))
            order = Order(
                plan=load_plan(find_plan(plan)),
                bench=load_bench(find_bench(bench)),
                faults=load_faults(find_faults(faults)),
                chip=chip,
            )
            try:
                check_faults(order.faults, order.bench)
            except ConfigError as error:  # written for stations that this bench does not have
                print(f"skipped {plan} with {faults}: {error}", flush=True)
                continue
            yield Case(f"{plan} with {faults}", order, plan, faults, bench)


def complaints(report: Report) -> list[str]:
    """What is wrong with a rehearsal; empty if it has passed. A heater that has tripped waits for
    a person, and there is none: that may end a run."""
    found = [f"{each.rule}: {each.text}" for each in report.violations]
    if report.why_not and not report.trips:
        found.append(f"not finished: {report.why_not}")
    return found


def failure(case: Case, found: list[str], folder: Path) -> str:
    """What to print: the rules, what has happened, and one command."""
    lines = [f"FAILED {case.name} ({case.order.plan.plan.name}):", *(f"  {one}" for one in found)]
    return "\n".join([*lines, f"  again: {case.command(folder)}"])


def play(case: Case) -> tuple[Report | None, list[str]]:
    """Rehearse; an exception is a failure like any other."""
    try:
        report = rehearse(case.order)
    except Exception as error:
        return None, [f"{type(error).__name__}: {error}"]
    return report, complaints(report)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--long", action="store_true", help="what comes with soakbench instead")
    parser.add_argument("--chip", choices=["micropython", "in-process"], help="for all of them")
    wanted = parser.parse_args()
    seeds = range(wanted.first, wanted.first + wanted.seeds)
    cases = (drawn(seed, wanted.chip) for seed in seeds)
    failed, played, simulated_h, tripped, began = 0, 0, 0.0, 0, time.monotonic()
    for case in with_soakbench(wanted.chip or "in-process") if wanted.long else cases:
        with quiet_logs():
            report, found = play(case)
        played += 1
        if report is not None:
            simulated_h += report.simulated_s / 3600
            tripped += bool(report.trips)
        if found:
            failed += 1
            print(failure(case, found, BUILD), flush=True)
    print(
        f"{played} rehearsals, {simulated_h:.0f} h in {time.monotonic() - began:.0f} s;"
        f" in {tripped} a heater tripped; {failed} failed"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
