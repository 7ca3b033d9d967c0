"""Custody: acknowledged is what is on disk; what cannot be stored is asked for again."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from make_records import event, make, station, track

from soakbench.clock import ManualClock
from soakbench.device import Custody
from soakbench.device import custody as custody_module
from soakbench.device.handover import Handover, NotDueError
from soakbench.mqtt.payloads import record_payload
from soakbench.run.account import Account
from soakbench.run.live import LivePicture
from soakbench.store import Store, StoreWriter, open_store
from soakbench.store.intake import store_batch
from soakwire import messages, records
from soakwire.host_end import BoardSeen, Records
from soakwire.layout import LayoutError
from soakwire.slots import Record

UID = "00000001000000aa"
A, B = 0xA, 0xB
BOOT_A, BOOT_B = f"{A:08x}", f"{B:08x}"
WINDOW = records.USB_WINDOW_SLOTS


class Disk(sqlite3.Connection):
    """A disk that can be full."""

    full = threading.Event()

    def execute(self, sql: str, *arguments: object) -> sqlite3.Cursor:
        if self.full.is_set() and sql == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *arguments)


class Host:
    """Custody over a real database, and what it tells the link."""

    def __init__(self, data: Path) -> None:
        self.store: Store = open_store(data)
        self.clock = ManualClock()
        self.writer = StoreWriter(self._connect)
        self.writer.start()
        self.custody = Custody(self.store, self.writer, self.clock)
        self.acks: list[tuple[int, int]] = []
        self.asked: list[tuple[int, int]] = []
        self.custody.committed = lambda boot, seq: self.acks.append((boot, seq))
        self.custody.not_stored = lambda boot, seq: self.asked.append((boot, seq))

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.store.path, isolation_level=None, timeout=0, factory=Disk)

    def meet(self, boot: int, **hello: int) -> int:
        values = {f[0]: 0 for f in messages.HELLO_LAYOUT.fields}
        values |= {"boot_id": boot, "reset_cause": messages.CAUSE_WATCHDOG} | hello
        return self.custody.board_seen(BoardSeen(values, UID))

    def take(self, items: list[Record], after: int | None = None, boot: int = A) -> list[Record]:
        due = items[0].seq if after is None else after
        return self.custody.records(Records(boot, due, items))

    def settle(self) -> None:
        """Until everything handed over has been written and answered."""
        self.writer.submit(lambda c: None).result(10)

    def hold(self) -> threading.Event:
        """The writer is busy until the event is set."""
        go = threading.Event()
        self.writer.submit(lambda c: go.wait(10))
        return go

    def seqs(self, boot: str = BOOT_A) -> list[int]:
        rows = self.store.rows("SELECT seq FROM record WHERE boot = ? ORDER BY seq", (boot,))
        return [row["seq"] for row in rows]

    def losses(self) -> list[sqlite3.Row]:
        return self.store.rows(
            "SELECT *, body ->> 'absent' AS absent, body ->> 'last_seq' AS last_seq"
            " FROM record WHERE kind = 'loss' ORDER BY boot"
        )


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setattr("soakbench.store.writer.RETRY_S", 0.001)
    host = Host(tmp_path)
    yield host
    Disk.full.clear()
    host.writer.close()


def samples(first: int, end: int) -> list[Record]:
    return [station(seq, 1000 * seq) for seq in range(first, end)]


@pytest.mark.rule("RE-5")
def test_nothing_is_acknowledged_before_it_is_on_disk(host):
    assert host.meet(A) == 0
    go = host.hold()
    host.take(samples(0, 7))
    host.take(samples(7, 14))
    assert host.acks == []
    assert host.seqs() == []
    go.set()
    host.settle()
    assert host.acks[-1] == (A, 14)
    assert host.seqs() == list(range(14))


@pytest.mark.rule("RE-5")
def test_a_lost_acknowledgement_is_repeated_at_once(host):
    host.meet(A)
    host.take(samples(0, 7))
    host.settle()
    host.hold().set()
    host.take([], after=7)
    host.take(samples(0, 7))
    assert host.acks == [(A, 7)] * 3


@pytest.mark.rule("RE-13")
def test_a_gap_is_asked_for_and_not_stored(host):
    host.meet(A)
    host.take(samples(0, 7))
    host.take(samples(14, 21), after=14)
    host.settle()
    assert host.asked == [(A, 7)]
    assert host.seqs() == list(range(7))
    host.take(samples(7, 21))
    host.settle()
    assert host.acks == [(A, 7), (A, 21)]


@pytest.mark.rule("RE-13")
def test_the_writing_job_itself_looks_whether_a_batch_continues_what_is_on_disk(host):
    """The database has the last word, whatever the host thought it had."""
    host.meet(A)
    host.take(samples(0, 7))
    host.settle()
    host.writer.submit(lambda c: c.execute("DELETE FROM record WHERE seq >= 5")).result(10)
    host.take(samples(7, 14))
    host.settle()
    assert host.seqs() == list(range(5))
    assert host.acks == [(A, 7)]
    assert host.asked == [(A, 7)]


@pytest.mark.rule("RE-13")
def test_a_batch_that_fails_is_asked_for_and_nothing_after_it_is_acknowledged(host, monkeypatch):
    begun, queued = threading.Event(), threading.Event()
    broken = [True]

    def break_once(connection, batch, to_utc):
        if broken and batch.after == 7:
            begun.set()
            queued.wait(10)
            broken.clear()
            raise ValueError("a bug")
        store_batch(connection, batch, to_utc)

    monkeypatch.setattr(custody_module, "store_batch", break_once)
    host.meet(A)
    host.take(samples(0, 7))
    host.settle()
    host.take(samples(7, 14))
    begun.wait(10)
    host.take(samples(14, 21))  # is with the writer when the one before it fails
    queued.set()
    host.settle()
    assert host.acks == [(A, 7)]
    assert host.asked == [(A, 7)], "once, and from the first that is missing"
    assert host.seqs() == list(range(7))
    host.take(samples(7, 28))
    host.settle()
    assert host.acks == [(A, 7), (A, 28)]
    assert host.seqs() == list(range(28))


@pytest.mark.rule("RE-13")
def test_what_is_asked_for_again_may_overtake_what_still_waits():
    """The failure of a later batch does not throw away what has been sent again meanwhile."""
    handover = Handover(0)
    _, first = handover.put(0, samples(0, 7))
    handover.close(first)
    _, second = handover.put(7, samples(7, 14))
    handover.close(second)
    assert handover.failed(first) == 0
    with pytest.raises(NotDueError) as due:
        handover.put(14, samples(14, 21))
    assert due.value.due == 0
    _, again = handover.put(0, samples(0, 14))
    assert handover.failed(second) is None
    assert handover.stored(again) == 14


@pytest.mark.rule("RE-14")
def test_what_cannot_be_decoded_is_stored_as_it_came(host):
    host.meet(A)
    strange = bytearray(station(1, 5).slot)
    strange[10] = 77  # its kind
    state9 = bytearray(track(2, 6, state=records.RUNNING).slot)
    state9[records.HEAD_SIZE + 3] = 9
    items = [station(0, 4), Record(bytes(strange)), Record(bytes(state9)), station(3, 7)]
    live = host.take(items)
    host.settle()
    assert host.acks == [(A, 4)]
    rows = host.store.rows("SELECT kind, slot, body, t_device_ms FROM record ORDER BY seq")
    assert [row["kind"] for row in rows] == ["station", "unknown", "unknown", "station"]
    assert [row["slot"] for row in rows] == [item.slot for item in items]
    assert [row["t_device_ms"] for row in rows] == [4, 5, 6, 7]
    assert "77" in rows[1]["body"]
    assert "state = 9" in rows[2]["body"]
    picture = LivePicture(["s"], ["c"])
    broken = bytearray(station(4, 8).slot)
    broken[12] = 200  # a track that cannot be
    picture.take([*live, Record(bytes(broken))], 0)
    assert picture.stations() == [], "rather nothing than what is not the newest"


@pytest.mark.rule("RE-5", "HO-1")
def test_a_disk_that_is_full_for_long_delays_and_loses_nothing_in_bounded_memory(host):
    """A window is all that waits on the host, however long and however often it is repeated."""
    host.meet(A)
    host.take(samples(0, 7))
    host.settle()
    Disk.full.set()
    for _ in range(200):  # the board repeats for ever
        for first in range(7, 7 + WINDOW, 7):
            host.take(samples(first, first + 7))
        assert host.meet(A) == 7, "a new session, as after a break: only what is on disk counts"
    handover = host.custody._present.handover
    waiting = handover._joining.items if handover._joining else []
    assert len(waiting) <= WINDOW
    assert host.writer._jobs.qsize() <= 2
    while not host.writer.trouble:
        pass
    assert "full" in host.writer.trouble
    assert set(host.acks) == {(A, 7)}
    Disk.full.clear()
    host.settle()
    assert host.acks[-1] == (A, 7 + WINDOW)
    assert host.seqs() == list(range(7 + WINDOW))


@pytest.mark.rule("HO-1")
def test_a_database_locked_by_another_program_holds_nobody_up(host):
    host.meet(A)
    host.settle()
    other = sqlite3.connect(host.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    live = host.take(samples(0, 7))
    assert len(live) == 7, "what is shown does not wait for the disk"
    while "locked" not in host.writer.trouble:
        pass
    assert host.acks == []
    other.execute("ROLLBACK")
    other.close()
    host.settle()
    assert host.acks == [(A, 7)]


@pytest.mark.rule("RE-16")
def test_records_of_a_session_that_has_ended_are_not_taken_but_what_waits_is_stored(host):
    host.meet(A)
    go = host.hold()
    host.take(samples(0, 7))
    host.meet(B)
    assert host.take(samples(7, 14), boot=A) == []
    go.set()
    host.settle()
    assert host.seqs()[:7] == list(range(7))
    (loss,) = host.losses()
    assert (loss["boot"], loss["seq"]) == (BOOT_A, 7), "after what was waiting"


def run_of(host: Host) -> None:
    """A run that is under way and has begun with boot A."""
    rows = (
        "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id, state,"
        " created_utc_ms) VALUES ('r', 'p', '', '', '', 1, 1, 'running', 0)",
        f"INSERT INTO run_boot VALUES ('r', '{UID}', '{BOOT_A}', 0, 0)",
    )
    for sql in rows:
        host.writer.submit(lambda c, sql=sql: c.execute(sql)).result(10)
    host.custody.run = "r"


def test_records_belong_to_the_run_that_was_going_when_they_came(host):
    host.meet(A)
    run_of(host)
    go = host.hold()
    host.take(samples(0, 7))
    host.custody.run = None
    host.take(samples(7, 14))
    go.set()
    host.settle()
    rows = host.store.rows("SELECT run FROM record ORDER BY seq")
    assert [row["run"] for row in rows] == ["r"] * 7 + [None] * 7


@pytest.mark.rule("RE-15")
def test_what_a_dead_boot_still_held_is_declared_lost_with_an_open_end(host):
    host.meet(A)
    run_of(host)
    host.take(samples(0, 7))
    host.custody.produced(BOOT_A, 12)
    host.meet(B)
    host.settle()
    (loss,) = host.losses()
    assert (loss["device"], loss["boot"], loss["seq"], loss["run"]) == (UID, BOOT_A, 7, "r")
    assert (loss["absent"], loss["last_seq"], loss["published"]) == (5, None, 0)
    last = host.store.rows("SELECT t_utc_ms, t_device_ms, fit FROM record WHERE seq = 6")[0]
    assert (loss["t_utc_ms"], loss["t_device_ms"], loss["fit"]) == tuple(last)
    raw = Record(loss["slot"])
    assert (raw.seq, raw.t_ms, raw.kind) == (7, 6000, records.LOSS)
    assert (raw.values["first_seq"], raw.values["last_seq"], raw.values["absent"]) == (7, None, 5)
    payload = record_payload(loss, [], [])
    assert payload["kind"] == "loss"
    assert payload["values"]["last_seq"] is None
    (note,) = host.store.rows("SELECT * FROM note")
    assert (note["run"], note["deviation"]) == ("r", 1)
    assert f"of boot {BOOT_A} were lost" in note["text"]
    assert "5 known, end open" in note["text"]


@pytest.mark.rule("RE-15")
@pytest.mark.parametrize(
    ("cause", "left", "absent"),
    [
        (messages.CAUSE_WATCHDOG, 40, 33),
        (messages.CAUSE_EXCEPTION, 9, 5),
        (messages.CAUSE_POWER_ON, 40, 5),
        (messages.CAUSE_UNKNOWN, 40, 5),
    ],
)
def test_what_the_reset_left_in_its_register_is_known_too(host, cause, left, absent):
    host.meet(A)
    run_of(host)
    host.take(samples(0, 7))
    host.custody.produced(BOOT_A, 12)
    host.meet(B, reset_cause=cause, scratch1=left)
    host.settle()
    assert host.losses()[0]["absent"] == absent
    counts = Account(host.store).counts("r", BOOT_B)
    assert (counts.produced, counts.stored, counts.lost) == (7 + absent, 7, absent)


@pytest.mark.rule("RE-15")
def test_a_loss_is_written_once_whoever_dies_when(host, tmp_path):
    host.meet(A)
    host.take(samples(0, 7))
    host.meet(B)
    host.settle()
    for _ in range(2):
        later = Host(tmp_path)  # another daemon on the same data
        assert later.meet(B) == 0
        later.settle()
        later.writer.close()
    assert [(row["boot"], row["seq"]) for row in host.losses()] == [(BOOT_A, 7)]
    host.meet(0xC)
    host.settle()
    assert [(row["boot"], row["seq"]) for row in host.losses()] == [(BOOT_A, 7), (BOOT_B, 0)]


@pytest.mark.rule("RE-15")
def test_a_host_killed_before_the_commit_writes_the_loss_when_it_is_back(host, tmp_path):
    host.meet(A)
    host.take(samples(0, 7))
    host.settle()
    Disk.full.set()
    host.meet(B)
    host.take(samples(0, 7), boot=B)
    host.writer.close()  # gives up, as a kill would
    Disk.full.clear()
    assert host.losses() == []
    assert host.acks == [(A, 7)]
    later = Host(tmp_path)
    assert later.meet(B) == 0
    later.settle()
    later.writer.close()
    assert [(row["boot"], row["seq"]) for row in later.losses()] == [(BOOT_A, 7)]
    host.writer = later.writer = StoreWriter(host.store.connect_writer)
    host.writer.start()


@pytest.mark.rule("RE-15")
def test_the_loss_of_a_boot_that_shows_again_is_withdrawn(host):
    """Two boards with the same id, in turns: the LOSS must not take a real record's place."""
    host.meet(A)
    host.take(samples(0, 7))
    host.meet(B)
    host.settle()
    assert host.meet(A) == 7
    host.take(samples(7, 14))
    host.settle()
    assert host.seqs() == list(range(14))
    assert [row["boot"] for row in host.losses()] == [BOOT_B]


