"""An I2C bus and the chips on it, for both interpreters: what `machine.I2C` does on a good day,
and on a bad one.

Stricter than the chips: what a data sheet forbids, or calls undefined, is an AssertionError here.
Who is not ready does not acknowledge, and a buffer whose transfer broke off holds garbage.
"""

from soakwire.ticks import ticks_diff

EIO = 5  # nobody acknowledges
ETIMEDOUT = 110  # the bus is not free
KEPT_CONVERSIONS = 64  # more must not pile up
LUX_PER_COUNT = {0x1300: 2.1504, 0x0000: 0.0672}  # by the VEML7700's configuration
MICROVOLT_PER_STEP = {1: 125, 2: 62.5, 5: 7.8125}  # by the ADS1115's full scale


class FakeBus:
    """Chips by address. `hung`: a device holds SDA low until it has had its clocks."""

    def __init__(self, board):
        self._board = board
        self.chips = {}
        self.is_set_up = False
        self.hung = False
        self.held = False  # by something that no clock helps against
        self.freed = 0  # times somebody has tried
        self.transfers = 0
        self.break_at = None  # this many transfers from now one breaks off in its middle

    def free(self):
        """The board has taken the pins, and clocked."""
        self.is_set_up = False
        self.freed += 1
        self.hung = False

    def readfrom_mem_into(self, address, register, buf):
        self._fill(buf, self._chip(address).read_register(self._board.now, register, len(buf)))

    def writeto_mem(self, address, register, buf):
        chip = self._chip(address)
        self._fill(None, b"")
        chip.write_register(self._board.now, register, bytes(buf))

    def readfrom_into(self, address, buf):
        self._fill(buf, self._chip(address).read(self._board.now, len(buf)))

    def _chip(self, address):
        assert self.is_set_up, "the pins are not the bus's"
        self.transfers += 1
        if self.hung or self.held:
            raise OSError(ETIMEDOUT)
        if address not in self.chips or self.chips[address].silent:
            raise OSError(EIO)
        return self.chips[address]

    def _fill(self, buf, data):
        if self.break_at is not None:
            self.break_at -= 1
            if self.break_at < 0:
                self.break_at = None
                if buf:
                    buf[0] = 0x5A
                raise OSError(EIO)
        if buf:
            assert len(buf) == len(data)
            buf[:] = data


class FakeVeml7700:
    """The lux sensor: off after power-on, and then it says 0. `lux` falls on it."""

    def __init__(self):
        self.lux = 0.0
        self.silent = False
        self.lose_power()

    def lose_power(self):
        self._conf = 1

    def read_register(self, _now, register, length):
        assert length == 2
        if register == 0:
            word = self._conf
        else:
            assert register == 4
            word = 0 if self._conf & 1 else int(self.lux / LUX_PER_COUNT[self._conf] + 0.5)
        word = min(word, 65535)
        return bytes([word & 0xFF, word >> 8])

    def write_register(self, _now, register, data):
        assert register == 0
        assert len(data) == 2
        self._conf = data[0] | data[1] << 8
        assert self._conf in LUX_PER_COUNT


class FakeAds1115:
    """The converter. `volts` has a number or a function for each input; `stuck` is a code that it
    gives whatever is there. A conversion is of what was there when it began."""

    MS = 9  # 128 SPS less 10 %

    def __init__(self, board):
        self._board = board
        self.volts = [0.0, 0.0, 0.0, 0.0]
        self.silent = False
        self.stuck = None
        self.slow = False  # a conversion takes for ever
        self.begun = []  # (ticks, input) of the last conversions
        self.lose_power()

    def lose_power(self):
        self._config = 0x8583
        self._code = 0
        self._next = None
        self._began = 0

    def write_register(self, now, register, data):
        assert register == 1, "the configuration is all that is written"
        assert len(data) == 2
        config = data[0] << 8 | data[1]
        assert self.slow or not self._is_busy(now), "a conversion is under way"
        assert config & 0x81FF == 0x8183, "one conversion at 128 SPS, no comparator"
        number = (config >> 12 & 7) - 4
        assert number >= 0, "against ground"
        volts = self.volts[number]
        volts = volts if isinstance(volts, (int, float)) else volts()
        code = int(
            volts * 1e6 / MICROVOLT_PER_STEP[config >> 9 & 7] + 0.5 * (1 if volts > 0 else -1)
        )
        code = min(max(code, -32768), 32767)
        self._next = (code if self.stuck is None else self.stuck) & 0xFFFF
        self._config = config
        self._began = now
        if len(self.begun) == KEPT_CONVERSIONS:
            self.begun = self.begun[KEPT_CONVERSIONS // 2 :]
        self.begun.append((now, number))

    def read_register(self, now, register, length):
        assert length == 2
        assert register in (0, 1)
        busy = self._is_busy(now)
        if not busy and self._next is not None:
            self._code, self._next = self._next, None
        if register == 0:
            assert not busy, "that would be the conversion before"
            return bytes([self._code >> 8, self._code & 0xFF])
        config = self._config & 0x7FFF if busy else self._config
        return bytes([config >> 8, config & 0xFF])

    def _is_busy(self, now):
        return self._next is not None and (self.slow or ticks_diff(now, self._began) < self.MS)


class FakeSht4x:
    """The humidity sensor: acknowledges no read before it has measured, and each answer once.
    `flip` are bits that are turned over on their way: (byte, bit)."""

    MS = 9  # 8.3

    def __init__(self):
        self.ticks = (0, 0)  # temperature, humidity
        self.silent = False
        self.flip = None
        self.lose_power()

    def lose_power(self):
        self._began = None

    def write_register(self, now, register, data):
        """To it a register without data is a command."""
        assert register == 0xFD, "no such command is used"
        assert data == b""
        assert self._began is None or ticks_diff(now, self._began) >= self.MS, "it is busy"
        self._began = now

    def read(self, now, length):
        assert length == 6
        if self._began is None or ticks_diff(now, self._began) < self.MS:
            raise OSError(EIO)
        self._began = None
        made = bytearray()
        for word in self.ticks:
            pair = bytes([word >> 8, word & 0xFF])
            made.extend(pair)
            made.append(self._crc(pair))
        if self.flip:
            made[self.flip[0]] ^= 1 << self.flip[1]
        return bytes(made)

    def _crc(self, pair):
        """Bit by bit as a shift register, where the firmware folds bytes in."""
        crc = 0xFF
        for byte in pair:
            for i in range(7, -1, -1):
                out = (crc >> 7 ^ byte >> i) & 1
                crc = (crc << 1 & 0xFF) ^ (0x31 if out else 0)
        return crc
