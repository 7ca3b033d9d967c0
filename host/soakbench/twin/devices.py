"""Chips on the I2C bus, as register models."""

from typing import Protocol

# VEML7700 registers (Vishay 84286) and the fields of ALS_CONF_0.
_CONF = 0x00
_ALS = 0x04
_WHITE = 0x05
_ID = 0x07
_ID_VALUE = 0xC481
_SHUTDOWN = 1
_COUNT_TOP = 0xFFFF

# Gain by bits 12:11, integration time in ms by bits 9:6.
_GAINS = {0: 1.0, 1: 2.0, 2: 0.125, 3: 0.25}
_TIMES_MS = {0b1100: 25, 0b1000: 50, 0b0000: 100, 0b0001: 200, 0b0010: 400, 0b0011: 800}

# Lux per count at gain 2 and 800 ms; it doubles with each halving of either.
_FINEST_LUX = 0.0042
_FINEST_GAIN = 2.0
_FINEST_MS = 800


class I2cDevice(Protocol):
    """A chip with registers."""

    def read(self, register: int, length: int) -> bytes:
        """`length` bytes from `register` on."""

    def write(self, register: int, data: bytes) -> None:
        """Set `register`."""


class Veml7700:
    """The ambient light sensor; `lux` is set by who knows. Registers are 16 bits, low byte first.

    In shutdown (as after power-on) the output keeps its last count.
    """

    def __init__(self) -> None:
        self._conf = _SHUTDOWN
        self._count = 0
        self._lux = 0.0

    def see(self, lux: float) -> None:
        """Let this light fall on the chip from now on."""
        self._lux = lux
        if not self._conf & _SHUTDOWN:
            self._count = min(_COUNT_TOP, round(lux / self._lux_per_count()))

    def read(self, register: int, length: int) -> bytes:
        """The register's two bytes, as often as `length` asks for."""
        values = {_CONF: self._conf, _ALS: self._count, _WHITE: self._count, _ID: _ID_VALUE}
        word = values.get(register, 0).to_bytes(2, "little")
        return (word * (length // 2 + 1))[:length]

    def write(self, register: int, data: bytes) -> None:
        """Only the configuration register does anything."""
        if register == _CONF and len(data) == 2:
            self._conf = int.from_bytes(data, "little")
            self.see(self._lux)

    def _lux_per_count(self) -> float:
        gain = _GAINS[self._conf >> 11 & 3]
        time_ms = _TIMES_MS.get(self._conf >> 6 & 15, 100)
        return _FINEST_LUX * _FINEST_GAIN / gain * _FINEST_MS / time_ms
