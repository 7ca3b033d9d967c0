"""The bench: stations with their sensors, and the load of every cell."""

from rich.table import Table
from rich.text import Text

from soakbench.cli import words
from soakbench.fault_words import FAULT_WORDS
from soakbench.status import CellStatus, FindingStatus, StationStatus

_CELLS_A_LINE = 8
_SENSED_A_LINE = 4


def stations_table(stations: list[StationStatus]) -> Table:
    """One line per station that has reported."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Station", style="name", no_wrap=True, overflow="ellipsis", min_width=7)
    has_guard = any(station.guard_c is not None for station in stations)
    has_air = any(station.humidity_percent is not None for station in stations)
    for title in ("Plate", "Target", *(["Guard"] if has_guard else []), "Stage"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("Heater", no_wrap=True)
    table.add_column("Light", no_wrap=True)
    table.add_column("Dark", justify="right", no_wrap=True)
    if has_air:
        table.add_column("Humidity", justify="right", no_wrap=True)
    table.add_column("Faults", overflow="fold")
    for station in stations:
        table.add_row(
            station.station,
            words.temperature(station.plate_c),
            words.temperature(station.target_c),
            *([words.temperature(station.guard_c)] if has_guard else []),
            words.temperature(station.stage_c),
            _heater(station),
            _light(station),
            words.lux(station.lux),
            *([words.humidity(station.humidity_percent)] if has_air else []),
            Text(", ".join(fault_words(station)), style="bad"),
        )
    return table


def fault_words(station: StationStatus) -> list[str]:
    """ "plate sensor open"."""
    return [fault.replace("_", " ") for fault in station.faults]


def fault_lines(station: StationStatus) -> list[Text]:
    """What each fault means and what to do."""
    lines = []
    for fault in station.faults:
        words_of = FAULT_WORDS[fault]
        text = Text(f"{station.station}: {words_of.what}.", style="bad")
        lines.append(text.append(f" What to do: {words_of.todo}.", style="none"))
    return lines


def finding_lines(findings: list[FindingStatus]) -> list[Text]:
    """What contradicts the commanded condition, and what to do."""
    lines = []
    for finding in findings:
        text = Text(f"{finding.text}.", style="bad" if finding.deviation else "warn")
        todo = f" What to do: {finding.todo}." if finding.todo else ""
        lines.append(text.append(todo, style="none"))
    return lines


def cells_table(cells: list[CellStatus]) -> Table:
    """The load of every cell, and what it shows where that is sensed, by track."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(style="quiet", no_wrap=True)
    table.add_column()
    for title, members in _by_track(cells):
        a_line = _SENSED_A_LINE if any(_shows(cell) for cell in members) else _CELLS_A_LINE
        for start in range(0, len(members), a_line):
            loads = [_cell(cell) for cell in members[start : start + a_line]]
            table.add_row("" if start else title, Text("  ").join(loads))
    return table


def _by_track(cells: list[CellStatus]) -> list[tuple[str, list[CellStatus]]]:
    groups: dict[str, list[CellStatus]] = {}
    for cell in cells:
        groups.setdefault(cell.track or "cells in no track", []).append(cell)
    if list(groups) == ["cells in no track"]:
        return [("cells", cells)]
    return [(f"cells of {name}" if " " not in name else name, g) for name, g in groups.items()]


def _cell(cell: CellStatus) -> Text:
    text = Text(f"{cell.cell} ")
    if cell.load is None:
        return text.append(words.MISSING, style="quiet")
    text.append(cell.load, style=cell.load if cell.load in ("OC", "SC") else "warn")
    return text.append(_shows(cell), style="none")


def _shows(cell: CellStatus) -> str:
    """ " 1.04 V", " 1.65 mA"; empty without a reading."""
    if cell.voltage_v is not None:
        return f" {words.voltage(cell.voltage_v)}"
    return "" if cell.current_ma is None else f" {words.current(cell.current_ma)}"


def _heater(station: StationStatus) -> Text:
    if station.holding:
        return Text("held off", style="warn")
    if station.heater_on:
        return Text(f"{station.duty:.0%}")
    return Text(words.MISSING if station.plate_c is None else "off", style="quiet")


def _light(station: StationStatus) -> Text:
    text = Text("on " if station.light_on else "")
    if station.light_suns is not None:
        text.append(words.light(station.light_suns))
    return text if text else Text(words.MISSING, style="quiet")
