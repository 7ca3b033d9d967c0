"""`[jv]` of a plan file: how the source meter takes J-V curves, and what is done if it cannot."""

from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from soakbench import units
from soakbench.config.base import Table, text_of

OnFailure = Literal["pending", "pause", "stop"]
"""pending: goes on, the curve can be imported later. pause: until somebody resumes, and tries
again. stop: end the run."""

_MOST_V = 5.0
_EXPECTED = 'write a voltage and a time like "1.2 V for 10 s"'


class Precondition(NamedTuple):
    """A voltage that is held before each sweep."""

    voltage_v: float
    ms: int


def _precondition(value: object) -> Precondition:
    voltage, mark, time = value.partition(" for ") if isinstance(value, str) else ("", "", "")
    if not mark:
        raise ValueError(f'"{value}" is not understood; {_EXPECTED}')
    volts = units.parse_volts(voltage)
    if abs(volts) > _MOST_V:
        raise ValueError(f"{volts:g} V are more than {_MOST_V:g} V")
    return Precondition(volts, units.parse_duration_ms(time))


def _light(value: object) -> float:
    """In suns; "dark" is 0."""
    if value == "dark":
        return 0.0
    try:
        return units.parse_suns(value)
    except units.UnitError as error:
        raise ValueError(f'{error}; or "dark"') from error


def _texts(parse: Callable[[object], object], pattern: str) -> BeforeValidator:
    return BeforeValidator(parse, json_schema_input_type=Annotated[str, Field(pattern=pattern)])


Volts = Annotated[
    float, text_of(units.parse_volts, units.VOLTAGE), Field(examples=["1.2 V"], ge=-5, le=5)
]
VoltsPerSecond = Annotated[
    float, text_of(units.parse_scan_rate, units.SCAN_RATE), Field(examples=["0.1 V/s"], gt=0, le=5)
]
LightSuns = Annotated[
    float,
    _texts(_light, rf"^dark$|{units.LIGHT.pattern}"),
    Field(examples=["1 sun", "dark"], ge=0, le=10),
]
Held = Annotated[
    Precondition,
    _texts(_precondition, r"^.+ V for .+$"),
    Field(examples=["1.2 V for 10 s"]),
]


class JvTable(Table):
    """`[jv]`: holds for every `jv` and `jv_at` of the plan, on a bench with a source meter."""

    from_v: Volts = Field(default=-0.1, alias="from")
    to_v: Volts = Field(default=1.15, alias="to")
    step_v: Volts = Field(default=0.02, alias="step")
    rate_v_s: VoltsPerSecond = Field(default=0.1, alias="rate")
    precondition: Held | None = None
    """Held before the sweeps of each cell, with the light that they have."""
    nplc: float | None = Field(default=None, ge=0.01, le=10)
    """How long a reading integrates, in periods of the mains; left out: as the bench file says."""
    light_suns: LightSuns = Field(default=1.0, alias="light")
    """On the cells while they are measured, or "dark"."""
    on_failure: OnFailure = "pending"

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if not self.from_v < self.to_v:
            raise ValueError(f"a sweep goes up: `from` {self.from_v:g} V, `to` {self.to_v:g} V")
        if not 0 < self.step_v <= self.to_v - self.from_v:
            raise ValueError(f"steps of {self.step_v:g} V do not fit between `from` and `to`")
        return self
