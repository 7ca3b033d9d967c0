"""A rehearsal for people: how far it is, and what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.cli.view.happened import what_happened
from soakbench.rehearsal.judge import Violation
from soakbench.rehearsal.judge.findings import SENTENCES
from soakbench.rehearsal.progress import Progress as Moment
from soakbench.rehearsal.progress import Tell
from soakbench.rehearsal.report import Passage, Report

_HOUR_S = 3600


@contextmanager
def watch_progress(console: Console, wanted: bool) -> Iterator[Tell | None]:
    """Show how far it is, on a terminal; None to give to the rehearsal where nobody watches."""
    if not (wanted and console.is_terminal):
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}", style="quiet"),
        TextColumn("{task.fields[phases]}", style="quiet"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("rehearsing", total=1.0, speed="", phases="")

        def tell(moment: Moment) -> None:
            bar.update(
                task,
                completed=moment.share,
                description=_hours(moment.at_ms / 1000),
                speed=f"{moment.at_ms / max(moment.wall_ms, 1):.0f}×",
                phases="; ".join(f"{name}: {phase}" for name, phase in moment.phases.items()),
            )

        yield tell


def rehearsal_view(report: Report, again: str) -> RenderableType:
    """Verdict, timeline, records, and every violation with what was seen before it."""
    parts: list[RenderableType] = [_title(report), ""]
    if report.passages:
        parts += [_timeline(report.passages), ""]
    parts.append(_records(report))
    parts += [
        Text(f"Trip at {trip.at_h:.2f} h, {trip.station}: {', '.join(trip.faults)}", style="warn")
        for trip in report.trips
    ]
    parts += [_violation(violation) for violation in report.violations]
    if report.summary is not None:
        told = [entry for entry in report.summary.journal if entry.deviation]
        parts += what_happened(report.summary.departures, told)
    parts += _more(report)
    parts += ["", Text("Once more: ", style="quiet").append(again, style="command")]
    return Group(*parts)


def _title(report: Report) -> Text:
    title = report.summary.title if report.summary else ""
    text = Text(title or report.plan, style="name")
    if report.verdict.counts:
        count = sum(report.verdict.counts.values())
        text.append(f"  {count} violation{'s' if count > 1 else ''}", style="bad")
    if report.why_not:
        text.append("  not finished", style="bad").append(f"\n{report.why_not}", style="warn")
    elif not report.verdict.counts:
        text.append("  passed", style="ok")
    took = f"{words.duration(report.simulated_s)} in {words.duration(report.wall_s)}"
    text.append(f"\n{took} ({report.speedup:.0f}×), seed {report.seed}", style="quiet")
    if report.data:
        text.append(f", database in {report.data}", style="quiet")
    return text


def _timeline(passages: list[Passage]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Track", style="name", no_wrap=True, overflow="ellipsis")
    table.add_column("From", justify="right", no_wrap=True)
    table.add_column("Took", justify="right", no_wrap=True)
    table.add_column("Planned", justify="right", no_wrap=True, style="quiet")
    table.add_column("Phase", no_wrap=True, overflow="ellipsis")
    table.add_column("Station", style="quiet", no_wrap=True, overflow="ellipsis")
    table.add_column("", no_wrap=True)
    end_h = max(passage.to_h or passage.from_h for passage in passages)
    previous = ""
    for passage in passages:
        track = "" if passage.track == previous else passage.track
        table.add_row(track, *_cells(passage, end_h))
        previous = passage.track
    return table


_BAR_WIDTH = 24
_LONG = 1.1  # times as long as planned is worth a look


def _cells(passage: Passage, end_h: float) -> list[str | Text]:
    return [
        _hours(passage.from_h * _HOUR_S),
        _took(passage),
        words.duration(passage.planned_h * _HOUR_S) if passage.planned_h else "",
        words.phase_words(passage.phase, passage.cycle),
        passage.station,
        _bar(passage, end_h),
    ]


def _took(passage: Passage) -> Text:
    """How long; it stands out where that is far more than planned: it had to wait for something."""
    took_h = passage.took_h
    if took_h is None:
        return Text("did not end", style="bad")
    is_long = passage.planned_h and took_h > passage.planned_h * _LONG
    return Text(words.duration(took_h * _HOUR_S), style="warn" if is_long else "none")


def _bar(passage: Passage, end_h: float) -> Text:
    """Where in the whole time it lies."""
    scale = _BAR_WIDTH / end_h if end_h else 0
    to_h = end_h if passage.to_h is None else passage.to_h
    begin = min(int(passage.from_h * scale), _BAR_WIDTH - 1)
    width = max(round(to_h * scale) - begin, 1)
    return Text(" " * begin + "━" * width, style="bar.complete")


def _hours(seconds: float) -> str:
    """ "1 d 03:20:15", as on a clock that began with the rehearsal."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    clock = f"{hour:02d}:{minute:02d}:{second:02d}"
    return f"{days} d {clock}" if days else clock


def _records(report: Report) -> Text:
    custody = report.verdict.custody
    text = Text("Records: ")
    text.append(f"{words.count(custody.produced)} produced, {words.count(custody.stored)} stored")
    for count, what in (
        (custody.declared_loss, "declared lost"),
        (custody.missing, "missing"),
        (custody.duplicates, "twice"),
    ):
        text.append(f", {words.count(count)} {what}", style="bad" if count else "none")
    if report.lives > 1:
        text.append(f"  (the daemon started {report.lives} times)", style="warn")
    return text


def _violation(violation: Violation) -> Text:
    text = Text(f"\nViolation of “{violation.rule}”", style="bad")
    text.append(f" at {_hours(violation.at_ms / 1000)}: {violation.text}", style="none")
    text.append(f"\n  The rule: {SENTENCES[violation.rule]}.", style="quiet")
    for line in violation.before:
        text.append(f"\n    {line}", style="quiet")
    return text


def _more(report: Report) -> list[RenderableType]:
    """What of the violations is not shown, and what a fault explains."""
    more = sum(report.verdict.counts.values()) - len(report.violations)
    lines: list[RenderableType] = []
    if more:
        lines.append(Text(f"… and {more} more like these", style="bad"))
    for rule, count in report.verdict.provoked_counts.items():
        text = f"Explained by a scripted fault: {count} × “{rule}”"
        lines.append(Text(text, style="warn"))
    return lines
