"""`soakbench pause`."""

from typing import Annotated

import typer

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, WhoOption, WhyOption, examples
from soakbench.cli.output import make_console
from soakbench.status import Order

EXAMPLES = examples(
    "soakbench pause", 'soakbench pause thermal --why "glovebox is being regenerated"'
)


def pause(
    data: DataOption,
    who: WhoOption,
    track: Annotated[
        str | None,
        typer.Argument(
            metavar="TRACK", show_default=False, help="The track; all of them if none is named."
        ),
    ] = None,
    why: WhyOption = "",
) -> None:
    """Let a track wait: its light goes off, its heater too, the cells keep their loads.

    What has been delivered stays. The other tracks go on. A paused track waits for
    `soakbench resume`, even if the computer or the board restarts meanwhile. The pause is listed
    among the run's deviations.
    """
    with ApiClient(data) as client:
        tracks = client.pause(Order(track=track, who=who, why=why))
    make_console().print(f"paused: {', '.join(tracks)}", markup=False)