@pytest.mark.rule("RE-15")
def test_other_boards_are_left_alone(host):
    values = {f[0]: 0 for f in messages.HELLO_LAYOUT.fields} | {"boot_id": B}
    host.meet(A)
    host.custody.board_seen(BoardSeen(values, "another board"))
    host.settle()
    assert host.losses() == []


@pytest.mark.rule("TI-4")
def test_every_record_names_the_fit_its_time_comes_from(host):
    host.meet(A)
    host.take(samples(0, 1))
    utc = host.clock.utc_ms()
    for beat in range(5):
        host.custody.clock_measured(utc + 1000 * beat, utc + 1000 * beat + 4, 1000 * beat)
    host.take(samples(1, 2))
    host.settle()
    first, second = host.store.rows("SELECT * FROM record ORDER BY seq")
    assert first["fit"] < second["fit"]
    assert first["t_err_ms"] > 500 > 20 > second["t_err_ms"]
    for row in (first, second):
        (fit,) = host.store.rows("SELECT * FROM clock_fit WHERE version = ?", (row["fit"],))
        t = row["t_device_ms"] - fit["device_ms"]
        by_hand = fit["utc_ms"] + t * (1 + fit["drift_ppm"] / 1e6)
        assert row["t_utc_ms"] == round(by_hand)
    assert len(host.store.rows("SELECT * FROM clock_point")) == 5
    assert host.custody.clock_error_ms < 20
    assert host.custody.drift_ppm == 0


