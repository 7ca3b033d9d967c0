"""`soakbench confirm`."""

from typing import Annotated

import typer
from pydantic import BaseModel

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, JsonOption, WhoOption, examples
from soakbench.cli.output import make_console, print_json

EXAMPLES = examples(
    "soakbench confirm", 'soakbench confirm thermal --note "A5-A8 on the plate, box closed"'
)


class Confirmed(BaseModel):
    """What `confirm --json` prints."""

    confirmed: list[str]


def confirm(
    data: DataOption,
    who: WhoOption,
    track: Annotated[
        str | None,
        typer.Argument(
            metavar="TRACK",
            show_default=False,
            help="The track to let go on; all that wait if none is named.",
        ),
    ] = None,
    note: Annotated[
        str, typer.Option(help="What you did or saw; kept with the run.", show_default=False)
    ] = "",
    json: JsonOption = False,
) -> None:
    """Say that what a track waits for is done; it goes on.

    A plan waits where a person must do something, such as moving cells to the hotplate. Until
    then the cells stay in the dark at the loads of the plan.
    """
    with ApiClient(data) as client:
        confirmed = client.confirm(track, note, who)
    if json:
        print_json(Confirmed(confirmed=confirmed))
    else:
        make_console().print(f"confirmed: {', '.join(confirmed)}", markup=False)
