"""`soakbench daemon`."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.text import Text

from soakbench.api.address import socket_path
from soakbench.assets import find_bench
from soakbench.cli.foreground import farewell, is_simulated
from soakbench.cli.interrupt import interruption
from soakbench.cli.logs import log_path, set_up_logs
from soakbench.cli.options import BenchOption, DataOption, PortOption, examples
from soakbench.cli.output import make_console
from soakbench.cli.view.queue import queue_words
from soakbench.config import BenchConfig, load_bench
from soakbench.daemon import Daemon

EXAMPLES = examples("soakbench daemon --bench my-bench.toml", "soakbench daemon --bench twin")


def daemon(bench: BenchOption, data: DataOption, port: PortOption = None) -> None:
    """Keep a bench running: board, records, broker and run.

    Talks to the board, stores and publishes its records, and goes on with the run that was
    under way, then with the queue. Lasts until Ctrl-C or SIGTERM.

    The board does not need it from minute to minute: it goes on with its program and keeps what
    it records until a daemon is back. Only a heater goes off when nobody has been there for the
    time that the plan allows.

    `soakbench run`, `status`, `watch`, `confirm` and `stop` talk to the daemon of their data
    directory.
    """
    wired = load_bench(find_bench(bench))
    set_up_logs(data, to_stderr=True)
    asyncio.run(_serve(wired, bench, data, port, make_console()))


async def _serve(
    wired: BenchConfig, bench: str, data: Path, port: str | None, console: Console
) -> None:
    keeper = Daemon(wired, data, port=port, serves_queue=True)
    async with interruption() as interrupted, keeper.running():
        status = keeper.status()
        broker = status.mqtt.broker if status.mqtt.enabled else "none, nothing is published"
        console.print(
            f"Daemon of bench {status.bench}; Ctrl-C ends it.\n"
            f"  data    {status.data}\n"
            f"  log     {log_path(Path(status.data))}\n"
            f"  port    {status.link.port}\n"
            f"  api     {socket_path(data)}\n"
            f"  broker  {broker}",
            markup=False,
            soft_wrap=True,
        )
        if status.queue:
            line = Text("  queue   ").append_text(queue_words(status.queue))
            console.print(line, soft_wrap=True)
        await interrupted.wait()
        last = keeper.status()
    console.print(farewell(last, bench, is_simulated(wired, port)), markup=False, soft_wrap=True)
