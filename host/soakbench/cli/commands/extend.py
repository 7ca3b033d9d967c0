"""`soakbench extend`."""

from typing import Annotated

import typer

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, WhoOption, WhyOption, examples
from soakbench.cli.output import make_console
from soakbench.status import Extend

EXAMPLES = examples(
    'soakbench extend dark "2 h" --why "Voc still rises"', 'soakbench extend pair "-30 min"'
)

# "-30 min" is an amount. With a short option for help, "-2 h" would be one with an h in it.
SETTINGS = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


def extend(
    data: DataOption,
    who: WhoOption,
    track: Annotated[str, typer.Argument(metavar="TRACK", show_default=False, help="The track.")],
    by: Annotated[
        str,
        typer.Argument(
            metavar="AMOUNT",
            show_default=False,
            help='How much more, like "2 h" or "2 sun_h"; less with a minus.',
        ),
    ],
    why: WhyOption = "",
) -> None:
    """Let the phase a track is in last longer, or shorter.

    In the unit of the phase's own goal: where a light dose ends it, say "2 sun_h". It concerns this
    one passage: in a loop, not the rounds to come. J-V curves inside the phase stay where they are,
    and so does its time-out. A phase never ends before what it has delivered: `soakbench skip` ends
    it now. The order holds over restarts of computer and board, and is listed among the run's
    deviations.
    """
    with ApiClient(data) as client:
        text = client.extend(Extend(track=track, by=by, who=who, why=why))
    make_console().print(text, markup=False)
