"""What every command writes with: consoles, JSON, and commands to type."""

import shlex
import sys
from pathlib import Path

from pydantic_core import to_json
from rich.console import Console
from rich.theme import Theme

from soakbench.cli.options import default_data

THEME = Theme(
    {
        "ok": "green",
        "warn": "yellow",
        "bad": "bold red",
        "quiet": "dim",
        "name": "bold",
        "command": "bold cyan",
        "OC": "cyan",
        "SC": "magenta",
        "bar.complete": "cyan",
        "bar.finished": "green",
    }
)
PIPE_WIDTH = 100  # of tables where there is no terminal that could say how wide it is


def make_console(to_stderr: bool = False) -> Console:
    """A console on standard output, or on standard error."""
    made = Console(theme=THEME, stderr=to_stderr, highlight=False)
    if not made.is_terminal:
        made.width = PIPE_WIDTH
    return made


def print_json(value: object) -> None:
    """A model, or a list of models or dataclasses, as JSON on standard output, for programs."""
    sys.stdout.write(to_json(value, indent=2).decode() + "\n")


def command_line(arguments: str, data: Path) -> str:
    """The soakbench command a person is to type; names `data` where it is not the default."""
    text = f"soakbench {arguments}"
    if data.absolute() != default_data().absolute():
        text += f" --data {shlex.quote(str(data))}"
    return text
