"""A twin as a host sees it: a subprocess with a port to open and commands to give."""

import asyncio
import contextlib
import json
import logging
import sys
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from soakbench.errors import BenchFault

_log = logging.getLogger(__name__)

_READY_TIMEOUT_S = 30.0  # a loaded computer starts two interpreters
_ANSWER_TIMEOUT_S = 10.0
_END_TIMEOUT_S = 5.0
_LINE_MOST = 1 << 20  # the truth of 16 cells is some 10 kB
_LAST_WORDS = 20


class TwinHandle:
    """A running twin. It ends with the `async with` block that `start` is used in."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a twin needs pipes")
        self._process = process
        self._commands = process.stdin
        self._answers = process.stdout
        self._messages = process.stderr
        self._said: deque[str] = deque(maxlen=_LAST_WORDS)
        self._one_at_a_time = asyncio.Lock()
        self.port = ""
        """What a host opens; it stays valid when the cable is pulled and put back."""

    @classmethod
    @contextlib.asynccontextmanager
    async def start(
        cls,
        bench: str | Path,
        *,
        link: Path | None = None,
        seed: int | None = None,
        firmware: Path | None = None,
    ) -> AsyncIterator["TwinHandle"]:
        """Start a twin of the bench file; it is ready when this returns.

        `link` is where its port appears (default: a temporary place), `firmware` a folder with
        another `main.py`. BenchFault if it does not start.
        """
        process = await asyncio.create_subprocess_exec(
            *_command_line(bench, link, seed, firmware),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_MOST,
            process_group=0,  # Ctrl-C in a terminal is for the host, which ends the twin in order
        )
        twin = cls(process)
        listener = asyncio.create_task(twin._listen(), name="twin messages")
        try:
            twin.port = (await twin._answer(_READY_TIMEOUT_S, listener))["port"]
            yield twin
        finally:
            await twin._end()
            await listener

    async def command(self, cmd: str, **arguments: Any) -> dict[str, Any]:
        """Give a command of soakbench.twin.control; its answer. BenchFault if it is refused."""
        line = json.dumps({"cmd": cmd, **arguments}) + "\n"
        async with self._one_at_a_time:
            self._commands.write(line.encode())
            # A twin that has ended says so in place of its answer.
            with contextlib.suppress(ConnectionError):
                await self._commands.drain()
            answer = await self._answer(_ANSWER_TIMEOUT_S)
        if not answer.pop("ok"):
            raise BenchFault(f"the simulated bench refuses {cmd}: {answer['error']}")
        return answer

    async def _answer(
        self, timeout_s: float, listener: asyncio.Task[None] | None = None
    ) -> dict[str, Any]:
        try:
            async with asyncio.timeout(timeout_s):
                line = await self._answers.readline()
        except TimeoutError:
            raise BenchFault(f"the simulated bench has not answered for {timeout_s:g} s") from None
        if line:
            values: dict[str, Any] = json.loads(line)
            return values
        if listener is not None:
            await listener  # for its reasons
        raise BenchFault("the simulated bench has ended\n" + "\n".join(self._said))

    async def _listen(self) -> None:
        """Pass on what the twin reports, and keep the last of it."""
        async for line in self._messages:
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            _log.warning("%s", text)

    async def _end(self) -> None:
        self._commands.close()  # a twin ends with its owner's end of this pipe
        try:
            async with asyncio.timeout(_END_TIMEOUT_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        with contextlib.suppress(ConnectionError):
            await self._commands.wait_closed()


def _command_line(
    bench: str | Path, link: Path | None, seed: int | None, firmware: Path | None
) -> list[str]:
    options = {"--link": link, "--seed": seed, "--firmware": firmware}
    line = [sys.executable, "-m", "soakbench.twin", str(bench)]
    for name, value in options.items():
        if value is not None:
            line += [name, str(value)]
    return line
