"""The records of this boot in RAM: a ring for samples, a ring for events, one sequence of seqs.

Samples come in *rounds*: the records of one sampling. When their ring is full it is thinned: every
second round that has not been sent gives way and the stride doubles; from then on only every
stride-th round is taken in. At stride 2**k it is the rounds whose number can be halved k times
that stay, so they are evenly spaced whenever they came. Events never give way; one that finds no
place is not taken in. What is absent goes into one LOSS per stretch, written when the ring is half
empty again, so that stored = produced - absent always holds (RE-9 to RE-12).
"""

import struct

from soakfw.limits import EVENT_SLOTS, SAMPLE_SLOTS
from soakfw.ring import MOST_RANK, Ring, Stretch
from soakwire.board_end import Journal
from soakwire.records import EVENT, LOSS, SLOT_SIZE, pack_slot

_RESERVED = 1  # event slots kept for the LOSS of the samples
_NOWHERE = -1
_NUMBERS = 0x3FFFFFFF  # of rounds


class RingJournal(Journal):
    """What the link takes records from."""

    def __init__(self, sample_slots: int = SAMPLE_SLOTS, event_slots: int = EVENT_SLOTS) -> None:
        self.samples = Ring(sample_slots)
        self.events = Ring(event_slots)
        self.oldest_seq = 0
        self.next_seq = 0
        self._thinned = Stretch()
        self._unplaced = Stretch()  # events
        self._level = 0  # the stride is 2**level
        self._round = 0  # number of the next regular one
        self._rank = 0  # of the open round
        self._due = 0  # records of the open round still to come
        self._sent = 0  # seqs before this one may be at the host already
        self._cursor = _NOWHERE  # seq at which the next `collect` will most likely begin
        self._sample = 0  # index of the first sample that has at least this seq
        self._event = 0

    @property
    def events_free(self) -> int:
        """Free places for events."""
        return max(self.events.slots - _RESERVED - self.events.held, 0)

    @property
    def events_scarce(self) -> bool:
        """Whether the program must hold (RE-12): less than an eighth is free, 32 of 256."""
        return self.events_free < self.events.slots // 8

    @property
    def events_ample(self) -> bool:
        """Whether a program that holds may go on: half is free, 128 of 256."""
        return self.events_free >= self.events.slots // 2

    # --- what the firmware writes ---

    def begin_round(self, stamp: tuple, count: int, regular: bool = True) -> bool:
        """A sampling of `count` records is due; False: it is left out, its seqs are used up.

        What is sampled beside the regular rounds is the first to give way.
        """
        rank = 0
        if regular:
            rank = _halvings(self._round)
            self._round = (self._round + 1) & _NUMBERS
        if rank >= self._level and self._make_room(count) and rank >= self._level:
            self._rank = rank
            self._due = count
            return True
        self._due = 0
        self._leave_out(self._thinned, stamp, count)
        return False

    def add(self, stamp: tuple, kind: int, place: int, values: list) -> None:
        """A record. A sample outside a round is one of its own."""
        if kind == EVENT:
            if self.events_free:
                self._append(self.events, 0, stamp, kind, place, values)
            else:
                self._leave_out(self._unplaced, stamp, 1)
        elif self._due or self.begin_round(stamp, 1, regular=False):
            self._due -= 1
            self._append(self.samples, self._rank, stamp, kind, place, values)

    # --- what the link does (soakwire.board_end.Journal) ---

    def release(self, seq: int) -> None:
        """Forget all records before `seq`; a stretch that is over is declared."""
        gone = self.samples.find(seq)
        self.samples.drop(gone)
        self._sample = max(self._sample - gone, 0)
        gone = self.events.find(seq)
        self.events.drop(gone)
        self._event = max(self._event - gone, 0)
        if _half_empty(self.samples) and self._declare(self._thinned, 1 << self._level):
            self._level = 0
        if _half_empty(self.events):
            self._declare(self._unplaced, 0)
        self._find_oldest()

    def sent(self, seq: int) -> None:
        """Nothing before `seq` may give way any more (RE-8)."""
        self._sent = max(self._sent, seq)

    def held_before(self, seq: int) -> int:
        """How many records before `seq` are held."""
        self._seek(seq)
        return self._sample + self._event

    def collect(self, seq: int, buf: memoryview, most: int) -> int:
        """Copy up to `most` slots with a seq of at least `seq` into `buf`; how many."""
        self._seek(seq)
        count = 0
        while count < most:
            room = most - count
            taken = self._take_samples(buf[count * SLOT_SIZE :], room)
            if taken < room and self._event < self.events.held:
                self.events.copy(self._event, 1, buf[(count + taken) * SLOT_SIZE :])
                self._event += 1
                taken += 1
            if taken == 0:
                break
            count += taken
        if count:
            self._cursor = struct.unpack_from("<I", buf, (count - 1) * SLOT_SIZE)[0] + 1
        return count

    # --- inside ---

    def _seek(self, seq: int) -> None:
        if seq != self._cursor:
            self._cursor = seq
            self._sample = self.samples.find(seq)
            self._event = self.events.find(seq)

    def _take_samples(self, buf: memoryview, most: int) -> int:
        """Copy the samples that come before the next event; how many."""
        samples, index = self.samples, self._sample
        count = min(most, samples.held - index)
        if count and self._event < self.events.held:
            event = self.events.seq(self._event)
            while count and samples.seq(index + count - 1) > event:
                count -= 1
        if count:
            samples.copy(index, count, buf)
            self._sample += count
        return count

    def _make_room(self, count: int) -> bool:
        """Thin until `count` more samples fit; False if too many have been sent for that."""
        samples = self.samples
        start = -1
        while samples.slots - samples.held < count:
            if start < 0:
                start = samples.find(self._sent)
            if samples.slots - start < count:
                return False
            self._level += 1
            samples.thin(start, self._level, self._thinned)
            self._cursor = _NOWHERE
            self._find_oldest()
        return True

    def _leave_out(self, lost: Stretch, stamp: tuple, count: int) -> None:
        lost.add(self.next_seq, count, stamp)
        self.next_seq += count
        self._find_oldest()

    def _declare(self, lost: Stretch, stride: int) -> bool:
        """Write the LOSS of a stretch, if there is one; False if not even that has a place."""
        if lost.absent == 0:
            return True
        if self.events.held == self.events.slots:
            return False
        values = lost.values(stride if stride > 1 else 0)
        self._append(self.events, 0, lost.end, LOSS, 0, values)
        lost.absent = 0
        return True

    def _append(
        self, ring: Ring, rank: int, stamp: tuple, kind: int, place: int, values: list
    ) -> None:
        pack_slot(ring.buf, ring.offset(ring.held), self.next_seq, stamp, kind, place, values)
        ring.append(rank)
        self.next_seq += 1

    def _find_oldest(self) -> None:
        oldest = self.next_seq
        for ring in (self.samples, self.events):
            if ring.held:
                oldest = min(oldest, ring.seq(0))
        self.oldest_seq = oldest


def _half_empty(ring: Ring) -> bool:
    return 2 * ring.held <= ring.slots


def _halvings(number: int) -> int:
    """How often `number` can be halved without a remainder: the rank of that round."""
    rank = 0
    while rank < MOST_RANK and not number & 1:
        number >>= 1
        rank += 1
    return rank
