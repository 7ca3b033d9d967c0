"""`soakbench rehearse`."""

import shlex
import sys
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from soakbench import units
from soakbench.assets import find_bench, find_faults, find_plan
from soakbench.cli.logs import quiet_logs
from soakbench.cli.options import BenchOption, JsonOption, PlanArgument, examples
from soakbench.cli.output import make_console
from soakbench.cli.view.rehearsal import rehearsal_view, watch_progress
from soakbench.config import FaultScript, load_bench, load_faults, load_plan
from soakbench.errors import BenchFault
from soakbench.plan.clock_time import zone_of
from soakbench.rehearsal.host import EPOCH_UTC_MS
from soakbench.rehearsal.rehearse import Chip, Order
from soakbench.rehearsal.rehearse import rehearse as rehearse_order
from soakbench.rehearsal.report import Report

EXAMPLES = examples(
    "soakbench rehearse paper-fig4",
    "soakbench rehearse my-plan.toml --bench my-bench.toml --faults bad-night",
)
EXIT_UNFINISHED = 1
EXIT_VIOLATIONS = BenchFault.exit_code


def _delay_ms(text: str) -> int:
    try:
        return 0 if text in ("0 s", "0") else units.parse_duration_ms(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def rehearse(
    plan: PlanArgument,
    bench: BenchOption = "twin",
    seed: Annotated[
        int, typer.Option(min=0, help="Of all that happens by chance: noise, latencies, numbers.")
    ] = 1,
    faults: Annotated[
        str | None,
        typer.Option(
            "--faults",
            metavar="FILE",
            show_default="none",
            help="Fault script: a path, or the name of one that comes with soakbench (bad-night,"
            " flaky-usb, lamp, power-cuts, senses, sensors).",
        ),
    ] = None,
    in_process: Annotated[
        bool,
        typer.Option(
            "--in-process",
            help="Run the firmware in this process instead of in a MicroPython: several times as"
            " fast, and blind for what only MicroPython shows.",
        ),
    ] = False,
    operator_delay: Annotated[
        str,
        typer.Option(
            metavar="TIME", help='How long cells wait for a person to move them, like "10 min".'
        ),
    ] = "0 s",
    start: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"],
            metavar="TIME",
            show_default="2026-01-01 UTC",
            help="When it begins, like 2026-03-20T09:00, in the time zone of the plan or else"
            " yours: for plans that wait for times of day.",
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            file_okay=False,
            show_default="thrown away",
            help="New directory that is to keep the database.",
        ),
    ] = None,
    json: JsonOption = False,
    no_progress: Annotated[
        bool, typer.Option("--no-progress", help="Say nothing before the end.")
    ] = False,
) -> None:
    """Rehearse a plan: days of experiment in seconds, before any cell is given to it.

    The shipped firmware, the real run machine, link and database go through the whole plan in
    virtual time, on the simulated bench. What goes wrong on the way is scripted with --faults.
    The simulated bench keeps its own account of what truly happened: light, temperatures, relays,
    records. Whatever does not fit it is a violation.

    Exit code 0: the run has finished and no rule was broken. 1: it has not finished. 3: a rule was
    broken.
    """
    planned = load_plan(find_plan(plan))
    zone = zone_of(planned.plan.timezone)
    order = Order(
        plan=planned,
        bench=load_bench(find_bench(bench)),
        seed=seed,
        faults=load_faults(find_faults(faults)) if faults else FaultScript(),
        chip=_chip(in_process),
        start_utc_ms=EPOCH_UTC_MS if start is None else _utc_ms(start, zone),
        operator_delay_ms=_delay_ms(operator_delay),
    )
    show = watch_progress(make_console(to_stderr=True), not (json or no_progress))
    with quiet_logs(), show as tell:
        report = rehearse_order(order, data, tell)
    if json:
        sys.stdout.write(report.as_json() + "\n")
    else:
        make_console().print(rehearsal_view(report, _again(plan, bench, faults, order)))
    raise typer.Exit(_exit_code(report))


def _utc_ms(start: datetime, zone: tzinfo | None) -> int:
    return round((start if zone is None else start.replace(tzinfo=zone)).timestamp() * 1000)


def _chip(in_process: bool) -> Chip:
    return "in-process" if in_process else "micropython"


def _exit_code(report: Report) -> int:
    if report.verdict.counts:
        return EXIT_VIOLATIONS
    return EXIT_UNFINISHED if report.why_not else 0


def _again(plan: str, bench: str, faults: str | None, order: Order) -> str:
    """The command that does exactly this once more."""
    line = ["soakbench", "rehearse", plan, "--bench", bench, "--seed", str(order.seed)]
    if faults:
        line += ["--faults", faults]
    if order.chip == "in-process":
        line.append("--in-process")
    if order.start_utc_ms != EPOCH_UTC_MS:
        zone = zone_of(order.plan.plan.timezone)
        start = datetime.fromtimestamp(order.start_utc_ms / 1000, zone)
        line += ["--start", f"{start:%Y-%m-%dT%H:%M}"]
    if order.operator_delay_ms:
        line += ["--operator-delay", units.format_duration(order.operator_delay_ms)]
    return shlex.join(line)
