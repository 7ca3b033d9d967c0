"""The database: once, whole, in units, and only what is committed counts."""

import json
import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make_records import event, make, station, track

from soakbench.errors import StoreError
from soakbench.store import Store, StoreWriter, decode_body, open_store
from soakbench.store.body import MOST_TEXTS, columns, dump
from soakbench.store.decode import KIND_NAMES
from soakbench.store.migrate import SCHEMA_VERSION
from soakbench.store.store import DATABASE, add_records
from soakwire import records, slots
from soakwire.layout import Layout, LayoutError
from soakwire.slots import Record

UTC0 = 1_700_000_000_000


def to_utc(device_ms: int) -> tuple[int, int]:
    return UTC0 + device_ms, 2


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture
def writer(store: Store):
    writer = StoreWriter(store.connect_writer)
    writer.start()
    yield writer
    writer.close()


def put(writer: StoreWriter, items, run: str | None = None) -> None:
    writer.submit(lambda c: add_records(c, "d1", "b1", run, items, to_utc, UTC0)).result(10)


def test_records_are_kept_raw_and_in_units(store, writer):
    item = station(5, 1000, 1, plate=5012, stage=None, light=1003, lux=4, duty=250, outputs=19)
    put(writer, [item])
    (row,) = store.rows("SELECT * FROM record")
    assert (row["device"], row["boot"], row["seq"], row["kind"]) == ("d1", "b1", 5, "station")
    assert (row["t_device_ms"], row["t_utc_ms"], row["t_err_ms"]) == (1000, UTC0 + 1000, 2)
    assert row["slot"] == item.slot
    body = json.loads(row["body"])
    assert body["plate_c"] == 50.12
    assert body["stage_c"] is None
    assert body["light_suns"] == 1.003
    assert body["lux"] == 0.4
    assert body["duty"] == 0.25
    assert body["outputs"] == ["light", "heater", "in_band"]
    (seen,) = store.rows("SELECT station, plate_c, stage_c FROM station_sample")
    assert tuple(seen) == (1, 50.12, None)


def test_a_record_that_comes_twice_is_stored_once(store, writer):
    put(writer, [station(i, i) for i in range(4)])
    put(writer, [station(i, i) for i in range(2, 6)])
    assert [r["seq"] for r in store.rows("SELECT seq FROM record ORDER BY seq")] == list(range(6))
    assert store.next_seq("d1", "b1") == 6
    assert store.next_seq("d1", "another boot") == 0


def test_old_records_are_marked_as_replayed(store, writer):
    writer.submit(
        lambda c: add_records(
            c, "d1", "b1", None, [station(0, 0), station(1, 10)], to_utc, UTC0 + 5
        )
    ).result(10)
    assert [r["hist"] for r in store.rows("SELECT hist FROM record ORDER BY seq")] == [1, 0]


def test_progress_moves_with_the_record_that_says_so(store, writer):
    writer.submit(
        lambda c: c.execute(
            "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
            " state, created_utc_ms) VALUES ('r', 'p', '', '', '', 1, 1, 'running', 0)"
        )
    ).result(10)
    running = {"state": records.RUNNING, "step": 2, "cycle": 1}
    put(writer, [track(0, 0, 1, delivered=70, dose=9, elapsed=80, **running)], run="r")
    put(writer, [track(1, 9, 1, state=records.IDLE)], run="r")
    (row,) = store.rows("SELECT * FROM progress")
    assert tuple(row)[1:8] == (1, 2, 1, 70, 9, 80, "running")


def test_events_and_losses_in_words(store, writer):
    put(writer, [event(0, 0, records.EV_STEP_END, track=1, step=2, delivered=9, dose=3_600_000)])
    (row,) = store.rows("SELECT event, track, step, dose_sun_h FROM event")
    assert tuple(row) == ("step_end", 1, 2, 1.0)


def test_loads_in_words():
    body = decode_body(make(0, 0, records.CELLS, 0, loads=0b11_10_01_00))
    assert list(body["loads"])[:4] == ["OC", "SC", "MEASURE", "-"]


def values_of(layout: Layout) -> st.SearchStrategy[list[int | None]]:
    """Values in field order, each in its range, or missing where it may be."""
    fields = []
    for _, _, unit, low, high in layout.fields:
        value = st.integers(low, high) | st.sampled_from([low, high])
        fields.append(value | st.none() if unit.endswith("?") else value)
    return st.tuples(*fields).map(list)


@st.composite
def proper_records(draw: st.DrawFn) -> Record:
    """Any record that a board may make."""
    kind = draw(st.sampled_from(sorted(records.BODIES)))
    slot = bytearray(records.SLOT_SIZE)
    stamp = slots.split_time(draw(st.integers(0, 2**48 - 1)))
    values = draw(values_of(records.BODIES[kind]))
    records.pack_slot(slot, 0, draw(st.integers(0, 2**32 - 1)), stamp, kind, 3, values)
    slot[11] = draw(st.integers(0, 255))  # place
    return Record(bytes(slot))


