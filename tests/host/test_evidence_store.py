"""Findings in the database: each once, whoever judges the records, and in what pieces."""

import sqlite3
from concurrent.futures import Future
from pathlib import Path

import pytest
from evidence_rig import AGEING, DARK, JV, WARM, World

from soakbench.plan import CompiledProgram
from soakbench.run.account import Account
from soakbench.run.evidence import Follower
from soakbench.run.summary import find_run, summarise
from soakbench.store import Store, open_store
from soakbench.store.boots import Boot, see_boot
from soakbench.store.findings import keep_finding, read_findings
from soakbench.store.intake import add_records
from soakbench.store.transaction import Job, resolve, transact
from soakwire import records

RUN = "r"
UTC0 = 1_767_225_600_000


class Writer:
    """Writes at once; `fail` undoes that many transactions before they are tried again."""

    def __init__(self, store: Store) -> None:
        self.connection = store.connect_writer()
        self.connection.execute("PRAGMA synchronous = OFF")  # the disk is not what is tested
        self.fail = 0

    def submit(self, job: Job) -> "Future[object]":
        future: Future[object] = Future()
        while self.fail:
            self.fail -= 1
            self._undo(job)
        resolve([future], transact(self.connection, [job]))
        return future

    def _undo(self, job: Job) -> None:
        self.connection.execute("BEGIN")
        job(self.connection)
        self.connection.execute("ROLLBACK")


class Bench:
    """A database with the records of a world, as far as they have come."""

    def __init__(self, data: Path, world: World) -> None:
        self.world = world
        self.store = open_store(data)
        self.writer = Writer(self.store)
        self.given = 0
        self.boots: list[str] = []
        self.connection.execute(
            "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
            " state, created_utc_ms) VALUES (?, 'p', '', '', '', 1, 1, 'running', ?)",
            (RUN, UTC0),
        )

    @property
    def connection(self) -> sqlite3.Connection:
        return self.writer.connection

    @property
    def program(self) -> CompiledProgram:
        return self.world.program

    def follower(self) -> Follower:
        """As a daemon makes it that takes up the run."""
        return Follower(self.writer, RUN, self.world.bench, self.program)

    def store_until(self, end: int, first_seq: int = 0) -> None:
        """Records up to this one come; those of a boot before `first_seq` are of no run."""
        for item, at in self.world.items[self.given : end]:
            if at.boot not in self.boots:
                self.boots.append(at.boot)
                seen = UTC0 + len(self.boots)
                see_boot(self.connection, Boot("d", at.boot, seen, "watchdog", "0.1.0", 0))
                self.connection.execute(
                    "INSERT INTO run_boot VALUES (?, 'd', ?, ?, 0)", (RUN, at.boot, first_seq)
                )
            run = RUN if item.seq >= first_seq else None
            begun = UTC0 + 1_000_000 * (len(self.boots) - 1)
            add_records(
                self.connection, "d", at.boot, run, [item], lambda t, b=begun: (b + t, 1), 0, None
            )
        self.given = max(self.given, end)

    def store_all(self) -> None:
        self.store_until(len(self.world.items))

    def table(self) -> list[tuple[object, ...]]:
        """What is known of findings, and the notes."""
        found = [tuple(vars(f).values()) for f in read_findings(self.store, RUN)]
        notes = self.store.rows(
            "SELECT utc_ms, run, kind, deviation, text FROM note WHERE kind = 'evidence'"
            " ORDER BY utc_ms, text"
        )
        return [*found, *(tuple(note) for note in notes)]


def eventful() -> World:
    """A run with findings that end, one over a restart of the board, and one that does not end."""
    world = World()
    world.enter(JV)
    world.run(20)
    world.enter(AGEING)
    world.run(60)
    world.cells["A1"].has_contact = False
    world.run(60)
    world.cells["A1"].has_contact = True
    world.tell(records.EV_SC_VOLTAGE, 1, 9000)
    world.run(40)
    world.restart("b2")
    world.enter(AGEING)
    world.run(60)
    world.tell(records.EV_AS_COMMANDED, 1)
    world.lamp_suns = 0.0
    world.run(60)
    world.enter(WARM)
    world.leak_lux = 9.0
    world.run(200)
    return world


EVENTFUL = [
    ("oc_no_voltage", "A1"),
    ("sc_shows_voltage", "A2"),
    ("no_light", "simulator"),
    ("move_unchecked", "A1"),
    ("move_unchecked", "A2"),
    ("dark_lux", "box"),
]


@pytest.fixture
def make(tmp_path: Path):
    """Benches of a world, each with a database of its own."""
    made: list[Bench] = []

    def one(world: World) -> Bench:
        bench = Bench(tmp_path / str(len(made)), world)
        made.append(bench)
        return bench

    yield one
    for bench in made:
        bench.connection.close()


@pytest.fixture
def expected(make):
    bench = make(eventful())
    bench.store_all()
    bench.follower().follow()
    table = bench.table()
    assert [(f.rule, f.subject) for f in read_findings(bench.store, RUN)] == EVENTFUL
    return table


