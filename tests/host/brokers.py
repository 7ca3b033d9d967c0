"""Real MQTT brokers on free loopback ports, for tests."""

import asyncio
import contextlib
import getpass
import os
import shutil
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

MOSQUITTO = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def mosquitto(folder: Path, port: int) -> AsyncGenerator[int]:
    """Debian's Mosquitto with a loopback listener; sessions in `folder` outlive it."""
    if MOSQUITTO is None:
        if os.environ.get("CI"):
            pytest.fail("mosquitto is not installed: .ci/run must install it")
        pytest.skip("mosquitto is not installed (Debian: apt install mosquitto)")
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nuser {getpass.getuser()}\n"
        f"persistence true\npersistence_location {folder}/\n"
    )
    process = await asyncio.create_subprocess_exec(
        MOSQUITTO, "-c", str(config), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(10):
            while b"running" not in (line := await process.stderr.readline()):
                assert line, f"mosquitto ended with {process.returncode}"
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
