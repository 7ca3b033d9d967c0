"""The heat-up of a hotplate's calibration: watched all the time, given up where it is no use."""

from collections.abc import Callable

import numpy as np

from soakbench.calibration.identify import MOST_DRIFT_C_PER_MIN
from soakbench.calibration.program import HOLD_S, REST_S, heat_up_plan
from soakbench.calibration.record import FULL_DUTY, LEAST_RISE_C
from soakbench.cli import words
from soakbench.cli.session import BenchSession
from soakbench.errors import BenchFault
from soakbench.status import StationStatus, Status, TrackStatus

FULL_WITHIN_S = 60.0
SLOPE_S = 20.0  # of which the time left is told

Tell = Callable[[str], None]


async def heat_up(session: BenchSession, station: str, target_c: float, tell: Tell) -> str:
    """Heat the plate of `station` to `target_c` and hold it there; the name of the run.

    BenchFault if it is hot or tripped before, is not at rest, trips, or does not get there.
    """
    at_start = await _first_sample(session, station, tell)
    refuse_to_heat(at_start, target_c)
    watched = Watched(station, target_c, tell)
    fitted = session.bench.stations[station]
    ended = await session.run(heat_up_plan(station, fitted, target_c), watched.look)
    if watched.fault is not None:
        raise watched.fault
    if ended.state != "finished":
        raise BenchFault(
            f"the heat-up {ended.run} was {ended.state} before its end: {ended.message or 'no'}",
            "`soakbench summary` shows what was recorded",
        )
    return ended.run


async def _first_sample(session: BenchSession, station: str, tell: Tell) -> StationStatus:
    """The plate before anything is done; idle, the board samples every 10 s."""
    seen: list[StationStatus] = []

    def look(status: Status) -> bool:
        tell("waiting for the board's next sample")
        seen[:] = [each for each in status.stations if each.station == station]
        return bool(seen)

    await session.watch(look)
    return seen[0]


def refuse_to_heat(now: StationStatus, target_c: float) -> None:
    """BenchFault if the plate is not fit to be heated from here."""
    if now.faults:
        raise BenchFault(
            f"{now.station} has {', '.join(now.faults)}: its heater stays off",
            "find the cause; then start `soakbench daemon`, clear it with `soakbench clear`, end"
            " the daemon and calibrate again",
        )
    if now.plate_c is None:
        raise BenchFault(f"the plate sensor of {now.station} has no reading", "check its wires")
    if now.plate_c > target_c - LEAST_RISE_C:
        raise BenchFault(
            f"the plate is at {now.plate_c:.1f} °C already; a heat-up to {target_c:g} °C tells"
            f" enough only from below {target_c - LEAST_RISE_C:g} °C",
            "let it cool down to the room's temperature, then calibrate",
        )


class Watched:
    """The heat-up as it goes on. `look` is for BenchSession.run."""

    def __init__(self, station: str, target_c: float, tell: Tell) -> None:
        self._station = station
        self._target_c = target_c
        self._tell = tell
        self._rest: list[tuple[float, float]] = []
        self._rise: list[tuple[float, float]] = []
        self._was_full = False
        self.fault: BenchFault | None = None
        """Why it was given up."""

    def look(self, status: Status) -> bool:
        """Tell how it goes; True if it is of no use to go on."""
        now = next((each for each in status.stations if each.station == self._station), None)
        if now is None or status.run is None or not status.run.tracks:
            self._tell("starting" if status.link.state == "up" else f"link: {status.link.detail}")
            return False
        track = status.run.tracks[0]
        self._keep(now)
        self.fault = self._trouble(now, track)
        if self.fault is None:
            self._tell(self._line(now, track))
        return self.fault is not None

    def _keep(self, now: StationStatus) -> None:
        self._was_full = self._was_full or now.duty >= FULL_DUTY
        kept = self._rest if now.target_c is None else self._rise
        at_s = now.time.timestamp()
        if now.plate_c is not None and (not kept or kept[-1][0] != at_s):
            kept.append((at_s, now.plate_c))

    def _trouble(self, now: StationStatus, track: TrackStatus) -> BenchFault | None:
        if now.faults:
            return BenchFault(
                f"the heater of {now.station} tripped while it heated up: {', '.join(now.faults)}",
                "find the cause (docs/safety.md explains each); `soakbench clear` with a daemon"
                " lets it heat again",
            )
        if track.state == "paused":
            return BenchFault(
                f"the plate did not reach and hold {self._target_c:g} °C within an hour: it is at"
                f" {words.temperature(now.plate_c)}",
                "is the heater strong enough, and the lid closed? --to names a lower temperature",
            )
        if not self._was_full and self._rise and self._seconds() > FULL_WITHIN_S:
            return BenchFault(
                f"the heater is not given full power: {now.duty:.0%} at"
                f" {words.temperature(now.plate_c)}",
                "enter a larger kp_permille_per_c (200, say) for this once, or choose a higher"
                " temperature with --to",
            )
        if len(self._rise) == 1 and len(self._rest) > REST_S / 2:
            times, temps = np.array(self._rest).T
            drift = float(np.polyfit(times - times[0], temps, 1)[0]) * 60
            if abs(drift) > MOST_DRIFT_C_PER_MIN:
                return BenchFault(
                    f"the plate is not at rest: {drift:+.1f} °C a minute",
                    "let it come to the room's temperature, then calibrate again",
                )
        return None

    def _seconds(self) -> float:
        """Since the heater came on."""
        return self._rise[-1][0] - self._rise[0][0]

    def _line(self, now: StationStatus, track: TrackStatus) -> str:
        plate = words.temperature(now.plate_c)
        if now.target_c is None:
            return f"at rest, {plate}"
        left_s = self._left_s(now, track)
        left = "" if left_s is None else f", about {words.duration(left_s)} left"
        what = "holding" if track.in_condition else "heating"
        return f"{what}, {plate} of {self._target_c:g} °C at {now.duty:.0%} of the power{left}"

    def _left_s(self, now: StationStatus, track: TrackStatus) -> float | None:
        if track.in_condition or now.plate_c is None:
            return HOLD_S - track.delivered * 3600
        recent = [each for each in self._rise if each[0] > self._rise[-1][0] - SLOPE_S]
        (from_s, from_c), (to_s, to_c) = recent[0], recent[-1]
        if to_c - from_c < 0.1 or to_s - from_s < SLOPE_S / 2:
            return None
        return (self._target_c - to_c) * (to_s - from_s) / (to_c - from_c) + HOLD_S
