"""The records of this boot in RAM: a ring for samples, a ring for events, one sequence of numbers.

Samples can never push out events. When a ring is full its oldest record gives way, and a LOSS
grows until the host has made room again; then it is written once, as an event, so that
stored = produced - declared always holds.
"""

import struct

from soakfw.limits import EVENT_SLOTS, SAMPLE_SLOTS
from soakwire.board_end import Journal
from soakwire.records import BODIES, EVENT, HEAD_SIZE, LOSS, SLOT_SIZE, pack_slot

_RESERVED = 2  # event slots kept for the LOSS of either ring


class Ring:
    """Fixed slots, oldest out first. Slots are in order of seq."""

    def __init__(self, slots: int) -> None:
        self.buf = bytearray(slots * SLOT_SIZE)
        self.slots = slots
        self.first = 0  # slot number of the oldest record
        self.held = 0

    def offset(self, index: int) -> int:
        """Where the record number `index`, counted from the oldest, lies in `buf`."""
        return (self.first + index) % self.slots * SLOT_SIZE

    def seq(self, index: int) -> int:
        """The seq of record number `index`."""
        return struct.unpack_from("<I", self.buf, self.offset(index))[0]

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

    def drop(self, count: int) -> None:
        """Forget the `count` oldest records."""
        self.first = (self.first + count) % self.slots
        self.held -= count


class Stretch:
    """Records of one ring that had to give way, not yet declared."""

    def __init__(self) -> None:
        self.absent = 0
        self.first_seq = 0
        self.last_seq = 0
        self.begin = (0, 0, 0)
        self.end = (0, 0, 0)

    def add(self, buf: bytearray, at: int) -> None:
        """The record at `at` of `buf` is lost; records come in order of seq."""
        seq, lo, mid, hi, kind = struct.unpack_from("<IHHHB", buf, at)
        first, absent, begin = seq, 1, (lo, mid, hi)
        if kind == LOSS:  # a declaration must not get lost: what it declared is ours now
            body = struct.unpack_from(BODIES[LOSS].format, buf, at + HEAD_SIZE)
            first, absent, begin = body[0], body[2] + 1, body[4:7]
        if self.absent == 0 or first < self.first_seq:
            self.first_seq = first
            self.begin = begin
        self.absent += absent
        self.last_seq = seq
        self.end = (lo, mid, hi)

    def values(self) -> list:
        """The body of its LOSS record. Stride 0: nothing is left of the stretch."""
        begin = self.begin
        return [self.first_seq, self.last_seq, self.absent, 0, begin[0], begin[1], begin[2]]


class RingJournal(Journal):
    """What the link takes records from."""

    def __init__(self, sample_slots: int = SAMPLE_SLOTS, event_slots: int = EVENT_SLOTS) -> None:
        self.samples = Ring(sample_slots)
        self.events = Ring(event_slots)
        self._lost_samples = Stretch()
        self._lost_events = Stretch()
        self.oldest_seq = 0
        self.next_seq = 0

    def add(self, stamp: tuple[int, int, int], kind: int, place: int, values: list) -> None:
        """Append a record; the oldest of its ring gives way if need be."""
        if kind == EVENT:
            ring, lost, room = self.events, self._lost_events, self.events.slots - _RESERVED
        else:
            ring, lost, room = self.samples, self._lost_samples, self.samples.slots
        if ring.held >= room:
            lost.add(ring.buf, ring.offset(0))
            ring.drop(1)
        self._append(ring, stamp, kind, place, values)

    def release(self, seq: int) -> None:
        """Forget all records before `seq`; what gave way meanwhile is declared now."""
        for ring in (self.samples, self.events):
            ring.drop(ring.find(seq))
        if self.samples.held < self.samples.slots:
            self._declare(self._lost_samples)
        if self.events.held < self.events.slots - _RESERVED:
            self._declare(self._lost_events)
        self._find_oldest()

    def collect(self, seq: int, buf: memoryview, most: int) -> int:
        """Copy up to `most` slots with a seq of at least `seq` into `buf`; how many."""
        samples, events = self.samples, self.events
        i, j = samples.find(seq), events.find(seq)
        count = 0
        while count < most and (i < samples.held or j < events.held):
            if j == events.held or (i < samples.held and samples.seq(i) < events.seq(j)):
                ring, at = samples, samples.offset(i)
                i += 1
            else:
                ring, at = events, events.offset(j)
                j += 1
            to = count * SLOT_SIZE
            buf[to : to + SLOT_SIZE] = memoryview(ring.buf)[at : at + SLOT_SIZE]
            count += 1
        return count

    def _declare(self, lost: Stretch) -> None:
        if lost.absent and self.events.held < self.events.slots:
            self._append(self.events, lost.end, LOSS, 0, lost.values())
            lost.absent = 0

    def _append(self, ring: Ring, stamp: tuple, kind: int, place: int, values: list) -> None:
        pack_slot(ring.buf, ring.offset(ring.held), self.next_seq, stamp, kind, place, values)
        ring.held += 1
        self.next_seq += 1
        self._find_oldest()

    def _find_oldest(self) -> None:
        oldest = self.next_seq
        for ring in (self.samples, self.events):
            if ring.held:
                oldest = min(oldest, ring.seq(0))
        self.oldest_seq = oldest
