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
    """Each once, behind the cells it is true of; what is true of most cells first."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(style="name", no_wrap=True)
    table.add_column()
    cells_of: dict[str, list[str]] = {}
    for label in labels:
        for text in label.deviations:
            cells_of.setdefault(text, []).extend(label.cells)
    texts_of: dict[str, list[str]] = {}
    for text, cells in sorted(cells_of.items(), key=lambda item: -len(item[1])):
        texts_of.setdefault(words.cells(cells), []).append(text)
    for told, texts in texts_of.items():
        for i, text in enumerate(texts):
            table.add_row("" if i else told, text)
    return table
