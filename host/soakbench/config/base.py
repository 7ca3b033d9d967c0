"""What the bench and plan models share: strict frozen models and fields with units."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
)

from soakbench import units
from soakbench.config.source import Source
from soakwire.blobs import MAX_DELIVERED


class Table(BaseModel):
    """A table of a file: unknown keys are errors, values do not change and are not guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class FileTable(Table):
    """The top of a file; keeps the text it was read from, for messages and for copies."""

    _source: Source = PrivateAttr(default_factory=Source)

    @property
    def source(self) -> Source:
        """The file this was read from; empty if it was made by a program."""
        return self._source

    def attach(self, source: Source) -> None:
        """Remember the text this was read from."""
        self._source = source


Load = Literal["OC", "SC"]
Level = Literal["high", "low"]

# Names end up in MQTT topics, file names and table columns.
BenchName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,31}$")]
Remark = Annotated[str, StringConstraints(max_length=500)]

_MOST_H = MAX_DELIVERED // units.MILLI_PER_HOUR


def _limited(milli: int, value: object) -> int:
    if milli > MAX_DELIVERED:
        raise ValueError(f'"{value}" is too much; a phase has at most {_MOST_H} h or sun_h')
    return milli


def _duration_ms(value: object) -> int:
    return _limited(units.parse_duration_ms(value), value)


def _goal(value: object) -> units.Goal:
    goal = units.parse_goal(value)
    _limited(goal.milli, value)
    return goal


def _time_goal(value: object) -> units.Goal:
    return units.Goal(_duration_ms(value), "h")


def _resume(value: object) -> object:
    if value in ("always", "ask"):
        return value
    try:
        return _duration_ms(value)
    except ValueError as error:
        raise ValueError(f'{error}; or "always", or "ask"') from error


def text_of(parse: Callable[[object], object], *dimensions: units.Dimension) -> BeforeValidator:
    """Reads a quantity; for the JSON Schema it is a text with one of the dimensions' units."""
    pattern = "|".join(dimension.pattern for dimension in dimensions)
    return BeforeValidator(parse, json_schema_input_type=Annotated[str, Field(pattern=pattern)])


_CLOCK_TIME = r"^([01]?\d|2[0-3]):[0-5]\d$"


def parse_clock_time(value: object) -> time:
    """A time of day like "22:00"."""
    if not isinstance(value, str) or not re.fullmatch(_CLOCK_TIME, value):
        raise ValueError(f'"{value}" is not a time of day like "22:00"')
    hour, minute = value.split(":")
    return time(int(hour), int(minute))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{value}" is no time zone, like "Europe/Berlin" or "UTC"') from error
    return value


_DAY = r"^\d{4}-\d\d-\d\d$"


def _day(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(_DAY, value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f'"{value}" is not a date like "2026-05-12"')


Day = Annotated[
    date,
    BeforeValidator(_day, json_schema_input_type=Annotated[str, Field(pattern=_DAY)]),
    Field(examples=["2026-05-12"]),
]
_PCE_BELOW = r"^\s*pce_relative\s*<\s*(0?\.\d{1,4}|1(\.0*)?)\s*$"


def _pce_below(value: object) -> float:
    match = re.fullmatch(_PCE_BELOW, value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'"{value}" is no condition like "pce_relative < 0.80"')
    return float(match[1])


PceBelow = Annotated[
    float,
    BeforeValidator(_pce_below, json_schema_input_type=Annotated[str, Field(pattern=_PCE_BELOW)]),
    Field(examples=["pce_relative < 0.80"]),
]
ClockTime = Annotated[
    time,
    BeforeValidator(
        parse_clock_time, json_schema_input_type=Annotated[str, Field(pattern=_CLOCK_TIME)]
    ),
    Field(examples=["22:00"]),
]
TimeZone = Annotated[str, AfterValidator(_zone), Field(examples=["Europe/Berlin"])]
DurationMs = Annotated[int, text_of(_duration_ms, units.DURATION), Field(examples=["5 min"])]
ResumePolicy = Annotated[
    int | Literal["always", "ask"],
    BeforeValidator(
        _resume,
        json_schema_input_type=Literal["always", "ask"]
        | Annotated[str, Field(pattern=units.DURATION.pattern, examples=["30 min"])],
    ),
    Field(examples=["always", "ask", "30 min"]),
]
AmountGoal = Annotated[
    units.Goal, text_of(_goal, units.DURATION, units.DOSE), Field(examples=["16 h", "16 sun_h"])
]
TimeGoal = Annotated[units.Goal, text_of(_time_goal, units.DURATION), Field(examples=["3 h"])]
Suns = Annotated[float, text_of(units.parse_suns, units.LIGHT), Field(examples=["1 sun"])]
TemperatureC = Annotated[
    float, text_of(units.parse_temperature_c, units.TEMPERATURE), Field(examples=["50 °C"])
]
BandC = Annotated[float, text_of(units.parse_band_c, units.BAND), Field(examples=["1 °C"])]
