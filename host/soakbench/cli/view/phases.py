"""The phases of a run as a table. Rounds of a loop that went alike share their lines."""

from collections.abc import Iterator
from itertools import groupby
from math import hypot
from statistics import fmean

from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.status import PhaseSummary

_STATE_STYLE = {"done": "quiet", "running": "warn", "pending": "warn", "not reached": "quiet"}
_FEWEST = 3  # rounds that are worth joining

Line = tuple[PhaseSummary, int]
"""A phase, or the sum of so many rounds of it, the last of which it names."""


def phases_table(phases: list[PhaseSummary]) -> Table:
    """One line per phase of every track."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Track", style="name", no_wrap=True, overflow="ellipsis")
    table.add_column("Phase", no_wrap=True, overflow="ellipsis")
    for title in ("Planned", "Delivered", "Light dose", "Temp. °C"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("of", style="quiet", no_wrap=True)
    for track, of_track in groupby(phases, key=lambda phase: phase.track):
        for i, line in enumerate(_lines(list(of_track))):
            table.add_row("" if i else track, *_cells(*line))
    return table


def _lines(phases: list[PhaseSummary]) -> Iterator[Line]:
    """Of one track; at least three rounds in a row that are over are told as one."""
    rounds = [list(group) for _, group in groupby(phases, key=lambda phase: phase.cycle)]
    alike: list[list[PhaseSummary]] = []
    for one in rounds:
        if alike and not _follows(one, alike[-1]):
            yield from _told(alike)
            alike = []
        alike.append(one)
    yield from _told(alike)


def _follows(one: list[PhaseSummary], before: list[PhaseSummary]) -> bool:
    """Whether both are rounds from the second on, of the same phases, and over in the same way."""
    return one[0].cycle == before[0].cycle + 1 > 1 and list(map(_shape, one)) == list(
        map(_shape, before)
    )


def _shape(phase: PhaseSummary) -> tuple[object, ...]:
    over = phase.state in ("done", "pending", "not reached")
    return (
        phase.phase,
        phase.station,
        phase.planned,
        phase.temp_sensor,
        phase.state if over else phase.cycle,
    )


def _told(rounds: list[list[PhaseSummary]]) -> Iterator[Line]:
    if len(rounds) < _FEWEST:
        yield from ((phase, 1) for one in rounds for phase in one)
        return
    for same in zip(*rounds, strict=True):
        yield _joined(same), len(rounds)


def _joined(same: tuple[PhaseSummary, ...]) -> PhaseSummary:
    """Amounts are sums; every round weighs alike in the temperature."""
    means = [phase.temp_c_mean for phase in same if phase.temp_c_mean is not None]
    mean = fmean(means) if means else None
    squares = [
        hypot(phase.temp_c_sd, phase.temp_c_mean - mean) ** 2
        for phase in same
        if mean is not None and phase.temp_c_mean is not None and phase.temp_c_sd is not None
    ]
    return same[-1].model_copy(
        update={
            "delivered": _sum([phase.delivered for phase in same]),
            "dose_sun_h": _sum([phase.dose_sun_h for phase in same]),
            "temp_c_mean": mean,
            "temp_c_sd": fmean(squares) ** 0.5 if squares else None,
        }
    )


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _cells(phase: PhaseSummary, rounds: int) -> list[str | Text]:
    name = words.phase_words(phase.phase, phase.cycle)
    planned = words.amount(phase.planned, phase.unit) if phase.planned is not None else ""
    if rounds > 1:
        name = words.phase_words(phase.phase, phase.cycle - rounds + 1) + f"-{phase.cycle + 1}"
        planned = f"{rounds} × {planned}" if planned else ""
    return [
        name,
        planned,
        _delivered(phase),
        words.amount(phase.dose_sun_h, "sun_h") if (phase.dose_sun_h or 0.0) >= 0.005 else "",
        words.mean_and_sd(phase.temp_c_mean, phase.temp_c_sd) if phase.temp_sensor else "",
        phase.temp_sensor or "",
    ]


def _delivered(phase: PhaseSummary) -> Text:
    """The amount where there is one, else how far the phase has come."""
    if phase.delivered is None or phase.state == "not reached":
        return Text(phase.state, style=_STATE_STYLE.get(phase.state, "none"))
    going = {"running": " so far", "skipped": ", skipped"}.get(phase.state, "")
    return Text(words.amount(phase.delivered, phase.unit) + going)
