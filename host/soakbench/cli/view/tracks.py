"""The tracks of a run: phase, how much is delivered, how long it will take."""

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.status import RunStatus, StationStatus, TrackStatus

_STATE_STYLE = {"done": "ok", "paused": "bad", "barrier": "warn"}


def tracks_table(run: RunStatus, stations: list[StationStatus]) -> Table:
    """One line per track."""
    by_name = {station.station: station for station in stations}
    table = Table(box=None, expand=True, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Track", style="name", no_wrap=True, overflow="ellipsis")
    table.add_column("Phase", no_wrap=True, overflow="ellipsis")
    table.add_column("Station", no_wrap=True, overflow="ellipsis", style="quiet")
    table.add_column("", ratio=1, min_width=8, max_width=30)
    table.add_column("Delivered", no_wrap=True, justify="right")
    table.add_column("", no_wrap=True)
    table.add_column("Left", no_wrap=True, justify="right")
    for track in run.tracks:
        table.add_row(
            track.track,
            phase_text(track),
            track.station or "",
            _bar(track, by_name.get(track.station or "")),
            delivered_text(track),
            condition_mark(track),
            words.duration(track.eta_s) if track.state != "done" else "",
        )
    return table


def phase_text(track: TrackStatus) -> Text:
    """ "2/5 dark recovery", or the state where that matters more."""
    if track.state == "done":
        return Text("done", style="ok")
    text = Text(f"{track.step + 1}/{track.steps} ", style="quiet")
    text.append(words.phase_words(track.phase, track.cycle), style="none")
    if track.state == "barrier":
        waits = "waits for you" if track.waiting_for else "waits"
        text.append(f", {waits}", style="warn")
    elif track.state != "running":
        text.append(f", {track.state}", style=_STATE_STYLE.get(track.state, "quiet"))
    return text


def request_words(track: TrackStatus) -> str:
    """What a person is asked to do, or why the track waits."""
    if track.waiting_for:
        return track.waiting_for
    return f"paused: {track.paused}" if track.paused else "paused"


def request_command(track: TrackStatus) -> str:
    """What lets the track go on."""
    return f"{'confirm' if track.waiting_for else 'resume'} {track.track}"


def delivered_text(track: TrackStatus) -> str:
    """ "8.2 / 16 h"; empty where a step has no amount."""
    if track.goal is None or track.state == "done":
        return ""
    return words.progress(track.delivered, track.goal, track.unit)


def condition_mark(track: TrackStatus) -> Text:
    """A tick while the amount counts: light, darkness or temperature are as planned."""
    if track.state != "running" or track.goal is None:
        return Text(" ")
    return Text("✓", style="ok") if track.in_condition else Text("…", style="warn")


def what_is_awaited(track: TrackStatus, station: StationStatus | None) -> str:
    """Why the amount does not count at the moment; empty if it does."""
    if track.state != "running" or track.goal is None or track.in_condition:
        return ""
    if station is not None and station.faults:
        return "sensor fault"
    if station is not None and station.target_c is not None:
        return "held off" if station.holding else f"to {station.target_c:g} °C"
    return "waits for light" if track.phase == "ageing" else "waits for darkness"


def _bar(track: TrackStatus, station: StationStatus | None) -> ProgressBar | Text:
    if track.state == "done":
        return ProgressBar(total=1, completed=1)
    awaited = what_is_awaited(track, station)
    if awaited or not track.goal:
        return Text(awaited, style="warn", no_wrap=True, overflow="ellipsis")
    return ProgressBar(total=track.goal, completed=min(track.delivered, track.goal))
