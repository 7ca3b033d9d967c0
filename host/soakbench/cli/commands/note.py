"""`soakbench note`."""

from typing import Annotated

import typer

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, WhoOption, examples
from soakbench.cli.output import make_console

EXAMPLES = examples('soakbench note "moved cells, 2 min of room light"')


def note(
    data: DataOption,
    who: WhoOption,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What happened, in your words.")],
) -> None:
    """Write something into the account of the run, with the time and your name.

    What no sensor sees and a reviewer should know. `soakbench summary` shows it.
    """
    with ApiClient(data) as client:
        client.note(text, who)
    make_console().print("noted")
