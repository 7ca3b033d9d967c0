"""The judge on custody: made, stored, declared lost; by hand and through a real database."""

import sqlite3
from pathlib import Path

import pytest
from judge_stream import Stream

from soakbench.rehearsal.judge import Rule, Stored, read_stored
from soakbench.rehearsal.judge.matching import match
from soakbench.rehearsal.judge.produced import Produced
from soakbench.store import open_store
from soakbench.store.boots import Boot, see_boot
from soakbench.store.intake import Batch, store_batch
from soakwire import records
from soakwire.slots import Record

FLIPPED = 31  # a byte of the body


@pytest.fixture
def stream() -> Stream:
    """A boot with records 0 to 9, all stored."""
    stream = Stream().boot()
    for _ in range(9):
        stream.pass_ms(10_000).station()
    return stream


def loss(stream: Stream, first: int, last: int, absent: int, store: bool = True) -> bytes:
    given = {"first_seq": first, "last_seq": last, "absent": absent, "stride": 2}
    return stream.produce(records.LOSS, 0, store=store, **given)


def test_all_that_was_made_is_stored(stream: Stream) -> None:
    verdict = stream.verdict(settled_ms=stream.now_ms + 1)
    assert verdict.passed
    count = verdict.custody
    assert (count.produced, count.stored, count.declared_loss, count.missing) == (10, 10, 0, 0)


def test_a_missing_record(stream: Stream) -> None:
    del stream.stored[4]
    verdict = stream.verdict()
    assert verdict.counts == {Rule.CUSTODY: 1}
    assert "boot 1: records 4 to 4" in stream.texts()
    assert verdict.custody.missing == 1


def test_missing_records_are_told_by_the_stretch(stream: Stream) -> None:
    del stream.stored[7]
    del stream.stored[3:6]
    assert stream.broken() == {Rule.CUSTODY: 2}
    assert "records 3 to 5" in stream.texts()


def test_a_record_that_is_stored_otherwise(stream: Stream) -> None:
    row = stream.stored[4]
    slot = bytearray(row.slot)
    slot[FLIPPED] ^= 1
    stream.stored[4] = row._replace(slot=bytes(slot))
    verdict = stream.verdict()
    assert "record 4 is not stored as it was made" in stream.texts()
    assert (verdict.custody.foreign, verdict.custody.missing) == (1, 1)


def test_a_record_that_nobody_made(stream: Stream) -> None:
    stream.store(stream.stored[4].slot, seq=20)
    assert "record 20 was never made" in stream.texts()


def test_a_record_that_is_stored_twice(stream: Stream) -> None:
    stream.stored.append(stream.stored[4])
    verdict = stream.verdict()
    assert "record 4 is stored twice" in stream.texts()
    assert (verdict.custody.duplicates, verdict.custody.stored) == (1, 10)


def test_a_boot_that_is_stored_under_two_names(stream: Stream) -> None:
    stream.stored += [row._replace(boot="copy") for row in stream.stored[:3]]
    verdict = stream.verdict()
    assert verdict.custody.duplicates == 3
    assert "repeats 3 records" in stream.texts()


def test_what_has_just_been_made_may_be_on_its_way(stream: Stream) -> None:
    settled_ms = stream.now_ms + 1
    stream.pass_ms(10_000).station(store=False)
    verdict = stream.verdict(settled_ms)
    assert verdict.passed
    assert verdict.custody.on_board == 1
    assert stream.broken(settled_ms=stream.now_ms + 1) == {Rule.CUSTODY: 1}


def thinned(stream: Stream, absent: int) -> Stream:
    """Records 10 to 13 give way, 14 and 15 are left out, the LOSS is number 17."""
    for _ in range(4):
        stream.station(store=False)
    stream.leave_out(2).station()
    loss(stream, 10, 15, absent)
    return stream


def test_samples_that_gave_way_are_declared(stream: Stream) -> None:
    verdict = thinned(stream, 6).verdict(stream.now_ms + 1)
    assert verdict.passed
    assert (verdict.custody.produced, verdict.custody.declared_loss) == (18, 6)


@pytest.mark.parametrize("absent", [5, 7])
def test_a_loss_with_a_wrong_sum(stream: Stream, absent: int) -> None:
    thinned(stream, absent)
    assert stream.broken() == {Rule.CUSTODY: 1}
    assert f"declares {absent} absent records, 6 are" in stream.texts()


def test_absent_samples_without_a_loss(stream: Stream) -> None:
    stream.leave_out(4).station()
    verdict = stream.verdict()
    assert verdict.counts == {Rule.CUSTODY: 1}
    assert verdict.custody.missing == 4


