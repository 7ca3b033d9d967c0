"""The SHT4x: relative humidity and the temperature of the air.

Imported only where a bench has one. A command begins a measurement, a later pass reads six bytes:
two words, each with its CRC.
"""

from soakfw.limits import BAD_SAMPLES
from soakwire.records import FAULT_HUMIDITY
from soakwire.ticks import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.bus import Bus

_MEASURE = 0xFD  # with the highest precision
_READY_MS = 20  # it takes 8.3 ms at most, and does not answer before
_PERIOD_MS = 1000  # air is slow, and measuring warms the sensor
_TOP = 13107  # 65535 / 5: with it all products fit into the board's small integers


def crc8(data: bytes | bytearray | memoryview, at: int) -> int:
    """Of two bytes: polynomial 0x31, begun with 0xFF."""
    crc = 0xFF
    for i in (at, at + 1):
        crc ^= data[i]
        for _ in range(8):
            crc = crc << 1 ^ 0x131 if crc & 0x80 else crc << 1
    return crc


class HumiditySensor:
    """The readings, or None. `fault` is set after BAD_SAMPLES failures in a row."""

    def __init__(self, bus: "Bus", address: int) -> None:
        self._bus = bus
        self._address = address
        self._answer = bytearray(6)
        self._began: int | None = None  # ticks of a command that was acknowledged
        self._is_read = False  # and what it gave
        self._bad = 0
        self.centi_percent: int | None = None
        self.centi_c: int | None = None
        self.fault = 0

    def sample(self, now: int) -> None:
        """Begin a measurement, or read the one that is through."""
        if self._began is None:
            self._begin(now)
            return
        age_ms = ticks_diff(now, self._began)
        if not self._is_read:
            if age_ms >= _READY_MS:
                self._read()
        elif age_ms >= _PERIOD_MS:
            self._begin(now)

    def _begin(self, now: int) -> None:
        if not self._bus.write(self._address, _MEASURE, b""):
            self._fail()
            return
        self._began = now
        self._is_read = False

    def _read(self) -> None:
        data = self._answer
        if not self._bus.read(self._address, None, data):
            self._fail()
            return
        if crc8(data, 0) != data[2] or crc8(data, 3) != data[5]:
            self._fail()
            return
        self._is_read = True
        self._bad = 0
        self.fault = 0
        self.centi_c = ((data[0] << 8 | data[1]) * 3500 + _TOP // 2) // _TOP - 4500
        humidity = ((data[3] << 8 | data[4]) * 2500 + _TOP // 2) // _TOP - 600
        self.centi_percent = min(max(humidity, 0), 10000)  # as the data sheet has it

    def _fail(self) -> None:
        self._began = None
        self.centi_percent = None
        self.centi_c = None
        self._bad += 1
        if self._bad >= BAD_SAMPLES:
            self.fault = FAULT_HUMIDITY
