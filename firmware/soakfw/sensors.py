"""Sensors: thermistors, the light in suns, the lux in the dark box. Integers only.

A reading is a number or None; None never becomes 0. `fault` is set after BAD_SAMPLES bad
conversions in a row and goes away with the first good one: who must remember it is the guard.
"""

from soakfw.limits import BAD_SAMPLES
from soakwire.blobs import TABLE_SHIFT
from soakwire.records import FAULT_LUX, FAULT_PLATE_OPEN, FAULT_PLATE_RANGE, FAULT_PLATE_SHORT
from soakwire.ticks import ticks_add, ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

    from machine import ADC, I2C

# The middle five of eleven conversions: the ADC's spikes are thrown away, its noise is averaged.
OVERSAMPLE = 11
_FROM = 3
_TO = 8

FULL_SCALE = 65535
MAX_MILLI_SUNS = 10000
MAX_DECI_LUX = 65534

# What a sensor's `fault` may be; for the plate's own thermistor these are the fault bits.
OPEN = FAULT_PLATE_OPEN
SHORT = FAULT_PLATE_SHORT
RANGE = FAULT_PLATE_RANGE


class Oversampler:
    """Steady readings of one ADC input."""

    def __init__(self, adc: "ADC") -> None:
        self._convert = adc.read_u16  # bound once: each time it is asked for costs an object
        self._codes = [0] * OVERSAMPLE
        self._one = 0
        self.still = False  # all conversions of the last two readings were one code (S11)

    def read(self) -> int:
        """A 16-bit code: the mean of the middle of several conversions."""
        codes, convert = self._codes, self._convert
        for i in range(OVERSAMPLE):
            codes[i] = convert()
        codes.sort()
        self.still = codes[0] == codes[OVERSAMPLE - 1] == self._one
        self._one = codes[0]
        total = 0
        for i in range(_FROM, _TO):
            total += codes[i]
        return total // (_TO - _FROM)


def interpolate(table: "array[int]", code: int) -> int:
    """The table's value at a 16-bit `code`, linear between its points."""
    i = code >> TABLE_SHIFT
    low = table[i]
    rest = code & ((1 << TABLE_SHIFT) - 1)
    return low + ((table[i + 1] - low) * rest >> TABLE_SHIFT)


class Thermistor:
    """An NTC in a divider. `values` is the station's entry of the configuration."""

    def __init__(self, adc: "ADC", table: "array[int]", values: dict) -> None:
        self.input = Oversampler(adc)
        self._table = table
        self._open_low = values["open_low"]
        self._open_high = values["open_high"]
        self._low_fault = SHORT if values["low_is_short"] else OPEN
        self._high_fault = OPEN if values["low_is_short"] else SHORT
        self._low = values["plausible_low"]
        self._high = values["plausible_high"]
        self._bad = 0
        self.code = 0
        self.centi_c: int | None = None
        self.fault = 0

    def sample(self) -> None:
        """Convert once: `centi_c` is the temperature, or None and perhaps `fault`."""
        try:
            self.code = self.input.read()
        except OSError:  # a converter on a bus that is silent: no reading, and nothing known (S6)
            self.centi_c = None
            return
        kind = self._judge()
        if kind == 0:
            self._bad = 0
            self.fault = 0
            return
        self.centi_c = None
        self._bad += 1
        if self._bad >= BAD_SAMPLES:
            self.fault = kind

    def _judge(self) -> int:
        if self.code < self._open_low:
            return self._low_fault
        if self.code > self._open_high:
            return self._high_fault
        self.centi_c = interpolate(self._table, self.code)
        return 0 if self._low <= self.centi_c <= self._high else RANGE


class LightSensor:
    """A photodiode over its burden resistor, calibrated in suns."""

    def __init__(self, adc: "ADC", zero_code: int, full_milli_suns: int) -> None:
        self._input = Oversampler(adc)
        self._zero = zero_code
        self._full = full_milli_suns
        self.milli_suns: int | None = None

    def sample(self) -> None:
        """Convert once. Noise below the dark code is no light."""
        span = FULL_SCALE - self._zero
        above = max(self._input.read() - self._zero, 0)
        self.milli_suns = min(above * self._full // span, MAX_MILLI_SUNS) if span else None


# VEML7700: registers, and its two ranges as (configuration, deci-lux per count as a fraction).
# Bright: gain 1/8, 25 ms, 2.1504 lux per count. Dark: gain 1, 100 ms, 0.0672 lux per count.
_VEML_CONF = 0
_VEML_ALS = 4
_BRIGHT = (0x1300, 2688, 125)
_DARK = (0x0000, 84, 125)
_TO_DARK = 100  # counts in the bright range: 215 lux
_TO_BRIGHT = 60000  # counts in the dark range: 4000 lux
_VEML_SETTLE_MS = 250  # after a change of range: two integrations and the oscillator's tolerance


class LuxSensor:
    """A VEML7700 in the dark box, switching between a range for light and one for darkness."""

    def __init__(self, i2c: "I2C", address: int) -> None:
        self._i2c = i2c
        self._address = address
        self._range: tuple[int, int, int] | None = None  # not configured
        self._ready_at: int | None = 0
        self._word = bytearray(2)
        self._bad = 0
        self.deci_lux: int | None = None
        self.fault = 0

    def sample(self, now: int) -> None:
        """Read once. `deci_lux` is None while a range settles and when the device is silent."""
        try:
            if self._range is None:
                self._switch(_BRIGHT, now)
            elif self._ready_at is None or ticks_diff(now, self._ready_at) >= 0:
                self._ready_at = None
                self._read(self._range, now)
        except OSError:
            self._range = None
            self.deci_lux = None
            self._bad += 1
            if self._bad >= BAD_SAMPLES:
                self.fault = FAULT_LUX

    def _read(self, used: tuple[int, int, int], now: int) -> None:
        self._i2c.readfrom_mem_into(self._address, _VEML_ALS, self._word)
        self._bad = 0
        self.fault = 0
        counts = self._word[0] | self._word[1] << 8
        _conf, numerator, denominator = used
        self.deci_lux = min((counts * numerator + denominator // 2) // denominator, MAX_DECI_LUX)
        if used is _BRIGHT and counts < _TO_DARK:
            self._switch(_DARK, now)
        elif used is _DARK and counts > _TO_BRIGHT:
            self._switch(_BRIGHT, now)

    def _switch(self, to: tuple[int, int, int], now: int) -> None:
        self._word[0] = to[0] & 0xFF
        self._word[1] = to[0] >> 8
        self._i2c.writeto_mem(self._address, _VEML_CONF, self._word)
        self._range = to
        self._ready_at = ticks_add(now, _VEML_SETTLE_MS)
        self.deci_lux = None