def test_notes_say_what_findings_say_and_their_end(make):
    bench = make(eventful())
    bench.store_all()
    bench.follower().follow()
    notes = bench.store.rows("SELECT run, deviation, text FROM note WHERE kind = 'evidence'")
    texts = {note["text"]: note["deviation"] for note in notes}
    found = read_findings(bench.store, RUN)
    assert texts == {finding.text: finding.deviation for finding in found}
    assert {note["run"] for note in notes} == {RUN}
    ended = next(f for f in found if f.rule == "oc_no_voltage")
    assert ended.text.endswith("2026-01-01 00:01:31 to 00:02:31 UTC")
    assert any(f.end_seq is None and "since 2026-01-01" in f.text for f in found)


def test_records_that_come_late_or_in_pieces_give_the_same(make, expected):
    bench = make(eventful())
    follower = bench.follower()
    for end in range(0, len(bench.world.items) + 7, 7):
        bench.store_until(end)
        follower.follow()
    assert bench.table() == expected


@pytest.mark.parametrize("every", [5, 13, 50])
def test_a_daemon_that_is_killed_doubles_and_loses_nothing(make, expected, every):
    """Each life of the daemon judges the run from its first record again."""
    bench = make(eventful())
    for end in range(0, len(bench.world.items) + every, every):
        bench.store_until(end)
        bench.follower().follow()
        bench.follower()  # dies before it has judged anything
    assert bench.table() == expected


def test_a_transaction_that_is_undone_loses_no_finding(make, expected):
    bench = make(eventful())
    follower = bench.follower()
    for end in range(0, len(bench.world.items) + 11, 11):
        bench.store_until(end)
        bench.writer.fail = 2
        follower.follow()
    assert bench.table() == expected


def test_a_long_backlog_is_judged_job_by_job(make, expected, monkeypatch):
    monkeypatch.setattr("soakbench.run.evidence.follower.AT_ONCE", 10)
    bench = make(eventful())
    bench.store_all()
    bench.follower().follow()
    assert bench.table() == expected


def test_a_replay_does_not_reopen_what_has_ended(make):
    bench = make(eventful())
    bench.store_all()
    bench.follower().follow()
    before = bench.table()
    again = bench.follower()
    for row in read_findings(bench.store, RUN):
        opened = type(row)(**{**vars(row), "end_boot": None, "end_seq": None, "end_utc_ms": None})
        assert not keep_finding(bench.connection, opened)
    again.follow()
    assert bench.table() == before


def test_the_end_of_the_run_ends_what_was_going_on(make):
    bench = make(eventful())
    bench.store_all()
    follower = bench.follower()
    follower.follow()
    assert read_findings(bench.store, RUN, only_open=True)
    follower.finish()
    assert read_findings(bench.store, RUN, only_open=True) == []
    last = bench.world.items[-1][1]
    ends = {finding.end_seq for finding in read_findings(bench.store, RUN)}
    assert last.seq in ends


def test_what_the_board_had_told_before_the_run_still_holds(make):
    world = World()
    world.tell(records.EV_DEVICE, 0x48, 1)
    world.run(60)
    first_seq = world.seq
    world.enter(AGEING)
    world.silent = True
    world.run(60)
    bench = make(world)
    bench.store_until(len(world.items), first_seq)
    bench.follower().follow()
    found = read_findings(bench.store, RUN)
    assert [(f.rule, f.subject, f.begin_seq) for f in found] == [("converter_silent", "a", 0)]


def test_the_account_says_for_how_long_each_cell_is_doubtful(make):
    world = World()
    world.enter(AGEING)
    world.run(60)
    world.cells["A1"].has_contact = False
    world.run(100)
    world.tell(records.EV_DEVICE, 0x48, 1)  # at the same time: not counted twice
    world.run(50)
    world.cells["A1"].has_contact = True
    world.tell(records.EV_DEVICE, 0x48, 0)
    world.run(60)
    bench = make(world)
    bench.store_all()
    bench.follower().finish()
    stored = find_run(bench.store, RUN)
    summary = summarise(bench.store, Account(bench.store), stored, world.program, world.bench, None)
    rows = {cell.cell: cell for cell in summary.evidence}
    assert (rows["A1"].senses, rows["A1"].findings) == (["voltage", "current"], 2)
    assert rows["A1"].doubtful_s == 150
    assert (rows["A2"].findings, rows["A2"].doubtful_s) == (1, 50)
    assert (rows["A3"].senses, rows["A3"].findings) == ([], 0)
    assert [f.text for f in summary.findings] == summary.noted
    assert all(f.todo for f in summary.findings)


def test_a_run_that_is_as_it_should_be_has_no_findings(make):
    world = World()
    world.enter(AGEING)
    world.run(600)
    world.enter(DARK)
    world.run(600)
    bench = make(world)
    bench.store_all()
    bench.follower().finish()
    assert bench.table() == []
