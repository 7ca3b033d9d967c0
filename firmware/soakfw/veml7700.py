"""The VEML7700 of a dark box, switching between a range for light and one for darkness.

Imported only where a bench has one.
"""

from soakfw.limits import BAD_SAMPLES
from soakwire.records import FAULT_LUX
from soakwire.ticks import ticks_add, ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.bus import Bus

MAX_DECI_LUX = 65534

# Registers, and the two ranges as (configuration, deci-lux per count as a fraction).
# Bright: gain 1/8, 25 ms, 2.1504 lux per count. Dark: gain 1, 100 ms, 0.0672 lux per count.
_CONF = 0
_ALS = 4
_BRIGHT = (0x1300, 2688, 125)
_DARK = (0x0000, 84, 125)
_TO_DARK = 100  # counts in the bright range: 215 lux
_TO_BRIGHT = 60000  # counts in the dark range: 4000 lux
_SETTLE_MS = 250  # after a change of range: two integrations and the oscillator's tolerance


class LuxSensor:
    """`deci_lux` is what falls on it. `fault` is set after BAD_SAMPLES failures in a row."""

    def __init__(self, bus: "Bus", address: int) -> None:
        self._bus = bus
        self._address = address
        self._range: tuple[int, int, int] | None = None  # not configured
        self._ready_at: int | None = 0
        self._word = bytearray(2)
        self._bad = 0
        self.deci_lux: int | None = None
        self.fault = 0

    def sample(self, now: int) -> None:
        """Read once. `deci_lux` is None while a range settles and when the device is silent."""
        if self._range is None:
            answers = self._switch(_BRIGHT, now)
        elif self._ready_at is None or ticks_diff(now, self._ready_at) >= 0:
            self._ready_at = None
            answers = self._read(self._range, now)
        else:
            return
        if not answers:
            self._range = None
            self.deci_lux = None
            self._bad += 1
            if self._bad >= BAD_SAMPLES:
                self.fault = FAULT_LUX

    def _read(self, used: tuple[int, int, int], now: int) -> bool:
        word = self._word
        # After a loss of power it is off, and would say for ever that it is dark.
        if not self._bus.read(self._address, _CONF, word) or word[0] | word[1] << 8 != used[0]:
            return False
        if not self._bus.read(self._address, _ALS, word):
            return False
        self._bad = 0
        self.fault = 0
        counts = word[0] | word[1] << 8
        _conf, numerator, denominator = used
        self.deci_lux = min((counts * numerator + denominator // 2) // denominator, MAX_DECI_LUX)
        if used is _BRIGHT and counts < _TO_DARK:
            return self._switch(_DARK, now)
        if used is _DARK and counts > _TO_BRIGHT:
            return self._switch(_BRIGHT, now)
        return True

    def _switch(self, to: tuple[int, int, int], now: int) -> bool:
        self._word[0] = to[0] & 0xFF
        self._word[1] = to[0] >> 8
        if not self._bus.write(self._address, _CONF, self._word):
            return False
        self._range = to
        self._ready_at = ticks_add(now, _SETTLE_MS)
        self.deci_lux = None
        return True
