"""`soakbench jv import`."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from soakbench.cli.curves import keep_curves
from soakbench.cli.options import DataOption, JsonOption, RunOption, WhoOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.view.jv import imported_view
from soakbench.errors import CurveError
from soakbench.jv.curve_file import Asked, CurveFile, FileSweep, read_curves
from soakbench.jv.messages import CurveSent, FileSent, ImportCurves, Numbers
from soakbench.jv.sweep import Floats
from soakbench.units import UnitError, parse_suns, parse_temperature_c

EXAMPLES = examples(
    'soakbench jv import A1.csv --cell A1 --irradiance "1 sun"',
    'soakbench jv import A1_rev.txt A1_fwd.txt --cell A1 --current-unit mA --irradiance "1 sun"',
    'soakbench jv import aged.csv --cell B2 --stage ageing --flip-sign --temperature "25 °C"',
)


def _suns(text: str | float) -> float:
    try:
        return float(parse_suns(text))
    except UnitError as error:
        raise typer.BadParameter(str(error)) from error


def _temperature_c(text: str | float) -> float:
    try:
        return float(parse_temperature_c(text))
    except UnitError as error:
        raise typer.BadParameter(str(error)) from error


def _utc_ms(text: str | int) -> int:
    """Of a time of the clock on the wall here, if it does not say another zone."""
    try:
        return round(datetime.fromisoformat(str(text)).timestamp() * 1000)
    except ValueError as error:
        raise typer.BadParameter(f'"{text}" is no time like "2026-03-02 09:14"') from error


def _numbers(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) not in (2, 3) or not all(part.strip().isdigit() for part in parts):
        raise typer.BadParameter(f'"{text}" is not like "1,2" (voltage, current) or "1,2,4"')
    return [int(part) for part in parts]


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILES", show_default=False)],
    cell: Annotated[
        str, typer.Option("--cell", metavar="CELL", show_default=False, help="Whose curves.")
    ],
    data: DataOption,
    who: WhoOption,
    run: RunOption = None,
    stage: Annotated[
        str | None,
        typer.Option(
            "--stage",
            metavar="STAGE",
            show_default="the oldest that waits for curves",
            help="The J-V after this phase: initial, ageing, dark_recovery or thermal_recovery.",
        ),
    ] = None,
    step: Annotated[
        int | None,
        typer.Option("--step", metavar="N", show_default=False, help="The J-V of this step."),
    ] = None,
    cycle: Annotated[
        int | None,
        typer.Option("--cycle", metavar="N", show_default=False, help="The J-V of this cycle."),
    ] = None,
    irradiance: Annotated[
        float | None,
        typer.Option(
            "--irradiance",
            metavar="SUNS",
            parser=_suns,
            show_default=False,
            help='The light during the sweep, like "1 sun"; without it there is no PCE.',
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            "--temperature",
            metavar="TEMP",
            parser=_temperature_c,
            show_default=False,
            help='Of the cell, like "25 °C".',
        ),
    ] = None,
    measured_at: Annotated[
        int | None,
        typer.Option(
            "--measured-at",
            metavar="TIME",
            parser=_utc_ms,
            show_default=False,
            help='When, like "2026-03-02 09:14".',
        ),
    ] = None,
    current_unit: Annotated[
        str | None,
        typer.Option(
            "--current-unit",
            metavar="UNIT",
            show_default="as the file says",
            help="A, mA, uA, A/cm2 or mA/cm2, where the file does not say it.",
        ),
    ] = None,
    voltage_unit: Annotated[
        str | None,
        typer.Option(
            "--voltage-unit",
            metavar="UNIT",
            show_default="as the file says, else V",
            help="V or mV.",
        ),
    ] = None,
    columns: Annotated[
        list[int] | None,
        typer.Option(
            "--columns",
            metavar="V,I[,T]",
            parser=_numbers,
            show_default="by the file's titles",
            help="Numbers of the columns of voltage, current and time (in s), from 1.",
        ),
    ] = None,
    flip_sign: Annotated[
        bool,
        typer.Option(
            "--flip-sign",
            help="The file counts the current negative where the cell gives power, as source"
            " meters do.",
        ),
    ] = False,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="Take the place of curves that were imported before; those are kept, withdrawn.",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Give a run the J-V curves of a cell that were taken elsewhere.

    Text files (CSV, TXT) with a column of voltages and one of currents or current densities, as
    source meters and LabVIEW programs write them. A file may hold the reverse and the forward
    sweep. Units are taken from the titles of the columns, or asked for: never guessed.

    The curves go to the J-V of the plan that waits longest for this cell, or to the one you name;
    `soakbench jv` shows them all. A file that is there already is not stored twice.
    """
    asked = Asked(current_unit, voltage_unit, columns, flip_sign)
    read = {path: _read(path, asked) for path in dict.fromkeys(files)}
    request = ImportCurves(
        run=run,
        cell=cell,
        stage=stage,
        step=step,
        cycle=cycle,
        files=[_sent(path, *one, columns) for path, one in read.items()],
        measured_utc_ms=measured_at,
        cell_temp_c=temperature,
        irradiance_suns=irradiance,
        replace=replace,
        who=who,
    )
    imported = keep_curves(data, request)
    if json:
        print_json(imported)
        return
    understood = {path.name: curves.understood for path, (_, curves) in read.items()}
    make_console().print(imported_view(imported, understood))


def _read(path: Path, asked: Asked) -> tuple[str, CurveFile]:
    """The file's hash and its curves."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CurveError(
            f"cannot read {path}: {error.strerror}", hint="is the name right?"
        ) from error
    return hashlib.sha256(data).hexdigest(), read_curves(data, path.name, asked)


def _sent(path: Path, sha256: str, read: CurveFile, columns: list[int] | None) -> FileSent:
    return FileSent(
        name=path.name,
        sha256=sha256,
        columns=",".join(str(number) for number in columns or ()),
        curves=[_curve(sweep) for sweep in read.sweeps],
    )


def _curve(sweep: FileSweep) -> CurveSent:
    return CurveSent(
        direction=sweep.direction,
        quantity="mA/cm2" if sweep.is_density else "mA",
        voltage_v=_listed(sweep.voltage_v),
        current=_listed(sweep.current),
        time_s=None if sweep.time_s is None else sweep.time_s.tolist(),
    )


def _listed(values: Floats) -> Numbers:
    return [None if np.isnan(value) else float(value) for value in values]
