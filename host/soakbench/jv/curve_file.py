"""A file with one or more sweeps of a cell, as the instruments of this field write them."""

from dataclasses import dataclass

import numpy as np

from soakbench.errors import CurveError
from soakbench.jv.columns import Chosen, choose, parse_unit, with_current_unit
from soakbench.jv.stretches import Stretch, stretches
from soakbench.jv.sweep import Direction, Floats
from soakbench.jv.text_table import TextTable, read_table

MOST_V = 10.0  # a single cell has less: the numbers are then mV


@dataclass(frozen=True)
class Asked:
    """What the person says of a file; None: what the file says."""

    current_unit: str | None = None
    voltage_unit: str | None = None
    columns: list[int] | None = None
    """Voltage, current and perhaps time, from 1."""
    flip_sign: bool = False
    """The file counts a current negative where the cell gives power."""


@dataclass(frozen=True, eq=False)
class FileSweep:
    """One sweep of a file."""

    direction: Direction
    voltage_v: Floats
    current: Floats
    """mA, or mA cm⁻² where the file has a density; NaN where a point is missing."""
    is_density: bool
    time_s: Floats | None


@dataclass(frozen=True)
class CurveFile:
    """The sweeps of a file, and how it was understood, for people."""

    sweeps: list[FileSweep]
    understood: str


def read_curves(data: bytes, name: str, asked: Asked) -> CurveFile:
    """The sweeps in a file's bytes, one of each direction at most; `name` is for messages.

    CurveError says what is missing or not clear.
    """
    table = read_table(data, name)
    chosen = with_current_unit(choose(table.titles, asked.columns, name), asked.current_unit, name)
    voltage = _numbers(table, chosen.voltage.number) * _voltage_factor(chosen, asked, name)
    highest_v = float(np.nanmax(np.abs(voltage), initial=0.0))
    if highest_v > MOST_V:
        raise CurveError(
            f"{name} has voltages up to {highest_v:g} V",
            hint="say the unit, --voltage-unit mV, or are the columns others (--columns)?",
        )
    sign = -1.0 if asked.flip_sign else 1.0
    current = _numbers(table, chosen.current.number) * sign * (chosen.current.factor or np.nan)
    parts = stretches(voltage)
    _refuse_twice(parts, name)
    times = _times(table, chosen)
    sweeps = [_sweep(part, voltage, current, chosen, times) for part in parts]
    return CurveFile(sweeps, _understood(chosen, table, asked, times is not None))


def _numbers(table: TextTable, number: int) -> Floats:
    values: Floats = table.values[:, number - 1]
    return values


def _voltage_factor(chosen: Chosen, asked: Asked, name: str) -> float:
    """Volts where neither the file nor the person says a unit; MOST_V finds out what are mV."""
    if asked.voltage_unit is None:
        return chosen.voltage.factor or 1.0
    given = parse_unit(asked.voltage_unit)
    if given is None or given[0] != "voltage":
        raise CurveError(f'"{asked.voltage_unit}" is no unit of a voltage', hint="known: V, mV")
    if chosen.voltage.factor not in (None, given[1]):
        raise CurveError(
            f'{name} says "{chosen.voltage.title}", and you say {asked.voltage_unit}',
            hint="leave --voltage-unit out, or correct the title in the file",
        )
    return given[1]


def _times(table: TextTable, chosen: Chosen) -> Floats | None:
    """In s; None where they are not there or do not go on, as those of a day's end."""
    if chosen.time is None:
        return None
    times = _numbers(table, chosen.time.number) * (chosen.time.factor or 1.0)
    return times if np.isfinite(times).all() and (np.diff(times) >= 0).all() else None


def _refuse_twice(parts: list[Stretch], name: str) -> None:
    directions = [part.direction for part in parts]
    if not parts:
        raise CurveError(
            f"{name} holds no sweep: its voltages do not go one way over 3 points or more",
            hint="are the columns others (--columns)?",
        )
    for direction in ("reverse", "forward"):
        count = directions.count(direction)
        if count > 1:
            raise CurveError(
                f"{name} holds {count} {direction} sweeps; a J-V has one of each direction",
                hint="put each J-V into a file of its own",
            )


def _sweep(
    part: Stretch, voltage: Floats, current: Floats, chosen: Chosen, times: Floats | None
) -> FileSweep:
    where = slice(part.begin, part.end)
    time = None if times is None else times[where] - times[part.begin]
    return FileSweep(part.direction, voltage[where], current[where], chosen.is_density, time)


def _understood(chosen: Chosen, table: TextTable, asked: Asked, timed: bool) -> str:
    """`voltage in V (column 1), current in mA (column 2)`."""
    what = "density" if chosen.is_density else "current"
    parts = [
        f"voltage in {_unit(chosen.voltage.title, asked.voltage_unit, 'V')}"
        f" (column {chosen.voltage.number})",
        f"{what} in {_unit(chosen.current.title, asked.current_unit, '')}"
        f" (column {chosen.current.number})",
    ]
    if timed and chosen.time is not None:
        parts.append(f"time (column {chosen.time.number})")
    left_out = f", {table.left_out} other lines left out" if table.left_out else ""
    return ", ".join(parts) + f"; {len(table.values)} points{left_out}"


def _unit(title: str, asked: str | None, default: str) -> str:
    return asked or f'"{title}"' if title or asked else default
