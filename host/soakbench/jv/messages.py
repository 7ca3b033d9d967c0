"""J-V sweeps as they travel between the commands and the daemon, and as `--json` prints them.

`track` is a name; `step` and `cycle` count from 0, as in the database. What is not known is None.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from soakbench.jv.sweep import Direction

Numbers = list[float | None]
"""None where a point is missing."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CurveSent(_Model):
    """One sweep, in V and `quantity`, in the order of measuring."""

    direction: Direction
    quantity: Literal["mA", "mA/cm2"]
    voltage_v: Numbers
    current: Numbers
    time_s: list[float] | None = None


class FileSent(_Model):
    """The sweeps of a file. A file is known by its hash and the columns that were read."""

    name: str
    sha256: str
    columns: str = ""
    curves: list[CurveSent] = Field(min_length=1)


class ImportCurves(_Model):
    """Request: these are the J-V curves of `cell` at one place of `run`, the newest run if None.

    Of `stage`, `step` and `cycle` those given choose the place; without any it is the oldest that
    waits for curves.
    """

    run: str | None = None
    cell: str
    stage: str | None = None
    step: int | None = None
    cycle: int | None = None
    files: list[FileSent] = Field(min_length=1)
    measured_utc_ms: int | None = None
    cell_temp_c: float | None = None
    irradiance_suns: float | None = None
    replace: bool = False
    """Take the place of earlier sweeps: those of the same files, and those at the place."""
    who: str = ""


class Recompute(_Model):
    """Request: extract the values of all sweeps of `run` anew, the newest run if None."""

    run: str | None = None


class JvFit(_Model):
    """The single-diode model; `refused` says why there is none."""

    refused: str
    rs_ohm_cm2: float | None
    rsh_ohm_cm2: float | None
    ideality: float | None
    j0_ma_cm2: float | None
    jph_ma_cm2: float | None
    misfit_percent: float | None
    temp_c: float
    method: str


class JvSweep(_Model):
    """A sweep of a run and what it says."""

    id: int
    cell: str
    track: str
    step: int
    cycle: int
    stage: str
    """`initial`, or the phase before it and how much of it: "ageing 16 h"."""
    direction: Direction
    points: int
    area_cm2: float
    voc_v: float | None
    jsc_ma_cm2: float | None
    ff_percent: float | None
    pce_percent: float | None
    pce_relative: float | None
    """Over that of the cell's first sweep of this direction in the run."""
    vmpp_v: float | None
    jmpp_ma_cm2: float | None
    slope_voc_ohm_cm2: float | None
    slope_jsc_ohm_cm2: float | None
    noise_percent: float | None
    scan_rate_v_s: float | None
    flags: list[str]
    method: str
    measured: datetime | None
    since_phase_s: float | None
    cell_temp_c: float | None
    irradiance_suns: float | None
    source: str
    file_name: str | None
    file_sha256: str | None
    fit: JvFit


class JvHysteresis(_Model):
    """The indices of the two sweeps of a place, by the name of the formula."""

    cell: str
    track: str
    step: int
    cycle: int
    stage: str
    indices: dict[str, float | None]
    method: str


class JvPending(_Model):
    """A curve that the plan asks for and nobody has measured yet."""

    cell: str
    track: str
    step: int
    cycle: int
    stage: str
    since: datetime


class JvTable(_Model):
    """The sweeps of a run, by cell and in order of time."""

    run: str
    sweeps: list[JvSweep]
    hysteresis: list[JvHysteresis]
    pending: list[JvPending]
    pce_relative: dict[str, float | None]
    """Of each cell's newest J-V."""


class Imported(_Model):
    """What an import has stored."""

    run: str
    known: list[str]
    """Files that had been imported before; nothing of them was stored again."""
    sweeps: list[JvSweep]
    replaced: int
    """Sweeps that were there before and are withdrawn."""
