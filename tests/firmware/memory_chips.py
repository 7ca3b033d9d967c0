"""A bus of the fewest parts for memory_check.py: lux and humidity sensor, and converters that
are ready at once. Nothing here allocates once it is made."""

AIR = b"\xbe\xef\x92\xbe\xef\x92"
CONVERTER = 72  # and above


class I2C:
    def __init__(self, _bus, scl, sda, freq, timeout):
        self._written = {address: bytearray(2) for address in (16, 72, 73, 74, 75)}
        self._code = 0

    def readfrom_mem_into(self, address, register, buf):
        written = self._written[address]
        if register == (1 if address >= CONVERTER else 0):
            buf[0] = written[0]
            buf[1] = written[1]
        else:
            self._code ^= 1
            buf[0] = 27 if address >= CONVERTER else 0  # 50 °C on a divider
            buf[1] = self._code

    def writeto_mem(self, address, _register, buf):
        if buf:
            written = self._written[address]
            written[0] = buf[0]
            written[1] = buf[1]

    def readfrom_into(self, _address, buf):
        for i in range(6):
            buf[i] = AIR[i]
