"""`soakbench retime`: the times of stored records, computed anew from the stored measurements."""

import json
from pathlib import Path

import pytest
from make_records import event, station
from typer.testing import CliRunner, Result

from soakbench.cli.app import app
from soakbench.daemon.lock import data_lock
from soakbench.store import Store, open_store
from soakbench.store.boots import Boot, see_boot
from soakbench.store.clocks import ClockPoint, add_points
from soakbench.store.intake import add_records

UTC0 = 1_767_225_600_000
MINUTE_MS = 60_000
SET_MS = 3_600_000
RECORDS = 20


def cli(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["retime", "--data", str(data), *arguments])


def true_utc(device_ms: int) -> int:
    return UTC0 + device_ms + round(device_ms * 30e-6)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A boot whose first records were stored while the computer was an hour behind, in two runs;
    and one of which no measurement is left."""
    store = open_store(tmp_path)
    connection = store.connect_writer()
    for boot, seen in (("b1", UTC0), ("b0", UTC0 - 1)):
        see_boot(connection, Boot("d", boot, seen, "power_on", "0.1.0", 0))
    connection.execute("UPDATE boot SET lost_from = NULL")
    connection.execute("DELETE FROM record")
    for run, first in (("r1", 0), ("r2", RECORDS // 2)):
        connection.execute(
            "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id,"
            " state, created_utc_ms) VALUES (?, 'p', '', '', '', 1, 1, 'finished', 0)",
            (run,),
        )
        end = first + RECORDS // 2
        connection.execute("INSERT INTO run_boot VALUES (?, 'd', 'b1', ?, ?)", (run, first, end))
        items = [station(seq, seq * MINUTE_MS) for seq in range(first, end - 1)]
        items.append(event(end - 1, (end - 1) * MINUTE_MS, 1))
        add_records(
            connection, "d", "b1", run, items, lambda t: (true_utc(t) - SET_MS, 500), 0, fit=1
        )
    add_records(connection, "d", "b0", None, [station(0, 5)], lambda t: (UTC0, 500), 0)
    points = [
        ClockPoint(i * MINUTE_MS, true_utc(i * MINUTE_MS) - (SET_MS if i < 10 else 0), 2, i // 10)
        for i in range(RECORDS)
    ]
    add_points(connection, "d", "b1", points)
    connection.close()
    return store


def times(store: Store) -> list[tuple[int, ...]]:
    rows = store.rows("SELECT t_utc_ms, t_err_ms, fit FROM record ORDER BY boot, seq")
    return [tuple(row) for row in rows]


@pytest.mark.rule("TI-5")
def test_records_get_the_time_of_the_clock_as_it_was_set_last(store):
    raw = store.rows("SELECT slot, t_device_ms FROM record ORDER BY boot, seq")
    result = cli(store.path.parent)
    assert result.exit_code == 0, result.output
    assert "boot b1: 20 of 20 records moved, by 3600.0" in result.output
    assert "boot b0: no measurements of its clock; the times of 1 records stay" in result.output
    rows = store.rows("SELECT * FROM record WHERE boot = 'b1' ORDER BY seq")
    for row in rows:
        assert abs(row["t_utc_ms"] - true_utc(row["t_device_ms"])) <= row["t_err_ms"] < 20
    (fit,) = store.rows("SELECT * FROM clock_fit")
    assert {row["fit"] for row in rows} == {fit["version"]}
    assert abs(fit["drift_ppm"] - 30) < 3
    assert store.rows("SELECT slot, t_device_ms FROM record ORDER BY boot, seq") == raw
    (seen,) = store.rows("SELECT t_utc_ms FROM event WHERE run = 'r2'")
    assert seen["t_utc_ms"] == rows[-1]["t_utc_ms"], "views show the same times"


@pytest.mark.rule("TI-5")
def test_a_dry_run_says_the_same_and_changes_nothing(store):
    before = times(store)
    result = cli(store.path.parent, "--dry-run")
    assert result.exit_code == 0
    assert "boot b1: 20 of 20 records would move, by 3600.0" in result.output
    assert "nothing was changed" in result.output
    assert times(store) == before
    assert store.rows("SELECT * FROM clock_fit") == []


def test_twice_is_once(store):
    cli(store.path.parent)
    first = times(store)
    assert "0 of 20 records moved, by 0.000 s" in cli(store.path.parent).output
    assert [row[:2] for row in times(store)] == [row[:2] for row in first]


def test_one_run_alone(store):
    before = times(store)
    result = cli(store.path.parent, "--run", "r2")
    assert "boot b1: 10 of 10 records moved" in result.output
    after = times(store)
    moved = [was != now for was, now in zip(before, after, strict=True)]
    assert moved == [False] * 11 + [True] * 10
    unknown = cli(store.path.parent, "--run", "r3")
    assert unknown.exit_code == 1
    assert "there is no run r3" in unknown.stderr


def test_as_json(store):
    boots = json.loads(cli(store.path.parent, "--dry-run", "--json").stdout)
    assert [(boot["boot"], boot["records"], boot["moved"]) for boot in boots] == [
        ("b0", 1, 0),
        ("b1", 20, 20),
    ]
    assert abs(boots[1]["most_ms"] - SET_MS) < 20
    assert boots[0]["drift_ppm"] is None


def test_not_while_a_daemon_has_the_data(store):
    before = times(store)
    with data_lock(store.path.parent):
        refused = cli(store.path.parent)
        assert refused.exit_code == 1
        assert "another daemon" in refused.stderr
        assert "end that daemon first" in refused.stderr
        assert cli(store.path.parent, "--dry-run").exit_code == 0
    assert times(store) == before


def test_without_a_database(tmp_path):
    result = cli(tmp_path)
    assert result.exit_code == 1
    assert "there is no database" in result.stderr
    assert not list(tmp_path.iterdir())


def test_the_help_has_an_example():
    result = CliRunner().invoke(app, ["retime", "--help"])
    assert result.exit_code == 0
    assert "soakbench retime --dry-run" in result.output
