"""The account of a run over boots that have died: produced = stored + lost, whoever counts when."""

from pathlib import Path

import pytest
from make_records import make, station

from soakbench.run.account import Account
from soakbench.status import RecordCounts
from soakbench.store import Store, open_store
from soakbench.store.boots import Boot, see_boot
from soakbench.store.intake import add_records
from soakwire import records, slots


class Bench:
    """A database with one run, written by hand."""

    def __init__(self, data: Path) -> None:
        self.store: Store = open_store(data)
        self.connection = self.store.connect_writer()
        self.connection.execute(
            "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
            " state, created_utc_ms) VALUES ('r', 'p', '', '', '', 1, 1, 'running', 0)"
        )

    def boot(self, boot: str, first_seq: int, produced: int, left_seq: int | None = None) -> None:
        see_boot(self.connection, Boot("d", boot, 5, "watchdog", "0.1.0", produced, left_seq))
        self.connection.execute(
            "INSERT INTO run_boot VALUES ('r', 'd', ?, ?, ?)", (boot, first_seq, produced)
        )

    def put(self, boot: str, *items: slots.Record) -> None:
        add_records(self.connection, "d", boot, "r", list(items), lambda t: (t, 1), 0)


@pytest.fixture
def bench(tmp_path: Path):
    bench = Bench(tmp_path)
    yield bench
    bench.connection.close()


def samples(first: int, end: int) -> list[slots.Record]:
    return [station(seq, seq) for seq in range(first, end)]


def test_on_the_live_boot_what_is_missing_may_be_under_way(bench):
    bench.boot("a", 5, 20)
    bench.put("a", *samples(5, 12))
    account = Account(bench.store)
    assert account.counts("r", "a") == RecordCounts(produced=15, stored=7, lost=0)
    gap = make(12, 12, records.LOSS, 0, first_seq=8, last_seq=10, absent=2)
    bench.put("a", gap)
    assert account.counts("r", "a") == RecordCounts(produced=15, stored=8, lost=2)


@pytest.mark.rule("RE-10", "RE-15")
def test_a_dead_boots_loss_is_no_stored_record_and_its_number_is_lost(bench):
    bench.boot("a", 0, 20)
    bench.put("a", *samples(0, 12))
    account = Account(bench.store)
    assert account.counts("r", "a") == RecordCounts(produced=20, stored=12, lost=0)
    bench.boot("b", 0, 3)
    bench.put("b", *samples(0, 3))
    expected = RecordCounts(produced=23, stored=15, lost=8)
    assert account.counts("r", "b") == expected, "of one who has counted before"
    assert Account(bench.store).counts("r", "b") == expected
    assert Account(bench.store).counts("r", None) == expected


@pytest.mark.rule("RE-15")
def test_what_the_register_knows_counts_as_produced_and_lost(bench):
    bench.boot("a", 0, 20)
    bench.put("a", *samples(0, 12))
    bench.boot("b", 0, 0, left_seq=26)
    counts = Account(bench.store).counts("r", "b")
    assert counts == RecordCounts(produced=26, stored=12, lost=14)


@pytest.mark.rule("RE-15")
def test_a_run_that_has_ended_before_loses_nothing(bench):
    bench.boot("a", 0, 20)
    bench.put("a", *samples(0, 20))
    bench.connection.execute("UPDATE run SET ended_utc_ms = 9, state = 'finished'")
    bench.connection.execute("UPDATE boot SET produced = 40")
    bench.boot("b", 0, 0)
    bench.connection.execute("DELETE FROM run_boot WHERE boot = 'b'")
    assert Account(bench.store).counts("r", None) == RecordCounts(produced=20, stored=20, lost=0)
