"""`make bench`: the link beside its peers, and rehearsals; tables, and build/bench.json.

python tests/bench/run.py [--only link|rehearsal] [--profile] [--quick]
"""

import argparse
import contextlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import rehearsals
import report
import wire
from peers import ALL, EXTRAS, PEERS, SLOW, PeerError
from profiling import show_profile
from rich.console import Console
from rtt import in_turn, summary
from terminal import ROOT
from throughput import end_to_end, host_only

from soakbench.errors import SoakbenchError

BUILD = ROOT / "build"
BUSY = 0.3  # load per core from which on the figures tell more of others than of the link


@dataclass(frozen=True)
class Counts:
    """How much is measured."""

    blocks: int = 20
    calls: int = 50
    end_to_end: int = 60_000
    host_only: int = 200_000
    wire: int = 7_000


QUICK = Counts(blocks=4, end_to_end=5_000, host_only=20_000)


def measure(counts: Counts, folder: Path, peers: list[str]) -> report.Result:
    """Everything but the machine; databases are made under `folder`."""
    rtt_us = round_trips([*peers, *EXTRAS], counts.blocks, counts.calls)
    slow_us = round_trips([SLOW], 1, counts.calls)
    rates = {
        "end_to_end": end_to_end(folder / "end_to_end", counts.end_to_end),
        "host_only": host_only(folder / "host_only", counts.host_only),
    }
    per_s = {name: round(rate.per_s) for name, rate in rates.items()}
    wire_bytes = wire.bytes_per_record(counts.wire)
    ratios = {
        f"rtt_to_{peer}": round(rtt_us["soakbench"]["median"] / rtt_us[peer]["median"], 3)
        for peer in peers
        if peer != "soakbench"
    }
    ratios["wire_efficiency"] = wire.efficiency()
    return {
        "rtt_us": {name: rtt_us[name] for name in peers},
        "records_per_s": per_s,
        "wire_bytes_per_record": {name: wire_bytes[name] for name in wire.ASKED},
        "ratios": ratios,
        "targets": report.judge({**ratios, **per_s}),
        "extra": {
            "rtt_us": {name: rtt_us[name] for name in EXTRAS} | slow_us,
            "records_per_cpu_s": {name: round(rate.per_cpu_s) for name, rate in rates.items()},
            "wire_bytes_per_record": {name: wire_bytes[name] for name in wire.EXTRA},
        },
    }


def round_trips(names: list[str], blocks: int, calls: int) -> dict[str, dict[str, float]]:
    """Median and p99 of each peer in µs, all connected at once and measured in turn."""
    with contextlib.ExitStack() as stack:
        ready = {name: stack.enter_context(ALL[name]()) for name in names}
        spent_us = in_turn(ready, blocks, calls)
    return {name: summary(spent_us[name]) for name in names}


def main() -> int:
    """Measure, print and write. A target that is missed is no error."""
    options = _options()
    BUILD.mkdir(exist_ok=True)
    try:
        _run(options)
    except (PeerError, SoakbenchError, TimeoutError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def _run(options: argparse.Namespace) -> None:
    console = Console()
    machine = report.machine()
    if machine["load_per_core"] > BUSY:
        console.print(f"[yellow]The machine is busy (load {machine['load_per_core']} per core).[/]")
    result: report.Result = report.read(BUILD / "bench.json")  # what is not measured stays
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        if options.only != "rehearsal":
            result |= measure(QUICK if options.quick else Counts(), Path(folder), list(PEERS))
            report.show(result, console)
            if options.profile:
                show_profile(Path(folder) / "profile", console)
    if options.only != "link":
        names = [rehearsals.PAPER[0]] if options.quick else [*rehearsals.PAPER, rehearsals.LONG]
        console.print(f"Rehearsing {', '.join(names)}, each on both kinds of chip ...")
        result["rehearsal"] = rehearsals.rehearsals(names, console.print)
        console.print(rehearsals.table(result["rehearsal"]))
        if options.profile:
            rehearsals.show_profile(console)
    result["machine"] = machine
    report.write(result, BUILD / "bench.json")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", action="store_true", help="also say where the time goes")
    parser.add_argument("--quick", action="store_true", help="a tenth of the measurements")
    parser.add_argument("--only", choices=("link", "rehearsal"), help="only this half")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
