"""`soakbench run`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soakbench.api import ApiClient
from soakbench.assets import find_bench, find_plan
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
    examples,
)
from soakbench.cli.output import command_line, make_console, print_json
from soakbench.cli.view.screen import open_screen
from soakbench.cli.view.summary import summary_view
from soakbench.cli.watching import follow_run
from soakbench.config import PlanConfig, load_bench, load_plan
from soakbench.daemon import Daemon
from soakbench.errors import DaemonError
from soakbench.plan import check
from soakbench.status import StartRun, Summary

EXAMPLES = examples(
    "soakbench run paper-fig4 --bench my-bench.toml",
    "soakbench run demo --bench twin",
    "soakbench run my-plan.toml --detach",
)


@dataclass(frozen=True)
class _Here:
    """What a daemon in this process needs."""

    bench: str | None
    data: Path
    port: str | None


def run(
    plan: PlanArgument,
    data: DataOption,
    bench: Annotated[
        str | None,
        typer.Option(
            "--bench",
            metavar="BENCH",
            envvar=BENCH_VARIABLE,
            show_default=False,
            help=f"{BENCH_HELP} Needed where no daemon is running.",
        ),
    ] = None,
    port: PortOption = None,
    accelerate: Annotated[
        float | None,
        typer.Option(
            metavar="FACTOR",
            min=1,
            show_default="the plan's own",
            help="Simulated bench only: how many times faster the cells live.",
        ),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Hand the run to the daemon and return.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Run a plan and show its progress until the end, then its account.

    If a daemon keeps the data directory, the run is handed to it and goes on even when this
    command is ended. Otherwise a daemon is started here, and stopped when the run has ended.

    Returns 0 if the run finished, 1 if it was stopped or failed, 3 if there is no board.
    """
    planned = load_plan(find_plan(plan))
    request = StartRun(
        plan=planned.source.name, plan_toml=planned.source.text, accelerate=accelerate
    )
    console = make_console(to_stderr=json)
    with ApiClient(data) as client:
        if client.is_running():
            if port is not None:
                raise DaemonError(
                    f"a daemon keeps {data} and has its port already",
                    hint="leave --port out, or choose another --data directory",
                )
            summary = _run_there(client, request, data, detach, console)
        elif detach:
            raise DaemonError(
                f"no daemon is running for {data}, so there is nobody to hand the run to",
                hint=f"start one: `{command_line('daemon --bench BENCH', data)}`",
            )
        else:
            summary = asyncio.run(_run_here(_Here(bench, data, port), planned, request, console))
    _finish(summary, console, json, detach)


def _run_there(
    client: ApiClient, request: StartRun, data: Path, detach: bool, console: Console
) -> Summary | None:
    """Hand the run to the daemon; its account at the end, None if nobody waited for it."""
    started = client.start_run(request.plan, request.plan_toml, request.accelerate)
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
    here: _Here, planned: PlanConfig, request: StartRun, console: Console
) -> Summary | None:
    """Run with a daemon of our own; the account at the end, None if interrupted."""
    if here.bench is None:
        raise typer.BadParameter(
            f"no daemon is running for {here.data}; name the bench file to start one here",
            param_hint="--bench",
        )
    wired = load_bench(find_bench(here.bench))
    check(planned, wired)
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
