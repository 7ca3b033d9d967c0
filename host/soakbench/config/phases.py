"""The phases of a plan file."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from soakbench.config.base import (
    AmountGoal,
    BandC,
    ClockTime,
    DurationMs,
    Load,
    Name,
    PceBelow,
    Suns,
    Table,
    TemperatureC,
    TimeGoal,
)
from soakbench.config.policy import OnTimeout

Loads = dict[Name, Load]
Sign = Literal["dark", "warm", "contact"]


class _Phase(Table):
    label: Name | None = None
    """What a `loop` goes back to."""


class _Timed(_Phase):
    timeout_ms: DurationMs | None = Field(default=None, alias="timeout")
    """`on_timeout` is done if the phase has not ended by then."""
    on_timeout: OnTimeout = "pause"


class _EnvironmentPhase(_Timed):
    station: Name | None = None
    load: Load | None = None
    loads: Loads = Field(default_factory=dict)
    start: ClockTime | None = None
    """The phase begins when clocks show this; until then the cells wait in the dark, at the loads
    they had. In a loop each round waits."""
    late_ms: DurationMs = Field(default=3_600_000, alias="late")
    """A phase that comes at most so long after its `start` begins at once; one that comes later
    waits for the next day."""
    jv_at: list[AmountGoal] = Field(default_factory=list)
    """J-V curves inside the phase, each once so much of `until` is delivered. A `timeout` then
    holds for each stretch between two of them."""


class Ageing(_EnvironmentPhase):
    """Light at OC or SC, until a time in condition or a light dose is delivered."""

    phase: Literal["ageing"]
    until: AmountGoal
    light_suns: Annotated[Suns, Field(gt=0, le=10)] | None = Field(default=None, alias="light")
    tolerance_suns: Annotated[Suns, Field(le=10)] = Field(default=0.1, alias="light_tolerance")


class DarkRecovery(_EnvironmentPhase):
    """Dark at ambient temperature."""

    phase: Literal["dark_recovery"]
    until: TimeGoal
    dark_max_lux: float = Field(default=1, gt=0, le=6553)


class ThermalRecovery(_EnvironmentPhase):
    """Dark on the hotplate, until the time in the temperature band is delivered."""

    phase: Literal["thermal_recovery"]
    until: TimeGoal
    target_c: TemperatureC = Field(alias="temperature")
    band_c: Annotated[BandC, Field(le=20)] = Field(default=1, alias="band")
    dark_max_lux: float = Field(default=1, gt=0, le=6553)


class Jv(_Phase):
    """The host takes J-V curves of the track's cells while they wait in the dark."""

    phase: Literal["jv"]


class Confirm(_Timed):
    """A person does something and confirms; `station` is where the cells are afterwards."""

    phase: Literal["confirm"]
    message: str = Field(min_length=1, max_length=500)
    station: Name | None = None
    by_sensors: list[Sign] = Field(default_factory=list)
    """Signs that it is done; with all of them for `steady`, nobody has to confirm."""
    steady_ms: DurationMs = Field(default=60_000, alias="steady")


class Loop(Table):
    """Runs the phases from `back_to` up to here `times` times in all."""

    phase: Literal["loop"]
    back_to: Name
    times: int = Field(ge=1, le=255)
    pce_below: PceBelow | None = Field(default=None, alias="until")
    """No more rounds once the samples' mean PCE, relative to their first J-V, is below this."""
    label: ClassVar[None] = None


# What the cells live through at a station; the others are the work of host and people.
Environment = Ageing | DarkRecovery | ThermalRecovery
Phase = Environment | Jv | Confirm | Loop
