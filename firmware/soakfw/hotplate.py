"""The hotplate: its ramp, its control law (feed-forward and PI in integers) and its outputs.

duty = feed * (target - room) + kp * e + ki * integral of e dt, clamped to 0..1000 per mille.
Inside everything is in ppm of full power. The integral only has to correct the feed-forward, so
it works near the target alone and stops when the output is at a limit: no wind-up, and a heat-up
from room temperature ends with little overshoot.
"""

from soakfw.pulse import Output, Pulse

ROOM_CENTI_C = 2300
FULL_PPM = 1000000

INTEGRAL_BAND_CENTI_C = 300  # the integral works within 3 °C of the target
INTEGRAL_LIMIT_PPM = 300000
MAX_STEP_MS = 2000  # a longer pause is no evidence of the plate's behaviour


class ControlLaw:
    """One plate. `kp` permille/°C, `ki` ppm/(°C s), `feed` milli-permille/°C."""

    def __init__(self, kp: int, ki: int, feed: int) -> None:
        self._kp = kp
        self._ki = ki
        self._feed = feed
        self.reset()

    def reset(self) -> None:
        """Forget the past: a new target, or a plate that was left alone."""
        self._integral = 0  # ppm
        self._rest = 0  # of the integral, in ppm / 100000

    def duty(self, target: int, plate: int, dt_ms: int) -> int:
        """Per mille of full power for temperatures in centi-°C, `dt_ms` after the last call."""
        e = target - plate
        base = self._feed * (target - ROOM_CENTI_C) // 100 + self._kp * e * 10
        self._integrate(e, base, min(dt_ms, MAX_STEP_MS))
        return min(max(base + self._integral, 0), FULL_PPM) // 1000

    def _integrate(self, e: int, base: int, dt_ms: int) -> None:
        if not -INTEGRAL_BAND_CENTI_C <= e <= INTEGRAL_BAND_CENTI_C:
            return
        total = base + self._integral
        if (total >= FULL_PPM and e > 0) or (total <= 0 and e < 0):
            return
        raw = self._ki * e * dt_ms + self._rest  # centi-°C and ms: 100 * 1000 to the ppm
        step = raw // 100000
        self._rest = raw - step * 100000
        limit = INTEGRAL_LIMIT_PPM
        self._integral = min(max(self._integral + step, -limit), limit)


class Heater:
    """The heater output through its pulse, and the contactor in front of it (None: not fitted).

    `ramp` limits the set point on its way up, in centi-°C a minute (0: no limit). It begins where
    the plate is. Downwards it follows at once, since nothing cools a plate.
    """

    def __init__(
        self, output: Output, contactor: Output | None, law: ControlLaw, ramp: int
    ) -> None:
        self.pulse = Pulse(output)
        self.contactor = contactor
        self._law = law
        self._ramp = ramp
        self._rest = 0  # of the ramp, in centi-°C / 60000
        self.point: int | None = None  # the set point in force; None while off

    def drive(self, target: int, plate: int | None, dt_ms: int, cut: bool) -> None:
        """Heat to `target`. Without a reading (`plate` is None), and while the guard has the duty
        `cut`, there is no heat in this period."""
        if self.contactor:
            self.contactor.set(True)
        duty = 0
        if plate is not None:
            point = self._advance(target, plate, min(dt_ms, MAX_STEP_MS))
            # On the ramp the plate lags: the integral would learn that, and overshoot.
            learn_ms = dt_ms if point == target else 0
            duty = 0 if cut else self._law.duty(point, plate, learn_ms)
        self.pulse.refresh(duty)

    def _advance(self, target: int, plate: int, dt_ms: int) -> int:
        point = target
        if self._ramp:
            gain = self._ramp * dt_ms + self._rest
            self._rest = gain % 60000
            point = min((plate if self.point is None else self.point) + gain // 60000, target)
        self.point = point
        return point

    def off(self) -> None:
        """Heater and contactor off in this instant; the control law starts afresh."""
        self.pulse.off()
        if self.contactor:
            self.contactor.set(False)
        self._law.reset()
        self.point = None
