"""`soakbench queue`, and what puts plans into it."""

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, JsonOption, WhoOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.view.queue import begin_words, queue_view
from soakbench.plan.clock_time import begin_time
from soakbench.status import QueuedRun

EXAMPLES = examples("soakbench queue", "soakbench queue remove 3", "soakbench queue resume")
REMOVE_EXAMPLES = examples("soakbench queue remove 3")
RESUME_EXAMPLES = examples("soakbench queue resume")

NumberArgument = Annotated[
    int,
    typer.Argument(
        metavar="NUMBER", show_default=False, help="Its number, which `soakbench queue` shows."
    ),
]


def queue(context: typer.Context, data: DataOption, json: JsonOption = False) -> None:
    """Show the plans that wait for their turn.

    `soakbench run PLAN --queue` and `soakbench run PLAN --at "22:00"` put them in. They begin one
    after the other in that order, each once the run before it has finished. After a run that was
    stopped or has failed the queue waits for `soakbench queue resume`, because nobody knows then
    whether the cells are where the next plan wants them.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    with ApiClient(data) as client:
        waiting = client.status().queue
    if json:
        print_json(waiting)
    else:
        make_console().print(queue_view(waiting, data))


def remove(data: DataOption, who: WhoOption, number: NumberArgument) -> None:
    """Take a plan out of the queue.

    If it was the first, the next one may begin at once; why that waits is shown.
    """
    with ApiClient(data) as client:
        gone = client.remove_from_queue(number, who)
        left = client.status().queue
    console = make_console()
    console.print(f"removed: number {gone.number}, {gone.plan}", markup=False)
    _tell_next(left, console)


def resume(data: DataOption, who: WhoOption) -> None:
    """Let the queue go on after a run that was stopped or has failed.

    Look first whether the cells are where the next plan wants them. Who has said so is kept in the
    journal of the run that begins.
    """
    with ApiClient(data) as client:
        left = client.resume_queue(who)
    _tell_next(left, make_console())


def wanted_begin(at: str | None, zone: tzinfo | None) -> datetime | None:
    """The time that `--at` says, in the plan's time zone. BadParameter if there is none."""
    if at is None:
        return None
    try:
        return begin_time(at, datetime.now(UTC), zone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from error


def tell_queued(queued: QueuedRun, data: Path, json: bool) -> None:
    """Say that a plan waits now, and for what."""
    if json:
        print_json(queued)
        return
    console = make_console()
    console.print(
        f"The daemon of {data} has put {queued.plan} into the queue as number {queued.number}."
        f"\nIt begins {begin_words(queued)}: {queued.why}.",
        markup=False,
        soft_wrap=True,
    )


def _tell_next(left: list[QueuedRun], console: Console) -> None:
    if left:
        text = f"next: number {left[0].number}, {left[0].plan}: {left[0].why}"
        console.print(text, markup=False, soft_wrap=True)


def _refuse_options(context: typer.Context) -> None:
    """`queue --data X remove 3` must not remove number 3 of another bench."""
    for name in ("data", "json"):
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            command = f"queue {context.invoked_subcommand}"
            raise typer.BadParameter(f"write it behind `{command}`", param_hint=f"--{name}")
