"""`soakbench summary`."""

from typing import Annotated

import typer

from soakbench.cli.account import read_summary
from soakbench.cli.options import DataOption, JsonOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.view.summary import summary_view

EXAMPLES = examples("soakbench summary", "soakbench summary --json > run.json")


def summary(
    data: DataOption,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN", show_default=False, help="Name of the run; the newest if left out."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show the account of a run: planned, delivered, temperatures.

    Works during a run and afterwards, with or without a daemon.
    """
    account = read_summary(data, run)
    if json:
        print_json(account)
    else:
        make_console().print(summary_view(account))
