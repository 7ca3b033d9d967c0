"""What the demo prints at its end."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.cli.demo.claims import Claim
from soakbench.cli.output import command_line
from soakbench.cli.view.summary import summary_view
from soakbench.status import Summary


def report_view(summary: Summary, claims: list[Claim], messages: dict[str, int]) -> RenderableType:
    """The account of the run, what the broker's listener saw, and whether all claims hold."""
    heading = Text("\nMessages that another MQTT client saw", style="name")
    return Group(
        summary_view(summary), heading, _messages(messages), Text(""), *map(_claim, claims)
    )


def next_steps(data: Path) -> Text:
    """Where the data lie, and what to do with them and after them."""
    text = Text("\nThe data lie in ")
    text.append(f"{data}\n", style="name")
    steps = (
        (command_line("summary", data), "the table above, at any time"),
        ("soakbench plan paper-fig4", "the source study's protocol, hour by hour"),
        ("soakbench run paper-fig4 --bench twin --accelerate 2400", "the same, simulated"),
        ("soakbench ports", "find your own board; benches/pico-8cell.toml is the wiring"),
    )
    for command, why in steps:
        text.append(f"  {command}\n", style="command").append(f"      {why}\n", style="quiet")
    return text


def _messages(messages: dict[str, int]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for topic, number in messages.items():
        table.add_row(f"  {topic}", words.count(number))
    return table


def _claim(claim: Claim) -> Text:
    mark = Text("✓ ", style="ok") if claim.holds else Text("✗ ", style="bad")
    return mark.append(claim.claim, style="none").append(f": {claim.found}", style="quiet")
