"""The plan file: which cells go through which phases, at which station and for how long."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from soakbench.config.base import (
    AmountGoal,
    BandC,
    BenchName,
    ClockTime,
    DurationMs,
    FileTable,
    Load,
    Name,
    ResumePolicy,
    Suns,
    Table,
    TemperatureC,
    TimeGoal,
    TimeZone,
)
from soakbench.config.conditions import Conditions, IsosName

Loads = dict[Name, Load]

MAX_ACCELERATE = 100_000  # a phase of 16 h takes 0.6 s


class PlanHead(Table):
    """`[plan]`: its name, and what holds for all tracks."""

    name: BenchName
    title: str = ""
    sample_s: float = Field(default=10, ge=0.1, le=3600)
    fast_sample_s: float = Field(default=1, ge=0.1, le=3600)
    """The period in the first `fast_for_s` seconds of every step."""
    fast_for_s: float = Field(default=120, ge=0, le=3600)
    lease_s: float = Field(default=30, ge=3, le=43200)
    """How long heaters stay on without a sign of life from the host."""
    max_gap_ms: DurationMs = Field(default=300_000, alias="max_gap")
    """A longer interruption marks the cell's cycle as interrupted."""
    resume: ResumePolicy = Field(default="always")
    """Whether tracks go on by themselves when a board that was away is back: `always`, `ask`, or a
    time, the longest gap after which they do. After a trip they never do."""
    timezone: TimeZone | None = None
    """Of the phases' `start`; left out: the computer's."""
    accelerate: float = Field(default=1, ge=1, le=MAX_ACCELERATE)
    """Simulated bench only: how many times faster the cells live."""
    isos: IsosName | None = None
    """The protocol that the plan claims to follow."""


class _Phase(Table):
    label: Name | None = None
    """What a `loop` goes back to."""
    timeout_ms: DurationMs | None = Field(default=None, alias="timeout")
    """The track is paused if the phase has not ended by then."""


class _EnvironmentPhase(_Phase):
    station: Name | None = None
    load: Load | None = None
    loads: Loads = Field(default_factory=dict)
    start: ClockTime | None = None
    """The phase begins when clocks show this; until then the cells wait in the dark, at the loads
    they had. In a loop each round waits."""
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


class Confirm(_Phase):
    """A person does something and confirms; `station` is where the cells are afterwards."""

    phase: Literal["confirm"]
    message: str = Field(min_length=1, max_length=500)
    station: Name | None = None


class Loop(Table):
    """Runs the phases from `back_to` up to here `times` times in all."""

    phase: Literal["loop"]
    back_to: Name
    times: int = Field(ge=1, le=255)
    label: ClassVar[None] = None


# What the cells live through at a station; the others are the work of host and people.
Environment = Ageing | DarkRecovery | ThermalRecovery
Phase = Environment | Jv | Confirm | Loop


class Track(Table):
    """`[tracks.NAME]`: cells that share light, heat and timeline; their loads may differ."""

    cells: list[Name]
    """None: only the station is heated or lit, as for a calibration."""
    station: Name
    """Where the cells are at the start."""
    load: Load = "OC"
    loads: Loads = Field(default_factory=dict)
    phases: list[Annotated[Phase, Field(discriminator="phase")]] = Field(min_length=1)


class PlanConfig(FileTable):
    """A whole plan file."""

    plan: PlanHead
    conditions: Conditions = Conditions()
    tracks: dict[Name, Track] = Field(min_length=1)
