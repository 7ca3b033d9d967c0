# `machine` of the simulated RP2040. Stricter than the chip: what is wrong there raises here.
# ruff: noqa: A002 (argument names are MicroPython's)

from errno import EIO, ETIMEDOUT
from struct import pack

import _channel as channel
import _waiting

PWRON_RESET = 1
WDT_RESET = 3

_GPIOS = 30
_FIRST_ADC = 26
_SCRATCH0 = 0x4005800C  # WATCHDOG_SCRATCH0 of the RP2040; eight registers
_WDT_MOST_MS = 8388

_LAST_CODE = channel.CODES - 1  # a power of 2, less one
_words = channel.words
_levels = bytearray([channel.RELEASED] * _GPIOS)
_open_drain = bytearray(_GPIOS)
_on_bus = bytearray(_GPIOS)  # 1: the pin belongs to an I2C controller


class Pin:
    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2

    def __init__(self, id, mode=-1, pull=None, *, value=None):
        if not 0 <= id < _GPIOS:
            raise ValueError("no such GPIO")
        self.gpio = id
        if mode != -1:
            self.init(mode, pull, value=value)

    def init(self, mode, pull=None, *, value=None):
        _on_bus[self.gpio] = 0
        _open_drain[self.gpio] = 0
        if mode == self.IN:
            self._drive(channel.RELEASED)
        elif mode == self.OUT:
            level = _levels[self.gpio] == channel.HIGH if value is None else bool(value)
            self._drive(channel.HIGH if level else channel.LOW)
        elif mode == self.OPEN_DRAIN:
            _open_drain[self.gpio] = 1
            self._drive(channel.LOW if value is not None and not value else channel.RELEASED)
        else:
            raise ValueError("mode is IN, OUT or OPEN_DRAIN")

    def value(self, level=None):
        driven = _levels[self.gpio]
        if level is None:
            return channel.input_level(self.gpio) if driven == channel.RELEASED else driven
        if _open_drain[self.gpio]:
            self._drive(channel.RELEASED if level else channel.LOW)
        elif driven == channel.RELEASED:
            raise ValueError("writing to a pin that is not an output")
        else:
            self._drive(channel.HIGH if level else channel.LOW)
        return None

    def __call__(self, level=None):
        # Ten times a second, and mostly nothing changes.
        if level is not None and _levels[self.gpio] == level:
            return None
        return self.value(level)

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def _drive(self, state):
        if _levels[self.gpio] != state:
            _levels[self.gpio] = state
            channel.pin_changed(self.gpio, state)


class ADC:
    def __init__(self, pin):
        gpio = pin.gpio if isinstance(pin, Pin) else pin
        if not _FIRST_ADC <= gpio < _FIRST_ADC + channel.CHANNELS:
            raise ValueError("Pin doesn't have ADC capabilities")
        self._at = channel.CODES_AT + (gpio - _FIRST_ADC) * channel.CODES
        self._turn = 0

    def read_u16(self):
        # One answer holds a few conversions of each channel; they come round.
        turn = self._turn
        self._turn = turn + 1 & _LAST_CODE
        return _words[self._at + turn]


class I2C:
    def __init__(self, id, *, scl, sda, freq=400000, timeout=50000):
        if id not in (0, 1) or scl.gpio % 4 != 2 * id + 1:
            raise ValueError("bad SCL pin")
        if sda.gpio % 4 != 2 * id:
            raise ValueError("bad SDA pin")
        self._pins = scl.gpio, sda.gpio
        for pin in (scl, sda):
            pin.init(Pin.IN)
            _on_bus[pin.gpio] = 1

    def readfrom(self, addr, nbytes):
        return self._transact(channel.I2C_READ, pack("BB", addr, nbytes))

    def readfrom_into(self, addr, buf):
        buf[:] = self.readfrom(addr, len(buf))

    def writeto(self, addr, buf):
        self._transact(channel.I2C_WRITE, pack("B", addr) + bytes(buf))
        return len(buf)  # all were acknowledged, or it would have raised

    def readfrom_mem(self, addr, memaddr, nbytes):
        return self._transact(channel.I2C_MEM, pack("BBB", addr, memaddr, nbytes))

    def readfrom_mem_into(self, addr, memaddr, buf):
        at = channel.known_word(addr, memaddr) if len(buf) == 2 and self._connected() else 0
        if at:
            buf[0] = channel.answer[at]
            buf[1] = channel.answer[at + 1]
        else:
            buf[:] = self.readfrom_mem(addr, memaddr, len(buf))

    def writeto_mem(self, addr, memaddr, buf):
        self._transact(channel.I2C_WRITE, pack("BB", addr, memaddr) + bytes(buf))

    def scan(self):
        return [addr for addr in range(0x08, 0x78) if self._answers(addr)]

    def _answers(self, addr):
        try:
            self.writeto(addr, b"")
        except OSError as e:
            if e.errno != EIO:
                raise
            return False
        return True

    def _transact(self, op, payload):
        if not self._connected():
            raise OSError(ETIMEDOUT)
        return channel.transact(op, payload)

    def _connected(self):
        # A pin that was made an input or output since is no longer the controller's.
        scl, sda = self._pins
        return _on_bus[scl] and _on_bus[sda]


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=-1, **kwargs):
        if id != -1:
            raise ValueError("only virtual timers (-1)")
        if kwargs:
            self.init(**kwargs)

    def init(self, *, period, callback, mode=PERIODIC, hard=False):
        if period < 1:
            raise ValueError("period is at least 1 ms")
        self.deinit()
        self.callback = callback
        self.hard = hard
        self._period = period
        self._mode = mode
        self.due = channel.now
        self._step()
        _waiting.timers.append(self)

    def deinit(self):
        if self in _waiting.timers:
            _waiting.timers.remove(self)

    def advance(self):
        if self._mode == self.ONE_SHOT:
            self.deinit()
        else:
            self._step()

    def _step(self):
        self.due = (self.due + self._period) & channel.TICKS_MASK


class WDT:
    def __init__(self, id=0, timeout=5000):
        if id != 0 or not 1 <= timeout <= _WDT_MOST_MS:
            raise ValueError("watchdog timeout is 1..8388 ms")
        channel.feed()
        channel.send(channel.WATCHDOG, pack("<I", timeout))

    def feed(self):
        channel.feed()


class _Mem32:
    # Only the watchdog's scratch registers exist: they survive a reset, not a power cut.
    def __getitem__(self, address):
        return channel.scratch[self._index(address)]

    def __setitem__(self, address, value):
        index = self._index(address)
        if not 0 <= value <= 0xFFFFFFFF:
            raise OverflowError("not a 32-bit value")
        channel.scratch[index] = value
        channel.send(channel.SCRATCH, pack("<BI", index, value))

    def _index(self, address):
        index, odd = divmod(address - _SCRATCH0, 4)
        if odd or not 0 <= index < 8:
            raise ValueError("no such register in the twin")
        return index


mem32 = _Mem32()


def unique_id():
    return channel.unique_id


def reset_cause():
    return channel.reset_cause


def reset():
    channel.send(channel.RESET, b"")
    while True:  # the twin ends this process
        channel.idle(channel.FOREVER, 0)


def disable_irq():
    return 0  # timers run only while the board idles


def enable_irq(state):
    pass
