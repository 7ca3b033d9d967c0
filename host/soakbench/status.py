"""The status of a bench, as the API gives it, the CLI shows it and MQTT publishes it.

A reading that is missing is None, never a plausible number. Times are UTC.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from soakbench.cell_history import CellAccount, Device, IsosLabel

RunState = Literal["arming", "running", "stopping", "finished", "stopped", "failed"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LinkStatus(_Model):
    """The serial link. `state` is soakwire's, or `no port`, or `wrong firmware`."""

    state: str
    port: str
    detail: str = ""
    """Why the link is not up, in words."""
    device: str | None = None
    boot: str | None = None
    firmware: str | None = None
    board: str | None = None
    """What the board is doing: empty, configured, loaded, active, finished."""
    clock_error_ms: int | None = None
    """The estimated error of the newest records' times in UTC; None before a board was seen."""
    drift_ppm: float | None = None
    """By how many millionths the board's clock is slow against the computer's."""


class TrackStatus(_Model):
    """One track of the run. `delivered` and `goal` are in `unit` (h or sun_h) of the plan."""

    track: str
    cells: list[str]
    state: str
    station: str | None
    phase: str
    step: int
    steps: int
    cycle: int
    delivered: float
    goal: float | None
    unit: str
    dose_sun_h: float
    in_condition: bool
    eta_s: float | None
    """Real seconds until the track ends, people and heat-up not counted; None if unknown."""
    waiting_for: str | None = None
    """What a person is asked to do, at a `confirm`."""
    waits_until: datetime | None = None
    """Where it waits for a time of day."""
    paused: str | None = None
    """Why it waits for `resume`, and who has said so; empty if nothing is known. None: it does
    not."""


class StationStatus(_Model):
    """The newest sample of a station."""

    station: str
    time: datetime
    plate_c: float | None
    guard_c: float | None = None
    stage_c: float | None
    target_c: float | None
    light_suns: float | None
    lux: float | None
    duty: float
    light_on: bool
    heater_on: bool
    holding: bool
    """The heater is off although a target is set: the host's lease has run out."""
    faults: list[str]
    humidity_percent: float | None = None
    air_c: float | None = None
    """Of the humidity sensor."""


class CellStatus(_Model):
    """The load a cell is at, as the board last reported it, and what it shows there.

    A voltage at OC, a current at SC; None where it has no such sense, or no reading at the moment.
    """

    cell: str
    load: str | None
    track: str | None
    voltage_v: float | None = None
    current_ma: float | None = None


class FindingStatus(_Model):
    """An episode in which the records contradict the commanded condition.

    `value` is what was seen first, `worst` what was farthest from `limit`, in `unit` (mV, uA, suns
    or lux).
    """

    rule: str
    subject: str
    """A cell, a station or a converter."""
    station: str
    cells: list[str]
    begin: datetime
    end: datetime | None
    """None while it goes on."""
    value: float | None
    worst: float | None
    limit: float | None
    unit: str
    deviation: bool
    text: str
    todo: str


class CellEvidence(_Model):
    """What is known of a cell's condition during a run."""

    cell: str
    senses: list[str]
    """`voltage` (at OC), `current` (at SC); none: its load is taken on trust."""
    findings: int
    doubtful_s: float
    """For how long any finding that is a deviation named the cell."""


class RecordCounts(_Model):
    """The custody account: produced = stored + lost + still on the board."""

    produced: int
    stored: int
    lost: int


class RunStatus(_Model):
    """A run and its tracks."""

    run: str
    plan: str
    title: str
    state: RunState
    accelerate: float
    started: datetime | None
    ended: datetime | None
    tracks: list[TrackStatus]
    records: RecordCounts
    message: str = ""


class QueuedRun(_Model):
    """A plan that waits for its turn."""

    number: int
    plan: str
    title: str
    begin: datetime | None
    """Not before; None: as soon as it is its turn."""
    who: str
    queued: datetime
    why: str
    """Why it has not begun, in words."""
    needs_person: bool
    """It does not begin before somebody does something about that."""


class MqttStatus(_Model):
    """The publisher. `backlog` records wait in the outbox."""

    enabled: bool
    connected: bool
    broker: str
    backlog: int
    published: int
    detail: str = ""


