"""What happened to a run: departures from the plan, and the journal of people and computer."""

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.status import Deviation, JournalEntry


def what_happened(departures: list[Deviation], journal: list[JournalEntry]) -> list[RenderableType]:
    """Two tables, as far as there is anything in them, each with an empty line before it."""
    parts: list[RenderableType] = []
    if departures:
        parts += ["", _departures_table(departures)]
    if journal:
        parts += ["", _journal_table(journal)]
    return parts


def _departures_table(departures: list[Deviation]) -> Table:
    """What was otherwise than planned, from the board's records."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Deviations", style="quiet", no_wrap=True)
    table.add_column("for", justify="right", no_wrap=True)
    table.add_column("track", style="name", no_wrap=True)
    table.add_column("what")
    for departure in departures:
        lasts = departure.length_s is None
        length = "still" if departure.length_s is None else words.duration(departure.length_s)
        text = Text(
            f"{words.phase_words(departure.phase, departure.cycle)}: " if departure.phase else ""
        )
        text.append(departure.text, style="warn" if lasts or departure.interrupted else "none")
        if departure.interrupted:
            text.append("; longer than max_gap: interrupted", style="bad")
        table.add_row(words.day_time(departure.begin), length, departure.track or "", text)
    return table


def _journal_table(journal: list[JournalEntry]) -> Table:
    """Who did what, and what the computer noticed; what a report must list in yellow."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Journal", style="quiet", no_wrap=True)
    table.add_column("who", style="name", no_wrap=True)
    table.add_column("what")
    for entry in journal:
        style = "warn" if entry.deviation else "none"
        table.add_row(words.day_time(entry.time), entry.who, Text(entry.text, style=style))
    return table
