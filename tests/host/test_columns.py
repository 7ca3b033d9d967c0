"""Records as columns, on the axis of the board's own clock."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from make_records import station

from soakbench.store import Store, open_store
from soakbench.store.columns import Axis, read_columns
from soakbench.store.intake import add_records
from soakwire import records as wire
from soakwire.slots import Record

Put = Callable[..., None]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture
def put(store: Store) -> Put:
    def put(boot: str, *items: Record, shift_ms: int = 0) -> None:
        connection = store.connect_writer()
        add_records(connection, "d", boot, "r", list(items), lambda t: (t + shift_ms, 1), 0)
        connection.close()

    return put


def times(store: Store, axis: Axis) -> list[float]:
    return [float(t) for t in read_columns(store, "r", wire.STATION, axis).t_ms]


def test_values_are_raw_in_the_order_they_were_made_and_nan_where_missing(store, put) -> None:
    put("a", station(0, 10, place=1, plate=5000, light=1000), station(1, 20))
    found = read_columns(store, "r", wire.STATION, Axis(store, "r"))
    assert list(found.seq) == [0, 1]
    assert list(found.place) == [1, 0]
    assert found.fields["plate"][0] == 5000
    assert np.isnan(found.fields["plate"][1])
    assert np.isnan(found.fields["stage"]).all()


def test_between_two_starts_lies_what_the_computer_saw(store, put) -> None:
    put("a", station(0, 1000), station(1, 5000), shift_ms=100)
    put("b", station(0, 2000), station(1, 2500), shift_ms=10_000)
    assert times(store, Axis(store, "r")) == [1100, 5100, 12_000, 12_500]


def test_starts_do_not_overlap_though_the_computer_clock_went_back(store, put) -> None:
    put("a", station(0, 0), station(1, 5000), shift_ms=1000)
    put("b", station(0, 0), station(1, 700), shift_ms=2000)
    assert times(store, Axis(store, "r")) == [1000, 6000, 6000, 6700]


def test_a_start_that_came_after_the_axis_was_made_is_left_for_the_next_time(store, put) -> None:
    put("a", station(0, 0))
    before = Axis(store, "r")
    put("b", station(0, 900), shift_ms=100)
    assert times(store, before) == [0]
    assert times(store, Axis(store, "r")) == [0, 1000]


def test_a_run_without_records_has_empty_columns(store) -> None:
    found = read_columns(store, "r", wire.AIR, Axis(store, "r"))
    assert found.t_ms.size == found.fields["humidity"].size == 0
