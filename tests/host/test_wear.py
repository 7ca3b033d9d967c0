"""The relays' counts: added up over boots, never twice, and made up for after a power cut."""

import json
from pathlib import Path

import pytest
from make_records import event, make
from typer.testing import CliRunner

from soakbench.cli.app import app
from soakbench.store import Store, StoreWriter, open_store
from soakbench.store.boots import Boot, see_boot
from soakbench.store.store import add_records
from soakbench.store.wear import WEAR_SQL, Wired, know_bench, relay_wear
from soakwire import records
from soakwire.records import MEASURE, OC, SC
from soakwire.slots import Record

UTC0 = 1_700_000_000_000
CELLS = [Wired("A1", SC, SC), Wired("A2", OC, OC)]
FIELDS = [f"{relay}{i}" for i in range(4) for relay in ("short", "measure")]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture
def writer(store: Store):
    writer = StoreWriter(store.connect_writer)
    writer.start()
    writer.submit(lambda c: know_bench(c, "lab", 1000, CELLS)).result(10)
    yield writer
    writer.close()


def wear(seq: int, *counts: int) -> Record:
    """Short and measure of A1, short and measure of A2."""
    told = dict(zip(FIELDS, [*counts, *[0] * 8], strict=False))
    return make(seq, 1000 * seq, records.WEAR, 0, **told)


def load(seq: int, cell: int, to: int) -> Record:
    return event(seq, 1000 * seq, records.EV_LOAD, a=cell, b=to)


def put(writer: StoreWriter, boot: str, *items: Record) -> None:
    def to_utc(device_ms: int) -> tuple[int, int]:
        return UTC0 + device_ms, 2

    writer.submit(lambda c: add_records(c, "d1", boot, None, list(items), to_utc, UTC0)).result(10)


def begin(writer: StoreWriter, boot: str) -> None:
    seen = Boot("d1", boot, UTC0, "power_on", "0.1.0", 0)
    writer.submit(lambda c: see_boot(c, seen)).result(10)


def counts(store: Store) -> dict[str, int]:
    return {r.name: r.actuations for r in relay_wear(tuple(row) for row in store.rows(WEAR_SQL))}


def test_counts_of_boots_add_up(store, writer):
    put(writer, "b1", wear(0, 3, 1), wear(1, 5, 1))
    put(writer, "b2", wear(0, 2, 0, 4))
    assert counts(store) == {"A1.short": 7, "A1.measure": 1, "A2.short": 4}


def test_what_comes_twice_or_late_adds_nothing(store, writer):
    put(writer, "b1", wear(1, 5))
    put(writer, "b1", wear(1, 5), wear(0, 3))
    assert counts(store) == {"A1.short": 5}


def test_a_power_cut_is_made_up_for_from_the_switchings_that_had_arrived(store, writer):
    begin(writer, "b1")
    switchings = [load(0, 0, OC), load(1, 1, SC)]
    put(writer, "b1", *switchings, wear(2, 1, 0, 1, 0))
    # A1's coil is energised at OC and lets go at SC; A2 rests at OC.
    put(writer, "b1", load(3, 0, SC), load(4, 0, OC), load(5, 0, MEASURE), load(6, 1, OC))
    put(writer, "b1", load(7, 1, SC))
    begin(writer, "b2")
    assert counts(store) == {"A1.short": 2, "A1.measure": 1, "A2.short": 2}
    begin(writer, "b2")
    begin(writer, "b1")  # it was not dead: its own sum contains what was made up
    put(writer, "b1", wear(8, 3, 1, 2, 0))
    assert counts(store) == {"A1.short": 3, "A1.measure": 1, "A2.short": 2}


def test_another_bench_has_counts_of_its_own(store, writer):
    put(writer, "b1", wear(0, 3))
    writer.submit(lambda c: know_bench(c, "other", 500, CELLS)).result(10)
    put(writer, "b1", wear(1, 4))
    known = relay_wear(tuple(row) for row in store.rows(WEAR_SQL))
    found = [(r.bench, r.actuations, r.rated) for r in known]
    assert found == [("lab", 3, 1000), ("other", 1, 500)]


def test_the_command_shows_warns_and_counts_a_new_relay_anew(store, writer, tmp_path):
    put(writer, "b1", wear(0, 850, 2))
    data = ["--data", str(tmp_path)]
    shown = CliRunner().invoke(app, ["relays", *data])
    assert shown.exit_code == 0
    assert "85.0%" in shown.output
    assert "replace it before the next long run" in shown.output
    done = CliRunner().invoke(app, ["relays", "--replaced", "A1.short", "--note", "stuck", *data])
    assert done.exit_code == 0
    listed = json.loads(CliRunner().invoke(app, ["relays", "--json", *data]).stdout)
    assert {r["relay"]: r["actuations"] for r in listed} == {"short": 0, "measure": 2}
    (note,) = store.rows("SELECT kind, text FROM note")
    assert note["text"] == "relay A1.short of bench lab replaced after 850 actuations: stuck"
    put(writer, "b1", wear(1, 851, 2))
    assert counts(store)["A1.short"] == 1
    wrong = CliRunner().invoke(app, ["relays", "--replaced", "A1.shorts", *data])
    assert wrong.exit_code == 1
    assert "counted so far: A1.short, A1.measure" in wrong.output
