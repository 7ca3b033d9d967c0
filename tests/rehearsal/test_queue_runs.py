"""The queue at work: the real engine, database and firmware, in virtual time."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from queue_bench import TWIN, QueueBench, planned

from soakbench.config import parse_bench, parse_cells
from soakbench.errors import ConfigError, DaemonError
from soakbench.plan.clock_time import begin_time

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2026, 3, 29, 1, 40, tzinfo=BERLIN)  # at 2:00 clocks go forward to 3:00


def seconds(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())


def test_one_after_the_other_and_one_at_its_time_though_clocks_change_and_the_daemon_is_killed(
    tmp_path,
):
    async def script(bench: QueueBench) -> None:
        at = begin_time("3:10", bench.now, BERLIN)
        assert at - bench.now < timedelta(minutes=31), "clocks leave out an hour"
        numbers = [
            await bench.put(planned("first")),
            await bench.put(planned("second")),
            await bench.put(planned("third"), at, who="bert"),
        ]
        assert numbers == [1, 2, 3]
        await bench.begins("first")
        assert bench.waits() == [f"run {bench.run_name()} is under way", "number 2 is before it"]
        await bench.kill(off_s=20)
        assert (bench.running(), len(bench.waits())) == ("first", 2)
        await bench.begins("second", within_h=0.2)
        await bench.ends()
        await bench.kill(off_s=20)
        assert bench.waits() == ["its time has not come"]
        await bench.begins("third", within_h=0.5)
        assert seconds(bench.now, at) < 3
        (begun,) = bench.journal()
        assert begun.text == "begun from the queue, put in as number 3 on 2026-03-29 01:40"
        assert begun.who == "bert"
        await bench.ends()
        assert bench.runs() == [(name, "finished") for name in ("first", "second", "third")]
        names = {row["run"] for row in bench.store.rows("SELECT run FROM run")}
        assert {folder.name for folder in (tmp_path / "runs").iterdir()} == names
        assert len(names) == 3

    QueueBench(tmp_path, NIGHT).play(script)


def test_after_a_run_that_was_stopped_it_waits_for_somebody_even_if_the_daemon_is_killed(tmp_path):
    async def script(bench: QueueBench) -> None:
        await bench.put(planned("first", minutes=60))
        await bench.put(planned("second"))
        await bench.begins("first")
        stopped = bench.run_name()
        await bench.stop()
        for _ in range(2):
            (wait,) = bench.waits()
            assert wait.startswith(f"run {stopped} was stopped; nobody knows whether the cells are")
            await asyncio.sleep(60)
            assert bench.running() == ""
            await bench.kill(off_s=5)
        await bench.engine.queue.resume("bert")
        await bench.begins("second")
        put_in, resumed = bench.journal()
        assert (put_in.who, resumed.who) == ("anna", "bert")
        assert resumed.text == f"the queue was let go on after run {stopped} was stopped"
        with pytest.raises(DaemonError, match="nothing waits"):
            await bench.engine.queue.resume("bert")

    QueueBench(tmp_path, NIGHT).play(script)


def test_who_fills_an_empty_queue_after_a_stop_knows_of_it(tmp_path):
    async def script(bench: QueueBench) -> None:
        await bench.put(planned("first", minutes=60))
        await bench.begins("first")
        await bench.stop()
        await bench.put(planned("second"))
        await bench.begins("second")

    QueueBench(tmp_path, NIGHT).play(script)


def test_a_delay_is_in_the_journal_with_its_cause(tmp_path):
    async def script(bench: QueueBench) -> None:
        await bench.put(planned("long", minutes=10))
        await bench.put(planned("late"), bench.now + timedelta(minutes=5))
        await bench.begins("late", within_h=0.5)
        _, late = bench.journal()
        assert late.text.startswith("begun 5 min ")
        assert "after its time, 2026-03-29 01:45: run 20260329-004" in late.text
        assert late.text.endswith("ended at 2026-03-29 01:50")
        await bench.ends()
        await bench.put(planned("missed"), bench.now + timedelta(minutes=1))
        await bench.kill(off_s=300)
        await bench.begins("missed")
        _, missed = bench.journal()
        assert missed.text.startswith("begun 4 min ")
        assert missed.text.endswith(": board or daemon were not there")

    QueueBench(tmp_path, NIGHT).play(script)


def test_a_daemon_that_is_killed_while_a_run_begins_begins_it_once(tmp_path):
    async def script(bench: QueueBench) -> None:
        for ms in range(0, 16, 2):
            await bench.put(planned(f"after-{ms}", minutes=1))
            await asyncio.sleep(ms / 1000)
            await bench.kill(off_s=2)
            await bench.until(lambda: bench.waits() == [] and bench.running() == "", 0.2)
        assert bench.runs() == [(f"after-{ms}", "finished") for ms in range(0, 16, 2)]

    QueueBench(tmp_path, NIGHT).play(script)


def test_what_does_not_fit_a_changed_bench_stays_and_holds_up_the_rest(tmp_path):
    later = NIGHT + timedelta(hours=2)

    async def fill(bench: QueueBench) -> None:
        await bench.put(planned("lit"), later)
        await bench.put(planned("next"))

    async def look(bench: QueueBench) -> None:
        first, second = bench.engine.queue.status()
        assert first.needs_person
        assert "lit.toml, line 8: tracks.t.station: there is no station" in first.why
        assert "`soakbench queue remove 1`" in first.why
        assert 'no station "simulator"' in second.why
        await asyncio.sleep(60)
        assert bench.runs() == []
        with pytest.raises(DaemonError, match="does not wait for this"):
            await bench.engine.queue.resume("anna")

    async def renamed(bench: QueueBench) -> None:
        assert bench.waits()[0].startswith("it is for bench twin, and this is other")

    async def run(bench: QueueBench) -> None:
        await bench.begins("lit")
        await bench.engine.queue.remove(2, "anna")
        with pytest.raises(DaemonError, match="no number 2 in the queue"):
            await bench.engine.queue.remove(2, "anna")

    def bench(old: str, new: str) -> object:
        return parse_bench(TWIN.source.text.replace(old, new), "changed.toml")

    moved = bench("simulator", "lamp_box")
    other = bench('name = "twin"', 'name = "other"')
    QueueBench(tmp_path, NIGHT).play(fill)
    QueueBench(tmp_path, later, moved, seed=2).play(look)
    QueueBench(tmp_path, later, other, seed=3).play(renamed)
    QueueBench(tmp_path, later, seed=4).play(run)


def test_what_could_not_begin_is_not_taken(tmp_path):
    async def script(bench: QueueBench) -> None:
        hour = timedelta(hours=1)
        with pytest.raises(DaemonError, match="time to begin is past"):
            await bench.put(planned("past"), bench.now - hour)
        await bench.put(planned("evening"), bench.now + 2 * hour)
        with pytest.raises(
            DaemonError, match=r"number 1 in the queue, evening\.toml, begins later"
        ):
            await bench.put(planned("before"), bench.now + hour)
        sheet = parse_cells("cell,id\nA1,x\nC9,y\n", "cells.csv")
        with pytest.raises(ConfigError, match='line 3: cell: there is no cell "C9"'):
            await bench.put(planned("unknown", cells=sheet))
        assert [each.plan for each in bench.engine.queue.status()] == ["evening"]

    QueueBench(tmp_path, NIGHT).play(script)


def test_the_list_of_cells_goes_with_the_run(tmp_path):
    text = "cell,id,aperture_cm2,made,note\nA1,PK-7a,0.09,2026-03-01,\nB1,PK-9c,,,spare\n"

    async def script(bench: QueueBench) -> None:
        await bench.put(planned("listed", 1, parse_cells(text, "cells.csv")))
        await bench.kill(off_s=2)
        await bench.begins("listed")
        a1, a2, b1 = bench.engine.summary(None).devices
        assert (a1.id, a1.substrate, a1.aperture_cm2) == ("PK-7a", "A", 0.09)
        assert str(a1.made) == "2026-03-01"
        assert (a2.id, a2.substrate, a2.aperture_cm2) == (None, "A", 0.07), "by the bench file"
        assert (b1.cell, b1.id, b1.note) == ("B1", "PK-9c", "spare"), (
            "named, though not in the plan"
        )
        copy = tmp_path / "runs" / bench.run_name() / "cells.csv"
        assert copy.read_text("utf-8") == text

    QueueBench(tmp_path, datetime(2026, 6, 1, tzinfo=UTC)).play(script)