@pytest.mark.rule("TI-5")
def test_a_clock_that_is_set_is_noted_and_the_records_before_keep_their_fit(host):
    host.meet(A)
    utc = host.clock.utc_ms()
    beats = [(utc + 1000 * i, utc + 1000 * i + 4, 1000 * i + 2) for i in range(10)]
    for beat in beats:
        host.custody.clock_measured(*beat)
    go = host.hold()
    host.take(samples(0, 1))
    for sent, received, t in beats:
        host.custody.clock_measured(sent + 3_610_000, received + 3_610_000, t + 10_000)
    host.take(samples(1, 2))  # while the one before still waits
    go.set()
    host.settle()
    first, second = host.store.rows("SELECT * FROM record ORDER BY seq")
    assert abs(first["t_utc_ms"] - utc) <= first["t_err_ms"]
    assert abs(second["t_utc_ms"] - (utc + 3_600_000 + 1000)) <= second["t_err_ms"]
    assert first["fit"] < second["fit"]
    (note,) = host.store.rows("SELECT text FROM note")
    assert "set by +3600.0" in note["text"]
    segments = host.store.rows("SELECT DISTINCT segment FROM clock_point ORDER BY segment")
    assert [row["segment"] for row in segments] == [0, 1]


def test_replayed_records_are_marked_and_not_shown(host):
    host.meet(A, t_lo=60_000)
    live = host.take([event(0, 1000, 1), make(1, 59_900, records.CELLS, 0)])
    host.settle()
    assert [item.seq for item in live] == [1]
    rows = host.store.rows("SELECT hist FROM record ORDER BY seq")
    assert [row["hist"] for row in rows] == [1, 0]


def test_values_of_a_kind_that_is_unknown_raise_what_is_documented():
    slot = bytearray(32)
    slot[10] = 99
    with pytest.raises(LayoutError):
        _ = Record(bytes(slot)).values
