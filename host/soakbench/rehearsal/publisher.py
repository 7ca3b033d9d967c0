"""The publisher of a rehearsal: counts what would be published, to a broker that comes and goes.

The outbox is the real one: what is not marked waits in the database, over any outage and any kill.
"""

import asyncio
import sqlite3
from collections import Counter

from soakbench.mqtt.payloads import topic
from soakbench.mqtt.publisher import BATCH, MARK, OUTBOX
from soakbench.store import Job, Store, Writer

LOOK_S = 60.0  # seldom: each look costs, and nobody waits for a record


class Broker:
    """The scripted broker; it remembers what it was given over all lives of the daemon."""

    def __init__(self) -> None:
        self.is_there = True
        self.topics: Counter[str] = Counter()
        """Messages by topic."""
        self.records = 0
        """One that comes twice, as after a daemon's death before it was marked, counts twice."""

    def be(self, is_there: bool) -> None:
        """Come or go."""
        self.is_there = is_there

    def take(self, name: str, records: int) -> None:
        """A message with so many records."""
        self.topics[name] += 1
        self.records += records


class RecordingPublisher:
    """Publishes one bench to `broker` for as long as its daemon lives."""

    def __init__(self, broker: Broker, bench: str, store: Store, writer: Writer) -> None:
        self._broker = broker
        self._bench = bench
        self._store = store
        self._writer = writer

    async def run(self) -> None:
        """Publish for ever."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.drain()

    async def drain(self) -> None:
        """Publish what waits; nothing while the broker is away."""
        while self._broker.is_there:
            rows = self._store.rows(OUTBOX, (BATCH,))
            if not rows:
                return
            self._publish(rows)
            await asyncio.wrap_future(self._writer.submit(_marking(rows)))

    def _publish(self, rows: list[sqlite3.Row]) -> None:
        samples = sum(row["kind"] != "event" for row in rows)
        if samples:
            self._broker.take(topic(self._bench, "rec"), samples)
        for _ in range(len(rows) - samples):
            self._broker.take(topic(self._bench, "event"), 1)


def _marking(rows: list[sqlite3.Row]) -> Job:
    keys = [(row["device"], row["boot"], row["seq"]) for row in rows]
    return lambda connection: connection.executemany(MARK, keys)
