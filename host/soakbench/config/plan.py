"""The plan file: which cells go through which phases, at which station and for how long."""

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from pydantic import Field

from soakbench.config.base import (
    BenchName,
    DurationMs,
    FileTable,
    Name,
    ResumePolicy,
    Table,
    TimeZone,
)
from soakbench.config.conditions import Conditions, IsosName
from soakbench.config.policy import AbsencePolicy, LightPolicy, Policy, TripPolicy
from soakbench.config.source import Problem
from soakbench.config.tracks import Track, WrittenTrack, place_in_file, running_tracks
from soakbench.errors import ConfigError

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
    host_loss: Literal["go on", "hold"] = "go on"
    """What the tracks do when `lease_s` has passed without one: go on but for their heaters, or be
    held (no light, no heat, loads kept) until the host is back."""
    max_gap_ms: DurationMs = Field(default=300_000, alias="max_gap")
    """A longer interruption marks the cell's cycle as interrupted."""
    resume: ResumePolicy = Field(default="always")
    """Whether tracks go on by themselves when a board that was away is back: `always`, `ask`, or a
    time, the longest gap after which they do. After a trip they never do."""
    lamp_failure: LightPolicy = Policy()
    """When ageing has no light as it wants it for so long."""
    light_leak: LightPolicy = Policy()
    """When light falls on cells that are to be in the dark."""
    trip: TripPolicy = "hold"
    """When a safety rule has paused a track."""
    operator_absence: AbsencePolicy = Policy()
    """When nobody confirms for so long, where the `confirm` has no `timeout` of its own."""
    remind_ms: DurationMs = Field(default=3_600_000, alias="remind")
    """When somebody who is waited for is reminded first; then after twice the time, and so on."""
    timezone: TimeZone | None = None
    """Of the phases' `start`; left out: the computer's."""
    accelerate: float = Field(default=1, ge=1, le=MAX_ACCELERATE)
    """Simulated bench only: how many times faster the cells live."""
    isos: IsosName | None = None
    """The protocol that the plan claims to follow."""


class PlanConfig(FileTable):
    """A whole plan file."""

    plan: PlanHead
    conditions: Conditions = Conditions()
    written: dict[Name, WrittenTrack] = Field(min_length=1, alias="tracks")

    @cached_property
    def tracks(self) -> dict[str, Track]:
        """The tracks that run. Those that others go on from are the beginning of these."""
        return running_tracks(self.written)

    def placed(self, problems: Iterable[Problem]) -> list[Problem]:
        """Where they stand in the file, each once though tracks that part have it in common."""
        placed = (Problem(place_in_file(p.loc, self.written), p.text) for p in problems)
        return list(dict.fromkeys(placed))

    def error(self, problems: list[Problem], hint: str) -> ConfigError:
        """The error that tells `problems` of the running tracks, where they stand in the file."""
        return self.source.error(self.placed(problems), hint)

    def told(self, problems: list[Problem]) -> list[str]:
        """`problems` of the running tracks in words, where they stand in the file."""
        return self.source.told(self.placed(problems))
