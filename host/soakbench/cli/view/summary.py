"""The account of a run as a table."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.cli.view.devices import device_lines
from soakbench.cli.view.happened import what_happened
from soakbench.status import CellEvidence, PhaseSummary, Summary

_STATE_STYLE = {"done": "quiet", "running": "warn", "pending": "warn", "not reached": "quiet"}
_RUN_STYLE = {"finished": "ok", "stopped": "warn", "failed": "bad"}


def summary_view(summary: Summary) -> RenderableType:
    """Title, one line per phase of every track, the records, and what deviated from the plan."""
    parts: list[RenderableType] = [_title(summary), "", _phases_table(summary), ""]
    if any(cell.dose_sun_h for cell in summary.cells):
        parts += [_cells_table(summary), ""]
    parts += [*device_lines(summary.devices), _records(summary)]
    if summary.jv_pending:
        parts.append(
            Text(f"J-V sweeps not yet measured: {words.count(summary.jv_pending)}", style="warn")
        )
    parts += _evidence(summary.evidence)
    parts += what_happened(summary.deviations, summary.journal)
    return Group(*parts)


def _evidence(cells: list[CellEvidence]) -> list[Text]:
    """Of which cells the commanded condition is proven, doubtful, or taken on trust."""
    lines = [
        Text(
            f"Doubtful: {cell.cell} for {words.duration(cell.doubtful_s)}"
            f" ({words.count(cell.findings)} {'finding' if cell.findings == 1 else 'findings'})",
            style="warn",
        )
        for cell in cells
        if cell.findings
    ]
    unsensed = [cell.cell for cell in cells if not cell.senses]
    if unsensed:
        text = f"Not sensed, so their load is taken on trust: {', '.join(unsensed)}"
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


def _phases_table(summary: Summary) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Track", style="name", no_wrap=True, overflow="ellipsis")
    table.add_column("Phase", no_wrap=True, overflow="ellipsis")
    table.add_column("Planned", justify="right", no_wrap=True)
    table.add_column("Delivered", justify="right", no_wrap=True)
    table.add_column("Light dose", justify="right", no_wrap=True)
    table.add_column("Temp. °C", justify="right", no_wrap=True)
    table.add_column("of", style="quiet", no_wrap=True)
    previous = None
    for phase in summary.phases:
        table.add_row("" if phase.track == previous else phase.track, *_cells(phase))
        previous = phase.track
    return table


def _cells_table(summary: Summary) -> Table:
    """The light each cell has got at its own place."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Cell", style="name", no_wrap=True)
    table.add_column("Track", style="quiet", no_wrap=True, overflow="ellipsis")
    for title in ("Light dose", "at OC", "at SC", "position"):
        table.add_column(title, justify="right", no_wrap=True)
    for cell in summary.cells:
        doses = (cell.dose_sun_h, cell.oc_sun_h, cell.sc_sun_h)
        amounts = (words.amount(dose, "sun_h") if dose else "" for dose in doses)
        table.add_row(cell.cell, cell.track, *amounts, f"{cell.position:g}")
    return table


def _cells(phase: PhaseSummary) -> list[str | Text]:
    return [
        words.phase_words(phase.phase, phase.cycle),
        words.amount(phase.planned, phase.unit) if phase.planned is not None else "",
        _delivered(phase),
        words.amount(phase.dose_sun_h, "sun_h") if phase.dose_sun_h else "",
        words.mean_and_sd(phase.temp_c_mean, phase.temp_c_sd) if phase.temp_sensor else "",
        phase.temp_sensor or "",
    ]


def _delivered(phase: PhaseSummary) -> Text:
    """The amount where there is one, else how far the phase has come."""
    if phase.delivered is None or phase.state == "not reached":
        return Text(phase.state, style=_STATE_STYLE.get(phase.state, "none"))
    going = {"running": " so far", "skipped": ", skipped"}.get(phase.state, "")
    return Text(words.amount(phase.delivered, phase.unit) + going)


def _records(summary: Summary) -> Text:
    counts = summary.records
    text = Text("Records: ")
    text.append(f"{words.count(counts.produced)} produced, {words.count(counts.stored)} stored, ")
    text.append(f"{words.count(counts.lost)} lost", style="bad" if counts.lost else "ok")
    if summary.boots > 1:
        text.append(f"  (the board started {summary.boots} times)", style="warn")
    return text
