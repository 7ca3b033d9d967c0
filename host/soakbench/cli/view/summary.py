"""The account of a run as a table."""

from rich.console import Group, RenderableType
from rich.text import Text

from soakbench.cli import words
from soakbench.cli.view.cells import cells_view, handling_lines
from soakbench.cli.view.devices import device_lines
from soakbench.cli.view.happened import what_happened
from soakbench.cli.view.isos import isos_view
from soakbench.cli.view.phases import phases_table
from soakbench.status import CellEvidence, Summary

_RUN_STYLE = {"finished": "ok", "stopped": "warn", "failed": "bad"}


def summary_view(summary: Summary) -> RenderableType:
    """Title, the phases, what the cells went through, the records, the nearest ISOS protocol, and
    what deviated from the plan."""
    parts: list[RenderableType] = [_title(summary), "", phases_table(summary.phases), ""]
    parts += cells_view(summary.cells)
    parts += [*device_lines(summary.devices), _records(summary)]
    if summary.jv_pending:
        parts.append(
            Text(f"J-V sweeps not yet measured: {words.count(summary.jv_pending)}", style="warn")
        )
    parts += handling_lines(summary.cells)
    parts += _evidence(summary.evidence)
    parts += isos_view(summary.isos)
    parts += what_happened(summary.deviations, summary.journal)
    return Group(*parts)


def _evidence(cells: list[CellEvidence]) -> list[Text]:
    """Of which cells the commanded condition is proven, doubtful, or taken on trust."""
    doubtful: dict[str, list[str]] = {}  # for how long → cells
    for cell in cells:
        if cell.findings:
            findings = "finding" if cell.findings == 1 else "findings"
            text = f"{words.duration(cell.doubtful_s)} ({words.count(cell.findings)} {findings})"
            doubtful.setdefault(text, []).append(cell.cell)
    lines = [
        Text(f"Doubtful: {words.cells(names)} for {text}", style="warn")
        for text, names in doubtful.items()
    ]
    unsensed = [cell.cell for cell in cells if not cell.senses]
    if unsensed:
        text = f"Not sensed, so their load is taken on trust: {words.cells(unsensed)}"
        lines.append(Text(text, style="quiet"))
    return lines


def _title(summary: Summary) -> Text:
    text = Text(summary.title or summary.plan, style="name")
    text.append(f"  {summary.state}", style=_RUN_STYLE.get(summary.state, "none"))
    text.append(f"\n{summary.run}", style="quiet")
    if summary.started is not None:
        text.append(f", {words.day_time(summary.started)}", style="quiet")
        if summary.ended is not None:
            took_s = (summary.ended - summary.started).total_seconds()
            text.append(f", took {words.duration(took_s)}", style="quiet")
    if summary.accelerate != 1:
        text.append(f", {summary.accelerate:g}× speed", style="quiet")
    return text


def _records(summary: Summary) -> Text:
    counts = summary.records
    text = Text("Records: ")
    text.append(f"{words.count(counts.produced)} produced, {words.count(counts.stored)} stored, ")
    text.append(f"{words.count(counts.lost)} lost", style="bad" if counts.lost else "ok")
    if summary.boots > 1:
        text.append(f"  (the board started {summary.boots} times)", style="warn")
    return text