@settings(max_examples=1000, deadline=None)
@given(proper_records())
def test_the_text_of_a_record_is_that_of_its_values(item):
    kind, place, t_ms, body = columns(item)
    assert body == dump(decode_body(item))
    assert (kind, place, t_ms) == (KIND_NAMES[item.kind], item.place, item.t_ms)
    raw = item.values
    layout = records.BODIES[item.kind]
    assert layout.pack([raw[field[0]] for field in layout.fields]) == item.slot[12:], "both ways"


@pytest.mark.rule("RE-14")
@settings(max_examples=1000, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(0, 6))
def test_any_32_bytes_can_be_stored(slot, kind):
    item = Record(slot[:10] + bytes([kind]) + slot[11:])
    name, place, t_ms, body = columns(item)
    assert (place, t_ms) == (item.place, item.t_ms)
    try:
        expected = dump(decode_body(item))
    except LayoutError as error:
        assert name == "unknown"
        assert json.loads(body) == {"reason": str(error)}
    else:
        assert (name, body) == (KIND_NAMES[kind], expected)


def test_remembered_texts_are_bounded():
    for raw in range(-5000, 20000):
        columns(station(0, 0, plate=raw))
    assert columns(station(0, 0, plate=20000))[3] == dump(decode_body(station(0, 0, plate=20000)))
    shapes = columns.__globals__["_SHAPES"]
    texts = [read.__self__ for read in shapes[records.STATION]._readers]
    assert max(len(text) for text in texts) == MOST_TEXTS


def test_a_job_that_fails_takes_no_other_with_it(store, writer):
    hold = threading.Event()
    first = writer.submit(lambda c: hold.wait(10))
    bad = writer.submit(lambda c: c.execute("INSERT INTO meta VALUES (NULL, NULL)"))
    good = writer.submit(lambda c: c.execute("INSERT INTO meta VALUES ('k', 'v')"))
    hold.set()
    first.result(10)
    good.result(10)
    with pytest.raises(sqlite3.IntegrityError):
        bad.result(10)
    assert store.rows("SELECT value FROM meta WHERE key = 'k'")[0]["value"] == "v"


def test_a_locked_database_delays_and_loses_nothing(store, monkeypatch):
    monkeypatch.setattr("soakbench.store.store.BUSY_MS", 0)
    monkeypatch.setattr("soakbench.store.writer.RETRY_S", 0.01)
    writer = StoreWriter(store.connect_writer)
    other = sqlite3.connect(store.path, isolation_level=None)
    writer.start()
    try:
        writer.submit(lambda c: None).result(10)  # the connection is there
        other.execute("BEGIN IMMEDIATE")
        future = writer.submit(lambda c: add_records(c, "d", "b", None, [station(0, 0)], to_utc, 0))
        while not writer.trouble:
            assert not future.done()
        assert "locked" in writer.trouble
        other.execute("COMMIT")
        future.result(10)
        writer.submit(lambda c: None).result(10)
        assert writer.trouble == ""
        assert store.next_seq("d", "b") == 1
    finally:
        other.close()
        writer.close()


def test_close_writes_what_is_queued(store):
    writer = StoreWriter(store.connect_writer)
    futures = [
        writer.submit(lambda c, i=i: add_records(c, "d", "b", None, [station(i, 0)], to_utc, 0))
        for i in range(50)
    ]
    writer.start()
    writer.close()
    assert all(future.done() for future in futures)
    assert store.next_seq("d", "b") == 50


def test_a_full_disk_says_what_to_do(tmp_path, monkeypatch):
    def full(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA max_page_count = 3")
        return connection

    monkeypatch.setattr("soakbench.store.store._connect", full)
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path)
    assert "full" in str(caught.value)
    assert "free some space" in caught.value.hint


def test_a_database_locked_by_another_program_says_what_to_do(store, tmp_path, monkeypatch):
    monkeypatch.setattr("soakbench.store.store.BUSY_MS", 0)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path)
    other.close()
    assert "locked" in str(caught.value)
    assert "close the program" in caught.value.hint


def test_a_file_that_is_no_database_says_what_to_do(tmp_path):
    (tmp_path / DATABASE).write_text("this is not a database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(tmp_path)


def test_a_directory_that_cannot_be_made_says_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "file" / "data")
    assert "--data" in caught.value.hint


def test_a_damaged_database_is_not_the_fault_of_the_job_and_ends_no_thread(store, monkeypatch):
    monkeypatch.setattr("soakbench.store.writer.RETRY_S", 0.001)
    broken = [True]

    def job(connection: sqlite3.Connection) -> str:
        if broken:
            broken.clear()
            raise sqlite3.DatabaseError("database disk image is malformed")
        return "done"

    writer = StoreWriter(store.connect_writer)
    writer.start()
    assert writer.submit(job).result(10) == "done"
    writer.close()


