"""Trips: what turns a station's heater off until a person says otherwise (S5, S9, S13).

The guard shares no state with the control law it watches: it gets the sensors and the ceiling,
and remembers faults. Sensors that do not steer the heater are remembered too, without a trip.
"""

from soakfw.limits import CLEAR_BELOW_CENTI_C
from soakfw.sensors import OPEN, RANGE, SHORT, LuxSensor, Thermistor
from soakwire.records import FAULT_GUARD, FAULT_LUX, FAULT_OVER_TEMP, FAULT_STAGE

PLATE = OPEN | SHORT | RANGE
TRIPS = PLATE | FAULT_OVER_TEMP | FAULT_GUARD

CLEARED = 0
PRESENT = 1  # the cause is still there
HOT = 2


class Guard:
    """Latched faults of one station. Any sensor may be None: not fitted."""

    def __init__(
        self,
        ceiling_centi_c: int,
        plate: Thermistor | None,
        guard: Thermistor | None,
        stage: Thermistor | None,
        lux: LuxSensor | None,
    ) -> None:
        self._ceiling = ceiling_centi_c
        self._plate = plate
        self._guard = guard
        self._pair = (plate, guard)
        self._stage = stage
        self._lux = lux
        self.faults = 0

    @property
    def tripped(self) -> bool:
        """Whether the heater must be off."""
        return self.faults & TRIPS != 0

    def check(self) -> int:
        """Look at the newest readings; the faults that are new."""
        new = self._present() & ~self.faults
        self.faults |= new
        return new

    def clear(self, faults: int) -> int:
        """Forget `faults` if their causes are gone: CLEARED, PRESENT or HOT."""
        if faults & self._present():
            return PRESENT
        if faults & TRIPS and not self._is_cool():
            return HOT
        self.faults &= ~faults
        return CLEARED

    def _present(self) -> int:
        faults = self._plate.fault if self._plate else 0
        if self._guard and self._guard.fault:
            faults |= FAULT_GUARD
        for sensor in self._pair:
            if sensor and sensor.centi_c is not None and sensor.centi_c > self._ceiling:
                faults |= FAULT_OVER_TEMP
        if self._stage and self._stage.fault:
            faults |= FAULT_STAGE
        if self._lux and self._lux.fault:
            faults |= FAULT_LUX
        return faults

    def _is_cool(self) -> bool:
        plate = self._plate.centi_c if self._plate else None
        return plate is not None and plate < CLEAR_BELOW_CENTI_C
