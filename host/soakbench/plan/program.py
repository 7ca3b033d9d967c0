"""A compiled plan: the board's binary program, and beside it what the host must know of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta

from soakbench.config.base import Load
from soakbench.config.conditions import Conditions
from soakbench.config.phases import Sign
from soakbench.config.policy import Policy
from soakbench.config.tracks import Role
from soakbench.plan.course import Visit, visits


@dataclass(frozen=True)
class Policies:
    """What the plan says to do about trouble; times accelerated."""

    lamp_failure: Policy
    light_leak: Policy
    trip: Policy
    operator_absence: Policy
    remind_ms: int


@dataclass(frozen=True)
class StepInfo:
    """What the host knows of a step. `goal` is the plan's, in `unit`, whatever the acceleration."""

    index: int
    phase_index: int
    """In the plan file; a phase may be several steps."""
    kind: int
    """Of soakwire.blobs."""
    phase: str
    station: str
    """Where the cells are until the step ends."""
    goal: float | None
    unit: str
    """`h` or `sun_h`; empty where there is no goal."""
    goal_milli: int
    """As the board counts it: ms or milli-sun-s, accelerated; 0 where there is no goal."""
    label: str | None
    message: str
    moves_to: str | None
    """Of a confirm: the station where the cells are afterwards, if that changes."""
    by_sensors: list[Sign]
    """Of a confirm: the signs that it is done; without any, only people know."""
    steady_ms: int
    """For how long they must hold; real time."""
    timeout: Policy
    """Of a phase or a confirm: what to do once it has lasted so long, accelerated; of a phase the
    board pauses it, then the rest follows."""
    loads: dict[str, Load]
    light_suns: float | None
    start: time | None
    """Of a wait: the time of day it waits for."""
    late: timedelta
    """Of a wait: who comes so long after that does not wait."""
    pce_below: float | None
    """Before the end of a loop: the share of the first PCE below which there are no more rounds."""
    dark_max_lux: float | None
    """Of a dark phase: the most that counts as dark."""
    target_c: float | None
    band_c: float | None
    loop: tuple[int, int] | None
    """Of a loop: its first step, and how often it runs in all."""


@dataclass(frozen=True)
class TrackInfo:
    """A track; its number on the board is its place in `CompiledProgram.tracks`."""

    name: str
    cells: list[str]
    roles: dict[str, Role]
    """Of cells that are not samples."""
    steps: list[StepInfo]


@dataclass(frozen=True)
class CompiledProgram:
    """The board's program and the host's view of it.

    Amounts that the board reports are accelerated: times `accelerate` they are the plan's.
    """

    blob: bytes
    program_id: int
    """CRC-32 of the program with this field at 1: same plan, bench and acceleration, same id."""
    plan: str
    title: str
    accelerate: float
    lease_ms: int
    max_gap_ms: int
    """Accelerated, as the cells live through it."""
    resume_within_ms: int | None
    """The longest gap after which a track goes on by itself, accelerated; None: after any."""
    policies: Policies
    timezone: str | None
    """Of the steps' `start`; None: the computer's."""
    sample_ms: int
    conditions: Conditions
    isos: str | None
    """The protocol that the plan claims to follow."""
    tracks: list[TrackInfo]

    def visits(self, track: int) -> Iterator[Visit]:
        """The passages (index, cycle) through the steps of `track` in order, loops unrolled."""
        return visits([step.loop for step in self.tracks[track].steps])