class Status(_Model):
    """Everything a person watching the bench wants to know."""

    bench: str
    time: datetime
    data: str
    link: LinkStatus
    run: RunStatus | None
    stations: list[StationStatus]
    cells: list[CellStatus]
    mqtt: MqttStatus
    storage: str = "ok"
    """`ok`, or why records cannot be stored at the moment (they wait on the board)."""
    worn_relays: list[str] = []
    """Relays with 80 % and more of their rated life behind them, like "A1.short 84%"."""
    findings: list[FindingStatus] = []
    """What contradicts the commanded condition now."""
    queue: list[QueuedRun] = []
    """What runs after the present run, in order."""


class PhaseSummary(_Model):
    """One phase of one track, as delivered. Amounts in `unit` of the plan."""

    track: str
    phase: str
    cycle: int
    station: str | None
    planned: float | None
    delivered: float | None
    unit: str
    dose_sun_h: float | None
    temp_c_mean: float | None
    temp_c_sd: float | None
    temp_sensor: str | None
    samples: int
    state: str
    """done, running, waiting (for a person), pending (J-V not yet measured), skipped or not
    reached."""


class Deviation(_Model):
    """A departure from the plan, as the board has recorded it."""

    kind: Literal["gap", "out_of_condition", "paused", "held", "trip"]
    begin: datetime
    end: datetime | None
    """None: it lasts."""
    length_s: float | None
    """Real seconds; within them nothing was counted, but for a trip. Of a gap also the upper bound
    of what was delivered and is not known."""
    track: str | None
    cells: list[str]
    phase: str
    cycle: int
    """Round of a loop, from 0."""
    text: str
    dose_sun_h: float | None
    """The light that fell on the station meanwhile; None where it is not known."""
    interrupted: bool
    """Longer than the plan's `max_gap`: the cells' cycle is not what was planned."""


class JournalEntry(_Model):
    """What happened to a run, or what somebody did: one line of its journal."""

    time: datetime
    kind: str
    """run, restart, loss, confirm, pause, resume, skip, extend, stop, note, clear, evidence, …"""
    who: str
    """Empty where it was not a person."""
    text: str
    deviation: bool
    """Whether a report must list it."""


class Summary(_Model):
    """The account of a run."""

    run: str
    plan: str
    title: str
    state: RunState
    accelerate: float
    started: datetime | None
    ended: datetime | None
    phases: list[PhaseSummary]
    cells: list[CellAccount] = []
    records: RecordCounts
    boots: int
    jv_pending: int
    deviations: list[Deviation]
    """What the board's records show; the journal has what else a report must list."""
    journal: list[JournalEntry]
    data: str
    findings: list[FindingStatus] = []
    evidence: list[CellEvidence] = []
    isos: list[IsosLabel] = []
    devices: list[Device] = []

    @property
    def noted(self) -> list[str]:
        """What people did and the computer noticed that a report must list, in words."""
        return [entry.text for entry in self.journal if entry.deviation]


class StartRun(_Model):
    """Request: start a run of the plan in `plan_toml`; `plan` names it in messages.

    The text travels, not the path: the file the person sees is the one that counts.
    """

    plan: str
    plan_toml: str
    accelerate: float | None = None
    cells: str = ""
    """Names the list of cells in messages."""
    cells_csv: str = ""
    """What is known of the devices; empty: what the bench file says."""
    who: str = ""


class QueueRun(StartRun):
    """Request: run a plan when it is its turn, and not before `begin`."""

    begin: datetime | None = None


class Unqueue(_Model):
    """Request: take a plan out of the queue."""

    number: int
    who: str = ""


class Confirm(_Model):
    """Request: release the `confirm` at which `track` waits; all waiting tracks if None."""

    track: str | None = None
    note: str = ""
    who: str = ""


class Order(_Model):
    """Request: pause, resume, skip or stop; all tracks if none is named."""

    track: str | None = None
    who: str = ""
    why: str = ""


class Extend(_Model):
    """Request: so much more of the phase that a track is in, like "2 h"; less with a minus."""

    track: str
    by: str
    who: str = ""
    why: str = ""


class Note(_Model):
    """Request: keep what somebody says, with the run."""

    text: str = Field(min_length=1, max_length=2000)
    who: str = ""


Vouch = Literal["none", "sensor", "me"]


class Clear(_Model):
    """Request: clear the latched faults of a station, and let tracks that wait for it go on."""

    station: str
    faults: list[str]
    vouch: Vouch = "none"
    """Where the plate's sensor was the fault: who knows that the plate is below 45 °C."""
    resume: bool = False


class Problem(_Model):
    """An error answer of the API."""

    error: str
    hint: str = ""
    exit_code: int = 1
