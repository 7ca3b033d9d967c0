"""The ISOS labels of a run: the nearest protocol, never without what keeps the run from it."""

from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cell_history import IsosLabel
from soakbench.cli import words


def isos_view(labels: list[IsosLabel]) -> list[RenderableType]:
    """A table for each protocol. What holds for all its cells is told once."""
    parts: list[RenderableType] = []
    for name, group in groupby(sorted(labels, key=_name), key=_name):
        title = Text("ISOS, nearest: ", style="quiet").append(name, style="name")
        parts += ["", title.append(", but:", style="quiet"), _deviations(list(group))]
    return parts


def _name(label: IsosLabel) -> str:
    return label.nearest


def _deviations(labels: list[IsosLabel]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(style="name", no_wrap=True)
    table.add_column()
    common = [
        text for text in labels[0].deviations if all(text in label.deviations for label in labels)
    ]
    every = [cell for label in labels for cell in label.cells]
    for cells, texts in (
        (every, common),
        *((label.cells, [t for t in label.deviations if t not in common]) for label in labels),
    ):
        for i, text in enumerate(texts):
            table.add_row("" if i else words.cells(cells), text)
    return table
