"""`soakbench jv`: the sweeps of a run."""

from typing import Annotated

import typer

from soakbench.cli.curves import read_table
from soakbench.cli.options import DataOption, JsonOption, RunOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.view.jv import jv_view

EXAMPLES = examples(
    "soakbench jv",
    'soakbench jv import A1.csv --cell A1 --irradiance "1 sun"',
    "soakbench jv show A1 --png A1.png",
)


def table(
    context: typer.Context,
    data: DataOption,
    run: RunOption = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="Show the single-diode model fitted to each sweep.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """J-V curves of a run: show them, or import what was measured elsewhere.

    Without a command: a table of the sweeps, by cell and stage, with Voc, Jsc, FF and PCE of both
    scan directions. A value that the curve does not show is left out, and a flag says why. Works
    with or without a daemon.
    """
    if context.invoked_subcommand is not None:
        _refuse_misplaced(context)
        return
    found = read_table(data, run)
    if json:
        print_json(found)
    else:
        make_console().print(jv_view(found, fit))


def _refuse_misplaced(context: typer.Context) -> None:
    """`jv --data DIR import` would look elsewhere than the person thinks."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            command = context.invoked_subcommand
            raise typer.BadParameter(f"write --{name} behind `{command}`", ctx=context)
