"""The status line by line, for pipes, CI and log files: one line for each thing that changes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from soakbench.cli import words
from soakbench.cli.output import command_line
from soakbench.cli.view.bench import fault_words
from soakbench.cli.view.status import link_words, mqtt_words, records_words
from soakbench.cli.view.tracks import (
    delivered_text,
    phase_text,
    request_command,
    request_words,
)
from soakbench.status import RunStatus, StationStatus, Status, TrackStatus

PROGRESS_EVERY_S = 5.0  # at most one progress line in this time
PROGRESS_STEPS = 10  # of a phase; where less has changed there is nothing to tell
PLATE_STEP_C = 5.0


class PlainLog:
    """Turns statuses into lines. What changes in kind is told at once, amounts now and then."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._told: dict[str, str] = {}
        self._progress: tuple[object, ...] | None = None
        self._progress_at = float("-inf")

    def show(self, status: Status) -> None:
        """Write the lines for what is new in `status`."""
        told_before = bool(self._told)
        for key, line in _facts(status):
            if self._told.get(key, "") != line:
                self._told[key] = line
                if line:
                    self._say(status, line)
        self._tell_progress(status, told_before)

    def _tell_progress(self, status: Status, told_before: bool) -> None:
        if status.run is None:
            return
        coarse = tuple(_coarse(status))
        now_s = status.time.timestamp()
        if coarse == self._progress or now_s - self._progress_at < PROGRESS_EVERY_S:
            return
        self._progress, self._progress_at = coarse, now_s
        if told_before:
            self._say(status, _progress_line(status, status.run))

    def _say(self, status: Status, line: str) -> None:
        self._write(f"{words.clock_time(status.time)}  {line}")


def _facts(status: Status) -> Iterator[tuple[str, str]]:
    """Keyed lines; a line that differs from the last one under its key is news."""
    yield "link", f"link {link_words(status.link).plain}"
    if status.mqtt.enabled:
        # The backlog goes up and down all the time; it is not news.
        yield "mqtt", f"mqtt {mqtt_words(status.mqtt.model_copy(update={'backlog': 0})).plain}"
    yield "storage", f"storage: {status.storage}" if status.storage != "ok" else ""
    for station in status.stations:
        yield f"faults {station.station}", _fault_line(station)
    run = status.run
    if run is None:
        return
    message = f": {run.message}" if run.message else ""
    yield "run", f"run {run.run} {run.state}{message}"
    if run.ended is not None and run.state != "finished":
        return  # the board does not know the tracks any more
    for track in run.tracks:
        yield f"track {track.track}", _track_line(track, Path(status.data))


def _fault_line(station: StationStatus) -> str:
    faults = fault_words(station)
    return f"{station.station}: FAULT {', '.join(faults)}" if faults else ""


def _track_line(track: TrackStatus, data: Path) -> str:
    line = f"{track.track}: {phase_text(track).plain}"
    if track.waiting_for or track.paused is not None:
        then = command_line(request_command(track), data)
        return f"{line}: {request_words(track)} | then: {then}"
    if track.state == "done":
        return line
    at = f" at {track.station}" if track.station else ""
    goal = f" until {words.amount(track.goal, track.unit)}" if track.goal is not None else ""
    return f"{line}{at}{goal}"


def _coarse(status: Status) -> Iterator[object]:
    """What progress looks like from afar: tenths of a phase, steps of the plate's temperature."""
    for track in status.run.tracks if status.run else ():
        yield track.step, track.cycle, track.state, track.in_condition
        yield int(PROGRESS_STEPS * track.delivered / track.goal) if track.goal else None
    for station in status.stations:
        if station.target_c is not None and station.plate_c is not None:
            yield int(station.plate_c / PLATE_STEP_C)


def _progress_line(status: Status, run: RunStatus) -> str:
    parts = [_track_progress(track) for track in run.tracks if track.goal is not None]
    parts += [
        f"{station.station} plate {words.temperature(station.plate_c)}"
        for station in status.stations
        if station.target_c is not None
    ]
    parts.append(f"records {records_words(run).plain}")
    return " | ".join(part for part in parts if part)


def _track_progress(track: TrackStatus) -> str:
    amounts = delivered_text(track)
    if track.state != "running" or not amounts:
        return ""
    return f"{track.track} {amounts}{'' if track.in_condition else ' (not in condition)'}"
