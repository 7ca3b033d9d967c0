"""Options and arguments that several commands share."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import platformdirs
import typer

DATA_VARIABLE = "SOAKBENCH_DATA"
BENCH_VARIABLE = "SOAKBENCH_BENCH"

BENCH_HELP = (
    "Bench file: a path, or the name of a bench that comes with soakbench (twin, pico-8cell)."
)


def default_data() -> Path:
    """Where data lie if `--data` is not given."""
    chosen = os.environ.get(DATA_VARIABLE)
    if chosen:
        return Path(chosen)
    return platformdirs.user_data_path("soakbench", appauthor=False)


def examples(*commands: str) -> str:
    """The end of a command's help: commands to try."""
    title = "Example" if len(commands) == 1 else "Examples"
    return "\n".join([f"[bold]{title}[/bold]", *(f"[cyan]{line}[/cyan]" for line in commands)])


DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        default_factory=default_data,
        envvar=DATA_VARIABLE,
        show_default="your user data directory",
        file_okay=False,
        help="Directory with the database, the logs and copies of the plans; each has one daemon.",
    ),
]

BenchOption = Annotated[
    str,
    typer.Option("--bench", metavar="BENCH", envvar=BENCH_VARIABLE, help=BENCH_HELP),
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

PortOption = Annotated[
    str | None,
    typer.Option(
        "--port",
        metavar="PORT",
        help="Serial port to use instead of the bench file's; `soakbench ports` lists them.",
    ),
]

PlanArgument = Annotated[
    str,
    typer.Argument(
        metavar="PLAN",
        show_default=False,
        help="Plan file: a path, or the name of a plan that comes with soakbench (demo,"
        " paper-fig4, day-night, ...).",
    ),
]

RunOption = Annotated[
    str | None,
    typer.Option(
        "--run",
        metavar="RUN",
        show_default="the newest",
        help="Name of the run, as `soakbench summary` shows it.",
    ),
]

WhyOption = Annotated[
    str,
    typer.Option(
        "--why", metavar="TEXT", help="The reason; kept with the run.", show_default=False
    ),
]


def _login() -> str:
    """The name of whoever is logged in; nothing where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


WhoOption = Annotated[
    str,
    typer.Option(
        "--who",
        metavar="NAME",
        default_factory=_login,
        show_default="your login",
        help="Who does this; kept with the run.",
    ),
]
