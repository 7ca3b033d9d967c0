"""The records of a run as columns of numbers, and the one time axis they stand on.

Lengths of time are the board's own: its clock is never set, and a computer's that was set back
must not shorten an ageing. Between two starts of the board only the computer's clock knows how
long it was away.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soakbench.store.decode import KIND_NAMES
from soakbench.store.store import Store
from soakwire.layout import MISSING, Layout
from soakwire.records import BODIES, HEAD, HEAD_SIZE, SLOT_SIZE

Numbers = npt.NDArray[np.float64]

_CODES = {"b": "i1", "B": "u1", "h": "<i2", "H": "<u2", "i": "<i4", "I": "<u4"}


@dataclass(frozen=True)
class Columns:
    """Records of one kind, in the order they were made."""

    t_ms: Numbers
    """On the run's axis."""
    boot: Numbers
    """0 for the first start of the board that took part, and so on."""
    seq: Numbers
    place: Numbers
    fields: dict[str, Numbers]
    """By the names of soakwire's tables and in their raw units; nan where a value is missing."""

    def where(self, mask: npt.NDArray[np.bool_]) -> "Columns":
        """Those of `mask`."""
        fields = {name: values[mask] for name, values in self.fields.items()}
        return Columns(self.t_ms[mask], self.boot[mask], self.seq[mask], self.place[mask], fields)


class Axis:
    """Milliseconds since 1970 by the board's clock, from the first record of the run on."""

    def __init__(self, store: Store, run: str) -> None:
        self._numbers: dict[str, int] = {}
        self._shifts_ms: list[float] = []
        reached_ms = -np.inf
        for boot, first_ms, last_ms, utc_ms in _boots(store, run):
            begin_ms = max(float(utc_ms), reached_ms)
            self._numbers[boot] = len(self._numbers)
            self._shifts_ms.append(begin_ms - first_ms)
            reached_ms = begin_ms + last_ms - first_ms

    def number(self, boot: str) -> int | None:
        """Which start of the board `boot` is; None if it came after the axis was made."""
        return self._numbers.get(boot)

    def place(self, boot: Numbers, device_ms: Numbers) -> Numbers:
        """Where moments of the board's clock lie, in the starts `boot`."""
        placed: Numbers = device_ms + np.array(self._shifts_ms)[boot.astype(int)]
        return placed


def read_columns(store: Store, run: str, kind: int, axis: Axis) -> Columns:
    """All records of `kind` (of soakwire.records) that `run` has."""
    found = store.rows(
        "SELECT device || boot, slot FROM record WHERE run = ? AND kind = ?",
        (run, KIND_NAMES[kind]),
    )
    rows = [(number, row[1]) for row in found if (number := axis.number(row[0])) is not None]
    boot = np.array([number for number, _ in rows], dtype=float)
    slots = np.frombuffer(b"".join(slot for _, slot in rows), dtype=_slot_type(kind))
    order = np.lexsort((slots["seq"], boot))
    slots, boot = slots[order], boot[order]
    device_ms = slots["t_lo"] + slots["t_mid"] * 2.0**16 + slots["t_hi"] * 2.0**32
    return Columns(
        t_ms=axis.place(boot, device_ms) if len(rows) else boot,
        boot=boot,
        seq=slots["seq"].astype(float),
        place=slots["place"].astype(float),
        fields=dict(_fields(slots, BODIES[kind])),
    )


def _boots(store: Store, run: str) -> list[tuple[str, int, int, int]]:
    """Each start of the board: its name, its first and last device time, and the first in UTC."""
    found = []
    keys = store.rows("SELECT DISTINCT device, boot FROM record WHERE run = ?", (run,))
    for device, boot in keys:
        first, last = (
            store.rows(
                "SELECT t_device_ms, t_utc_ms FROM record WHERE device = ? AND boot = ?"
                f" AND run = ? ORDER BY seq {way} LIMIT 1",
                (device, boot, run),
            )[0]
            for way in ("ASC", "DESC")
        )
        found.append((device + boot, first[0], max(last[0], first[0]), first[1]))
    return sorted(found, key=lambda each: each[3])


def _slot_type(kind: int) -> np.dtype[np.void]:
    """A slot as numpy reads it: head and body behind each other."""
    names, formats, offsets = [], [], []
    for layout, at in ((HEAD, 0), (BODIES[kind], HEAD_SIZE)):
        for name, code, _, _, _ in layout.fields:
            names.append(name)
            formats.append(_CODES[code])
            offsets.append(at)
            at += np.dtype(_CODES[code]).itemsize
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": SLOT_SIZE})


def _fields(slots: npt.NDArray[np.void], layout: Layout) -> Iterator[tuple[str, Numbers]]:
    for name, code, unit, _, _ in layout.fields:
        values = slots[name].astype(float)
        if unit.endswith("?"):
            values[values == MISSING[code]] = np.nan
        yield name, values
