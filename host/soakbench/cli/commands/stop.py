"""`soakbench stop`."""

import sys
from typing import Annotated

import typer

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, WhoOption, WhyOption, examples
from soakbench.cli.output import make_console
from soakbench.status import Order

EXAMPLES = examples("soakbench stop", 'soakbench stop --yes --why "a substrate fell off"')


def stop(
    data: DataOption,
    who: WhoOption,
    why: WhyOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """End the run now and put the bench into its safe state.

    Heaters off, light off, every cell at the load it has without power. The run cannot be taken
    up again; what has been recorded stays.
    """
    with ApiClient(data) as client:
        now = client.status()
        what = f"run {now.run.run}" if now.run and now.run.ended is None else "whatever is running"
        if not yes and sys.stdin.isatty():
            typer.confirm(f"End {what} on bench {now.bench}?", abort=True)
        client.stop_run(Order(who=who, why=why))
        waiting = client.status().queue
    console = make_console()
    console.print("stopped; the bench is in its safe state")
    if waiting and waiting[0].needs_person:
        console.print(f"The queue waits: {waiting[0].why}.", markup=False, soft_wrap=True)
