"""Cuts of host, board or both, at every phase boundary and at random. By hand, or by `make soak`:

.venv/bin/python tests/rehearsal/cuts.py paper-oc-thermal paper-fig4

One rehearsal for each boundary and kind of cut, so that nothing else has moved the boundary; the
random instants ten to a rehearsal. Each must end with every goal delivered, each phase once and in
order (the judge sees to it), and the account must name each cut of the board with its length.

With --accelerate 16 the phases are a sixteenth as long, and everything else is as it is: the same
cuts at the same boundaries in minutes instead of hours.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rehearsing import fault

from soakbench.assets import find_bench, find_plan
from soakbench.cli.logs import quiet_logs
from soakbench.config import load_bench, load_plan, parse_faults
from soakbench.rehearsal.host import EPOCH_UTC_MS
from soakbench.rehearsal.rehearse import Order, rehearse
from soakbench.rehearsal.report import Report
from soakbench.status import Deviation

KINDS = ("host", "board", "both")
AROUND_S = (-2.0, -0.1, 0.0, 0.1, 2.0)  # of a boundary
TOGETHER = 10  # random instants in one rehearsal
LEAST_APART_S = 30.0

# How much longer than the power cut a gap may be: back to the last sample, and on until the host
# has found the port, handed over configuration and program, and started the tracks.
SAMPLE_S = 10.0
TAKE_UP_S = 8.0
CONTROL_S = 1.0  # what is delivered more than the goal, at most
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(milliseconds=EPOCH_UTC_MS)


@dataclass(frozen=True)
class Cut:
    """From when on, for how long, and of what."""

    kind: str
    at_s: float
    for_s: float

    def faults(self) -> str:
        """As entries of a fault script."""
        keys = {"at": f"{self.at_s:.3f} s", "for_": f"{self.for_s:.3f} s"}
        names = {"host": ["host_away"], "board": ["power_cut"], "both": ["power_cut", "host_away"]}
        return "".join(fault(name, **keys) + "\n" for name in names[self.kind])


def boundaries_s(report: Report) -> list[float]:
    """When phases end in a rehearsal, in seconds from its begin."""
    ends = {passage.to_h for passage in report.passages if passage.to_h is not None}
    return [end * 3600 for end in sorted(ends)]


def at_boundaries(report: Report, kind: str, chance: random.Random) -> Iterator[list[Cut]]:
    """One cut for each boundary, a moment before, after or upon it."""
    for boundary_s in boundaries_s(report):
        at_s = max(boundary_s + chance.choice(AROUND_S), 0.5)
        yield [Cut(kind, at_s, _length_s(chance))]


def at_random(report: Report, kind: str, count: int, chance: random.Random) -> Iterator[list[Cut]]:
    """`count` cuts anywhere, some to a rehearsal, none while another lasts."""
    left = count
    while left > 0:
        cuts: list[Cut] = []
        starts = (chance.uniform(1, report.simulated_s - 1) for _ in range(min(left, TOGETHER)))
        for at_s in sorted(starts):
            free_from_s = cuts[-1].at_s + cuts[-1].for_s + LEAST_APART_S if cuts else 0.0
            cuts.append(Cut(kind, max(at_s, free_from_s), _length_s(chance)))
        left -= len(cuts)
        yield cuts


def _length_s(chance: random.Random) -> float:
    """From a second to ten minutes, short ones as often as long ones."""
    return round(10 ** chance.uniform(0, 2.78), 3)


def play(order: Order, cuts: list[Cut]) -> list[str]:
    """What is wrong after these cuts; empty if nothing is."""
    script = parse_faults("".join(cut.faults() for cut in cuts), "cuts.toml")
    with quiet_logs():
        report = rehearse(replace(order, faults=script))
    return complaints(report, cuts, order.plan.plan.accelerate)


def complaints(report: Report, cuts: list[Cut], accelerate: float = 1) -> list[str]:
    """What the judge has found, and what the account does not say or says wrongly."""
    found = [f"{each.rule}: {each.text}" for each in report.violations]
    if report.why_not or report.summary is None:
        return [*found, f"not finished: {report.why_not}"]
    for phase in report.summary.phases:
        if phase.state not in ("done", "pending"):
            found.append(f"{phase.track}, {phase.phase}: {phase.state}")
        if phase.planned is not None and phase.delivered is not None and phase.unit == "h":
            over_s = (phase.delivered - phase.planned) * 3600
            if not -0.001 <= over_s <= CONTROL_S * accelerate:
                found.append(f"{phase.track}, {phase.phase}: {over_s:+.3f} s delivered")
    gaps = [one for one in report.summary.deviations if one.kind == "gap"]
    ends_s = [max(passage.to_h or 0 for passage in report.passages) * 3600]
    for cut in cuts:
        if cut.kind != "host" and cut.at_s < max(ends_s):
            found += _not_named(cut, [gap for gap in gaps if _is_of(gap, cut)])
    known = [gap for gap in gaps if any(_is_of(gap, cut) for cut in cuts if cut.kind != "host")]
    found += [f"a gap that nobody made: {gap}" for gap in gaps if gap not in known]
    return found


def _begin_s(gap: Deviation) -> float:
    return (gap.begin - EPOCH).total_seconds()


def _is_of(gap: Deviation, cut: Cut) -> bool:
    """A gap begins with the last record, which was at most a sample before the cut."""
    return -0.1 <= cut.at_s - _begin_s(gap) <= SAMPLE_S + 0.1


def _not_named(cut: Cut, gaps: list[Deviation]) -> Iterator[str]:
    if not gaps:
        yield f"no deviation names {cut}"
    for gap in gaps:
        until_s = cut.at_s + cut.for_s
        end_s = _begin_s(gap) + (gap.length_s or 0.0)
        if not until_s - 0.1 <= end_s <= until_s + TAKE_UP_S:
            yield f"{cut} is told to end {end_s - until_s:+.1f} s after it did"
        if not gap.text.startswith("the board was away; "):
            yield f"{cut} is told as {gap.text}"


def grid(order: Order, count: int, seed: int) -> Iterator[list[Cut]]:
    """All cuts of a plan: each boundary and `count` random instants, by host, board and both."""
    with quiet_logs():
        plain = rehearse(order)
    chance = random.Random(seed)
    for kind in KINDS:
        yield from at_boundaries(plain, kind, chance)
        yield from at_random(plain, kind, count, chance)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plans", nargs="+")
    parser.add_argument("--count", type=int, default=50, help="random instants for each kind")
    parser.add_argument("--accelerate", type=float, default=1, help="of the cells' lives")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    failed, cut_count, played, began = 0, 0, 0, time.monotonic()
    for name in wanted.plans:
        plan, bench = load_plan(find_plan(name)), load_bench(find_bench("twin"))
        head = plan.plan.model_copy(update={"accelerate": wanted.accelerate})
        plan = plan.model_copy(update={"plan": head})
        order = Order(plan=plan, bench=bench, seed=wanted.seed, chip="in-process")
        for cuts in grid(order, wanted.count, wanted.seed):
            found = play(order, cuts)
            played, cut_count = played + 1, cut_count + len(cuts)
            if found:
                failed += 1
                print(f"FAILED {name}, {cuts}:", *found, sep="\n  ", flush=True)
    took_s = time.monotonic() - began
    print(f"{cut_count} cuts in {played} rehearsals, {took_s:.0f} s; {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
