"""Trips: what turns a station's heater off until a person says otherwise (S5, S9, S13).

The guard remembers faults; what takes time to see comes from its `watch`. Sensors that do not steer
the heater are remembered too, without a trip. Where nothing of ours heats, all faults are alarms.
"""

from soakfw import scratch
from soakfw.limits import CLEAR_BELOW_CENTI_C, OVER_CENTI_C
from soakfw.sensors import Thermistor
from soakfw.watch import Watch
from soakwire import messages
from soakwire.records import (
    FAULT_APART,
    FAULT_FROZEN,
    FAULT_GUARD,
    FAULT_OVER_TEMP,
    FAULT_RUNAWAY,
    FAULT_STAGE,
    FAULT_STALE,
    PLATE_FAULTS,
    TRIPS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.board import Board
    from soakfw.sht4x import HumiditySensor
    from soakfw.veml7700 import LuxSensor

DOUBTFUL = PLATE_FAULTS | FAULT_APART


class Guard:
    """Latched faults of one station. Any sensor may be None: not fitted."""

    def __init__(
        self,
        ceiling_centi_c: int,
        plate: Thermistor | None,
        guard: Thermistor | None,
        stage: Thermistor | None,
        others: "list[LuxSensor | HumiditySensor]",
        board: "Board | None",
        station: int,
    ) -> None:
        """The faults of `others` are the bits themselves. `board` keeps the trips of `station` over
        a restart; None where there is no heater."""
        self._ceiling = ceiling_centi_c
        self._plate = plate
        self._guard = guard
        self._pair = (plate, guard)
        self._stage = stage
        self._others = others
        self._board = board
        self._station = station
        self.watch = Watch() if plate else None
        self.faults = scratch.trips(board, station) if board else 0

    @property
    def tripped(self) -> bool:
        """Whether the heater must be off."""
        return self.faults & TRIPS != 0

    def check(self, target: int | None, point: int | None, duty: int, dt_ms: int) -> int:
        """Look at the newest readings; the faults that are new. See Watch.look."""
        new = self._present()
        plate, other, watch = self._plate, self._guard, self.watch
        if plate and watch:
            second = other.centi_c if other else None
            new |= watch.look(plate.centi_c, second, plate.still, target, point, duty, dt_ms)
            if plate.fault:  # what is broken is not silent as well
                new &= ~FAULT_STALE
        new &= ~self.faults
        if new:
            self._keep(self.faults | new)
        return new

    def clear(self, faults: int, vouch: int) -> int:
        """Forget `faults` if their causes are gone and the plate is cool; a reason code.

        Where the plate's sensor itself was the fault, somebody else must know that (S13).
        """
        if faults & self._present() or not self._reads_again(faults):
            return messages.REASON_NOT_NOW
        if self._board and faults & TRIPS:
            if self._is_hot():
                return messages.REASON_STILL_HOT
            if not self._is_vouched(faults, vouch):
                return messages.REASON_VOUCH
        self._keep(self.faults & ~faults)
        return messages.REASON_OK

    def _keep(self, faults: int) -> None:
        self.faults = faults
        if self._board:
            scratch.keep_trips(self._board, self._station, faults & TRIPS)

    def _present(self) -> int:
        faults = self._plate.fault if self._plate else 0
        if self._guard and self._guard.fault:
            faults |= FAULT_GUARD
        for sensor in self._pair:
            if sensor and sensor.centi_c is not None and sensor.centi_c > self._ceiling:
                faults |= FAULT_OVER_TEMP
                if sensor.centi_c > self._ceiling + OVER_CENTI_C:
                    faults |= FAULT_RUNAWAY
        if self._stage and self._stage.fault:
            faults |= FAULT_STAGE
        for device in self._others:
            faults |= device.fault
        return faults

    def _reads_again(self, faults: int) -> bool:
        """What is seen only while heating must be disproved now: no reading, one code only."""
        plate = self._plate
        if plate is None or (faults & FAULT_STALE and plate.centi_c is None):
            return not faults & TRIPS
        return not (faults & FAULT_FROZEN and plate.still)

    def _is_hot(self) -> bool:
        """By any sensor that reads; without one nobody contradicts."""
        for sensor in (self._plate, self._guard):
            centi_c = sensor.centi_c if sensor else None
            if centi_c is not None and centi_c >= CLEAR_BELOW_CENTI_C:
                return True
        return False

    def _is_vouched(self, faults: int, vouch: int) -> bool:
        """Whether a sensor that is not in doubt reads that the plate is cool, or a person does."""
        if vouch == messages.VOUCH_OPERATOR:
            return True
        if faults & DOUBTFUL:
            other = None if faults & (FAULT_APART | FAULT_GUARD) else self._guard
            sensor = other if vouch == messages.VOUCH_SENSOR else None
        else:
            sensor = self._plate
        return sensor is not None and sensor.centi_c is not None
