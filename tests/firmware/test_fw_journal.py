"""The journal against an account kept outside: stored = produced - absent, whatever happens."""

import pytest
from fw_rig import pairs

from soakfw.journal import RingJournal
from soakwire.records import CELLS, EVENT, LOSS, SLOT_SIZE
from soakwire.slots import unpack_slot

SAMPLES = 40
EVENTS = 16
ROUND = 4  # records of one sampling
PERIOD_MS = 10


class Dice:
    """The same throws on both interpreters."""

    def __init__(self, seed):
        self._state = seed * 2654435761 & 0x7FFFFFFF

    def __call__(self, sides):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 16) % sides


class Book:
    """A journal, everything it was given, and what the host has of it."""

    def __init__(self, samples=SAMPLES, events=EVENTS):
        self.journal = RingJournal(samples, events)
        self.produced = {}  # seq: (number of its round, time), number None for events
        self.kept = []  # numbers of the rounds that were taken in at once
        self.stored = {}  # seq: record
        self.seen = set()  # seqs that were sent, stored or not
        self.edges = set()  # how far was sent, each time
        self.t = 0
        self.rounds = 0

    # --- the firmware ---

    def round(self, count=1, size=ROUND, regular=True):
        for _ in range(count):
            first = self._next_time()
            if self.journal.begin_round((self.t, 0, 0), size, regular):
                for place in range(size):
                    self.journal.add((self.t, 0, 0), CELLS, place, [0] + [None] * 8)
            assert self.journal.next_seq == first + size
            number = self.rounds if regular else -1
            self.rounds += regular
            for seq in range(first, first + size):
                self.produced[seq] = (number, self.t)

    def event(self, count=1):
        for _ in range(count):
            first = self._next_time()
            self.journal.add((self.t, 0, 0), EVENT, 1, [None, None, 0, None, 0, 0, 0, 0])
            assert self.journal.next_seq == first + 1
            self.produced[first] = (None, self.t)

    def _next_time(self):
        self.t += PERIOD_MS
        return self.journal.next_seq

    # --- the link ---

    @property
    def wanted(self):
        return max(self.stored) + 1 if self.stored else 0

    def send(self, most=1000):
        """Frames go out from the first unacknowledged record on; the records in them."""
        buf = bytearray(7 * SLOT_SIZE)
        sent, seq = [], self.wanted
        while most > 0:
            count = self.journal.collect(seq, memoryview(buf), min(7, most))
            sent.extend([unpack_slot(bytes(buf), i * SLOT_SIZE) for i in range(count)])
            if count == 0:
                break
            assert sent[-count].seq >= seq
            seq = sent[-1].seq + 1
            self.journal.sent(seq)
            most -= count
        assert [r.seq for r in sent] == sorted({r.seq for r in sent})
        self.seen.update([r.seq for r in sent])
        self.edges.add(seq)
        return sent

    def fetch(self, most=1000):
        """The host takes up to `most` records and commits them."""
        for record in self.send(most):
            self.stored[record.seq] = record
        self.journal.release(self.wanted)
        self._note_losses()

    def drain(self):
        """Until nothing is left, a LOSS that is written meanwhile included."""
        while self.journal.oldest_seq < self.journal.next_seq:
            self.fetch()

    def _note_losses(self):
        """A LOSS is produced by the journal itself."""
        for seq in range(self.journal.next_seq):
            self.produced.setdefault(seq, (None, self.t))

    # --- the judgement ---

    def losses(self):
        return [r.values for r in self.stored.values() if r.kind == LOSS]

    def absent(self):
        return [seq for seq in sorted(self.produced) if seq not in self.stored]

    def check(self):
        """After a drain: every seq is stored or declared, and none is both."""
        absent, losses = self.absent(), self.losses()
        assert sum([v["absent"] for v in losses]) == len(absent)
        for seq in absent:
            assert any([v["first_seq"] <= seq <= v["last_seq"] for v in losses])
        assert not self.seen & set(absent), "what was sent must not give way"
        assert not any(self.journal.held_before(seq) for seq in (0, self.journal.next_seq))

    def stored_rounds(self):
        """Numbers of the regular rounds that are stored: whole, but where sending had stopped."""
        found = {}
        for seq, (number, _t) in sorted(self.produced.items()):
            if number is not None and number >= 0 and seq in self.stored:
                found.setdefault(number, []).append(seq)
        for seqs in found.values():
            assert len(seqs) == ROUND or seqs[-1] + 1 in self.edges
        return sorted(found)


