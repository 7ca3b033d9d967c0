"""The checks of a heated plate that take time (S6-S8, S10-S12), and the cut of S9.

They share nothing with the control law they watch: readings, target, set point and duty come as
plain values, fault bits go out. Temperatures are centi-°C, None where there is no reading or no
target; times are milliseconds.
"""

from soakfw import limits
from soakwire import records

MAX_STEP_MS = 2000  # a longer pause is no evidence of the plate's behaviour


class Watch:
    """One plate. `target` is None where it must not heat now, `point` is its ramped set point."""

    def __init__(self) -> None:
        self.stale_ms = 0
        self.cut = False  # too far above the target: no heat, whatever the law says
        self.left = False  # it has just left a target upwards that it had reached
        self._reached = False
        self._target: int | None = None
        self._target_ms = 0
        self._rise_from = 0
        self._rise_ms = 0
        self._low = 0
        self._deficit = 0  # centi-°C s
        self._gain_ms = 0
        self._off_ms = 0
        self._slot_ms = 0
        self._coolest = 0  # in this half of the minute, and in the one before
        self._coolest_before = 0
        self._hot = 0
        self._hot_ms = 0
        self._still_ms = 0
        self._apart_ms = 0

    def look(
        self,
        plate: int | None,
        other: int | None,
        still: bool,
        target: int | None,
        point: int | None,
        duty: int,
        dt_ms: int,
    ) -> int:
        """The faults that show now. `other` is the guard thermistor, `still` says that all of the
        plate's conversions were one code since the last look, `duty` is that since then."""
        dt_ms = min(dt_ms, MAX_STEP_MS)
        self._target_ms = min(self._target_ms + dt_ms, limits.STUCK_TARGET_MS)
        if target != self._target:
            self._target = target
            self._target_ms = 0
            self._reached = False
        faults = self._check_reading(plate, still, dt_ms) | self._check_apart(plate, other, dt_ms)
        self.left = False
        if plate is None:
            return faults  # and whatever was under way waits for the next reading
        faults |= self._check_stuck_on(plate, duty, dt_ms)
        self.cut = target is not None and plate > target + limits.OVER_CENTI_C
        self.left = self.cut and self._reached
        self._reached = target is not None and not self.cut and (self._reached or plate <= target)
        if target is None or point is None:
            self._rest(plate)
            return faults
        faults |= self._check_rise(plate, point, duty, dt_ms)
        return faults | self._check_hold(plate, point, dt_ms) | self._check_hot(plate, dt_ms)

    def _rest(self, plate: int) -> None:
        self._rise_from = plate
        self._rise_ms = 0
        self._low = plate
        self._deficit = 0
        self._gain_ms = 0
        self._hot_ms = 0

    def _check_reading(self, plate: int | None, still: bool, dt_ms: int) -> int:
        """S6 and S11; a plate that is not heated may be unread, and as still as it likes."""
        if self._target is None or plate is None:
            still = False
        self.stale_ms = self.stale_ms + dt_ms if plate is None and self._target is not None else 0
        self._still_ms = self._still_ms + dt_ms if still else 0
        faults = records.FAULT_STALE if self.stale_ms >= limits.STALE_TRIP_MS else 0
        return faults | (records.FAULT_FROZEN if self._still_ms >= limits.FROZEN_MS else 0)

    def _check_apart(self, plate: int | None, other: int | None, dt_ms: int) -> int:
        """S12."""
        if plate is None or other is None or abs(plate - other) <= limits.APART_CENTI_C:
            self._apart_ms = 0
            return 0
        self._apart_ms += dt_ms
        return records.FAULT_APART if self._apart_ms >= limits.APART_MS else 0

    def _check_rise(self, plate: int, point: int, duty: int, dt_ms: int) -> int:
        """S7: full power has to show."""
        rise = limits.RISE_CENTI_C
        if duty < limits.RISE_DUTY or plate > point - rise or plate >= self._rise_from + rise:
            self._rise_from = plate
            self._rise_ms = 0
            return 0
        self._rise_from = min(self._rise_from, plate)
        self._rise_ms += dt_ms
        return records.FAULT_NO_RISE if self._rise_ms >= limits.RISE_MS else 0

    def _check_hold(self, plate: int, point: int, dt_ms: int) -> int:
        """S8: what is missing adds up, unless it warms up."""
        short = point - limits.HOLD_BELOW_CENTI_C - plate
        if short <= 0 or plate >= self._low + limits.RISE_CENTI_C:
            self._low = plate
            self._deficit = 0
            self._gain_ms = 0
            return 0
        self._low = min(self._low, plate)
        self._deficit = min(self._deficit + short * dt_ms // 1000, limits.HOLD_DEFICIT_CENTI_C_S)
        self._gain_ms = min(self._gain_ms + dt_ms, limits.RISE_MS)
        full = self._deficit >= limits.HOLD_DEFICIT_CENTI_C_S
        return records.FAULT_TOO_COLD if full and self._gain_ms >= limits.RISE_MS else 0

    def _check_stuck_on(self, plate: int, duty: int, dt_ms: int) -> int:
        """S10: it rises though nobody heats. Compared with the coolest of the last minute."""
        if duty:
            self._off_ms = 0
            return 0
        if self._off_ms == 0:
            self._coolest = self._coolest_before = plate
        self._off_ms = min(self._off_ms + dt_ms, limits.RISE_MS)
        self._slot_ms += dt_ms
        if self._slot_ms >= limits.RISE_MS // 2:
            self._slot_ms = 0
            self._coolest_before = self._coolest
            self._coolest = plate
        self._coolest = min(self._coolest, plate)
        risen = plate - min(self._coolest, self._coolest_before) > limits.RISE_CENTI_C
        return records.FAULT_STUCK_ON if risen and self._off_ms >= limits.RISE_MS else 0

    def _check_hot(self, plate: int, dt_ms: int) -> int:
        """S10: hot for long after any change of target, and not falling."""
        if not self.cut or self._hot_ms == 0 or plate <= self._hot - limits.STUCK_FALL_CENTI_C:
            self._hot = plate
            self._hot_ms = dt_ms if self.cut else 0
            return 0
        self._hot_ms += dt_ms
        late = self._target_ms >= limits.STUCK_TARGET_MS
        return records.FAULT_STUCK_ON if late and self._hot_ms >= limits.STUCK_HOT_MS else 0
