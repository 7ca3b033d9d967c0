# `machine` for the real firmware on the unix port, where no chip is: sensors read mid-scale, pins
# and timers do nothing. The serial line is this process's own stdin and stdout, as on the board.

WDT_RESET = 3

_POWER_ON = 1


class Pin:
    IN = 0
    OUT = 1
    PULL_DOWN = 2

    def __init__(self, _gpio, _mode=IN, _pull=None, value=0):
        self._level = value

    def __call__(self, level):
        self._level = level


class ADC:
    def __init__(self, _pin):
        pass

    def read_u16(self):
        return 32768


class I2C:
    def __init__(self, _bus, **_wiring):
        pass

    def readfrom_mem_into(self, _address, _register, buf):
        buf[0] = buf[1] = 1

    def writeto_mem(self, _address, _register, _buf):
        pass


class Timer:
    PERIODIC = 1

    def __init__(self, _number):
        pass

    def init(self, **_settings):
        pass


class WDT:
    def __init__(self, timeout):
        pass

    def feed(self):
        pass


class _Registers:
    # Scratch registers: zero after power-on, and nothing survives this process.
    def __init__(self):
        self._words = {}

    def __getitem__(self, address):
        return self._words.get(address, 0)

    def __setitem__(self, address, word):
        self._words[address] = word


mem32 = _Registers()


def reset_cause():
    return _POWER_ON


def unique_id():
    return b"soakbnch"


def reset():
    raise SystemExit
