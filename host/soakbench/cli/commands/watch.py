"""`soakbench watch`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from soakbench.api import ApiClient
from soakbench.cli.interrupt import interruption
from soakbench.cli.options import DataOption, examples
from soakbench.cli.output import make_console
from soakbench.cli.view.screen import open_screen
from soakbench.cli.watching import current_run, follow, follow_run
from soakbench.status import Status

EXAMPLES = examples("soakbench watch", "soakbench watch --until-end")


def watch(
    data: DataOption,
    until_end: Annotated[
        bool,
        typer.Option(
            "--until-end",
            help="Return when the run has ended: with 0 if it finished, 1 if it was stopped or"
            " failed.",
        ),
    ] = False,
) -> None:
    """Watch the bench live; Ctrl-C ends the watching, not the run.

    On a terminal the picture is renewed in place. Elsewhere one line is printed for each thing
    that changes.
    """
    last = asyncio.run(_watch(data, until_end))
    if until_end and (last.run is None or last.run.state != "finished"):
        raise typer.Exit(1)


async def _watch(data: Path, until_end: bool) -> Status:
    with ApiClient(data) as client:
        first = client.status()
        async with interruption() as interrupted:
            with open_screen(make_console()) as screen:
                screen.show(first)
                if until_end:
                    await follow_run(client.status, screen, interrupted, current_run(first))
                else:
                    await follow(client.status, screen, interrupted)
        return client.status()
