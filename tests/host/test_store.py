"""The database: once, whole, in units, and only what is committed counts."""

import json
import sqlite3
import threading
from pathlib import Path

import pytest
from make_records import event, station, track

from soakbench.errors import StoreError
from soakbench.store import Store, StoreWriter, decode_body, open_store
from soakbench.store.store import DATABASE, add_records
from soakwire import records

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
    from make_records import make

    body = decode_body(make(0, 0, records.CELLS, 0, loads=0b11_10_01_00))
    assert list(body["loads"])[:4] == ["OC", "SC", "MEASURE", "-"]


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


def test_another_schema_version_is_refused(tmp_path, store):
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="another version"):
        open_store(tmp_path)
