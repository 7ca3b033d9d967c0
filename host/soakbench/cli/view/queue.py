"""The queue: a table of all of it, and one line for the status."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.cli.output import command_line
from soakbench.status import QueuedRun


def queue_view(queue: list[QueuedRun], data: Path) -> RenderableType:
    """What waits, in order, and why."""
    if not queue:
        command = command_line("run PLAN --queue", data)
        return Text(f"Nothing waits. `{command}` puts a plan in.")
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("No.", justify="right", no_wrap=True)
    table.add_column("Plan", style="name", no_wrap=True, overflow="ellipsis")
    table.add_column("Begins", no_wrap=True)
    table.add_column("Put in", style="quiet", no_wrap=True)
    table.add_column("by", no_wrap=True, overflow="ellipsis", max_width=16)
    table.add_column("Why it waits", overflow="fold")
    for each in queue:
        table.add_row(
            str(each.number),
            each.plan,
            begin_words(each),
            words.day_time(each.queued),
            each.who or words.MISSING,
            _why(each) if not each.needs_person else Text("for you: see below", style="warn"),
        )
    return Group(table, *[_needs(each) for each in queue if each.needs_person])


def queue_words(queue: list[QueuedRun]) -> Text:
    """The next one in a line."""
    first = queue[0]
    text = Text(f"number {first.number}: ").append(first.plan, style="name")
    if first.begin is not None:
        text.append(f", {begin_words(first)}")
    text.append(": ").append_text(_why(first))
    return text.append(f" (and {len(queue) - 1} more)" if len(queue) > 1 else "")


def begin_words(queued: QueuedRun) -> str:
    """When it begins, as far as that is known."""
    return "in its turn" if queued.begin is None else words.day_time(queued.begin)


def _why(queued: QueuedRun) -> Text:
    return Text(queued.why, style="warn" if queued.needs_person else "none")


def _needs(queued: QueuedRun) -> Text:
    text = Text(f"\nNumber {queued.number} waits for you: ", style="warn")
    return text.append(queued.why, style="none")
