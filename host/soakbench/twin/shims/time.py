# `time` of the simulated board: ticks come from the twin and wrap at 2**30 as on the RP2040.

import _channel as channel
from _waiting import wait


def ticks_ms():
    return channel.now


def ticks_us():
    return channel.now * 1000 & channel.TICKS_MASK


def ticks_add(ticks, delta):
    return (ticks + delta) & channel.TICKS_MASK


def ticks_diff(a, b):
    return channel.diff(a, b)


def _never():
    return False


def sleep_ms(ms):
    wait(max(0, ms), 0, _never)


def sleep(s):
    sleep_ms(int(s * 1000))
