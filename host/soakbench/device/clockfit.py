"""A line through measurements of the board's clock: device time to UTC, with an honest error.

A BEAT and its STATE give one measurement: the device time lies between sending and receiving, so
UTC is known to half the round trip. Slow round trips do not count, the slope is the median of the
slopes between points (Theil and Sen), points far off that line are left out, and least squares
does the rest.
"""

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from soakbench.store.clocks import ClockLine, ClockPoint

NEAR = 1.5  # round trips up to so many times the shortest one count, ...
NEAR_MS = 2.0  # ... and this much longer
MOST_POINTS = 300  # the median of all slopes is quadratic in them
PRIOR_PPM = 100.0  # of an unknown drift: two crystals within 50 ppm
MOST_DRIFT_PPM = 200.0  # what is measured beyond this is no crystal
WANDER_PPM = 1.0  # how far a crystal's frequency moves with the temperature of the room
TICK_MS = 1.0  # device time is whole milliseconds, and so is what we give
MAD_TO_SIGMA = 1.4826
FAR_SIGMAS = 4.0

Numbers = npt.NDArray[np.float64]


def fit_line(points: Sequence[ClockPoint]) -> ClockLine:
    """The line through at least one point, all of one segment."""
    near = _near(points)
    best = min(near, key=lambda p: p.half_ms)
    origin = near[-1]
    t = np.array([p.device_ms - origin.device_ms for p in near], dtype=np.float64)
    late = np.array([p.utc_ms - origin.utc_ms for p in near], dtype=np.float64) - t
    keep = _inliers(t, late)
    t, late = t[keep], late[keep]
    slope, slope_error = _slope(t, late, best.half_ms)
    ends = (origin.device_ms + int(t.min()), origin.device_ms + int(t.max()))
    if slope_error >= PRIOR_PPM * 1e-6:  # too short a time to say anything
        at, utc_ms, spread = best.device_ms, float(best.utc_ms), 0.0
        slope, slope_error = 0.0, PRIOR_PPM * 1e-6
    else:
        middle = round(float(t.mean()))
        at = origin.device_ms + middle
        residuals = late - slope * t
        utc_ms = origin.utc_ms + middle * (1 + slope) + float(residuals.mean())
        spread = 2 * _sigma(residuals)
    return ClockLine(
        device_ms=at,
        utc_ms=utc_ms,
        drift_ppm=slope * 1e6,
        error_ms=best.half_ms + spread + TICK_MS,
        drift_error_ppm=slope_error * 1e6,
        wander_ppm=WANDER_PPM,
        from_ms=ends[0],
        to_ms=ends[1],
        points=len(t),
    )


def fit_boot(points: Sequence[ClockPoint]) -> ClockLine:
    """One line for a whole boot, by the computer's clock as it was set last.

    The board's crystal does not care about the computer's clock being set: where an earlier
    segment tells the drift better than the last one, its drift is taken.
    """
    segments: dict[int, list[ClockPoint]] = {}
    for point in points:
        segments.setdefault(point.segment, []).append(point)
    lines = [fit_line(segments[number]) for number in sorted(segments)]
    last = lines[-1]
    steadiest = min(lines, key=lambda line: line.drift_error_ppm)
    if steadiest is last:
        return last
    straightened = [
        ClockPoint(
            p.device_ms,
            p.utc_ms - round((p.device_ms - last.device_ms) * steadiest.drift_ppm * 1e-6),
            p.half_ms,
        )
        for p in segments[max(segments)]
    ]
    flat = fit_line(straightened)
    return replace(
        flat,
        utc_ms=flat.utc_ms + (flat.device_ms - last.device_ms) * steadiest.drift_ppm * 1e-6,
        drift_ppm=steadiest.drift_ppm,
        drift_error_ppm=steadiest.drift_error_ppm,
        from_ms=min(line.from_ms for line in lines),
        points=sum(line.points for line in lines),
    )


def _near(points: Sequence[ClockPoint]) -> list[ClockPoint]:
    """Those with about the shortest round trip, by device time; evenly thinned where too many."""
    limit = min(p.half_ms for p in points) * NEAR + NEAR_MS
    near = sorted((p for p in points if p.half_ms <= limit), key=lambda p: p.device_ms)
    return near[:: -(-len(near) // MOST_POINTS)]


def _inliers(t: Numbers, late: Numbers) -> npt.NDArray[np.bool_]:
    """Which points are not far off the robust line through all."""
    if len(t) < 3 or np.ptp(t) == 0:
        return np.ones(len(t), dtype=bool)
    residuals = late - _median_slope(t, late) * t
    off = np.abs(residuals - np.median(residuals))
    kept: npt.NDArray[np.bool_] = off <= FAR_SIGMAS * max(_sigma(residuals), TICK_MS)
    return kept


@functools.lru_cache(maxsize=4)
def _pairs(count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Every pair of `count` points; a running fit asks for the same ones every minute."""
    first, second = np.triu_indices(count, 1)
    return first, second


def _median_slope(t: Numbers, late: Numbers) -> float:
    first, second = _pairs(len(t))
    dt = t[second] - t[first]
    apart = dt > 0
    return float(np.median((late[second] - late[first])[apart] / dt[apart]))


def _slope(t: Numbers, late: Numbers, half_ms: int) -> tuple[float, float]:
    """Slope by least squares and its error; an infinite one where nothing can be said."""
    span = float(np.ptp(t))
    if span == 0:
        return 0.0, np.inf
    centred = t - t.mean()
    slope = float(centred @ late / (centred @ centred))
    if abs(slope) > MOST_DRIFT_PPM * 1e-6:
        return 0.0, np.inf
    sigma = max(_sigma(late - slope * t), TICK_MS / 2)
    # The delay may be longer on one way, and that may change: up to half a round trip.
    return slope, 2 * sigma / float(np.sqrt(centred @ centred)) + half_ms / span


def _sigma(residuals: Numbers) -> float:
    """Their spread as that of a normal distribution, by the median: outliers do not count."""
    return float(MAD_TO_SIGMA * np.median(np.abs(residuals - np.median(residuals))))
