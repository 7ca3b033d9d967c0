"""Quantities as people write them in plan files: "16 h", "16 sun_h", "50 °C", "1 sun".

Amounts that are accumulated are integers in milli-units, as on the board: milliseconds and
milli-sun-seconds. A number without a unit is refused, so that nobody has to guess.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

MILLI_PER_HOUR = 3_600_000  # ms in an hour, milli-sun-seconds in a sun-hour

# The digits are bounded so that the arithmetic stays exact, far beyond what a file may ask for.
_NUMBER = re.compile(r"\s*([+-]?(?:\d{1,12}(?:\.\d{0,9})?|\.\d{1,9}))(?![\d.,])\s*(.*?)\s*")

_TIME_MS = {
    "s": 1_000,
    "sec": 1_000,
    "second": 1_000,
    "seconds": 1_000,
    "min": 60_000,
    "minute": 60_000,
    "minutes": 60_000,
    "h": 3_600_000,
    "hour": 3_600_000,
    "hours": 3_600_000,
    "d": 86_400_000,
    "day": 86_400_000,
    "days": 86_400_000,
}
_DOSE_MILLI = dict.fromkeys(("sun_h", "sun-h", "sun_hours"), 3_600_000)
_LIGHT = dict.fromkeys(("sun", "suns"), 1)
_TEMPERATURE = dict.fromkeys(("°C", "C", "degC", "celsius", "℃"), 1)


@dataclass(frozen=True)
class Dimension:
    """A kind of quantity: its name, an example, and its units as factors of the base unit."""

    name: str
    example: str
    factors: dict[str, int]

    @property
    def pattern(self) -> str:
        """A regular expression (ECMA 262) for such a text."""
        units = "|".join(sorted(self.factors, key=len, reverse=True))
        return rf"^\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*({units})\s*$"

    def described(self) -> str:
        """For messages: what it is and how it is written."""
        return f'{self.name} like "{self.example}"'


DURATION = Dimension("a time", "16 h", _TIME_MS)
DOSE = Dimension("a light dose", "16 sun_h", _DOSE_MILLI)
LIGHT = Dimension("a light intensity", "1 sun", _LIGHT)
TEMPERATURE = Dimension("a temperature", "50 °C", _TEMPERATURE)
BAND = Dimension("a temperature difference", "1 °C", _TEMPERATURE)
_ALL = (DURATION, DOSE, LIGHT, TEMPERATURE)


class UnitError(ValueError):
    """The text is not the quantity that was expected; the message says how to write it."""


@dataclass(frozen=True)
class Goal:
    """What ends a phase: milliseconds (unit "h") or milli-sun-seconds (unit "sun_h")."""

    milli: int
    unit: Literal["h", "sun_h"]

    @property
    def amount(self) -> float:
        """The goal in `unit`."""
        return self.milli / MILLI_PER_HOUR

    def __str__(self) -> str:
        return format_duration(self.milli) if self.unit == "h" else f"{self.amount:g} sun_h"


def parse_duration_ms(value: object) -> int:
    """ "5 min" → 300000, rounded to the millisecond. UnitError if it is not a time above 0."""
    return _positive_milli(value, (DURATION,))[0]


def parse_goal(value: object) -> Goal:
    """ "16 h" or "16 sun_h". UnitError if it is neither, or not above 0."""
    milli, dimension = _positive_milli(value, (DURATION, DOSE))
    return Goal(milli, "h" if dimension is DURATION else "sun_h")


def parse_change(value: object) -> Goal:
    """ "2 h" or "-30 min": so much more or less. UnitError if it is neither, or nothing."""
    number, dimension = _parse(value, (DURATION, DOSE))
    milli = round(number)
    if milli == 0:
        raise UnitError(f"{_shown(value)} changes nothing; {_expected((DURATION, DOSE))}")
    return Goal(milli, "h" if dimension is DURATION else "sun_h")


def parse_suns(value: object) -> float:
    """ "0.1 suns" → 0.1. UnitError if it is not a light intensity of at least 0."""
    number, _ = _parse(value, (LIGHT,))
    if number < 0:
        raise UnitError(f"{_shown(value)} is below 0; {_expected((LIGHT,))}")
    return float(number)


def parse_temperature_c(value: object) -> float:
    """ "50 °C" → 50.0. UnitError if it is not a temperature in °C."""
    return float(_parse(value, (TEMPERATURE,))[0])


def parse_band_c(value: object) -> float:
    """ "1 °C" → 1.0, a difference. UnitError if it is not one above 0."""
    number, _ = _parse(value, (BAND,))
    if number <= 0:
        raise UnitError(f"{_shown(value)} is not above 0; {_expected((BAND,))}")
    return float(number)


def format_duration(ms: float) -> str:
    """A time for people, two units at most: "16 h", "3 min 20 s", "2 d 4 h"."""
    seconds = round(ms / 1000, 3)
    if seconds < 60:
        return f"{seconds:g} s"
    rest = round(seconds)
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        # "36 h" reads better than "1 d 12 h"; whole experiments are planned in hours.
        if unit == "d" and rest < 3 * size:
            continue
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def format_suns(suns: float) -> str:
    """A light intensity for people: "1 sun", "0.5 suns"."""
    return f"{suns:g} sun" if suns == 1 else f"{suns:g} suns"


def _positive_milli(value: object, allowed: tuple[Dimension, ...]) -> tuple[int, Dimension]:
    number, dimension = _parse(value, allowed)
    milli = round(number)
    if milli <= 0:
        raise UnitError(f"{_shown(value)} is not above 0; {_expected(allowed)}")
    return milli, dimension


def _parse(value: object, allowed: tuple[Dimension, ...]) -> tuple[Decimal, Dimension]:
    """The number in the base unit of its dimension, which is one of `allowed`."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise UnitError(f"{_shown(value)} is not a quantity; {_expected(allowed)}")
    if not isinstance(value, str):
        raise UnitError(f"{_shown(value)} has no unit; {_expected(allowed)}")
    match = _NUMBER.fullmatch(value)
    if match is None:
        raise UnitError(f"{_shown(value)} is not a number with a unit; {_expected(allowed)}")
    number, unit = match.groups()
    if not unit:
        raise UnitError(f"{_shown(value)} has no unit; {_expected(allowed)}")
    for dimension in allowed:
        if unit in dimension.factors:
            return Decimal(number) * dimension.factors[unit], dimension
    raise UnitError(f"{_shown(value)} {_what_it_is(unit)}; {_expected(allowed)}")


def _what_it_is(unit: str) -> str:
    for dimension in _ALL:
        if unit in dimension.factors:
            return f"is {dimension.name}"
    return f'has the unknown unit "{unit}"'


def _expected(allowed: tuple[Dimension, ...]) -> str:
    return "expected " + " or ".join(dimension.described() for dimension in allowed)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
