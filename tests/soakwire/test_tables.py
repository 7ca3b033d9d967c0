"""The tables as a whole: their id, their limits, and that each fits its structure."""

import struct

import pytest

from soakwire import bench_blob, blobs, messages, records
from soakwire.layout import Layout, LayoutError, parse
from soakwire.schema import SCHEMA_ID
from soakwire.tables import describe, schema_id, schema_tables

TABLES = [*schema_tables(), bench_blob.POINT]


def high(table: Layout, name: str) -> int:
    return next(field[4] for field in table.fields if field[0] == name)


def test_the_boards_schema_id_is_that_of_the_tables():
    assert schema_id() == SCHEMA_ID, f"tables have changed: set schema.py to {schema_id():#010X}"


def test_a_description_leaves_nothing_out():
    table = Layout("x", 16, "a/B,b/H/ms,c/h/centi_c?/-5/7,d/I,e/B//1/2")
    assert describe(table) == (
        "x:16:a/B//0/255,b/H/ms/0/65535,c/h/centi_c?/-5/7,d/I//0/4294967295,e/B//1/2"
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_fits_its_structure(table: Layout):
    assert struct.calcsize(table.format) == table.size
    names = [field[0] for field in table.fields]
    assert list(table.names()) == names
    assert len(set(names)) == len(names)


def test_fields_that_do_not_fit_are_told():
    with pytest.raises(LayoutError, match="6 bytes of 4"):
        Layout("x", 4, "a/I,b/H").pack([0, 0])


def test_what_was_worked_out_comes_back_after_it_was_forgotten():
    table = Layout("x", 4, "a/B,b/H/ms?/0/9")
    packed = table.pack([1, None])
    table.forget()
    assert table.unpack_named(packed) == {"a": 1, "b": None}


def test_a_table_without_fields():
    assert parse("") == []
    assert Layout("x", 4, "").pack([]) == bytes(4)


def test_limits_in_the_tables_are_those_of_the_constants():
    assert high(bench_blob.CONFIG_HEAD, "magic") == bench_blob.CONFIG_MAGIC
    assert high(bench_blob.CONFIG_HEAD, "stations") == blobs.MAX_STATIONS
    assert high(bench_blob.CONFIG_HEAD, "cells") == blobs.MAX_CELLS
    assert high(blobs.PROGRAM_HEAD, "magic") == blobs.PROGRAM_MAGIC
    assert high(blobs.PROGRAM_HEAD, "tracks") == blobs.MAX_TRACKS
    assert high(blobs.PROGRAM_TRACK, "steps") == blobs.MAX_STEPS
    assert high(blobs.PROGRAM_STEP, "station") == blobs.MAX_STATIONS - 1
    assert high(blobs.PROGRAM_STEP, "goal") == blobs.MAX_DELIVERED
    assert high(messages.BEAT_LAYOUT, "lease") == messages.MAX_LEASE_MS
    assert high(messages.STATE_HEAD, "tracks") == blobs.MAX_TRACKS
    for verb in (messages.LOAD, messages.MEASURE_CELL):
        assert high(messages.ARGS[verb], "lease") == messages.MAX_LEASE_MS
        assert high(messages.ARGS[verb], "cell") == blobs.MAX_CELLS - 1
    for verb in (messages.START, messages.PAUSE, messages.RESUME, messages.ADVANCE):
        assert high(messages.ARGS[verb], "track") == blobs.MAX_TRACKS - 1
    assert high(messages.ARGS[messages.BLOB_BEGIN], "size") == blobs.MAX_BLOB
    assert high(messages.ARGS[messages.BLOB_DATA], "offset") == blobs.MAX_BLOB
    assert records.HEAD.size == records.HEAD_SIZE
    assert {table.size for table in records.BODIES.values()} == {records.BODY_SIZE}
