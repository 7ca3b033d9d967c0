"""The board's control law, written a second time: what it would do is asked before it may do it.

    duty = kp * e + ki * integral of e dt + feed * (target - 23 °C), within 0..1000 per mille

All in integers as on the board, which docs/hardware.md describes; a test holds the two against each
other, step by step. Temperatures are centi-°C.
"""

from dataclasses import dataclass
from typing import Self

from soakbench.config.bench import Heater

ROOM_CENTI_C = 2300
FULL_PPM = 1_000_000
BAND_CENTI_C = 300  # the integral works within it
LIMIT_PPM = 300_000  # of the integral
LONGEST_MS = 2000  # a longer pause counts as this
PERIOD_MS = 250  # of control while a target is set

_MINUTE_MS = 60_000


@dataclass(frozen=True)
class Coefficients:
    """Of one hotplate, as the bench file has them; `ramp_c_per_min` None: no ramp."""

    kp_permille_per_c: int
    ki_permille_per_c_s: float
    feed_permille_per_c: float
    ramp_c_per_min: float | None = None

    @classmethod
    def of(cls, heater: Heater) -> Self:
        """Those of the bench file."""
        return cls(
            heater.kp_permille_per_c,
            heater.ki_permille_per_c_s,
            heater.feed_permille_per_c,
            heater.ramp_c_per_min,
        )


class Law:
    """The law at work, from rest."""

    def __init__(self, coefficients: Coefficients) -> None:
        self._kp = coefficients.kp_permille_per_c
        self._ki = round(coefficients.ki_permille_per_c_s * 1000)
        self._feed = round(coefficients.feed_permille_per_c * 1000)
        self._ramp = round((coefficients.ramp_c_per_min or 0) * 100)
        self._integral = 0
        self._rest = 0
        self._ramp_rest = 0
        self._point: int | None = None

    def duty(self, target: int, plate: int, dt_ms: int) -> int:
        """Per mille of full power, `dt_ms` after the last call."""
        point = self._advance(target, plate, min(dt_ms, LONGEST_MS))
        e = point - plate
        base = self._feed * (point - ROOM_CENTI_C) // 100 + self._kp * e * 10
        if point == target:  # on the ramp the integral would learn the plate's lag
            self._integrate(e, base, min(dt_ms, LONGEST_MS))
        return min(max(base + self._integral, 0), FULL_PPM) // 1000

    def _integrate(self, e: int, base: int, dt_ms: int) -> None:
        total = base + self._integral
        at_limit = (total >= FULL_PPM and e > 0) or (total <= 0 and e < 0)
        if abs(e) > BAND_CENTI_C or at_limit:
            return
        step, self._rest = divmod(self._ki * e * dt_ms + self._rest, 100_000)
        self._integral = min(max(self._integral + step, -LIMIT_PPM), LIMIT_PPM)

    def _advance(self, target: int, plate: int, dt_ms: int) -> int:
        """The set point on its ramp, which begins where the plate is."""
        point = target
        if self._ramp:
            gain, self._ramp_rest = divmod(self._ramp * dt_ms + self._ramp_rest, _MINUTE_MS)
            point = min((plate if self._point is None else self._point) + gain, target)
        self._point = point
        return point
