"""Sensors: thermistors, and the light in suns. Integers only.

A reading is a number or None; None never becomes 0. `fault` is set after BAD_SAMPLES bad
conversions in a row and goes away with the first good one: who must remember it is the guard.
"""

from soakfw.limits import BAD_SAMPLES
from soakwire.blobs import TABLE_SHIFT
from soakwire.records import FAULT_PLATE_OPEN, FAULT_PLATE_RANGE, FAULT_PLATE_SHORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array

    from machine import ADC

# The middle five of eleven conversions: the ADC's spikes are thrown away, its noise is averaged.
OVERSAMPLE = 11
_FROM = 3
_TO = 8

FULL_SCALE = 65535
MAX_MILLI_SUNS = 10000

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
    """An NTC in a divider. `values` is the station's entry of the configuration, `offset` centi-°C.

    Who converts it calls `take`: soakfw.converters, or `sample` of a PinThermistor.
    """

    def __init__(self, table: "array[int]", values: dict, offset: int) -> None:
        self._table = table
        self._offset = offset
        self._open_low = values["open_low"]
        self._open_high = values["open_high"]
        self._low_fault = SHORT if values["low_is_short"] else OPEN
        self._high_fault = OPEN if values["low_is_short"] else SHORT
        self._low = values["plausible_low"]
        self._high = values["plausible_high"]
        self._bad = 0
        self.still = False  # it has been converted, and always to the same code (S11)
        self.code = 0
        self.centi_c: int | None = None
        self.fault = 0

    def take(self, code: int) -> None:
        """A conversion: `centi_c` is the temperature, or None and perhaps `fault`."""
        self.code = code
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
        self.centi_c = interpolate(self._table, self.code) + self._offset
        return 0 if self._low <= self.centi_c <= self._high else RANGE


class PinThermistor(Thermistor):
    """On an ADC pin."""

    def __init__(self, adc: "ADC", table: "array[int]", values: dict, offset: int) -> None:
        super().__init__(table, values, offset)
        self._input = Oversampler(adc)

    def sample(self) -> None:
        """Convert once."""
        self.take(self._input.read())
        self.still = self._input.still


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
