"""What the sensors showed during stretches of a run. Each reading stands for the time up to the
next one, but for no longer than a sensor may be silent; sampling is faster after a phase begins,
and a plain mean would be a mean of beginnings."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from soakbench.cell_history import Readings
from soakbench.run.history import Stretches
from soakbench.store import Store
from soakbench.store.columns import Axis, Columns, Numbers, read_columns
from soakbench.units import MILLI_PER_HOUR
from soakwire import records

_SILENT_AFTER = 3  # sampling periods
_MOMENT_MS = 1000.0  # the longest control period: a reading can be so much older than its event

Quantity = tuple[tuple[str, int, str, float], ...]
"""Where a quantity is found, the best sensor first: its name, kind, field and raw units in one."""

TEMPERATURE_C: Quantity = (
    ("stage", records.STATION, "stage", 100.0),
    ("plate", records.STATION, "plate", 100.0),
)
PLATE_C: Quantity = (TEMPERATURE_C[1],)
LIGHT_SUNS: Quantity = (("light", records.STATION, "light", 1000.0),)
HUMIDITY_PERCENT: Quantity = (("humidity", records.AIR, "humidity", 100.0),)


@dataclass(frozen=True)
class _Shown:
    sensor: str
    values: Numbers
    weights_ms: Numbers


class Sensors:
    """The readings of all stations during a run."""

    def __init__(self, store: Store, run: str, axis: Axis, sample_ms: int, factor: float) -> None:
        """`factor`: how many times faster than the bench the cells lived."""
        self._columns: dict[tuple[int, int], Columns] = {}
        for kind in (records.STATION, records.AIR):
            rows = read_columns(store, run, kind, axis)
            for station in np.unique(rows.place):
                self._columns[kind, int(station)] = rows.where(rows.place == station)
        self._longest_ms = _SILENT_AFTER * sample_ms
        self._factor = factor

    def during(self, quantity: Quantity, stays: Iterable[tuple[int, Stretches]]) -> Readings:
        """Of `quantity` at the stations (by number) where the cells stayed."""
        shown = []
        stayed_h = 0.0
        for station, stretches in stays:
            stayed_h += stretches.hours
            best = self._best(quantity, station, stretches)
            if best is not None:
                shown.append(best)
        return _readings(shown, stayed_h, self._factor)

    def samples(self, quantity: Quantity, station: int, stretches: Stretches) -> int:
        """How many readings stand behind what `during` says."""
        best = self._best(quantity, station, stretches)
        return 0 if best is None else int(best.values.size)

    def _best(self, quantity: Quantity, station: int, stretches: Stretches) -> _Shown | None:
        """Of the first sensor that has shown anything."""
        for sensor, kind, field, units in quantity:
            rows = self._columns.get((kind, station))
            if rows is None or not stretches.begin_ms.size:
                continue
            since, until = np.searchsorted(
                rows.t_ms, (stretches.begin_ms[0], stretches.end_ms[-1]), side="left"
            )
            near = slice(since, until + 1)  # one more, which says how long the last one stands
            values = rows.fields[field][near] / units
            weights_ms = self._weights_ms(rows.t_ms[near], stretches)
            told = np.isfinite(values) & (weights_ms > 0)
            if told.any():
                return _Shown(sensor, values[told], weights_ms[told])
        return None

    def _weights_ms(self, t_ms: Numbers, stretches: Stretches) -> Numbers:
        """How long each reading stands for. What was seen up to the begin of a stretch says nothing
        of it, and a reading of its last moment may be what has ended it."""
        begin_ms, end_ms = stretches.joined()
        at = np.searchsorted(begin_ms, t_ms, side="left") - 1
        inside = (at >= 0) & (t_ms < np.append(end_ms, -np.inf)[at])
        first = inside & (at != np.append(-1, at[:-1]))
        next_ms = np.append(t_ms[1:], np.inf)
        since = np.where(first, np.append(begin_ms, 0.0)[at], t_ms)
        until = np.minimum(next_ms, np.append(end_ms, 0.0)[at])
        longest = self._longest_ms
        ahead = np.minimum(until - t_ms, longest)
        enough = ahead >= np.minimum(_MOMENT_MS, (next_ms - t_ms) / 2)
        weights: Numbers = np.where(inside & enough, ahead + np.minimum(t_ms - since, longest), 0.0)
        return weights


def _readings(shown: list[_Shown], stayed_h: float, factor: float) -> Readings:
    if not shown:
        return Readings(unread_h=stayed_h * factor)
    values = np.concatenate([each.values for each in shown])
    weights = np.concatenate([each.weights_ms for each in shown])
    mean = float(np.average(values, weights=weights))
    read_h = float(weights.sum()) / MILLI_PER_HOUR
    return Readings(
        sensor=", ".join(dict.fromkeys(each.sensor for each in shown)),
        mean=mean,
        sd=float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))
        if values.size > 1
        else None,
        low=float(values.min()),
        high=float(values.max()),
        read_h=read_h * factor,
        unread_h=max(stayed_h - read_h, 0.0) * factor,
    )