def steps_of(numbers):
    return sorted({then - number for number, then in pairs(numbers)})


@pytest.mark.rule("RE-1", "RE-2")
def test_in_order_and_complete():
    book = Book()
    for _ in range(5):
        book.round()
        book.event(2)
        book.fetch()
    book.check()
    assert sorted(book.stored) == list(range(30))
    assert book.losses() == []
    assert book.journal.oldest_seq == book.journal.next_seq == 30


def test_collect_goes_on_where_it_was_and_finds_any_other_place():
    book = Book()
    book.round(3)
    book.event(2)
    book.round(2)
    buf = bytearray(7 * SLOT_SIZE)
    for first in (0, 7, 14, 14, 3, 21, 22, 1):
        count = book.journal.collect(first, memoryview(buf), 7)
        seqs = [unpack_slot(bytes(buf), i * SLOT_SIZE).seq for i in range(count)]
        assert seqs == list(range(first, min(first + 7, 22)))
        assert book.journal.held_before(first) == first


def test_what_is_not_released_stays():
    book = Book()
    book.round()
    book.send()
    book.journal.release(2)
    assert book.journal.samples.held == 2
    assert book.journal.oldest_seq == 2
    assert book.journal.held_before(4) == 2


@pytest.mark.rule("RE-9")
def test_a_full_ring_keeps_every_second_round_then_every_fourth():
    for rounds, stride in ((10, 1), (11, 2), (19, 2), (21, 4), (40, 4), (41, 8), (320, 32)):
        book = Book()
        book.round(rounds)
        assert book.journal.samples.held <= SAMPLES
        book.drain()
        book.check()
        kept = book.stored_rounds()
        assert kept == list(range(0, rounds, stride)), rounds
        assert [v["stride"] for v in book.losses()] == ([stride] if stride > 1 else [])


@pytest.mark.rule("RE-10")
def test_a_stretch_has_one_loss_that_says_exactly_what_is_absent():
    book = Book()
    book.round(2)
    book.fetch()
    book.event(3)
    book.round(98)
    book.drain()
    book.round(3)
    book.drain()
    book.check()
    (loss,) = [r for r in book.stored.values() if r.kind == LOSS]
    absent = book.absent()
    assert loss.values["first_seq"] == absent[0]
    assert loss.values["last_seq"] == absent[-1]
    assert loss.values["absent"] == len(absent)
    assert loss.values["from_lo"] == book.produced[absent[0]][1]
    assert loss.t_ms == book.produced[absent[-1]][1]
    assert loss.values["stride"] == 16
    assert steps_of([n for n in book.stored_rounds() if 2 < n < 100]) == [16]


