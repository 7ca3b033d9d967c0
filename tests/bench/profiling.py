"""Where the time goes: on the board in phases, on the host by function."""

import asyncio
import cProfile
import io
import pstats
from pathlib import Path

from our_peer import PATIENCE_S, Session, open_session
from rich.console import Console
from rich.table import Table
from samples import record_lines
from terminal import BOARD, firmware, output_of
from throughput import Progress, custody_in, feed, greeted, open_flow

from soakbench.store import StoreWriter
from soakwire.host_end import Event, TextLine

COMMANDS = 500
RECORDS = 40_000
END = "phases end"
_SHOWN = 14

Phase = tuple[str, float, float]
"""Name of a part of the firmware; µs and calls for each command or record."""


def show_profile(folder: Path, console: Console) -> None:
    """Print the phases of a command, the costs of a record, and the host's profile."""
    for what, phases in (
        ("command", command_phases(COMMANDS)),
        ("record", record_phases(folder / "phases", RECORDS)),
    ):
        table = Table(f"part of a {what} on the board", "µs", "calls", title="parts contain parts")
        for name, us, calls in phases:
            table.add_row(name, f"{us:.1f}", f"{calls:.2f}")
        console.print(table)
    table = Table("step of a record on the board", "µs")
    for name, us in record_costs():
        table.add_row(name, f"{us:.1f}")
    console.print(table)
    for thread, text in host_profile(folder, RECORDS).items():
        console.print(f"host, {RECORDS} records, the {thread} thread", text, highlight=False)


def command_phases(commands: int) -> list[Phase]:
    """Parts of a command on the board."""
    with (
        asyncio.Runner() as runner,
        open_session(runner, firmware("stopwatch", "commands", str(commands))) as session,
    ):
        return _phases(runner.run(_lines_after(session, commands)))


def record_phases(folder: Path, records: int) -> list[Phase]:
    """Parts of a record on the board, from making it until it is acknowledged."""
    with open_flow(folder, firmware("stopwatch", "records", str(records))) as flow:
        flow.progress.wait(records)
        while END not in flow.texts:
            flow.progress.wait(flow.progress.next_seq + 1)
        return _phases(flow.texts)


def _phases(lines: list[str]) -> list[Phase]:
    rows = [line.split() for line in lines if line.startswith("phase ")]
    return [(name.replace("-", " "), float(us), float(calls)) for _, name, us, calls in rows]


async def _lines_after(session: Session, commands: int) -> list[str]:
    """The text that the board prints after so many commands."""
    loop, lines, end = asyncio.get_running_loop(), list[str](), asyncio.Event()

    def take(event: Event) -> None:
        session.device.feed(event)
        if isinstance(event, TextLine):
            lines.append(event.text)
            if event.text == END:
                end.set()

    session.owner.listener = lambda event: loop.call_soon_threadsafe(take, event)
    for _ in range(commands):
        await session.device.load(3, 1, 60_000)
    async with asyncio.timeout(PATIENCE_S):
        await end.wait()
    return lines


def record_costs() -> list[tuple[str, float]]:
    """(step, µs) of what a record costs on the board."""
    rows = [line.split() for line in output_of(str(BOARD / "costs.py")).splitlines()]
    return [(name.replace("-", " "), float(us)) for name, us in rows]


def host_profile(folder: Path, records: int) -> dict[str, str]:
    """cProfile of the thread that reads and of the one that writes, in two runs."""
    reading, writing = cProfile.Profile(), cProfile.Profile()

    class ProfiledWriter(StoreWriter):
        def _run(self) -> None:
            writing.runcall(super()._run)

    for name, writer in (("reading", StoreWriter), ("writing", ProfiledWriter)):
        greeting, chunks = record_lines(records)
        with custody_in(folder / name, writer) as (_, custody):
            progress = Progress()
            custody.committed = progress.committed
            end = greeted(custody, greeting)
            if writer is StoreWriter:
                reading.runcall(feed, end, custody, chunks)
            else:
                feed(end, custody, chunks)
            progress.wait(records)
    return {"reading": _text(reading), "writing": _text(writing)}


def _text(profile: cProfile.Profile) -> str:
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("tottime").print_stats(_SHOWN)
    return out.getvalue()
