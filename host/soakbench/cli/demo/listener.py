"""Somebody else who listens on the broker and counts what arrives, as a data logger would."""

import asyncio
import json
from collections import Counter

import aiomqtt

from soakbench.cli.demo.evidence import RecordKey
from soakbench.mqtt.payloads import topic

HOST = "127.0.0.1"  # the demo is nobody else's business
RECORD_TOPICS = ("rec", "event")


class Listener:
    """Counts messages by topic and the records in them by their key."""

    def __init__(self, bench: str) -> None:
        self._prefix = topic(bench, "")
        self.messages: Counter[str] = Counter()
        """By topic, without the bench's prefix."""
        self.records: set[RecordKey] = set()
        self.ready = asyncio.Event()
        """Set when it has subscribed."""

    async def run(self, port: int) -> None:
        """Listen until cancelled."""
        async with aiomqtt.Client(HOST, port, identifier="demo-listener") as client:
            await client.subscribe(f"{self._prefix}#", qos=1)
            self.ready.set()
            async for message in client.messages:
                self.take(message.topic.value, bytes(message.payload))

    def take(self, topic: str, payload: bytes) -> None:
        """Count one message."""
        name = topic.removeprefix(self._prefix)
        self.messages[name] += 1
        if name in RECORD_TOPICS:
            content = json.loads(payload)
            for record in content if isinstance(content, list) else [content]:
                self.records.add((record["device"], record["boot"], record["seq"]))
