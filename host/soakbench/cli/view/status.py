"""The whole status on one screen, for `status`, `watch`, `run` and `demo`."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.cli.output import command_line
from soakbench.cli.view.bench import cells_table, fault_lines, finding_lines, stations_table
from soakbench.cli.view.queue import queue_words
from soakbench.cli.view.tracks import request_command, request_words, tracks_table
from soakbench.status import LinkStatus, MqttStatus, RunStatus, Status, TrackStatus

FEW = 50  # records on their way to the broker; the number would only flicker

_RUN_STYLE = {"running": "ok", "finished": "ok", "stopped": "warn", "failed": "bad"}


def status_view(status: Status) -> RenderableType:
    """Everything, the most important first: a small terminal cuts off the end."""
    parts: list[RenderableType] = [_title(status), ""]
    if status.run is not None:
        parts += [_tracks(status.run, status), ""]
    waiting = waiting_tracks(status)
    if waiting:
        parts += [_request(waiting, Path(status.data)), ""]
    if status.stations:
        parts += [stations_table(status.stations), ""]
    parts += [text for station in status.stations for text in fault_lines(station)]
    parts += finding_lines(status.findings)
    parts += [cells_table(status.cells), "", _account(status)]
    return Group(*parts)


def waiting_tracks(status: Status) -> list[TrackStatus]:
    """The tracks that wait for a person."""
    if status.run is None:
        return []
    return [t for t in status.run.tracks if t.waiting_for or t.paused is not None]


def link_words(link: LinkStatus) -> Text:
    """The link in a few words, with what to do where it is not up."""
    if link.state != "up":
        text = Text(link.state, style="bad")
        return text.append(f": {link.detail}" if link.detail else f" on {link.port}", style="none")
    text = Text("up", style="ok")
    text.append(f" on {link.port}", style="none")
    if link.firmware:
        text.append(f", firmware {link.firmware}", style="none")
    if link.board:
        text.append(f", board {link.board}", style="none")
    return text


def mqtt_words(mqtt: MqttStatus) -> Text:
    """The broker in a few words."""
    if not mqtt.enabled:
        return Text("off (the bench file has no [mqtt])", style="quiet")
    waiting = f", {words.count(mqtt.backlog)} waiting" if mqtt.backlog > FEW else ""
    if mqtt.connected:
        text = Text("connected", style="ok")
        return text.append(f" to {mqtt.broker}{waiting}", style="none")
    text = Text("away", style="warn")
    detail = f" ({mqtt.detail})" if mqtt.detail else ""
    return text.append(f": {mqtt.broker}{detail}{waiting}", style="none")


def records_words(run: RunStatus) -> Text:
    """The custody account; a loss stands out."""
    counts = run.records
    text = Text(f"{words.count(counts.produced)} produced, {words.count(counts.stored)} stored, ")
    return text.append(f"{words.count(counts.lost)} lost", style="bad" if counts.lost else "none")


def _title(status: Status) -> Text:
    run = status.run
    if run is None:
        text = Text(status.bench, style="name")
        return text.append("  no run yet; `soakbench run PLAN` starts one", style="quiet")
    text = Text(run.title or run.plan, style="name")
    text.append(f"  {run.state}", style=_RUN_STYLE.get(run.state, "warn"))
    text.append(f"\n{run.run} on bench {status.bench}", style="quiet")
    if run.started is not None:
        ran_s = ((run.ended or status.time) - run.started).total_seconds()
        text.append(
            f", since {words.clock_time(run.started)} ({words.duration(ran_s)})", style="quiet"
        )
    if run.accelerate != 1:
        text.append(f", {run.accelerate:g}× speed", style="quiet")
    if run.message:
        text.append(f"\n{run.message}", style=_RUN_STYLE.get(run.state, "warn"))
    return text


def _tracks(run: RunStatus, status: Status) -> RenderableType:
    """The tracks; once they have been given up the board does not know them any more."""
    if run.ended is not None and any(track.state != "done" for track in run.tracks):
        command = command_line("summary", Path(status.data))
        return Text(f"`{command}` shows what was delivered", style="quiet")
    return tracks_table(run, status.stations)


def _account(status: Status) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold")
    if status.run is not None:
        table.add_row("records", records_words(status.run))
    if status.storage != "ok":
        table.add_row("storage", Text(status.storage, style="bad"))
    if status.worn_relays:
        text = f"worn: {', '.join(status.worn_relays)} of rated life; see `soakbench relays`"
        table.add_row("relays", Text(text, style="warn"))
    if status.queue:
        table.add_row("queue", queue_words(status.queue))
    table.add_row("link", link_words(status.link))
    table.add_row("mqtt", mqtt_words(status.mqtt))
    return table


def _request(tracks: list[TrackStatus], data: Path) -> Panel:
    """What a person is asked to do: the one thing on the screen that must not be missed."""
    text = Text()
    for track in tracks:
        text.append(f"{track.track}: ", style="name").append(f"{request_words(track)}\n")
        command = command_line(request_command(track), data)
        text.append(f"  {command}\n", style="command")
    text.rstrip()
    title = "Please do this, then type the command in another terminal"
    return Panel(text, title=title, border_style="bold yellow")
