"""Round trips of the three peers, measured in turn so that all meet the same machine."""

import math
import statistics
import time
from collections.abc import Callable

Block = Callable[[int], list[float]]
"""Makes a number of calls; how many microseconds each took."""

WARM_UP = 10


def block_of(call: Callable[[], None]) -> Block:
    """A block of calls of a function that waits for its answer."""

    def block(calls: int) -> list[float]:
        return [_timed_us(call) for _ in range(calls)]

    return block


def in_turn(peers: dict[str, Block], blocks: int, calls: int) -> dict[str, list[float]]:
    """Microseconds of each call by peer: `blocks` rounds of `calls` calls of each."""
    spent_us: dict[str, list[float]] = {name: [] for name in peers}
    for block in peers.values():
        block(min(calls, WARM_UP))
    for _ in range(blocks):
        for name, block in peers.items():
            spent_us[name].extend(block(calls))
    return spent_us


def summary(spent_us: list[float]) -> dict[str, float]:
    """Median and 99th percentile (nearest rank)."""
    rank = math.ceil(0.99 * len(spent_us)) - 1
    return {
        "median": round(statistics.median(spent_us), 1),
        "p99": round(sorted(spent_us)[rank], 1),
    }


def _timed_us(call: Callable[[], None]) -> float:
    begun = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - begun) / 1000
