"""The relays' counts against the pins: how often each coil has truly been energised since boot."""

from bisect import bisect_right

from soakbench.rehearsal.judge.findings import Findings, Rule
from soakwire.slots import Record

_RELAYS = 2  # of a cell: short, measure


class Wear:
    """Counts while the board drives the pins; judges what its records tell."""

    def __init__(self, findings: Findings, cells: list[str]) -> None:
        self._findings = findings
        self._cells = cells
        self._times: dict[int, list[float]] = {}  # of this boot, by 2 * cell + relay
        self.actuations: dict[str, int] = {}
        """In all, like "A1.short"."""

    def begin(self) -> None:
        """A boot: the board counts from 0."""
        self._times.clear()

    def energised(self, at_ms: float, cell: str, load: str) -> None:
        """A coil has been switched on; pins may be ahead of the records."""
        relay = "short" if load == "SC" else "measure"
        at = _RELAYS * self._cells.index(cell) + (relay == "measure")
        self._times.setdefault(at, []).append(at_ms)
        name = f"{cell}.{relay}"
        self.actuations[name] = self.actuations.get(name, 0) + 1

    def told(self, at_ms: float, record: Record) -> None:
        """A WEAR record."""
        for offset, (field, count) in enumerate(record.values.items()):
            times = self._times.get(_RELAYS * record.place + offset, [])
            truly = bisect_right(times, at_ms)
            if count != truly:
                text = f"{field} of cells from {record.place} on is told as {count}, truly {truly}"
                self._findings.add(at_ms, Rule.WEAR, text)
