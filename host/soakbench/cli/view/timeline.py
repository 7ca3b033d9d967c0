"""The timeline of a plan as tables, one per track."""

from datetime import timedelta, tzinfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.plan import NOTE, PlannedPhase, TrackTimeline

_SHORT = timedelta(hours=2)  # plans below this are shown with seconds


def timeline_view(tracks: list[TrackTimeline], zone: tzinfo | None = None) -> RenderableType:
    """Start and end of every phase: hours from the start of the run, and clock times in `zone`."""
    parts: list[RenderableType] = []
    short = all(_wall_time(track) < _SHORT for track in tracks)
    for track in tracks:
        title = Text(f"Track {track.track}", style="name")
        title.append(f"  cells {', '.join(track.cells)}", style="quiet")
        parts += [title, _table(track, short, zone), ""]
    return Group(*parts, Text(NOTE, style="quiet"))


def _table(track: TrackTimeline, short: bool, zone: tzinfo | None) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("From (h)", justify="right", no_wrap=True)
    table.add_column("To (h)", justify="right", no_wrap=True)
    table.add_column("Phase", no_wrap=True)
    table.add_column("What", overflow="fold")
    table.add_column("Station", style="quiet", overflow="fold")
    table.add_column("Start", no_wrap=True)
    table.add_column("End", no_wrap=True)
    for phase in track.phases:
        table.add_row(*_cells(phase, short, zone))
    return table


def _cells(phase: PlannedPhase, short: bool, zone: tzinfo | None) -> list[str]:
    written = words.clock_time if short else words.day_time
    instant = phase.start_h == phase.end_h
    return [
        _hours(phase.start_h),
        "" if instant else _hours(phase.end_h),
        words.phase_words(phase.phase, phase.cycle),
        phase.detail,
        phase.station,
        written(phase.start, zone),
        "" if instant else written(phase.end, zone),
    ]


def _hours(hours: float) -> str:
    """Up to a hundredth of an hour; more digits only where they are all there is."""
    return f"{hours:.2f}".rstrip("0").rstrip(".") if hours == 0 or hours >= 0.1 else f"{hours:.3g}"


def _wall_time(track: TrackTimeline) -> timedelta:
    if not track.phases:
        return timedelta(0)
    start, end = track.phases[0].start, track.phases[-1].end
    return timedelta(hours=track.end_h) if start is None or end is None else end - start
