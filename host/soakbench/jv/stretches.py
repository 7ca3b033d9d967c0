"""Where a record of voltages turns: the sweeps in it."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from soakbench.jv.sweep import SAME_V, Direction, Floats

LEAST_POINTS = 3  # fewer are the way to the first voltage, no sweep
TURN_SHARE = 0.5  # of the median step: going back less is noise of the readback


@dataclass(frozen=True)
class Stretch:
    """Points `begin` to `end` (exclusive) of a record, in which the voltage goes one way."""

    begin: int
    end: int
    direction: Direction


def stretches(voltage_v: Floats) -> list[Stretch]:
    """The stretches with 3 points or more, in order.

    The point at which the voltage turns ends one stretch and begins the next, if it was measured
    once only. Voltages that are no numbers stay where they are.
    """
    turns = [0, *_turns(voltage_v), len(voltage_v) - 1]
    found = []
    for begin, end in pairwise(turns):
        part = voltage_v[begin : end + 1]
        known = part[np.isfinite(part)]
        if len(known) >= LEAST_POINTS and known[0] != known[-1]:
            first = begin + _repeated(part) if begin else begin
            found.append(Stretch(first, end + 1, _direction(known)))
    return found


def _direction(voltage_v: Floats) -> Direction:
    return "reverse" if voltage_v[-1] < voltage_v[0] else "forward"


def _repeated(voltage_v: Floats) -> int:
    """How many of the first points repeat the voltage at which the stretch before has ended."""
    return int(len(voltage_v) > 1 and abs(voltage_v[1] - voltage_v[0]) <= SAME_V)


def _turns(voltage_v: Floats) -> list[int]:
    """The points at which the voltage turns."""
    known = np.flatnonzero(np.isfinite(voltage_v))
    if len(known) < LEAST_POINTS:
        return []
    steps = np.abs(np.diff(voltage_v[known]))
    noise_v = TURN_SHARE * float(np.median(steps[steps > SAME_V])) if steps.max() > SAME_V else 0.0
    turns, way, extreme = [], 0.0, int(known[0])
    for index in known[1:]:
        moved = voltage_v[index] - voltage_v[extreme]
        if way == 0.0 and abs(moved) > noise_v:
            way = np.sign(moved)
        if moved * way >= 0:
            extreme = int(index) if moved else extreme
        elif abs(moved) > noise_v:
            turns.append(extreme)
            way, extreme = -way, int(index)
    return turns
