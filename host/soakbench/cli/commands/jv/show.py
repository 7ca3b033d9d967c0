"""`soakbench jv show`."""

from pathlib import Path
from typing import Annotated

import typer

from soakbench.cli.curves import read_curves_of, read_table
from soakbench.cli.options import DataOption, RunOption, examples
from soakbench.cli.output import make_console
from soakbench.cli.view.jv import jv_view
from soakbench.errors import CurveError

EXAMPLES = examples("soakbench jv show A1 --png A1.png")


def show(
    cell: Annotated[str, typer.Argument(metavar="CELL", show_default=False)],
    data: DataOption,
    png: Annotated[
        Path | None,
        typer.Option(
            "--png",
            metavar="FILE",
            dir_okay=False,
            show_default=False,
            help="Draw the curves into this file (.png, .svg or .pdf).",
        ),
    ] = None,
    run: RunOption = None,
) -> None:
    """Show what the J-V curves of one cell say, and draw them.

    In the figure, each stage of the run has its grey and its marks; reverse sweeps are lines,
    forward ones dashes.
    """
    table = read_table(data, run)
    sweeps = [sweep for sweep in table.sweeps if sweep.cell == cell]
    if not sweeps:
        there = ", ".join(dict.fromkeys(sweep.cell for sweep in table.sweeps)) or "none yet"
        raise CurveError(f"there is no curve of {cell} in run {table.run}", hint=f"of: {there}")
    of_cell = table.model_copy(
        update={
            "sweeps": sweeps,
            "pending": [one for one in table.pending if one.cell == cell],
            "hysteresis": [one for one in table.hysteresis if one.cell == cell],
        }
    )
    console = make_console()
    console.print(jv_view(of_cell, fit=True))
    if png is not None:
        _draw(data, of_cell.run, cell, {sweep.id: sweep.stage for sweep in sweeps}, png)
        console.print(f"{png} written", markup=False, soft_wrap=True)


def _draw(data: Path, run: str, cell: str, stages: dict[int, str], path: Path) -> None:
    # Only here: matplotlib takes most of a second, which no other command should.
    from soakbench.jv.figure import Drawn, draw_curves

    curves = read_curves_of(data, run, cell)
    drawn = [Drawn(curves[number].sweep, stage) for number, stage in stages.items()]
    try:
        draw_curves(drawn, f"{cell}, run {run}").savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise CurveError(
            f"cannot write {path}: {error}", hint="its name should end in .png, .svg or .pdf"
        ) from error
