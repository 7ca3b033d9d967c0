"""Which column of a file is the voltage, which the current, and in which units.

Units come from the file's own titles or from the person who imports it, never from the numbers.
"""

import re
from dataclasses import dataclass
from typing import Literal

from soakbench.errors import CurveError

Quantity = Literal["voltage", "current", "density", "time"]

_PREFIX = {"": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_UNITS: tuple[tuple[Quantity, str, float], ...] = (
    ("voltage", r"(m|u|)v(?:olts?)?", 1.0),
    ("density", r"(m|u|n|)a/?cm\^?-?2", 1e3),  # to mA cm⁻²
    ("density", r"(m|u|n|)a/?m\^?-?2", 0.1),
    ("current", r"(m|u|n|)a(?:mps?|mperes?)?", 1e3),  # to mA
    ("time", r"(m|u|)s(?:ec|ecs|econds?)?", 1.0),
)
_NAMES: tuple[tuple[Quantity, str], ...] = (
    ("density", r"(current ?density|stromdichte|j\b|j ?(meas|sc|light|dark|fwd|rev).*).*"),
    ("voltage", r"(volt|spannung|bias|potential|[vu]\b|[vu] ?(meas|set|source|app|smu|cell)).*"),
    ("current", r"(current|strom|i\b|i ?(meas|smu|cell|light|dark|fwd|rev)).*"),
    ("time", r"(time|zeit|t\b|elapsed|timestamp).*"),
)
UNITS_HINT = "A, mA, uA, A/cm2, mA/cm2"


@dataclass(frozen=True)
class Column:
    """A column by its title: what it is, and the factor to V, mA, mA cm⁻² or s."""

    number: int
    """From 1, as people count."""
    title: str
    quantity: Quantity | None
    factor: float | None
    """None where the title has no unit."""


@dataclass(frozen=True)
class Chosen:
    """The columns of a curve."""

    voltage: Column
    current: Column
    """A current or a density."""
    time: Column | None

    @property
    def is_density(self) -> bool:
        """Whether the numbers are mA cm⁻² rather than mA."""
        return self.current.quantity == "density"


def parse_unit(text: str) -> tuple[Quantity, float] | None:
    """The quantity that a unit is of and its factor: "mA cm-2" is 1 of density."""
    plain = text.lower().replace("µ", "u").replace("μ", "u").replace("²", "2").replace("⁻", "-")
    plain = re.sub(r"[\s_·*.^()\[\]]", "", plain)
    for quantity, pattern, scale in _UNITS:
        match = re.fullmatch(pattern, plain)
        if match:
            return quantity, _PREFIX[match.group(1)] * scale
    return None


def column(number: int, title: str) -> Column:
    """What a title says: "Voltage (V)", "J [mA/cm²]", "current_ma", "I"."""
    name, unit = _name_and_unit(title)
    named = _quantity_of(name)
    if unit is None:
        return Column(number, title, named, None)
    quantity, factor = unit
    if named is not None and named != quantity:
        return Column(number, title, named, None)  # the title contradicts itself
    return Column(number, title, quantity, factor)


def choose(titles: list[str], numbers: list[int] | None, name: str) -> Chosen:
    """The columns of a curve by their titles, or by `numbers`: voltage, current and, if there is
    a third, time. CurveError where that is not clear."""
    columns = [column(n, title) for n, title in enumerate(titles, 1)]
    if numbers is not None:
        return _by_number(columns, numbers, name)
    if not any(titles):
        if len(columns) != 2:
            raise _unclear(columns, name, "has no titles above its columns")
        return Chosen(columns[0], columns[1], None)
    voltage = [each for each in columns if each.quantity == "voltage"]
    current = [each for each in columns if each.quantity == "current"]
    current = current or [each for each in columns if each.quantity == "density"]
    time = [each for each in columns if each.quantity == "time"]
    if len(voltage) != 1 or len(current) != 1:
        what = "voltage" if len(voltage) != 1 else "current"
        count = len(voltage if what == "voltage" else current)
        raise _unclear(columns, name, f"has {count or 'no'} columns of {what} by its titles")
    return Chosen(voltage[0], current[0], time[0] if len(time) == 1 else None)


def with_current_unit(chosen: Chosen, unit: str | None, name: str) -> Chosen:
    """With the unit of the current that the file says, or else the person. CurveError without."""
    column, given = chosen.current, None if unit is None else parse_unit(unit)
    if unit is not None and (given is None or given[0] not in ("current", "density")):
        raise CurveError(f'"{unit}" is no unit of a current', hint=f"known: {UNITS_HINT}")
    if given is None and column.factor is None:
        raise CurveError(
            f"{name} does not say in which unit {_described(column)} is",
            hint=f"say it: --current-unit mA (known: {UNITS_HINT})",
        )
    stated = None if column.factor is None else (column.quantity, column.factor)
    if given is not None and stated is not None and given != stated:
        raise CurveError(
            f'{name} says "{column.title}", and you say {unit}',
            hint="leave --current-unit out, or correct the title in the file",
        )
    quantity, factor = given or (column.quantity, column.factor)
    return Chosen(
        chosen.voltage, Column(column.number, column.title, quantity, factor), chosen.time
    )


def _name_and_unit(title: str) -> tuple[str, tuple[Quantity, float] | None]:
    """The name and the unit of "Name (unit)", "Name [unit]", "Name / unit" or "name_unit"."""
    text = title.strip()
    bracket = re.fullmatch(r"(.*?)\s*[(\[]\s*([^)\]]*?)\s*[)\]]?\s*", text)
    for name, unit in filter(None, (bracket and bracket.groups(), *_cuts(text))):
        known = parse_unit(unit)
        if known is not None:
            return name, known
    whole = None if re.fullmatch(r"[a-zA-Z]", text) and text not in ("V", "A") else parse_unit(text)
    return text, whole


def _cuts(text: str) -> list[tuple[str, str]]:
    """A text cut in two at each place where a unit may begin."""
    return [
        (text[: match.start()], text[match.end() :])
        for match in re.finditer(r"\s*/\s*|\s*,\s*|\s+in\s+|_|\s+", text)
        if match.start() > 0
    ]


def _quantity_of(name: str) -> Quantity | None:
    plain = re.sub(r"[_\-]+", " ", name).strip().lower()
    return next((q for q, pattern in _NAMES if re.fullmatch(pattern, plain)), None)


def _by_number(columns: list[Column], numbers: list[int], name: str) -> Chosen:
    if any(not 1 <= number <= len(columns) for number in numbers):
        raise CurveError(f"{name} has {len(columns)} columns", hint="--columns counts from 1")
    picked = [columns[number - 1] for number in numbers]
    return Chosen(picked[0], picked[1], picked[2] if len(picked) > 2 else None)


def _described(column: Column) -> str:
    return f'"{column.title}"' if column.title else f"the current (column {column.number})"


def _unclear(columns: list[Column], name: str, what: str) -> CurveError:
    listed = ", ".join(f"{each.number} {each.title or '(no title)'}" for each in columns)
    return CurveError(
        f"{name} {what}: {listed}",
        hint="name the columns of voltage and current: --columns 1,2 (a third one is time in s)",
    )
