"""An MQTT broker inside the demo, on a free loopback port."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator

from soakbench.cli.demo.listener import HOST
from soakbench.errors import SoakbenchError

try:
    from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter
    from amqtt.broker import Broker
    from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
except ImportError as error:
    raise SoakbenchError(
        "the demo needs the broker amqtt, which is not installed",
        hint="pip install 'soakbench[twin]'",
    ) from error

_LISTENER = "default"  # a name that amqtt wants to see
_PLUGINS = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


@contextlib.asynccontextmanager
async def embedded_broker() -> AsyncGenerator[int]:
    """A broker that takes anybody on this computer; its port."""
    logging.getLogger("amqtt").setLevel(logging.ERROR)  # it warns of its own clients' goodbyes
    # We listen ourselves: amqtt would have to be told the port number, and cannot tell which one
    # the system has chosen.
    listener = ListenerConfig(type=ListenerType.EXTERNAL)
    broker = Broker(BrokerConfig(listeners={_LISTENER: listener}, plugins=dict(_PLUGINS)))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await broker.external_connected(
            StreamReaderAdapter(reader), StreamWriterAdapter(writer), _LISTENER
        )

    await broker.start()
    server = await asyncio.start_server(connected, HOST, 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await broker.shutdown()
