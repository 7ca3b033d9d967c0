"""The publisher: drains the outbox and keeps the retained topics true.

A record is published at QoS 1 until the broker has acknowledged it, then marked. A broker that is
away costs disk, nothing else: connecting again is tried for ever, with growing pauses.
"""

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiomqtt

from soakbench.errors import StoreError, leaves
from soakbench.mqtt.payloads import encode, finding_payload, record_payload, topic
from soakbench.status import MqttStatus, Status
from soakbench.store import Store, Writer
from soakbench.store.findings import (
    StoredFinding,
    mark_told,
    told_findings,
    untold_findings,
)

FIRST_RETRY_S = 1.0
MOST_RETRY_S = 60.0
BATCH = 50  # records in one `rec` message: about 20 kB
LOOK_S = 0.5  # how often the outbox and the state are looked at
GOODBYE_S = 2.0

OUTBOX = (
    "SELECT device, boot, seq, kind, place, t_utc_ms, t_err_ms, hist, run, body FROM record"
    " WHERE published = 0 ORDER BY t_utc_ms LIMIT ?"
)
MARK = "UPDATE record SET published = 1 WHERE device = ? AND boot = ? AND seq = ?"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Broker:
    """Where to publish."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Publisher:
    """Publishes one bench. `status` gives the live snapshot; names turn indices into words."""

    def __init__(
        self,
        broker: Broker,
        bench: str,
        store: Store,
        writer: Writer,
        status: Callable[[], Status],
        stations: Sequence[str],
        cells: Sequence[str],
    ) -> None:
        self._broker = broker
        self._bench = bench
        self._store = store
        self._writer = writer
        self._status = status
        self._stations = stations
        self._cells = cells
        self._connected = False
        self._published = 0
        self._detail = "not connected yet"

    def status(self) -> MqttStatus:
        """What to tell people about the broker."""
        backlog = self._store.rows("SELECT count(*) AS n FROM record WHERE published = 0")
        return MqttStatus(
            enabled=True,
            connected=self._connected,
            broker=str(self._broker),
            backlog=backlog[0]["n"],
            published=self._published,
            detail=self._detail,
        )

    async def run(self) -> None:
        """Publish until cancelled; says goodbye to the broker then."""
        pause = FIRST_RETRY_S
        while True:
            try:
                async with self._client() as client:
                    log.info("connected to the MQTT broker %s", self._broker)
                    self._connected, self._detail, pause = True, "", FIRST_RETRY_S
                    async with asyncio.TaskGroup() as group:
                        group.create_task(_until_disconnected(client))
                        group.create_task(self._serve(client))
            except* (aiomqtt.MqttError, StoreError) as errors:
                self._lost(str(next(leaves(errors))))
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(pause * 2, MOST_RETRY_S)

    def _lost(self, why: str) -> None:
        if self._connected or self._detail != why:
            log.warning(
                "MQTT broker %s: %s; records wait in the database."
                " Is it running? [mqtt] in the bench file says where it should be",
                self._broker,
                why,
            )
        self._connected, self._detail = False, why

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password,
            identifier=f"soakbench-{self._bench}",
            will=aiomqtt.Will(self._topic("host/availability"), "offline", qos=1, retain=True),
        )

    async def _serve(self, client: aiomqtt.Client) -> None:
        retained: dict[str, str] = {}
        try:
            for finding in told_findings(self._store):  # a broker may forget
                await self._publish(client, *_fault(finding), retain=True)
            while True:
                _heed_cancellation()
                for name, payload in self._snapshot().items():
                    if retained.get(name) != payload:
                        await self._publish(client, name, payload, retain=True)
                        retained[name] = payload
                await self._tell_findings(client)
                if not await self._drain(client):
                    await asyncio.sleep(LOOK_S)
        except asyncio.CancelledError:
            await self._goodbye(client)
            raise

    def _snapshot(self) -> dict[str, str]:
        """The retained topics as they should be now."""
        status = self._status()
        link = status.link
        state = status.model_dump(mode="json", include={"stations", "cells"})
        shown = {
            "host/availability": "online",
            "availability": "online" if link.state == "up" else "offline",
            "state": encode(state),
        }
        if status.run is not None:
            shown["run"] = encode(status.run)
        if link.device is not None:
            shown["info"] = encode(
                {
                    "device": link.device,
                    "boot": link.boot,
                    "firmware": link.firmware,
                    "stations": list(self._stations),
                    "cells": list(self._cells),
                }
            )
        return shown

    async def _drain(self, client: aiomqtt.Client) -> bool:
        """Publish one batch of the outbox; whether there was one."""
        rows = self._store.rows(OUTBOX, (BATCH,))
        if not rows:
            return False
        samples = [self._payload(row) for row in rows if row["kind"] != "event"]
        if samples:
            await self._publish(client, "rec", encode(samples))
        for row in rows:
            if row["kind"] == "event":
                await self._publish(client, "event", encode(self._payload(row)))
        keys = [(row["device"], row["boot"], row["seq"]) for row in rows]

        def mark(connection: sqlite3.Connection) -> None:
            connection.executemany(MARK, keys)

        await asyncio.wrap_future(self._writer.submit(mark))
        self._published += len(rows)
        return True

    async def _tell_findings(self, client: aiomqtt.Client) -> None:
        """Publish what has begun or ended to contradict the commanded condition."""
        findings = untold_findings(self._store)
        for finding, is_known in findings:
            if not is_known:
                await self._publish(client, "event", encode(finding_payload(finding, False)))
            if finding.end_seq is not None:
                await self._publish(client, "event", encode(finding_payload(finding, True)))
            if finding.end_seq is None or is_known:
                await self._publish(client, *_fault(finding), retain=True)
        if findings:
            told = [finding for finding, _ in findings]
            await asyncio.wrap_future(self._writer.submit(lambda c: mark_told(c, told)))

    async def _publish(
        self, client: aiomqtt.Client, name: str, payload: str, retain: bool = False
    ) -> None:
        """Returns when the broker has acknowledged."""
        await client.publish(self._topic(name), payload, qos=1, retain=retain)
        _heed_cancellation()

    def _payload(self, row: sqlite3.Row) -> dict[str, object]:
        return record_payload(row, self._stations, self._cells)

    async def _goodbye(self, client: aiomqtt.Client) -> None:
        try:
            async with asyncio.timeout(GOODBYE_S):
                for name in ("availability", "host/availability"):
                    await client.publish(self._topic(name), "offline", qos=1, retain=True)
        except (aiomqtt.MqttError, TimeoutError) as error:
            log.debug("no goodbye to the broker: %s", error)

    def _topic(self, name: str) -> str:
        return topic(self._bench, name)


def _fault(finding: StoredFinding) -> tuple[str, str]:
    """The topic that is retained while it goes on, and its payload: empty once it is over."""
    is_over = finding.end_seq is not None
    return f"fault/{finding.code}", "" if is_over else encode(finding_payload(finding, False))


def _heed_cancellation() -> None:
    """End where we should have ended already.

    aiomqtt waits with `asyncio.wait_for`, which before Python 3.12 swallows a cancellation that
    comes together with the answer; the daemon would then wait for us for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _until_disconnected(client: aiomqtt.Client) -> None:
    """Notices a lost broker while there is nothing to publish: the iterator raises then."""
    async for message in client.messages:
        log.debug("unexpected message on %s", message.topic)
