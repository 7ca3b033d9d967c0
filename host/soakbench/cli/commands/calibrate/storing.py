"""What every calibration ends with: the lines of the bench file that would change; a question."""

from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from soakbench.assets import share_dir
from soakbench.config import BenchConfig
from soakbench.config.edit import Changes, differences, edited, replace_bench

_STYLES = {"+": "ok", "-": "bad", "@": "quiet"}


def offer(bench: BenchConfig, changes: Changes, yes: bool, console: Console) -> Path | None:
    """Show what `changes` would do to the file of `bench`, and do it if the person agrees.

    Where the old file is kept; None if nothing was changed.
    """
    path = Path(bench.source.name)
    text = edited(bench.source.text, changes)
    lines = differences(bench.source.text, text, str(path))
    if not lines:
        console.print(f"\nNothing to change in {path}.", markup=False, soft_wrap=True)
        return None
    console.print()
    for line in lines:
        console.print(Text(line, style=_STYLES.get(line[0], "none")), soft_wrap=True)
    console.print()
    if is_shipped(path):
        console.print(
            f"{path.name} comes with soakbench and is not changed. Copy it, name the copy with"
            " --bench, and calibrate with that.",
            markup=False,
            soft_wrap=True,
        )
        return None
    if not yes and not _agreed(path):
        console.print("Nothing was changed.")
        return None
    backup = replace_bench(path, bench.source.text, text)
    console.print(
        f"Changed {path}; the old file is {backup}.", style="ok", markup=False, soft_wrap=True
    )
    return backup


def _agreed(path: Path) -> bool:
    """No answer is a no: what was found has been shown, and can be entered by hand."""
    try:
        return typer.confirm(f"Change {path}?", default=False, err=True)
    except typer.Abort:
        return False


def is_shipped(path: Path) -> bool:
    """Whether the bench file belongs to soakbench, not to a lab."""
    return path.resolve().parent == share_dir("benches").resolve()
