"""What each track of a run lived through, from its records: where it was, and when that counted.

A track's events and samples are points in time; between two of them, within one start of the
board, the track stays what the first one says. What lies between two starts belongs to nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soakbench.store import Store
from soakbench.store.columns import Axis, Columns, Numbers, read_columns
from soakbench.units import MILLI_PER_HOUR
from soakwire import records

Mask = npt.NDArray[np.bool_]

# After these the track is at its step, and it counts or does not.
_COUNTS = (records.EV_IN_CONDITION,)
_COUNTS_NOT = (
    records.EV_STEP_BEGIN,
    records.EV_BARRIER,
    records.EV_OUT_OF_CONDITION,
    records.EV_PAUSED,
)
# After these it is at no step.
_ENDS = (records.EV_STEP_END, records.EV_TRACK_DONE, records.EV_STOPPED)
_THERE = (records.RUNNING, records.BARRIER, records.PAUSED)


@dataclass(frozen=True)
class Stretches:
    """Times that do not overlap, in order, and where the track was in them. Real milliseconds on
    the run's axis."""

    begin_ms: Numbers
    end_ms: Numbers
    step: Numbers
    cycle: Numbers
    counted: Mask
    """Whether the phase's condition held, so that the time counted."""

    def where(self, mask: Mask) -> "Stretches":
        """Those of `mask`."""
        return Stretches(
            self.begin_ms[mask],
            self.end_ms[mask],
            self.step[mask],
            self.cycle[mask],
            self.counted[mask],
        )

    def at(self, steps: Iterable[int]) -> "Stretches":
        """Those at one of `steps`."""
        return self.where(np.isin(self.step, list(steps)))

    def passage(self, step: int, cycle: int) -> "Stretches":
        """Those of one time through `step`."""
        return self.where((self.step == step) & (self.cycle == cycle))

    @property
    def counting(self) -> "Stretches":
        """Those that counted."""
        return self.where(self.counted)

    @property
    def hours(self) -> float:
        """Of them all, in real time."""
        return float((self.end_ms - self.begin_ms).sum()) / MILLI_PER_HOUR

    def joined(self) -> tuple[Numbers, Numbers]:
        """Begins and ends, where stretches that follow one another are one."""
        apart = self.begin_ms[1:] > self.end_ms[:-1]
        return self.begin_ms[np.append(True, apart)[: self.begin_ms.size]], self.end_ms[
            np.append(apart, True)[: self.end_ms.size]
        ]


def read_tracks(store: Store, run: str, axis: Axis, count: int) -> list[Stretches]:
    """What each of the `count` tracks of `run` lived through."""
    events = read_columns(store, run, records.EVENT, axis)
    samples = read_columns(store, run, records.TRACK, axis)
    return [_stretches(_points(events, samples, number)) for number in range(count)]


def _stretches(points: Numbers) -> Stretches:
    boot, _, t_ms, step, cycle, state = points
    same = (boot[1:] == boot[:-1]) & (t_ms[1:] > t_ms[:-1]) & (state[:-1] != _NOWHERE)
    return Stretches(
        begin_ms=t_ms[:-1][same],
        end_ms=t_ms[1:][same],
        step=step[:-1][same],
        cycle=cycle[:-1][same],
        counted=state[:-1][same] == _COUNTING,
    )


_NOWHERE, _WAITING, _COUNTING = 0.0, 1.0, 2.0


def _points(events: Columns, samples: Columns, number: int) -> Numbers:
    """Rows: boot, seq, time, step, cycle and state, in the order in which they were made."""
    of_all = events.place == records.EV_STOPPED
    told = np.isin(events.place, (*_COUNTS, *_COUNTS_NOT, *_ENDS))
    mine = told & ((events.fields["track"] == number) | of_all)
    state = np.where(np.isin(events.place, _COUNTS), _COUNTING, _WAITING)
    state[np.isin(events.place, _ENDS)] = _NOWHERE
    there = np.isin(samples.fields["state"], _THERE)
    counts = there & (samples.fields["in_condition"] == 1)
    seen = np.where(counts, _COUNTING, np.where(there, _WAITING, _NOWHERE))
    rows = np.hstack(
        (_rows(events, state)[:, mine], _rows(samples, seen)[:, samples.place == number])
    )
    ordered: Numbers = rows[:, np.lexsort((rows[1], rows[0]))]
    return ordered


def _rows(of: Columns, state: Numbers) -> Numbers:
    return np.vstack((of.boot, of.seq, of.t_ms, of.fields["step"], of.fields["cycle"], state))
