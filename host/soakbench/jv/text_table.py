"""The columns of numbers in a text file, whoever has written it.

Separators may be tabs, semicolons, commas or spaces; with all but the comma, decimals may have a
comma. Lines above the numbers are kept as far as they name columns.
"""

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soakbench.errors import CurveError
from soakbench.jv.sweep import Floats

SEPARATORS = ("\t", ";", ",", " ")
_COMMENT = re.compile(r"^\s*(#|%|//|!)+\s*")
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MISSING = {"", "nan", "n/a", "na", "-", "--", "---", "null", "none", "inf", "-inf", "+inf"}
# 9.9E37 is a source meter's overflow, 9.91E37 its "not a number" (SCPI).
OVERFLOW = 9.8e37


@dataclass(frozen=True, eq=False)
class TextTable:
    """Rows of numbers, and what the file calls its columns; NaN where there is none."""

    values: Floats
    """One row per line, one column per column."""
    titles: list[str]
    """Of the columns; empty texts where the file has no titles."""
    left_out: int
    """Lines below the first row that are no rows."""


@dataclass(frozen=True)
class _Split:
    """The lines of a file, cut at one separator."""

    separator: str
    fields: list[list[str]]
    numbers: list[list[float | None]]
    """Each field's; NaN where one is missing, None for words."""

    @property
    def width(self) -> int:
        """The number of columns most lines of numbers have; 0 without any."""
        counts = Counter(len(row) for row in self.numbers if _is_row(row))
        return counts.most_common(1)[0][0] if counts else 0

    @property
    def rows(self) -> list[int]:
        """The lines of numbers; between them, lines with one number count: a point is damaged."""
        right = [k for k, row in enumerate(self.numbers) if len(row) == self.width]
        sure = [k for k in right if _is_row(self.numbers[k])]
        return [k for k in right if sure[0] <= k <= sure[-1] and _known(self.numbers[k])]

    @property
    def rank(self) -> tuple[int, int]:
        """How well the separator fits: rows of numbers alone, then rows at all."""
        rows = [self.numbers[k] for k in self.rows] if self.width else []
        return sum(None not in row for row in rows), len(rows)


def _known(row: list[float | None]) -> int:
    return sum(number is not None and not np.isnan(number) for number in row)


def _is_row(row: list[float | None]) -> bool:
    """Whether this is a line of numbers, not of words. A gap in a curve has one number."""
    known = _known(row)
    return known >= 2 or (known == 1 and len(row) >= 2 and None not in row)


def read_table(data: bytes, name: str) -> TextTable:
    """The table in a file's bytes; `name` is for messages. CurveError if there is none."""
    lines = [line for line in _decoded(data, name).splitlines() if line.strip()]
    split = max((_split(lines, separator) for separator in SEPARATORS), key=lambda s: s.rank)
    if not split.width:
        raise CurveError(
            f"{name} has no lines with two numbers or more",
            hint="a curve is a text file with a column of voltages and one of currents (CSV, TXT)",
        )
    _refuse_ambiguous_commas(split, name)
    rows = split.rows
    numbers = [[np.nan if x is None else x for x in split.numbers[k]] for k in rows]
    values = np.array(numbers, dtype=float)
    # A separator at the end of each line makes no column.
    width = int(np.flatnonzero(np.isfinite(values).any(axis=0))[-1]) + 1
    titles = _titles(lines[: rows[0]], split.separator, width)
    left_out = len(lines) - rows[0] - len(rows)
    return TextTable(values[:, :width], titles, left_out)


def _decoded(data: bytes, name: str) -> str:
    """Windows programs write UTF-16 with a mark, UTF-8 with or without, or CP 1252."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise CurveError(f"{name} is no text file", hint="export the curve as CSV or TXT")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _split(lines: Sequence[str], separator: str) -> _Split:
    fields = [_fields(_COMMENT.sub("", line), separator) for line in lines]
    numbers = [[_number(text, separator != ",") for text in row] for row in fields]
    return _Split(separator, fields, numbers)


def _fields(line: str, separator: str) -> list[str]:
    parts = line.split() if separator == " " else line.split(separator)
    return [part.strip().strip("\"'").strip() for part in parts]


def _number(text: str, decimal_comma: bool) -> float | None:
    """NaN for what stands where a number is missing; None for words."""
    if text.lower() in _MISSING:
        return np.nan
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    if not _POINT.fullmatch(text):
        return None
    number = float(text)
    return number if abs(number) < OVERFLOW else np.nan


def _refuse_ambiguous_commas(split: _Split, name: str) -> None:
    """`0,98,1,65`: two numbers with decimal commas, or four?"""
    rows = [split.fields[k] for k in split.rows]
    whole = all(text.lstrip("+-").isdigit() for row in rows for text in row)
    if split.separator == "," and whole and split.width == 4:
        raise CurveError(
            f"{name} seems to have commas both within numbers and between them",
            hint="export it with semicolons or tabs between the columns",
        )


def _titles(above: Sequence[str], separator: str, width: int) -> list[str]:
    """The line above the numbers that has as many fields; with a line of units, the two."""
    rows = [_title_row(line, separator, width) for line in above]
    last = rows[-1] if rows else None
    if last is None:
        return [""] * width
    names = rows[-2] if len(rows) > 1 else None
    if names is not None and all(_is_short(text) for text in last):
        pairs = zip(names, last, strict=True)
        return [f"{title} ({unit.strip('()[]')})" if unit else title for title, unit in pairs]
    return last


def _title_row(line: str, separator: str, width: int) -> list[str] | None:
    line = _COMMENT.sub("", line.strip())
    tried = [_fields(line.rstrip(separator), separator)]
    if separator == " ":  # titles may have spaces inside
        tried = [re.split(r"\s{2,}|\t", line), *tried]
    return next((row for row in tried if len(row) == width), None)


def _is_short(text: str) -> bool:
    """Whether this may be a unit, in brackets or not."""
    return len(text) <= 10 and not re.search(r"[A-Za-z]{5,}", text)
