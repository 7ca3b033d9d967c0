"""`soakbench resume`."""

from typing import Annotated

import typer

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, WhoOption, WhyOption, examples
from soakbench.cli.output import make_console
from soakbench.status import Order

EXAMPLES = examples("soakbench resume", "soakbench resume thermal")


def resume(
    data: DataOption,
    who: WhoOption,
    track: Annotated[
        str | None,
        typer.Argument(
            metavar="TRACK",
            show_default=False,
            help="The track; all that are paused if none is named.",
        ),
    ] = None,
    why: WhyOption = "",
) -> None:
    """Let a paused track go on where it was.

    Whether a person has paused it, a phase has run into its time-out, or a heater has tripped
    (after `soakbench clear`).
    """
    with ApiClient(data) as client:
        tracks = client.resume(Order(track=track, who=who, why=why))
    make_console().print(f"resumed: {', '.join(tracks)}", markup=False)
