"""What a cell is, and what it went through in a run, as the summary gives it. Hours are hours of
the cells' lives: on a simulated bench they may be faster than the clock. None is not known."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Device(_Model):
    """What lay at a cell's place during the run, by the bench file and the run's list of cells."""

    cell: str
    id: str | None
    """What is written on it."""
    substrate: str | None
    aperture_cm2: float | None
    recipe: str | None
    mask: str | None
    made: date | None
    note: str | None


class Readings(_Model):
    """What a sensor showed, each reading weighted with the time it stands for."""

    sensor: str | None = None
    """`stage`, `plate`, `light` or `humidity`; None: nothing was read."""
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    read_h: float = 0.0
    unread_h: float = 0.0
    """For how long there was no reading."""

    def scaled(self, by: float) -> "Readings":
        """The same, where everything is `by` times as much."""
        keys = ("mean", "sd", "low", "high")
        values = {key: getattr(self, key) for key in keys}
        return self.model_copy(
            update={key: value * by for key, value in values.items() if value is not None}
        )


class Exposure(_Model):
    """What a cell got of one kind of phase. Only what counted: the condition held."""

    oc_h: float
    sc_h: float
    temp_c: Readings

    @property
    def hours(self) -> float:
        """At either load."""
        return self.oc_h + self.sc_h


class Cycles(_Model):
    """Light and the dark after it, as they came. Hours are means over the complete ones."""

    complete: int
    """How often light was followed by a recovery that ended."""
    light_h: float | None = None
    """From the begin of the light to its end, interruptions included."""
    dark_h: float | None = None
    """From there to the next light, or to the end of the last recovery."""
    period_h: float | None = None
    period_sd_h: float | None = None


class Handling(_Model):
    """What no phase is about, and what should not have been."""

    moved_h: float
    """For how long it may have been unplugged: from the begin of each `confirm` that moves it."""
    away_h: float
    """For how long the board was away."""
    interruptions: int
    """How often a phase did not count, or nobody knows: see the run's deviations."""
    longest_interruption_h: float | None
    interrupted: bool
    """One was longer than the plan's `max_gap`."""


class CellAccount(_Model):
    """What one cell went through."""

    cell: str
    track: str
    position: float
    """Its place's light, relative to that at the station's sensor."""
    ageing: Exposure
    dark_recovery: Exposure
    thermal_recovery: Exposure
    light_suns: Readings
    """At its own place, while ageing counted."""
    humidity_percent: Readings
    """Wherever it was, while a phase counted."""
    dose_sun_h: float | None
    """All light it has got, at its own place. None: no sensor was where it was lit."""
    oc_sun_h: float | None
    sc_sun_h: float | None
    outside_sun_h: float | None
    """What of the dose fell outside of ageing: recovery, J-V, waiting, moves."""
    outside_unread_h: float
    """For how long outside of ageing no light sensor was there, or it had no reading."""
    cycles: Cycles
    handling: Handling


class IsosLabel(_Model):
    """The protocol of ISOS that the history of some cells is nearest to, and what keeps it from
    being that protocol."""

    cells: list[str]
    track: str
    nearest: str
    """Not to be told without what follows."""
    claimed: str | None
    """What the plan says it is."""
    deviations: list[str]
    text: str
    """All of it: `nearest: ISOS-LC-1I, but: ...`."""