@pytest.mark.rule("RE-9", "RE-10")
def test_the_stride_returns_to_one_when_the_ring_is_half_empty():
    book = Book()
    book.round(100)
    held = book.journal.samples.held
    assert 2 * held > SAMPLES
    book.fetch(held - SAMPLES // 2 - 1)
    assert book.journal.begin_round((book.t, 0, 0), ROUND) == (book.rounds % 16 == 0)
    book = Book()
    book.round(100)
    book.fetch(book.journal.samples.held - SAMPLES // 2)
    book.round(3)
    book.drain()
    book.check()
    assert book.stored_rounds()[-3:] == [100, 101, 102]


def test_a_second_outage_thins_only_its_own_samples_at_first():
    """What an outage has left is spaced already; it gives way when the stride comes to its own."""
    book = Book()
    book.round(160)
    assert book.journal.samples.held == SAMPLES
    book.fetch(SAMPLES // 2)
    left = book.journal.samples.held // ROUND
    book.round(20)
    book.drain()
    book.check()
    assert [v["stride"] for v in book.losses()] == [16, 4]
    assert left == 5
    assert book.stored_rounds()[5:10] == [80, 96, 112, 128, 144]
    assert book.stored_rounds()[10:] == [160, 164, 168, 172, 176]


@pytest.mark.rule("RE-8")
def test_what_was_sent_does_not_give_way():
    book = Book()
    book.round(6)
    sent = book.send(14)  # three rounds and a half; never acknowledged
    book.round(200)
    again = book.send(14)
    assert [r.slot for r in again] == [r.slot for r in sent]
    book.drain()
    book.check()


@pytest.mark.rule("RE-8", "RE-10")
def test_when_everything_was_sent_new_rounds_are_left_out_and_declared():
    book = Book()
    book.round(10)
    book.send()
    book.round(5)
    assert book.journal.samples.held == SAMPLES
    book.drain()
    book.check()
    (loss,) = book.losses()
    assert (loss["absent"], loss["stride"]) == (5 * ROUND, 0)
    book.round(2)
    book.drain()
    assert book.stored_rounds() == sorted(set(range(17)) - set(range(10, 15)))


@pytest.mark.rule("RE-9")
def test_what_is_sampled_besides_gives_way_first_and_moves_no_regular_round():
    book = Book()
    for _ in range(30):
        book.round(3)
        book.round(size=2, regular=False)
    book.drain()
    book.check()
    assert steps_of(book.stored_rounds()) == [book.losses()[0]["stride"]]


@pytest.mark.rule("RE-11")
def test_samples_never_push_out_events():
    book = Book()
    book.event(3)
    book.round(1000)
    book.event(3)
    book.drain()
    book.check()
    events = [seq for seq, (number, _t) in book.produced.items() if number is None]
    assert all([seq in book.stored for seq in events])


@pytest.mark.rule("RE-12")
def test_events_that_find_no_place_are_declared():
    book = Book()
    book.event(EVENTS + 20)
    assert book.journal.events_free == 0
    book.round(100)
    book.drain()
    book.check()
    assert sorted([(v["absent"], v["stride"]) for v in book.losses()])[0] == (21, 0)
    assert sorted(book.stored)[: EVENTS - 1] == list(range(EVENTS - 1)), "the oldest stay"


@pytest.mark.rule("RE-10", "RE-12")
def test_a_declaration_has_its_place_however_full_the_events_are():
    book = Book()
    book.round(100)
    book.event(EVENTS + 5)
    for _ in range(5):  # stretch after stretch, and the events are not fetched once
        book.fetch(6)
        book.round(30)
    book.drain()
    book.check()


@pytest.mark.rule("RE-12")
def test_scarce_and_ample():
    journal = RingJournal()
    assert journal.events_ample
    event = [None, None, 0, None, 0, 0, 0, 0]
    while not journal.events_scarce:
        assert journal.events_free >= 32
        journal.add((0, 0, 0), EVENT, 1, event)
    assert journal.events_free == 31
    journal.release(96)
    assert not journal.events_scarce
    assert not journal.events_ample
    journal.release(97)
    assert journal.events_free == 128
    assert journal.events_ample


@pytest.mark.rule("RE-1", "RE-8", "RE-9", "RE-10", "RE-12")
def test_any_order_of_outages():
    for seed in range(60):
        dice = Dice(seed)
        book = Book(20 + 4 * dice(10), 8 + dice(20))
        for _ in range(120):
            act = dice(8)
            if act == 0:
                book.event(dice(4))
            elif act == 1:
                book.round(size=1 + dice(2), regular=False)
            elif act == 2:
                book.fetch(dice(40))
            elif act == 3:
                book.send(dice(14))
            else:
                book.round(dice(8))
            assert book.journal.samples.held <= book.journal.samples.slots
        book.drain()
        book.drain()
        book.check()
        book.stored_rounds()
