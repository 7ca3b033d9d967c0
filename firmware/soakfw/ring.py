"""A ring of record slots in RAM, in order of seq, out of which rounds of samples can give way;
and what is absent of it, until a LOSS record declares that.

A round's *rank* says how long it may stay: at stride 2**k those of a rank of at least k. While a
slot is in the ring its rank lies above its kind, in bits of the kind's byte that are free.
"""

import struct

from soakwire.layout import U16
from soakwire.records import SLOT_SIZE

MOST_RANK = 31
_STAMP_AT = 4
_KIND_AT = 10
_KIND_BITS = 7  # mask
_RANK_SHIFT = 3


class Stretch:
    """What is absent of one ring: the LOSS record in the making. Stamps have three words."""

    def __init__(self) -> None:
        self.absent = 0
        self.end: tuple = (0, 0, 0)  # stamp of the last one absent
        self._begin: tuple = (0, 0, 0)
        self._first = 0  # seq
        self._last = 0

    def add(self, first: int, count: int, stamp: tuple) -> None:
        """The records `first` and following of one instant found no place."""
        self.widen(first, stamp, first + count - 1, stamp)
        self.absent += count

    def widen(self, first: int, begin: tuple, last: int, end: tuple) -> None:
        """From seq `first` to seq `last` records are absent; the caller counts them."""
        if self.absent == 0 or first < self._first:
            self._first, self._begin = first, begin
        if self.absent == 0 or last > self._last:
            self._last, self.end = last, end

    def values(self, stride: int) -> list[int | None]:
        """The body of the LOSS record; stride 0: what is absent is so without a gap."""
        begin = self._begin
        values: list[int | None] = [self._first, self._last, self.absent, min(stride, U16)]
        values.extend(begin)
        return values


class Ring:
    """Fixed slots; a record's *index* counts from the oldest one held."""

    def __init__(self, slots: int) -> None:
        self.buf = bytearray(slots * SLOT_SIZE)
        self._view = memoryview(self.buf)
        self.slots = slots
        self._first = 0  # slot number of the oldest record
        self.held = 0

    def offset(self, index: int) -> int:
        """Where a record lies in `buf`; `index` may be `held`, for the next one."""
        return (self._first + index) % self.slots * SLOT_SIZE

    def seq(self, index: int) -> int:
        """A record's seq."""
        return struct.unpack_from("<I", self.buf, self.offset(index))[0]

    def stamp(self, index: int) -> tuple:
        """A record's device time, three words."""
        return struct.unpack_from("<HHH", self.buf, self.offset(index) + _STAMP_AT)

    def find(self, seq: int) -> int:
        """The index of the first record that has at least `seq`; `held` if there is none."""
        low, high = 0, self.held
        while low < high:
            middle = (low + high) // 2
            if self.seq(middle) < seq:
                low = middle + 1
            else:
                high = middle
        return low

    def append(self, rank: int) -> None:
        """Count the record that was packed at the offset of `held` as held."""
        self.buf[self.offset(self.held) + _KIND_AT] |= rank << _RANK_SHIFT
        self.held += 1

    def drop(self, count: int) -> None:
        """Forget the `count` oldest records."""
        self._first = (self._first + count) % self.slots
        self.held -= count

    def copy(self, index: int, count: int, to: memoryview) -> None:
        """Copy neighbours to the start of `to`, without their ranks."""
        done = 0
        while done < count:
            at = self.offset(index + done)
            size = min((count - done) * SLOT_SIZE, len(self.buf) - at)
            to[done * SLOT_SIZE : done * SLOT_SIZE + size] = self._view[at : at + size]
            done += size // SLOT_SIZE
        for at in range(_KIND_AT, count * SLOT_SIZE, SLOT_SIZE):
            to[at] &= _KIND_BITS

    def thin(self, index: int, rank: int, lost: Stretch) -> None:
        """From `index` on only records of at least `rank` stay; the others are added to `lost`."""
        limit, last = rank << _RANK_SHIFT, self.held - 1
        while index <= last and self._ranked_kind(index) >= limit:
            index += 1
        while index <= last and self._ranked_kind(last) >= limit:
            last -= 1
        if index > last:
            return
        lost.widen(self.seq(index), self.stamp(index), self.seq(last), self.stamp(last))
        held = self.held
        self.held = index + self._close_up(index, limit)
        lost.absent += held - self.held

    def _ranked_kind(self, index: int) -> int:
        return self.buf[self.offset(index) + _KIND_AT]

    def _close_up(self, index: int, limit: int) -> int:
        """From `index` on, move down what stays; how many those are."""
        buf, view, size = self.buf, self._view, len(self.buf)
        at = there = self.offset(index)
        left = (self.held - index) * SLOT_SIZE
        kept = 0
        while left:
            run = 0
            while (
                run < left
                and at + run < size
                and there + run < size
                and buf[at + run + _KIND_AT] >= limit
            ):
                run += SLOT_SIZE
            if run:  # a view of just these bytes: MicroPython also moves what follows a slice
                view[there : there + run][:] = view[at : at + run]
                there = (there + run) % size
                kept += run
            step = run or SLOT_SIZE
            at = (at + step) % size
            left -= step
        return kept // SLOT_SIZE
