"""A heat-up as it was recorded: out of the database, and whether it tells enough of the plate."""

import sqlite3
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soakbench.errors import BenchFault, ConfigError
from soakbench.store import Store

Floats = npt.NDArray[np.float64]

FULL_DUTY = 0.999
LEAST_FULL_S = 20  # of full power
LEAST_RISE_C = 10
LEAST_SAMPLES = 40
LONGEST_GAP_S = 15  # an ordinary run samples every 10 s
REST_S = 60  # what is read of the time before
HOLD_S = 900  # and of the time at the target
NEAR_C = 1.0


@dataclass(frozen=True)
class Recorded:
    """Samples of one station around one heat-up. Times from the heater's start."""

    run: str
    times_s: Floats
    temp_c: Floats
    duty: Floats
    """Share of full power that each sample has begun."""
    target_c: float

    @property
    def start_c(self) -> float:
        """The plate when the heater came on."""
        before = self.temp_c[self.times_s <= 0]
        return float(before.mean() if before.size else self.temp_c[0])

    @property
    def hold_duty(self) -> float | None:
        """The mean duty near the target; None if it was not there for a minute."""
        near = np.flatnonzero(np.abs(self.temp_c - self.target_c) < NEAR_C)
        if near.size == 0 or self.times_s[-1] - self.times_s[near[0]] < 60:
            return None
        held = self.times_s > (self.times_s[near[0]] + self.times_s[-1]) / 2
        return float(self.duty[held].mean())

    def energy_s(self) -> tuple[Floats, Floats]:
        """Times, and the seconds of full power the heater has had until then.

        At the start the duty jumps; between samples it is taken to run evenly.
        """
        before, after = self.times_s < 0, self.times_s > 0
        first = self.duty[~before][0]
        times = np.concatenate([self.times_s[before], [0.0], self.times_s[after]])
        duty = np.concatenate([np.zeros(before.sum()), [first], self.duty[after]])
        gained = np.where(times[:-1] >= 0, (duty[:-1] + duty[1:]) / 2, 0.0) * np.diff(times)
        return times, np.concatenate([[0.0], np.cumsum(gained)])


def recorded(store: Store, run: str, station: int) -> Recorded:
    """The first heat-up of `run` at `station`, until it has held its target for a while.

    ConfigError if the run has none; BenchFault if it does not tell enough.
    """
    begun = store.rows(
        "SELECT t_device_ms, device, boot, track, step, cycle FROM event"
        " WHERE run = ? AND event = 'step_begin' AND EXISTS ("
        "   SELECT 1 FROM station_sample s WHERE s.run = event.run AND s.boot = event.boot"
        "   AND s.station = ? AND s.track = event.track AND s.step = event.step"
        "   AND s.cycle = event.cycle AND s.target_c IS NOT NULL)"
        " ORDER BY t_utc_ms LIMIT 1",
        (run, station),
    )
    if not begun:
        raise ConfigError(
            f"run {run} has no heat-up at this station",
            "name a run that heats there, or leave --run out to heat now",
        )
    made = _selected(run, begun[0]["t_device_ms"], _samples(store, run, station, begun[0]))
    _refuse_useless(made)
    return made


def _samples(store: Store, run: str, station: int, begun: sqlite3.Row) -> Floats:
    """Rows of time (device ms), temperature, duty and target: the step's and those before it."""
    rows = store.rows(
        "SELECT t_device_ms, plate_c, duty, target_c FROM station_sample"
        " WHERE run = ? AND device = ? AND boot = ? AND station = ? AND plate_c IS NOT NULL"
        " AND ((t_device_ms BETWEEN ? AND ?) OR (track = ? AND step = ? AND cycle = ?))"
        " ORDER BY t_device_ms, seq",
        (
            run,
            begun["device"],
            begun["boot"],
            station,
            begun["t_device_ms"] - REST_S * 1000,
            begun["t_device_ms"] - 1,
            begun["track"],
            begun["step"],
            begun["cycle"],
        ),
    )
    return np.array([tuple(row) for row in rows], dtype=float).reshape(-1, 4)


def _selected(run: str, begun_ms: int, table: Floats) -> Recorded:
    """Without doubled times, what was heated before, and what comes long after the target."""
    times_s = (table[:, 0] - begun_ms) / 1000
    target_c = float(np.nanmax(table[:, 3]))
    keep = np.append(np.diff(times_s) > 0, True)
    warm = np.flatnonzero((times_s < 0) & (table[:, 2] > 0))
    if warm.size:
        keep[: warm[-1] + 1] = False
    there = np.flatnonzero(table[:, 1] > target_c - NEAR_C)
    if there.size:
        keep &= times_s <= times_s[there[0]] + HOLD_S
    return Recorded(run, times_s[keep], table[keep, 1], table[keep, 2], target_c)


def _refuse_useless(made: Recorded) -> None:
    """BenchFault where no plate can be seen in it."""
    hint = "let the plate cool down to the room's temperature and heat it once more"
    rise_c = made.target_c - made.start_c
    if rise_c < LEAST_RISE_C:
        raise BenchFault(
            f"the plate was at {made.start_c:.1f} °C already when it was to be heated to"
            f" {made.target_c:g} °C; {LEAST_RISE_C} °C of rise are needed",
            hint,
        )
    heated = made.times_s >= 0
    gaps_s = np.diff(made.times_s[heated])
    if heated.sum() < LEAST_SAMPLES or gaps_s.max() > LONGEST_GAP_S:
        raise BenchFault(
            f"the record of the heat-up has gaps: {heated.sum()} samples, and up to"
            f" {max(gaps_s, default=0):.0f} s between two",
            hint,
        )
    full_s = gaps_s[made.duty[heated][:-1] >= FULL_DUTY].sum()
    if full_s < LEAST_FULL_S:
        raise BenchFault(
            f"the heater was at full power for {full_s:.0f} s only; {LEAST_FULL_S} s are needed",
            "heat from a lower temperature or to a higher one (--to), with a larger"
            " kp_permille_per_c and without ramp_c_per_min",
        )
    if made.hold_duty is None:
        raise BenchFault(
            f"the plate did not hold {made.target_c:g} °C for a minute: it ended at"
            f" {made.temp_c[-1]:.1f} °C",
            "is the heater strong enough, and the lid closed? --to names a lower temperature",
        )
