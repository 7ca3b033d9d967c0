"""What the board has made, boot by boot, as it was seen at the moment it was made."""

from bisect import bisect_left
from collections.abc import Iterator


class Boot:
    """One start of the board."""

    def __init__(self, number: int, at_ms: float) -> None:
        self.number = number
        self.at_ms = at_ms
        self.slots: dict[int, bytes] = {}
        self.left_out = 0
        """Samples that were due and not made (RE-9); their seqs are used up."""
        self.next_seq = 0
        self._moments: list[float] = []  # when records were made, and the first of them
        self._firsts: list[int] = []

    def add(self, at_ms: float, seq: int, slot: bytes) -> None:
        """A record was made."""
        self.slots[seq] = slot
        self._reach(at_ms, seq, 1)

    def leave_out(self, at_ms: float, first_seq: int, count: int) -> None:
        """Samples were left out."""
        self.left_out += count
        self._reach(at_ms, first_seq, count)

    def next_at(self, at_ms: float) -> int:
        """The first seq of what was made at `at_ms` or later."""
        index = bisect_left(self._moments, at_ms)
        return self._firsts[index] if index < len(self._firsts) else self.next_seq

    def _reach(self, at_ms: float, first_seq: int, count: int) -> None:
        if not self._moments or at_ms > self._moments[-1]:
            self._moments.append(at_ms)
            self._firsts.append(first_seq)
        self.next_seq = max(self.next_seq, first_seq + count)


class Produced:
    """All boots; numbers are the twin's and rise."""

    def __init__(self) -> None:
        self._boots: dict[int, Boot] = {}

    def __iter__(self) -> Iterator[Boot]:
        return iter(self._boots.values())

    @property
    def last(self) -> Boot | None:
        """The present one."""
        return next(reversed(self._boots.values()), None)

    def begin(self, number: int, at_ms: float) -> Boot:
        """The boot of this number, from now on or already."""
        if number not in self._boots:
            self._boots[number] = Boot(number, at_ms)
        return self._boots[number]