def test_losses_of_samples_and_of_events_may_overlap(stream: Stream) -> None:
    stream.leave_out(2)
    stream.station()
    stream.leave_out(3)
    loss(stream, 10, 14, 4)
    loss(stream, 11, 15, 1)
    assert stream.verdict(stream.now_ms + 1).passed


def died(stream: Stream) -> Stream:
    """Records 10 to 12 die with the board; the next boot is there."""
    for _ in range(3):
        stream.station(store=False)
    return stream.pass_ms(1000).reset()


def test_an_open_loss_covers_what_died(stream: Stream) -> None:
    died(stream)
    stream.number = 1
    stream.store_open_loss(10, absent=2)
    verdict = stream.verdict(stream.now_ms + 1)
    assert verdict.passed
    count = verdict.custody
    assert (count.produced, count.stored, count.declared_loss) == (14, 11, 3)
    assert count.open_losses == 1


def test_what_died_without_a_loss(stream: Stream) -> None:
    died(stream)
    assert stream.broken() == {Rule.CUSTODY: 1}
    assert "boot 1: records 10 to 12" in stream.texts()


def test_an_open_loss_that_begins_too_late_or_too_early(stream: Stream) -> None:
    died(stream)
    stream.number = 1
    stream.store_open_loss(12)
    assert "records 10 to 11" in stream.texts()
    stream.stored.pop()
    stream.store_open_loss(9)
    assert "an open LOSS from 9, but 9 is stored" in stream.texts()


def test_an_open_loss_does_not_cover_a_stretch_that_was_not_declared(stream: Stream) -> None:
    """Samples were thinned, later ones stored, and the board died before it wrote the LOSS."""
    stream.leave_out(4).station()
    died(stream)
    stream.number = 1
    stream.store_open_loss(15)
    assert stream.broken() == {Rule.CUSTODY: 1}
    assert "records 10 to 13" in stream.texts()


def test_an_open_loss_that_declares_more_than_there_was(stream: Stream) -> None:
    died(stream)
    stream.number = 1
    stream.store_open_loss(10, absent=4)
    assert "declares 4 absent records, 3 are" in stream.texts()


def test_a_boot_that_the_host_never_saw(stream: Stream) -> None:
    died(stream)
    stream.stored = [row for row in stream.stored if row.boot == "boot-1"]
    stream.pass_ms(1000).reset()
    assert stream.broken() == {Rule.CUSTODY: 2}
    stream.number = 1
    stream.store_open_loss(10)  # its end is open: nobody knows how many boots it takes
    assert stream.verdict().passed


def test_a_boot_of_which_only_the_loss_is_stored(stream: Stream) -> None:
    stream.reset()
    stream.stored.pop()
    stream.store_open_loss(0)
    stream.pass_ms(1000).reset()
    stream.number = 1
    stream.store_open_loss(10)
    assert stream.verdict(stream.now_ms + 1).passed


def test_records_under_the_name_of_another_boot(stream: Stream) -> None:
    stream.pass_ms(5000).reset().pass_ms(7).station()
    stream.stored[-1] = stream.stored[-1]._replace(boot="boot-1", seq=10)
    assert Rule.CUSTODY in stream.broken(stream.now_ms + 1)
    assert "boot 1: record 10 was never made" in stream.texts()


def test_the_real_store_passes(stream: Stream, tmp_path: Path) -> None:
    """What soakbench.store writes, open LOSS and all, is what the judge expects to read."""
    path = open_store(tmp_path).path
    connection = sqlite3.connect(path)

    def hello(name: str) -> None:
        see_boot(connection, Boot("board", name, 0, "power on", "1.0.0", 0))

    def store() -> None:
        items = [Record(row.slot) for row in stream.stored]
        batch = Batch("board", name, 0, items, None, 0, 0)
        store_batch(connection, batch, lambda t_ms: (t_ms, 1))
        stream.stored.clear()

    with connection:
        for name in ("aaaa", "bbbb"):
            hello(name)
            store()
            if name == "aaaa":
                died(stream)
    connection.close()
    verdict = stream.account.verdict(read_stored(path), stream.now_ms + 1)
    assert not [violation.text for violation in verdict.violations]
    assert verdict.custody.open_losses == 1
    assert verdict.custody.declared_loss == 3


def test_boots_are_told_apart_by_neighbouring_records() -> None:
    """Every second record is the same in both, and samples of records must not be only those."""
    produced = Produced()
    stored: dict[str, list[Stored]] = {}
    for number, name in ((1, "z"), (2, "a")):
        boot = produced.begin(number, 0)
        for seq in range(640):
            slot = seq.to_bytes(4, "little") + bytes([number * (seq % 2)]) * 28
            boot.add(seq, seq, slot)
            stored.setdefault(name, []).append(Stored(name, seq, slot, None))
    found = match(stored, produced)
    assert {name: boot.number for name, boot in found.items()} == {"z": 1, "a": 2}
