"""The publisher against a real broker: topics, retained state, and an outbox that loses nothing."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import pytest
from brokers import free_port, mosquitto
from make_records import event, make, station

from soakbench.mqtt import Broker, Publisher
from soakbench.mqtt.payloads import record_payload
from soakbench.status import LinkStatus, MqttStatus, Status
from soakbench.store import Store, StoreWriter, open_store
from soakbench.store.findings import StoredFinding, keep_finding, untold_findings
from soakbench.store.store import add_records
from soakwire import records, slots

UTC0 = 1_700_000_000_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = "soakbench/v1/bench"


def status(link: str = "up") -> Status:
    return Status(
        bench="bench",
        time=NOW,
        data="/data",
        link=LinkStatus(state=link, port="p", device="d1", boot="b1", firmware="0.1.0"),
        run=None,
        stations=[],
        cells=[],
        mqtt=MqttStatus(enabled=True, connected=True, broker="", backlog=0, published=0),
    )


class Bench:
    """A store, a writer and a publisher, without a board."""

    def __init__(self, data: Path, port: int) -> None:
        self.store: Store = open_store(data)
        self.writer = StoreWriter(self.store.connect_writer)
        self.link = "up"
        broker = Broker("127.0.0.1", port)
        self.publisher = Publisher(
            broker, "bench", self.store, self.writer, lambda: status(self.link), ["box"], ["A1"]
        )

    def put(self, *items: slots.Record) -> None:
        job = self.writer.submit(
            lambda c: add_records(c, "d1", "b1", None, list(items), lambda t: (UTC0 + t, 2), UTC0)
        )
        job.result(10)

    def backlog(self) -> int:
        return self.publisher.status().backlog


@contextlib.asynccontextmanager
async def running(bench: Bench) -> AsyncGenerator[asyncio.Task[None]]:
    bench.writer.start()
    task = asyncio.create_task(bench.publisher.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        bench.writer.close()


@contextlib.asynccontextmanager
async def listener(port: int, lasting: bool = False) -> AsyncGenerator[aiomqtt.Client]:
    """A client that hears everything; a lasting one also what came while it was away."""
    name = "lasting" if lasting else None
    async with aiomqtt.Client(
        "127.0.0.1", port, identifier=name, clean_session=not lasting
    ) as client:
        await client.subscribe("soakbench/#", qos=1)
        yield client


async def collect(client: aiomqtt.Client, *topics: str) -> dict[str, list[aiomqtt.Message]]:
    """Messages until each of `topics` (below the bench) has been seen."""
    got: dict[str, list[aiomqtt.Message]] = {}
    async with asyncio.timeout(20):
        async for message in client.messages:
            got.setdefault(message.topic.value.removeprefix(f"{ROOT}/"), []).append(message)
            if set(topics) <= set(got):
                return got
    raise AssertionError("the broker went away")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("soakbench.mqtt.publisher.LOOK_S", 0.01)
    monkeypatch.setattr("soakbench.mqtt.publisher.FIRST_RETRY_S", 0.01)
    monkeypatch.setattr("soakbench.mqtt.publisher.MOST_RETRY_S", 0.05)


def test_topics_and_payloads(tmp_path):
    async def main() -> None:
        bench = Bench(tmp_path, port := free_port())
        async with mosquitto(tmp_path, port), listener(port) as client, running(bench):
            bench.put(station(0, 1000, 0, plate=5001, light=1000, lux=2), event(1, 1500, 4, step=3))
            got = await collect(client, "rec", "event", "state", "availability", "info")
        (batch,) = [json.loads(m.payload) for m in got["rec"]]
        assert batch[0]["device"] == "d1"
        assert batch[0]["boot"] == "b1"
        assert batch[0]["seq"] == 0
        assert batch[0]["t"] == "2023-11-14T22:13:21.000Z"
        assert batch[0]["terr_ms"] == 2
        assert batch[0]["hist"] is False
        assert batch[0]["values"]["station"] == "box"
        assert batch[0]["values"]["plate_c"] == 50.01
        told = json.loads(got["event"][0].payload)
        assert told["values"]["event"] == "step_begin"
        assert got["availability"][0].payload == b"online"
        assert all(m.qos == 1 for messages in got.values() for m in messages)
        assert bench.backlog() == 0

    asyncio.run(main())


def test_retained_topics_are_there_for_who_comes_later(tmp_path):
    async def main() -> None:
        bench = Bench(tmp_path, port := free_port())
        async with mosquitto(tmp_path, port):
            async with running(bench), listener(port) as early:
                bench.put(station(0, 0))
                await collect(early, "rec", "state")
                async with listener(port) as late:
                    got = await collect(late, "state", "availability", "host/availability", "info")
                    assert all(m.retain for messages in got.values() for m in messages)
                    assert "rec" not in got
            async with listener(port) as after:  # the publisher has said goodbye
                got = await collect(after, "availability", "host/availability")
                assert got["host/availability"][0].payload == b"offline"
                assert got["availability"][0].payload == b"offline"

    asyncio.run(main())


def test_a_link_that_goes_down_is_told(tmp_path):
    async def main() -> None:
        bench = Bench(tmp_path, port := free_port())
        async with mosquitto(tmp_path, port), listener(port) as client, running(bench):
            await collect(client, "availability")
            bench.link = "asking"
            got = await collect(client, "availability")
            assert got["availability"][0].payload == b"offline"

    asyncio.run(main())


def test_a_cancellation_that_is_swallowed_by_the_client_ends_the_publisher(tmp_path, monkeypatch):
    """As asyncio.wait_for does before Python 3.12 if the answer comes at the same time."""
    waiting = asyncio.Event()
    publish = aiomqtt.Client.publish

    async def swallow(client: aiomqtt.Client, topic: str, *args: object, **options: object) -> None:
        if topic.endswith("/state") and not waiting.is_set():
            waiting.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return
        await publish(client, topic, *args, **options)

    monkeypatch.setattr(aiomqtt.Client, "publish", swallow)

    async def main() -> None:
        bench = Bench(tmp_path, port := free_port())
        async with mosquitto(tmp_path, port), asyncio.timeout(10), running(bench):
            await waiting.wait()

    asyncio.run(main())


def test_a_broker_that_comes_late_and_goes_away_costs_nothing(tmp_path):
    async def main() -> None:
        bench = Bench(tmp_path, port := free_port())
        seen: set[int] = set()
        async with mosquitto(tmp_path, port), listener(port, lasting=True):
            pass  # the broker knows from now on that somebody wants to hear
        async with running(bench):
            bench.put(*[station(i, i) for i in range(120)])
            assert bench.backlog() == 120
            for first in (120, 200):
                async with mosquitto(tmp_path, port), listener(port, lasting=True) as client:
                    bench.put(*[station(i, i) for i in range(first, first + 80)])
                    while not set(range(first + 80)) <= seen:
                        got = await collect(client, "rec")
                        for message in got["rec"]:
                            seen |= {r["seq"] for r in json.loads(message.payload)}
                async with asyncio.timeout(10):
                    while bench.publisher.status().connected:
                        await asyncio.sleep(0.01)
            bench.put(station(999, 999))
            assert not bench.publisher.status().connected
        assert seen == set(range(280))
        assert bench.backlog() == 1

    asyncio.run(main())


def finding(**changes: object) -> StoredFinding:
    values: dict[str, object] = {
        "run": "r",
        "rule": "oc_no_voltage",
        "subject": "A1",
        "station": "simulator",
        "cells": ("A1",),
        "device": "d1",
        "boot": "b1",
        "begin_seq": 7,
        "begin_utc_ms": UTC0,
        "end_boot": None,
        "end_seq": None,
        "end_utc_ms": None,
        "value": 8.3,
        "worst": 3.1,
        "limit": 100.0,
        "unit": "mV",
        "deviation": True,
        "text": "A1 is at OC under light, yet it shows 3.1 mV",
    }
    return StoredFinding(**(values | changes))  # type: ignore[arg-type]


ENDED = {"end_boot": "b1", "end_seq": 9, "end_utc_ms": UTC0 + 60_000}


def keep(bench: Bench, what: StoredFinding) -> None:
    def job(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT OR IGNORE INTO run VALUES ('r','p','','','',1,1,'running','',0,NULL,NULL)"
        )
        keep_finding(connection, what)

    bench.writer.submit(job).result(10)


def test_a_finding_is_an_event_and_a_fault_that_is_retained_while_it_goes_on(tmp_path):
    async def main() -> None:
        bench = Bench(tmp_path, port := free_port())
        fault = "fault/oc_no_voltage-A1"
        async with mosquitto(tmp_path, port), running(bench):
            async with listener(port) as client:
                keep(bench, finding())
                got = await collect(client, "event", fault)
                told = json.loads(got["event"][0].payload)
                assert (told["kind"], told["rule"], told["subject"]) == (
                    "finding",
                    "oc_no_voltage",
                    "A1",
                )
                assert (told["state"], told["end"]) == ("open", None)
                assert (told["value"], told["worst"], told["unit"]) == (8.3, 3.1, "mV")
            async with listener(port) as late:
                got = await collect(late, fault)
                assert got[fault][0].retain
                assert json.loads(got[fault][0].payload)["begin"] == "2023-11-14T22:13:20.000Z"
                keep(bench, finding(**ENDED))
                got = await collect(late, "event", fault)
                assert got[fault][0].payload == b""
                told = json.loads(got["event"][0].payload)
                assert (told["state"], told["end"]) == ("over", "2023-11-14T22:14:20.000Z")
            async with listener(port) as after:
                assert fault not in await collect(after, "state")
        assert untold_findings(bench.store) == []

    asyncio.run(main())


def test_what_began_and_ended_while_the_broker_was_away_is_told_once(tmp_path):
    async def main() -> None:
        bench = Bench(tmp_path, port := free_port())
        async with mosquitto(tmp_path, port), listener(port, lasting=True):
            pass
        async with running(bench):
            keep(bench, finding(**ENDED))
            keep(bench, finding(subject="A2"))
            events: list[dict[str, object]] = []
            for _ in range(2):  # and it is not told again when the broker comes back
                async with mosquitto(tmp_path, port), listener(port, lasting=True) as client:
                    got = await collect(client, "fault/oc_no_voltage-A2")
                    events += [json.loads(m.payload) for m in got.get("event", [])]
                    async with asyncio.timeout(10):  # what is not marked may be told twice
                        while untold_findings(bench.store):
                            await asyncio.sleep(0.01)
                async with asyncio.timeout(10):
                    while bench.publisher.status().connected:
                        await asyncio.sleep(0.01)
        assert [(event["subject"], event["state"]) for event in events] == [
            ("A1", "open"),
            ("A1", "over"),
            ("A2", "open"),
        ]

    asyncio.run(main())


def test_cells_are_named_with_what_they_show(tmp_path):
    bench = Bench(tmp_path, 0)
    loads = records.OC | records.SC << 2 | records.OC << 4 | records.MEASURE << 6
    bench.writer.start()
    bench.put(
        make(0, 0, records.CELLS, 0, loads=loads, sense0=10412, sense1=1652, sense3=None),
        make(1, 0, records.AIR, 0, humidity=4210, temperature=2315),
    )
    bench.writer.close()
    rows = bench.store.rows("SELECT * FROM record ORDER BY seq")
    cells, air = (record_payload(row, ["box"], ["A1", "A2", "A3", "A4"]) for row in rows)
    assert cells["values"] == {
        "loads": {"A1": "OC", "A2": "SC", "A3": "OC", "A4": "MEASURE"},
        "voltage_v": {"A1": 1.0412},
        "current_ma": {"A2": 1.652},
    }
    assert air["values"] == {"humidity_percent": 42.1, "temperature_c": 23.15, "station": "box"}
    columns = "cell, load, voltage_v, current_ma"
    shown = bench.store.rows(f"SELECT {columns} FROM cell_sample ORDER BY cell LIMIT 4")
    assert [tuple(row) for row in shown] == [
        (0, "OC", 1.0412, None),
        (1, "SC", None, 1.652),
        (2, "OC", None, None),
        (3, "MEASURE", None, None),
    ]
    air_rows = bench.store.rows("SELECT station, humidity_percent, temperature_c FROM air_sample")
    assert [tuple(row) for row in air_rows] == [(0, 42.1, 23.15)]
