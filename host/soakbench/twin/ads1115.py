"""The converter on the I2C bus: an ADS1115, as its data sheet (Texas Instruments SBAS444) says.

The comparator is left out: its output pin is not wired.
"""

import random
from collections.abc import Callable, Sequence

CONVERSION, CONFIG, LO_THRESH, HI_THRESH = range(4)

_START = 1 << 15  # written: begin a conversion; read: none is going on
_SINGLE_SHOT = 1 << 8
_RESET_WORDS = (0x0000, 0x8583, 0x8000, 0x7FFF)

# The two inputs by bits 14:12; None is ground.
_MUX: tuple[tuple[int, int | None], ...] = (
    (0, 1),
    (0, 3),
    (1, 3),
    (2, 3),
    (0, None),
    (1, None),
    (2, None),
    (3, None),
)
_FULL_SCALE_V = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)  # bits 11:9
_RATES_SPS = (8, 16, 32, 64, 128, 250, 475, 860)  # bits 7:5
_SLOWEST = 0.9  # of the rate: the oscillator's tolerance is 10 %
_WAKE_MS = 0.025  # from power-down to the begin of the conversion
_TOP = 32767
_DIODE_V = 0.3  # beyond ground and supply the input's protection conducts
_NOISE_LENGTH = 4093  # a prime: no control period comes round to the same noise soon

Source = Callable[[], float]
"""The voltage at an input now, as if no converter were there to limit it."""


class Ads1115:
    """`inputs` are its four; `noise_lsb` is its standard deviation and `seed` chooses the noise.

    A conversion takes what is there at its begin. Its noise depends on the time, not on how often
    the chip was asked.
    """

    def __init__(
        self, inputs: Sequence[Source], supply_v: float, noise_lsb: float, seed: int
    ) -> None:
        self._inputs = inputs
        self._highest_v = supply_v + _DIODE_V
        draw = random.Random(seed)
        self._noise = [draw.gauss(0, noise_lsb) for _ in range(_NOISE_LENGTH)]
        self._ready_ms: float | None = None
        self._coming = 0
        self.reset()

    def reset(self) -> None:
        """As after power-on."""
        self._pointer = CONVERSION
        self._words = list(_RESET_WORDS)
        self._words[CONFIG] &= ~_START  # it reads as set while nothing is converted
        self._ready_ms = None

    def write(self, data: bytes, now_ms: float) -> bool:
        """A register's number, and what is to stand there. Anything else is a mistake."""
        if not data:
            return True
        if data[0] > HI_THRESH or len(data) not in (1, 3):
            return False
        self._pointer = data[0]
        if len(data) == 3:
            return self._set(int.from_bytes(data[1:], "big"), now_ms)
        return True

    def read(self, length: int, now_ms: float) -> bytes:
        """The register's two bytes, high byte first."""
        return self.peek(self._pointer, length, now_ms)

    def peek(self, register: int, length: int, now_ms: float) -> bytes:
        """What a read would give."""
        self._finish(now_ms)
        word = self._words[register & HI_THRESH]
        if register == CONFIG and self._ready_ms is None:
            word |= _START
        return word.to_bytes(2, "big")[:length].ljust(length, b"\xff")

    def _set(self, word: int, now_ms: float) -> bool:
        if self._pointer == CONVERSION:
            return False  # it can only be read
        self._finish(now_ms)
        if self._pointer != CONFIG:
            self._words[self._pointer] = word
            return True
        runs = self._ready_ms is not None and bool(self._words[CONFIG] & _SINGLE_SHOT)
        self._words[CONFIG] = word & ~_START
        if not word & _SINGLE_SHOT:
            self._begin(now_ms)
        elif not runs:
            self._ready_ms = None
            if word & _START:
                self._begin(now_ms)
        return True

    def _begin(self, now_ms: float) -> None:
        config = self._words[CONFIG]
        rate_sps = _RATES_SPS[config >> 5 & 7]
        self._ready_ms = now_ms + _WAKE_MS + 1000 / (rate_sps * _SLOWEST)
        self._coming = self._code(config, now_ms)

    def _finish(self, now_ms: float) -> None:
        if self._ready_ms is None or now_ms < self._ready_ms:
            return
        config = self._words[CONFIG]
        if config & _SINGLE_SHOT:
            self._ready_ms = None
        else:
            # One conversion follows the other; the last is taken to be of this moment.
            self._coming = self._code(config, now_ms)
        self._words[CONVERSION] = self._coming & 0xFFFF

    def _code(self, config: int, now_ms: float) -> int:
        mux = config >> 12 & 7
        positive, negative = _MUX[mux]
        volts = self._volts(positive) - (0 if negative is None else self._volts(negative))
        steps = volts / _FULL_SCALE_V[config >> 9 & 7] * (_TOP + 1)
        noise = self._noise[(int(now_ms) * len(_MUX) + mux) % _NOISE_LENGTH]
        return min(max(round(steps + noise), -_TOP - 1), _TOP)

    def _volts(self, number: int) -> float:
        return min(max(self._inputs[number](), -_DIODE_V), self._highest_v)
