"""What is known of the devices of a run: a CSV file with a line per cell, as spreadsheets save it.

The bench file says the same of what usually lies there; the list of a run goes before it.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from soakbench.config.base import Day, Remark, Table
from soakbench.config.bench import BenchConfig, Cell
from soakbench.config.explain import did_you_mean, problems_of, unknown
from soakbench.config.source import Source
from soakbench.errors import ConfigError

_CELL = "cell"
_HINT = "correct the file and try again; docs/plans.md shows one"


def _number(value: object) -> object:
    """With a decimal comma too, which spreadsheets write where people do."""
    if not isinstance(value, str):
        return value
    try:
        return float(value.replace(",", "."))
    except ValueError as error:
        raise ValueError(f'"{value}" is not a number') from error


class CellFacts(Table):
    """A device: None where nothing is known."""

    id: Remark | None = None
    """What is written on it. (The cell's name is that of a place on the bench.)"""
    substrate: Remark | None = None
    aperture_cm2: (
        Annotated[float, BeforeValidator(_number), Field(gt=0, le=1000, allow_inf_nan=False)] | None
    ) = None
    recipe: Remark | None = None
    mask: Remark | None = None
    made: Day | None = None
    note: Remark | None = None


_COLUMNS = [_CELL, *CellFacts.model_fields]


@dataclass(frozen=True)
class CellSheet:
    """The list of a run; empty where none was given."""

    source: Source = field(default_factory=Source)
    facts: Mapping[str, CellFacts] = field(default_factory=dict)
    """By the cell's name."""
    lines: Mapping[str, int] = field(default_factory=dict)

    def on(self, bench: BenchConfig) -> dict[str, CellFacts]:
        """What is known of each cell of `bench`. ConfigError if it has no such cell."""
        known = list(bench.cells)
        problems = [
            _at(self.source.name, self.lines[cell], _CELL, unknown("cell", cell, known))
            for cell in self.facts
            if cell not in bench.cells
        ]
        _refuse(problems)
        return {name: self._merged(name, cell) for name, cell in bench.cells.items()}

    def _merged(self, name: str, cell: Cell) -> CellFacts:
        said = self.facts.get(name, CellFacts()).model_dump(exclude_none=True)
        return of_bench(cell).model_copy(update=said)


def of_bench(cell: Cell) -> CellFacts:
    """What the bench file says of a device."""
    return CellFacts(
        id=cell.id or None,
        substrate=cell.substrate or None,
        aperture_cm2=cell.area_cm2,
        recipe=cell.recipe or None,
        mask=cell.mask or None,
        made=cell.made,
        note=cell.note or None,
    )


def with_devices(bench: BenchConfig, facts: Mapping[str, CellFacts]) -> BenchConfig:
    """`bench` with these devices on it, as far as their size and substrate are known."""
    cells = {name: _with(cell, facts.get(name)) for name, cell in bench.cells.items()}
    return bench.model_copy(update={"cells": cells})


def _with(cell: Cell, facts: CellFacts | None) -> Cell:
    if facts is None:
        return cell
    known = {"area_cm2": facts.aperture_cm2, "substrate": facts.substrate}
    return cell.model_copy(update={key: value for key, value in known.items() if value is not None})


def parse_cells(text: str, name: str) -> CellSheet:
    """The list in `text`; `name` is the file's. ConfigError tells all that is wrong, with lines."""
    facts: dict[str, CellFacts] = {}
    lines: dict[str, int] = {}
    problems: list[str] = []
    for line, row in _rows(text, name):
        cell = row.pop(_CELL, None)
        if cell is None:
            problems.append(_at(name, line, _CELL, "is missing: which place of the bench is it?"))
        elif cell in lines:
            problems.append(_at(name, line, _CELL, f"{cell} is in line {lines[cell]} already"))
        else:
            lines[cell] = line
            try:
                facts[cell] = CellFacts.model_validate(row)
            except ValidationError as error:
                wrong = problems_of(error, CellFacts)
                problems += [_at(name, line, str(each.loc[0]), each.text) for each in wrong]
    if not lines:
        problems.append(f"{name}: there is no line with a cell")
    _refuse(problems)
    return CellSheet(Source(name, text), facts, lines)


def _rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines that say something: their number, and what stands in which column."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    # Spreadsheets separate by semicolons where the comma is in the numbers.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [column.strip().lower() for column in next(reader, [])]
        _check_header(columns, name)
        for values in reader:
            row = [value.strip() for value in values]
            said = {c: v for c, v in zip_longest(columns, row, fillvalue="") if v}
            if "" in said:
                text = f'"{said[""]}" stands in a column without a name'
                _refuse([_at(name, reader.line_num, "", text)])
            if said:
                yield reader.line_num, said
    except csv.Error as error:
        raise ConfigError(
            f"{name}, line {reader.line_num}: not valid CSV: {error}", _HINT
        ) from error


def _check_header(columns: list[str], name: str) -> None:
    problems = [
        _at(name, 1, column, f"unknown column; allowed: {', '.join(_COLUMNS)}{guess}")
        for column in columns
        if column and column not in _COLUMNS
        for guess in [did_you_mean(column, _COLUMNS)]
    ]
    problems += [
        _at(name, 1, column, "is there twice")
        for number, column in enumerate(columns)
        if column and column in columns[:number]
    ]
    if _CELL not in columns:
        problems.append(_at(name, 1, "", f"there is no column `{_CELL}`"))
    _refuse(problems)


def _at(name: str, line: int, column: str, text: str) -> str:
    """`cells.csv, line 3: made: ...`."""
    return ": ".join(part for part in (f"{name}, line {line}", column, text) if part)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ConfigError("\n".join(problems), _HINT)
