"""`soakbench schema`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from soakbench.cli.options import examples
from soakbench.cli.output import make_console
from soakbench.config.json_schema import FileKind, json_schema

EXAMPLES = examples("soakbench schema plan --out plan.schema.json", "soakbench schema bench")


def schema(
    kind: Annotated[FileKind, typer.Argument(metavar="plan|bench|faults", help="Of which file.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", show_default=False, help="Write it there; else it is printed."
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of a file, so that an editor checks and completes while you type.

    In VS Code with "Even Better TOML", save the schema beside your plan and begin the plan with the
    line `#:schema ./plan.schema.json`. What fits together, and what your bench can do, only
    `soakbench check` knows.
    """
    text = json.dumps(json_schema(kind), ensure_ascii=False, indent=2)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        make_console().print(f"{out}: the schema of {kind} files", markup=False)
