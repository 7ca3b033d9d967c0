"""Any number of hostile scenarios from the command line.

python tests/soakwire/hostile/soak.py --seeds 100000 [--from 0]
python tests/soakwire/hostile/soak.py --seed 4711 --trace
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[3]
for folder in ("firmware", "protocol", "tests/soakwire"):
    sys.path.insert(0, str(ROOT / folder))

from hostile.scenario import Result, run_seed  # noqa: E402

PROGRESS_S = 5.0


def replay(seed: int) -> str:
    """The command that runs one seed again."""
    return f"python tests/soakwire/hostile/soak.py --seed {seed} --trace"


def say(result: Result) -> None:
    """A failed seed."""
    print(f"seed {result.seed} FAILED; replay: {replay(result.seed)}")
    for fault in result.faults:
        print("   ", fault)


def soak(first: int, count: int) -> int:
    """Run `count` seeds; how many failed."""
    failed = 0
    totals: Counter[str] = Counter()
    scenarios: Counter[str] = Counter()
    began = told = time.monotonic()
    for seed in range(first, first + count):
        result = run_seed(seed)
        totals.update(result.seen)
        scenarios.update(name for name, times in result.seen.items() if times)
        if result.faults:
            failed += 1
            say(result)
        if time.monotonic() - told > PROGRESS_S:
            told = time.monotonic()
            done = seed - first + 1
            print(f"{done} of {count}, {failed} failed, {done / (told - began):.0f} seeds/s")
    took = time.monotonic() - began
    print(f"{count} seeds in {took:.1f} s, {failed} failed")
    for name in sorted(totals):
        share = 100 * scenarios[name] / count
        print(f"    {name:44} {totals[name]:9}   in {share:5.1f} % of the seeds")
    return failed


def main() -> int:
    """The exit code: 1 if a seed failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--trace", action="store_true", help="with --seed: what happened, in order")
    options = parser.parse_args()
    if options.seed is None:
        return int(soak(options.first, options.seeds) > 0)
    result = run_seed(options.seed, trace=options.trace)
    print("\n".join(result.trace))
    if result.faults:
        say(result)
    return int(bool(result.faults))


if __name__ == "__main__":
    sys.exit(main())
