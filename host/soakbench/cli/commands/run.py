"""`soakbench run`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soakbench.api import ApiClient
from soakbench.assets import find_bench, find_plan
from soakbench.cli.commands.queue import tell_queued, wanted_begin
from soakbench.cli.foreground import board_ready, farewell, is_simulated, refuse_unfinished
from soakbench.cli.interrupt import interruption
from soakbench.cli.logs import set_up_logs
from soakbench.cli.options import (
    BENCH_HELP,
    BENCH_VARIABLE,
    DataOption,
    JsonOption,
    PlanArgument,
    PortOption,
    WhoOption,
    examples,
)
from soakbench.cli.output import command_line, make_console, print_json
from soakbench.cli.view.screen import open_screen
from soakbench.cli.view.summary import summary_view
from soakbench.cli.watching import follow_run
from soakbench.config import CellSheet, load_bench, load_cells, load_plan
from soakbench.daemon import Daemon
from soakbench.errors import DaemonError
from soakbench.plan.clock_time import zone_of
from soakbench.run.planned import Planned
from soakbench.status import QueueRun, StartRun, Summary

EXAMPLES = examples(
    "soakbench run paper-fig4 --bench my-bench.toml",
    "soakbench run demo --bench twin",
    "soakbench run my-plan.toml --detach",
    'soakbench run my-plan.toml --at "22:00" --cells cells.csv',
)

BenchOption = Annotated[
    str | None,
    typer.Option(
        "--bench",
        metavar="BENCH",
        envvar=BENCH_VARIABLE,
        show_default=False,
        help=f"{BENCH_HELP} Needed where no daemon is running.",
    ),
]
AccelerateOption = Annotated[
    float | None,
    typer.Option(
        metavar="FACTOR",
        min=1,
        show_default="the plan's own",
        help="Simulated bench only: how many times faster the cells live.",
    ),
]
DetachOption = Annotated[
    bool, typer.Option("--detach", help="Hand the run to the daemon and return.")
]
AtOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        show_default=False,
        help='Put it into the queue, to begin at "22:00" or "2026-12-01 22:00" in the plan\'s time'
        " zone, or as soon after that as the bench is free.",
    ),
]
QueueOption = Annotated[
    bool,
    typer.Option("--queue", help="Put it into the queue, to begin when the run before is through."),
]
CellsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        show_default=False,
        help="CSV file that says which device lies where: cell, id, substrate, aperture_cm2,"
        " recipe, mask, made, note.",
    ),
]


@dataclass(frozen=True)
class _Here:
    """What a daemon in this process needs."""

    bench: str | None
    data: Path
    port: str | None


def run(
    plan: PlanArgument,
    data: DataOption,
    who: WhoOption,
    bench: BenchOption = None,
    port: PortOption = None,
    accelerate: AccelerateOption = None,
    at: AtOption = None,
    queue: QueueOption = False,
    cells: CellsOption = None,
    detach: DetachOption = False,
    json: JsonOption = False,
) -> None:
    """Run a plan and show its progress until the end, then its account.

    If a daemon keeps the data directory, the run is handed to it and goes on even when this
    command is ended. Otherwise a daemon is started here, and stopped when the run has ended.

    With --queue or --at the daemon keeps the plan until it is its turn, and this command returns at
    once; `soakbench queue` shows what waits.

    Returns 0 if the run finished, 1 if it was stopped or failed, 3 if there is no board.
    """
    planned = _planned(plan, cells, accelerate)
    request = _request(planned, who)
    begin = wanted_begin(at, zone_of(planned.plan.plan.timezone))
    waits = queue or begin is not None
    with ApiClient(data) as client:
        has_daemon = _has_daemon(client, data, port, detach or waits)
        if waits:
            wish = QueueRun(**request.model_dump(), begin=begin)
            tell_queued(client.put_in_queue(wish), data, json)
            return
        console = make_console(to_stderr=json)
        if has_daemon:
            summary = _run_there(client, request, data, detach, console)
        else:
            here = _Here(bench, data, port)
            summary = asyncio.run(_run_here(here, planned, request, console))
    _finish(summary, console, json, detach)


def _planned(plan: str, cells: Path | None, accelerate: float | None) -> Planned:
    """What the files say."""
    read = load_plan(find_plan(plan))
    sheet = CellSheet() if cells is None else load_cells(cells)
    return Planned(read, read.plan.accelerate if accelerate is None else accelerate, sheet)


def _request(planned: Planned, who: str) -> StartRun:
    """The texts travel, not the paths."""
    plan, cells = planned.plan.source, planned.cells.source
    return StartRun(
        plan=plan.name,
        plan_toml=plan.text,
        accelerate=planned.accelerate,
        cells=cells.name,
        cells_csv=cells.text,
        who=who,
    )


def _has_daemon(client: ApiClient, data: Path, port: str | None, needs_one: bool) -> bool:
    """Whether a daemon keeps `data`. DaemonError if what is asked does not go with that."""
    is_running = client.is_running()
    if is_running and port is not None:
        raise DaemonError(
            f"a daemon keeps {data} and has its port already",
            hint="leave --port out, or choose another --data directory",
        )
    if needs_one and not is_running:
        raise DaemonError(
            f"no daemon is running for {data}, so there is nobody to hand the run to",
            hint=f"start one: `{command_line('daemon --bench BENCH', data)}`",
        )
    return is_running


def _run_there(
    client: ApiClient, request: StartRun, data: Path, detach: bool, console: Console
) -> Summary | None:
    """Hand the run to the daemon; its account at the end, None if nobody waited for it."""
    started = client.start_run(request)
    watch = command_line("watch", data)
    console.print(f"The daemon of {data} has run {started.run}.", markup=False, soft_wrap=True)
    if detach:
        console.print(f"`{watch}` shows it.", markup=False, soft_wrap=True)
        return None
    if asyncio.run(_watch_there(client, started.run, console)):
        return client.summary(started.run)
    console.print(f"The run goes on; `{watch}` shows it.", markup=False, soft_wrap=True)
    return None


async def _watch_there(client: ApiClient, run: str, console: Console) -> bool:
    async with interruption() as interrupted:
        with open_screen(console) as screen:
            return await follow_run(client.status, screen, interrupted, run)


async def _run_here(
    here: _Here, planned: Planned, request: StartRun, console: Console
) -> Summary | None:
    """Run with a daemon of our own; the account at the end, None if interrupted."""
    if here.bench is None:
        raise typer.BadParameter(
            f"no daemon is running for {here.data}; name the bench file to start one here",
            param_hint="--bench",
        )
    wired = load_bench(find_bench(here.bench))
    planned.program(wired)
    set_up_logs(here.data)
    console.print(
        f"No daemon is running for {here.data}: starting one here for bench {wired.bench.name}."
        " It stops when the run has ended.",
        markup=False,
        soft_wrap=True,
    )
    daemon = Daemon(wired, here.data, port=here.port)
    async with interruption() as interrupted, daemon.running():
        refuse_unfinished(daemon.status(), here.bench, here.data)
        if not await board_ready(daemon.status, interrupted):
            return None
        started = await daemon.start_run(request)
        with open_screen(console) as screen:
            ended = await follow_run(daemon.status, screen, interrupted, started.run)
        if ended:
            return daemon.summary(started.run)
        last = daemon.status()
    simulated = is_simulated(wired, here.port)
    console.print(farewell(last, here.bench, simulated), markup=False, soft_wrap=True)
    return None


def _finish(summary: Summary | None, console: Console, json: bool, detach: bool) -> None:
    """Show the account and leave with the run's exit code."""
    if summary is None:
        raise typer.Exit(0 if detach else 1)
    if json:
        print_json(summary)
    else:
        console.print(summary_view(summary))
        console.print(f"Data: {summary.data}", markup=False, soft_wrap=True)
    raise typer.Exit(0 if summary.state == "finished" else 1)
