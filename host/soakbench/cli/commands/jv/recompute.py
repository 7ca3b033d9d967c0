"""`soakbench jv recompute`."""

from soakbench.cli import words
from soakbench.cli.curves import compute_anew
from soakbench.cli.options import DataOption, RunOption, examples
from soakbench.cli.output import make_console
from soakbench.jv.values import METHOD

EXAMPLES = examples("soakbench jv recompute")


def recompute(data: DataOption, run: RunOption = None) -> None:
    """Extract all values of a run's sweeps anew, by this version's method.

    The curves stay as they are: they are stored as measured, and what they say beside them.
    """
    count = compute_anew(data, run)
    make_console().print(f"{words.count(count)} sweeps computed anew, method {METHOD}")
