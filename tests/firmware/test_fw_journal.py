"""The journal: nothing is lost without a LOSS that says so."""

import struct

from soakfw.journal import RingJournal
from soakwire.records import CELLS, EVENT, LOSS, SLOT_SIZE, unpack_slot

SAMPLES = 20
EVENTS = 8


class Book:
    """A journal, and what the host has of it."""

    def __init__(self):
        self.journal = RingJournal(SAMPLES, EVENTS)
        self.stored = {}  # seq: the LOSS record, None for any other
        self.t = 0

    def sample(self, count=1):
        for _ in range(count):
            self._add(CELLS, [0] + [None] * 8)

    def event(self, count=1):
        for _ in range(count):
            self._add(EVENT, [None, None, 0, None, 0, 0, 0, 0])

    def _add(self, kind, values):
        self.t += 10
        self.journal.add((self.t, 0, 0), kind, 0, values)

    def fetch(self, most=1000):
        """The host takes up to `most` records and commits them."""
        buf = bytearray(7 * SLOT_SIZE)
        wanted = max(self.stored) + 1 if self.stored else 0
        while most > 0:
            count = self.journal.collect(wanted, memoryview(buf), min(7, most))
            if count == 0:
                return
            for i in range(count):
                record = unpack_slot(buf, i * SLOT_SIZE)
                assert record.seq >= wanted
                self.stored[record.seq] = record if record.kind == LOSS else None
                wanted = record.seq + 1
            most -= count
            self.journal.release(wanted)

    def declared(self):
        losses = [record for record in self.stored.values() if record]
        return sum([r.values["absent"] for r in losses]), losses

    def check(self):
        """stored = produced - declared, and every gap lies inside a declared stretch."""
        absent, losses = self.declared()
        missing = [seq for seq in range(self.journal.next_seq) if seq not in self.stored]
        assert len(missing) == absent
        for seq in missing:
            assert any(r.values["first_seq"] <= seq <= r.values["last_seq"] for r in losses)


def test_in_order_and_complete():
    book = Book()
    for _ in range(5):
        book.sample(3)
        book.event()
        book.fetch()
    book.check()
    assert len(book.stored) == 20
    assert book.journal.oldest_seq == book.journal.next_seq == 20


def test_collect_does_not_release():
    book = Book()
    book.sample(3)
    buf = bytearray(SLOT_SIZE)
    assert book.journal.collect(1, memoryview(buf), 1) == 1
    assert struct.unpack_from("<I", buf)[0] == 1
    assert book.journal.samples.held == 3


def test_overflow_makes_one_loss_with_the_right_numbers():
    book = Book()
    book.sample(5)
    book.fetch()
    book.sample(SAMPLES + 30)
    book.fetch()
    book.sample(2)
    book.fetch()
    book.check()
    absent, losses = book.declared()
    assert absent == 30
    assert len(losses) == 1
    assert losses[0].values["first_seq"] == 5
    assert losses[0].values["last_seq"] == 34
    assert losses[0].values["from_lo"] == 60
    assert losses[0].t_ms == 350


def test_samples_never_push_out_events():
    book = Book()
    book.event(3)
    book.sample(10 * SAMPLES)
    book.fetch()
    book.check()
    assert [seq for seq in range(3) if seq in book.stored] == [0, 1, 2]


def test_event_overflow_is_declared_too():
    book = Book()
    book.event(EVENTS + 20)
    book.sample(SAMPLES + 5)
    book.fetch()
    book.fetch()
    book.check()


def test_a_declaration_is_not_lost_either():
    """A LOSS that waits in the event ring is itself overwritten by events."""
    book = Book()
    book.sample(SAMPLES + 7)
    book.fetch(1)  # room: the LOSS is written
    book.event(EVENTS + 10)
    book.sample(1)
    book.fetch()
    book.fetch()
    book.check()


def test_any_order_of_outages():
    book = Book()
    number = 1
    for _ in range(300):
        number = (number * 1103515245 + 12345) & 0x7FFFFFFF
        choice = (number >> 16) % 4
        if choice == 0:
            book.event((number >> 20) % 5)
        elif choice == 3:
            book.fetch((number >> 20) % 40)
        else:
            book.sample((number >> 20) % 25)
    for _ in range(3):
        book.fetch()
    book.check()
