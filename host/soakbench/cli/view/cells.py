"""What the cells of a run went through, as tables. Cells with the same figures share a line."""

from collections.abc import Iterable
from typing import TypeVar

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from soakbench.cell_history import CellAccount, Exposure, Readings
from soakbench.cli import words

_A_MINUTE_H = 1 / 60

Row = TypeVar("Row")


def cells_view(cells: list[CellAccount]) -> list[RenderableType]:
    """Two tables: what the cells got, and what it was like where they were."""
    parts: list[RenderableType] = []
    if any(cell.dose_sun_h or _exposures(cell) for cell in cells):
        parts += [_amounts(cells), ""]
    readings = _conditions(cells)
    if readings.row_count:
        parts += [readings, ""]
    return parts


def _exposures(cell: CellAccount) -> dict[str, Exposure]:
    """By phase, those that the cell had."""
    exposures = {
        "ageing": cell.ageing,
        "dark recovery": cell.dark_recovery,
        "thermal recovery": cell.thermal_recovery,
    }
    return {phase: each for phase, each in exposures.items() if each.hours}


_AMOUNTS = ("lit at OC", "lit at SC", "dark", "warm", "light dose", "other light")


def _amounts(cells: list[CellAccount]) -> Table:
    """Ageing and recovery in hours that counted, and light; as far as any cell has had it."""
    rows = _alike((cell.cell, _amount_row(cell)) for cell in cells)
    used = [i for i in range(len(_AMOUNTS)) if any(amounts[i] for _, (_, amounts) in rows)]
    table = _table("Cells", "Track")
    for i in used:
        table.add_column(_AMOUNTS[i], justify="right", no_wrap=True)
    for same, (track, amounts) in rows:
        table.add_row(words.cells(same), track, *(amounts[i] for i in used))
    return table


def _amount_row(cell: CellAccount) -> tuple[str, tuple[str | Text, ...]]:
    return cell.track, (
        _time(cell.ageing.oc_h),
        _time(cell.ageing.sc_h),
        _time(cell.dark_recovery.hours),
        _time(cell.thermal_recovery.hours),
        _dose(cell.dose_sun_h),
        _dose(cell.outside_sun_h),
    )


def handling_lines(cells: list[CellAccount]) -> list[Text]:
    """What happened to which cells beside their phases."""
    lines = []
    for tell in (_interruptions, _away, _moved):
        for same, text in _alike((cell.cell, tell(cell)) for cell in cells):
            if text:
                lines.append(Text(f"{text}: {words.cells(same)}", style=text.style))
    return lines


def _interruptions(cell: CellAccount) -> Text:
    handling = cell.handling
    if not handling.interruptions or handling.longest_interruption_h is None:
        return Text()
    longest = words.duration(handling.longest_interruption_h * 3600)
    times = "once" if handling.interruptions == 1 else f"{handling.interruptions} times"
    text = f"Interrupted {times}, for up to {longest}"
    if handling.interrupted:
        return Text(f"{text}, longer than max_gap", style="bad")
    return Text(text)


def _away(cell: CellAccount) -> Text:
    away_h = cell.handling.away_h
    return Text(f"The board was away for {words.duration(away_h * 3600)}" if away_h else "")


def _moved(cell: CellAccount) -> Text:
    moved_h = cell.handling.moved_h
    return Text(
        f"Moved, unplugged for up to {words.duration(moved_h * 3600)}"
        if moved_h >= _A_MINUTE_H
        else ""
    )


def _conditions(cells: list[CellAccount]) -> Table:
    """What the sensors showed while it counted."""
    table = _table("Cells", "while")
    for title in ("", "mean ± sd", "least", "most"):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    table.add_column("no reading", justify="right", no_wrap=True)
    for same, rows in _alike((cell.cell, _reading_rows(cell)) for cell in cells):
        for i, row in enumerate(rows):
            table.add_row("" if i else words.cells(same), *row)
    return table


def _reading_rows(cell: CellAccount) -> tuple[tuple[str, ...], ...]:
    rows = []
    for phase, exposure in _exposures(cell).items():
        rows.append((phase, *_reading(exposure.temp_c, "°C", 1, "stage")))
        if exposure is cell.ageing:
            rows.append(("", *_reading(cell.light_suns, "suns", 2, "light")))
    if cell.humidity_percent.sensor is not None:
        rows.append(("all of it", *_reading(cell.humidity_percent, "%", 0, "humidity")))
    return tuple(rows)


def _reading(readings: Readings, unit: str, digits: int, kind: str) -> tuple[str, ...]:
    def of(value: float | None) -> str:
        return words.MISSING if value is None else f"{value:.{digits}f}"

    mean = of(readings.mean)
    if readings.sd is not None:
        mean += f" ± {of(readings.sd)}"
    unread = _time(readings.unread_h) if readings.unread_h >= _A_MINUTE_H else ""
    name = f"{readings.sensor or kind} {unit}"
    return (name, mean, of(readings.low), of(readings.high), unread)


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    for title in titles:
        style = "name" if title == "Cells" else "quiet"
        table.add_column(title, style=style, no_wrap=True, overflow="ellipsis")
    return table


def _alike(rows: Iterable[tuple[str, Row]]) -> list[tuple[list[str], Row]]:
    """The names of the cells that have the same row."""
    found: list[tuple[list[str], Row]] = []
    for name, row in rows:
        for names, other in found:
            if other == row:
                names.append(name)
                break
        else:
            found.append(([name], row))
    return found


def _time(hours: float) -> str:
    return words.amount(hours, "h") if hours >= 1 / 3600 else ""


def _dose(sun_h: float | None) -> str:
    if sun_h is None:
        return words.MISSING
    if sun_h < 1e-4:
        return ""
    return words.amount(sun_h, "sun_h") if sun_h >= 0.005 else "< 0.01 sun-h"
