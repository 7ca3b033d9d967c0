"""Sensors on the I2C bus: the light sensor and the humidity sensor, as their data sheets say."""

from collections.abc import Callable
from typing import NamedTuple

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


class Veml7700:
    """The ambient light sensor. Registers are 16 bits, low byte first.

    In shutdown (as after power-on) the output keeps its last count.
    """

    def __init__(self, lux: Callable[[], float]) -> None:
        self._lux = lux
        self._register = 0
        self._conf = _SHUTDOWN
        self._count = 0

    def write(self, data: bytes, _now_ms: float) -> bool:
        """A register's number, and what is to stand there: only the configuration does anything."""
        if data:
            self._register = data[0]
        if len(data) == 3 and self._register == _CONF:
            self._look()
            self._conf = int.from_bytes(data[1:], "little")
        return True

    def read(self, length: int, now_ms: float) -> bytes:
        """The register's two bytes, as often as `length` asks for."""
        return self.peek(self._register, length, now_ms)

    def reset(self) -> None:
        """As after power-on."""
        self._register, self._conf, self._count = 0, _SHUTDOWN, 0

    def peek(self, register: int, length: int, _now_ms: float) -> bytes:
        """What a read would give."""
        self._look()
        values = {_CONF: self._conf, _ALS: self._count, _WHITE: self._count, _ID: _ID_VALUE}
        word = values.get(register, 0).to_bytes(2, "little")
        return (word * (length // 2 + 1))[:length]

    def _look(self) -> None:
        if not self._conf & _SHUTDOWN:
            self._count = min(_COUNT_TOP, round(self._lux() / self._lux_per_count()))

    def _lux_per_count(self) -> float:
        gain = _GAINS[self._conf >> 11 & 3]
        time_ms = _TIMES_MS.get(self._conf >> 6 & 15, 100)
        return _FINEST_LUX * _FINEST_GAIN / gain * _FINEST_MS / time_ms


# SHT4x (Sensirion, data sheet of the SHT40): commands, and what they take at most.
_MEASURE_MS = {0xFD: 8.3, 0xF6: 4.5, 0xE0: 1.6}
_READ_SERIAL = 0x89
_SOFT_RESET = 0x94
_RESET_MS = 1.0
_SERIAL = 0x5EED, 0x0001
_TICKS = 65535


class Air(NamedTuple):
    """What the humidity sensor is in."""

    temp_c: float
    humidity_percent: float


class Sht4x:
    """The humidity sensor: a command, a pause in which it acknowledges nothing, six bytes.

    What was read is gone: a second read without a command is not acknowledged.
    """

    def __init__(self, air: Air) -> None:
        self._air = air
        self._busy_until_ms = 0.0
        self._answer: bytes | None = None

    def write(self, data: bytes, now_ms: float) -> bool:
        """A command. Its heater and what it does not know are not acknowledged."""
        if now_ms < self._busy_until_ms:
            return False
        if not data:
            return True
        command = data[0]
        if len(data) == 1 and command in _MEASURE_MS:
            self._busy_until_ms = now_ms + _MEASURE_MS[command]
            self._answer = _words(*self._measured())
        elif data == bytes((_READ_SERIAL,)):
            self._answer = _words(*_SERIAL)
        elif data == bytes((_SOFT_RESET,)):
            self._busy_until_ms = now_ms + _RESET_MS
            self._answer = None
        else:
            return False
        return True

    def read(self, length: int, now_ms: float) -> bytes | None:
        """The answer to the command before, or as much of it as is wanted."""
        if now_ms < self._busy_until_ms or self._answer is None:
            return None
        answer, self._answer = self._answer, None
        return answer[:length].ljust(length, b"\xff")

    def peek(self, _register: int, _length: int, _now_ms: float) -> None:
        """It has no registers."""

    def reset(self) -> None:
        """As after power-on."""
        self._busy_until_ms, self._answer = 0.0, None

    def _measured(self) -> tuple[int, int]:
        temp = round((self._air.temp_c + 45) / 175 * _TICKS)
        humidity = round((self._air.humidity_percent + 6) / 125 * _TICKS)
        return min(max(temp, 0), _TICKS), min(max(humidity, 0), _TICKS)


def crc8(data: bytes) -> int:
    """CRC-8 of Sensirion's data sheets: polynomial 0x31, from 0xFF on, nothing reflected."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc << 1 ^ 0x131 if crc & 0x80 else crc << 1
    return crc


def _words(*words: int) -> bytes:
    pairs = [word.to_bytes(2, "big") for word in words]
    return b"".join(pair + bytes((crc8(pair),)) for pair in pairs)
