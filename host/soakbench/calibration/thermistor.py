"""A thermistor from one, two or three temperatures that a reference thermometer has told.

One point gives the sensor's offset, two give R25 and β, three the coefficients of Steinhart and
Hart. What the board has read is taken back to the resistance that it saw, through the very table
with which it made a temperature of it: the error of the old equation does not stay in the new one.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soakbench.config.bench import TemperatureSensor, Thermistor
from soakbench.errors import BenchFault
from soakbench.plan.thermistor import resistance_ohm, table_centi_c, temperature_c
from soakwire.blobs import TABLE_SHIFT

LEAST_APART_C = 5.0
MOST_OFFSET_C = 5.0
MOST_POINTS = 3
REFERENCE_C = 0.1  # what a good thermometer may be off by, if nothing else is said
# NTCs are sold with β from 2500 to 5000 K.
LEAST_BETA_K, MOST_BETA_K = 2000.0, 6000.0
# Where a bench lives. What a point is wrong by, an equation carries beyond it enlarged.
LOW_C, HIGH_C = 20.0, 60.0

_ZERO_C_K = 273.15
_T25_K = 298.15
_SCALE = 1 << 16
_NUDGE_C = 0.01

_WIRING = (
    "a wire that makes bad contact, another divider_ohm or ntc_to than the bench file says, or"
    " another type of NTC is more likely; see docs/hardware.md#the-divider"
)


@dataclass(frozen=True)
class Point:
    """A temperature as the board showed it and as the reference did."""

    shown_c: float
    true_c: float
    spread_c: float = 0.0
    """Standard error of what the board showed."""

    @property
    def error_c(self) -> float:
        """By how much the board showed too much."""
        return self.shown_c - self.true_c


@dataclass(frozen=True)
class Fitted:
    """What the bench file should say, and how sure that is."""

    kind: str
    """offset, beta or steinhart_hart."""
    thermistor: Thermistor
    offset_c: float
    points: tuple[Point, ...]
    residuals_c: tuple[float, ...]
    """What the board will show at each point with the new values, less the reference's."""
    uncertainty_c: dict[float, float]
    """By temperature: one standard error of what the board will show."""


def fit(
    thermistor: Thermistor,
    sensor: TemperatureSensor,
    points: Sequence[Point],
    reference_c: float = REFERENCE_C,
) -> Fitted:
    """The values that make `sensor` right at `points`. BenchFault if the points make no sense.

    Args:
        thermistor, sensor: as in the bench file with which the board has read the points.
        reference_c: standard error of the reference thermometer.
    """
    if not 1 <= len(points) <= MOST_POINTS:
        raise ValueError(f"{len(points)} points")
    _refuse_too_close(points)
    made, offset_c = _solved(thermistor, sensor, points)
    _refuse_unphysical(made, offset_c, points)
    after = tuple(
        _shown_c(made, resistance_at(thermistor, sensor, point.shown_c)) + offset_c - point.true_c
        for point in points
    )
    asked = sorted({25.0, 50.0, *(round(point.true_c, 1) for point in points)})
    return Fitted(
        kind=("offset", "beta", "steinhart_hart")[len(points) - 1],
        thermistor=made,
        offset_c=offset_c,
        points=tuple(points),
        residuals_c=after,
        uncertainty_c=_uncertainty(thermistor, sensor, points, reference_c, asked),
    )


def resistance_at(thermistor: Thermistor, sensor: TemperatureSensor, shown_c: float) -> float:
    """What the NTC had when the board showed `shown_c`: its table, read backwards."""
    table = np.array(table_centi_c(thermistor)) / 100
    codes = np.arange(len(table)) << TABLE_SHIFT
    if thermistor.ntc_to == "ground":  # np.interp wants a rising table
        table, codes = table[::-1], codes[::-1]
    share = float(np.interp(shown_c - sensor.offset_c, table, codes)) / _SCALE
    ratio = share if thermistor.ntc_to == "ground" else 1 - share
    return thermistor.divider_ohm * ratio / (1 - ratio)


def _solved(
    thermistor: Thermistor, sensor: TemperatureSensor, points: Sequence[Point]
) -> tuple[Thermistor, float]:
    """The new thermistor and the new offset."""
    if len(points) == 1:
        return thermistor, round(sensor.offset_c - points[0].error_c, 2)
    log_r = np.log([resistance_at(thermistor, sensor, point.shown_c) for point in points])
    inverse = 1 / (np.array([point.true_c for point in points]) + _ZERO_C_K)
    if len(points) == 2:
        beta_k = float((log_r[1] - log_r[0]) / (inverse[1] - inverse[0]))
        r25_ohm = float(np.exp(log_r[0] - beta_k * (inverse[0] - 1 / _T25_K)))
        changed = {"r25_ohm": _digits(r25_ohm, 6), "beta_k": _digits(beta_k, 6)}
        return thermistor.model_copy(update={**changed, "steinhart_hart": None}), 0.0
    terms = np.stack([np.ones(3), log_r, log_r**3], axis=1)
    a, b, c = (_digits(float(value), 8) for value in np.linalg.solve(terms, inverse))
    changed_to = {"r25_ohm": None, "beta_k": None, "steinhart_hart": (a, b, c)}
    return thermistor.model_copy(update=changed_to), 0.0


