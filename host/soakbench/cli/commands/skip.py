"""`soakbench skip`."""

from typing import Annotated

import typer

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, WhoOption, WhyOption, examples
from soakbench.cli.output import make_console
from soakbench.status import Order

EXAMPLES = examples('soakbench skip thermal --why "plate is needed elsewhere"')


def skip(
    data: DataOption,
    who: WhoOption,
    track: Annotated[
        str | None,
        typer.Argument(
            metavar="TRACK",
            show_default=False,
            help="The track; may be left out where there is one only.",
        ),
    ] = None,
    why: WhyOption = "",
) -> None:
    """End the phase a track is in; the next one begins.

    What the phase has delivered until now is kept, and that it was skipped is listed among the
    run's deviations. `soakbench stop` ends the whole run.
    """
    with ApiClient(data) as client:
        what = client.skip(Order(track=track, who=who, why=why))
    make_console().print(f"{what} skipped", markup=False)
