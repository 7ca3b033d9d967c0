# `os` of the simulated board: MicroPython's, but a rehearsal draws the same bytes in every run.

import _channel as channel
import uos
from uos import *  # noqa: F403

_MULTIPLIER = 1664525  # Knuth's and Lewis's generator: nothing here is secret
_INCREMENT = 1013904223
_state = channel.entropy


def urandom(n):
    global _state
    if not channel.options & channel.SEEDED:
        return uos.urandom(n)
    drawn = b""
    while len(drawn) < n:
        drawn += _state.to_bytes(4, "little")
        _state = (_state * _MULTIPLIER + _INCREMENT) & 0xFFFFFFFF
    return drawn[:n]