def test_a_database_that_cannot_be_opened_for_a_moment_ends_no_thread(store, monkeypatch):
    monkeypatch.setattr("soakbench.store.writer.RETRY_S", 0.001)
    broken = [True]

    def connect() -> sqlite3.Connection:
        if broken:
            broken.clear()
            raise sqlite3.OperationalError("unable to open database file")
        return store.connect_writer()

    writer = StoreWriter(connect)
    writer.start()
    assert writer.submit(lambda c: "done").result(10) == "done"
    writer.close()


def test_who_stops_waiting_ends_neither_the_job_nor_the_thread(store, writer):
    hold = threading.Event()
    job = writer.submit(lambda c: hold.wait(10))
    assert not job.cancel()
    hold.set()
    assert job.result(10) is True
    assert writer.submit(lambda c: "still there").result(10) == "still there"


def old_database(path: Path) -> None:
    """A database as version 1 made it: two boots of one board, one record of a run."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript((Path(__file__).parent / "schema_1.sql").read_text("utf-8"))
    connection.execute("INSERT INTO meta VALUES ('schema_version', '1')")
    for boot, seen in (("b1", 10), ("b2", 20)):
        row = ("d", boot, seen, "watchdog", "0.1.0", 9)
        connection.execute("INSERT INTO boot VALUES (?,?,?,?,?,?)", row)
    item = station(4, 5)
    row = ("d", "b1", 4, "station", 0, 5, 15, 2, 0, "r", item.slot, dump(decode_body(item)), 1)
    connection.execute("INSERT INTO record VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", row)
    connection.close()


def test_a_database_of_version_1_is_taken_along(tmp_path):
    old_database(tmp_path / DATABASE)
    for _ in range(2):
        store = open_store(tmp_path)
    (version,) = store.rows("SELECT value FROM meta WHERE key = 'schema_version'")
    assert int(version["value"]) == SCHEMA_VERSION
    (row,) = store.rows("SELECT * FROM record")
    assert (row["seq"], row["run"], row["slot"], row["fit"]) == (4, "r", station(4, 5).slot, None)
    boots = store.rows("SELECT boot, lost_from FROM boot ORDER BY boot")
    assert [tuple(boot) for boot in boots] == [("b1", 5), ("b2", None)], "the newest may be alive"
    assert store.next_seq("d", "b1") == 5
    connection = store.connect_writer()
    add_records(connection, "d", "b2", None, [station(0, 0)], to_utc, 0, fit=1)
    connection.close()
    new = open_store(tmp_path / "new")
    assert shape(store) == shape(new), "the same as one that was made today"


def shape(store: Store) -> dict[str, object]:
    """Tables with their columns, indexes and views."""
    found: dict[str, object] = {}
    for row in store.rows("SELECT type, name, sql FROM sqlite_master"):
        if row["type"] == "table":
            columns = store.rows(f"SELECT name, type FROM pragma_table_info('{row['name']}')")
            found[row["name"]] = sorted(tuple(column) for column in columns)
        else:
            found[row["name"]] = row["sql"]
    return found


def test_a_migration_that_fails_leaves_the_old_database(tmp_path):
    old_database(tmp_path / DATABASE)
    connection = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    connection.execute("ALTER TABLE boot ADD COLUMN lost_from INTEGER")  # somebody's own
    connection.close()
    with pytest.raises(StoreError, match="duplicate column"):
        open_store(tmp_path)
    connection = sqlite3.connect(tmp_path / DATABASE)
    assert connection.execute("SELECT value FROM meta").fetchone() == ("1",)
    columns = connection.execute("SELECT name FROM pragma_table_info('record')").fetchall()
    assert ("fit",) not in columns
    connection.close()


def test_the_same_progress_however_records_are_batched(store, writer):
    writer.submit(
        lambda c: c.execute(
            "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
            " state, created_utc_ms) VALUES ('r', 'p', '', '', '', 1, 1, 'running', 0)"
        )
    ).result(10)
    items = [
        track(seq, seq, seq % 2, state=records.RUNNING, delivered=seq, elapsed=seq)
        for seq in range(100)
    ]
    put(writer, items, run="r")
    rows = store.rows("SELECT track, delivered, t_utc_ms FROM progress ORDER BY track")
    assert [tuple(row) for row in rows] == [(0, 98, UTC0 + 98), (1, 99, UTC0 + 99)]
    assert store.rows("SELECT count(*) AS n FROM record")[0]["n"] == 100


def test_a_newer_schema_version_is_refused(tmp_path, store):
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="newer soakbench"):
        open_store(tmp_path)