def _refuse_too_close(points: Sequence[Point]) -> None:
    ordered = sorted(points, key=lambda point: point.true_c)
    for one, two in itertools.pairwise(ordered):
        apart_c = min(two.true_c - one.true_c, abs(two.shown_c - one.shown_c))
        if apart_c < LEAST_APART_C:
            raise BenchFault(
                f"the points at {one.true_c:.2f} and {two.true_c:.2f} °C (shown as"
                f" {one.shown_c:.2f} and {two.shown_c:.2f} °C) are too close together",
                f"they must be {LEAST_APART_C:g} °C apart or more; 25 °C apart is better",
            )
        if two.shown_c < one.shown_c:
            raise BenchFault(
                f"the board shows {one.shown_c:.2f} °C at {one.true_c:.2f} °C, and less, namely"
                f" {two.shown_c:.2f} °C, at {two.true_c:.2f} °C",
                "two readings of the reference were swapped, or ntc_to is wrong in the bench file",
            )


def _refuse_unphysical(made: Thermistor, offset_c: float, points: Sequence[Point]) -> None:
    """Whether it is an NTC wherever the bench may be."""
    if len(points) == 1:
        _refuse_offset(offset_c, points[0])
    elif made.steinhart_hart is None:
        assert made.beta_k is not None
        _refuse_beta(made.beta_k)
    else:
        a, b, c = made.steinhart_hart
        if b <= 0 or c < 0:
            raise BenchFault(
                "no NTC goes through these three points (Steinhart-Hart with"
                f" A = {a:.4g}, B = {b:.4g}, C = {c:.4g})",
                "three points need 0 to 60 °C between them with a reference of ±0.1 °C, or one of"
                " ±0.05 °C with less; two points forgive more",
            )
        for temp_c in (LOW_C, HIGH_C, *(point.true_c for point in points)):
            log_r = float(np.log(resistance_ohm(made, temp_c)))
            _refuse_beta(1 / (b + 3 * c * log_r**2), f" at {temp_c:.0f} °C")


def _refuse_offset(offset_c: float, point: Point) -> None:
    if abs(offset_c) > MOST_OFFSET_C:
        raise BenchFault(
            f"the board shows {point.shown_c:.2f} °C and the reference {point.true_c:.2f} °C: an"
            f" offset of {offset_c:+.2f} °C, allowed are ±{MOST_OFFSET_C:g} °C",
            _WIRING,
        )


def _refuse_beta(beta_k: float, where: str = "") -> None:
    if not LEAST_BETA_K <= beta_k <= MOST_BETA_K:
        raise BenchFault(
            f"β would be {beta_k:.0f} K{where}; NTCs have {LEAST_BETA_K:.0f} to"
            f" {MOST_BETA_K:.0f} K",
            f"was the reference steady and read right? If so, {_WIRING}",
        )


def _uncertainty(
    thermistor: Thermistor,
    sensor: TemperatureSensor,
    points: Sequence[Point],
    reference_c: float,
    at_c: list[float],
) -> dict[float, float]:
    """How the errors of the points, each of its own, add up at the temperatures `at_c`."""
    made, _ = _solved(thermistor, sensor, points)
    squared = np.zeros(len(at_c))
    for number, point in enumerate(points):
        nudged = list(points)
        nudged[number] = Point(point.shown_c, point.true_c + _NUDGE_C)
        other, _ = _solved(thermistor, sensor, nudged)
        error_c = float(np.hypot(reference_c, point.spread_c))
        for i, temp_c in enumerate(at_c):
            moved_c = temperature_c(other, resistance_ohm(made, temp_c)) - temp_c
            slope = 1.0 if len(points) == 1 else moved_c / _NUDGE_C
            squared[i] += (slope * error_c) ** 2
    return {temp_c: float(np.sqrt(value)) for temp_c, value in zip(at_c, squared, strict=True)}


def _shown_c(thermistor: Thermistor, ohm: float) -> float:
    """As the board makes it of its table, without offset."""
    ratio = ohm / (ohm + thermistor.divider_ohm)
    share = ratio if thermistor.ntc_to == "ground" else 1 - ratio
    table = np.array(table_centi_c(thermistor)) / 100
    return float(np.interp(share * _SCALE, np.arange(len(table)) << TABLE_SHIFT, table))


def _digits(value: float, count: int) -> float:
    """Rounded to what a person would copy."""
    return float(f"{value:.{count}g}")
