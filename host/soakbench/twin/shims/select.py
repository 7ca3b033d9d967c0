# `select` of the simulated board: poll on sys.stdin and sys.stdout, the USB serial port.
#
# The twin writes to stdin only while this process waits for its answer, which tells of it. Asking
# the operating system whether a byte is still there gives the same result on every run.

import sys

import _channel as channel
import uselect
from _waiting import wait

POLLIN = uselect.POLLIN
POLLOUT = uselect.POLLOUT
POLLERR = uselect.POLLERR
POLLHUP = uselect.POLLHUP

_PACKET = 64  # what the firmware may write after one POLLOUT

_NOTHING = ()

_stdin = uselect.poll()
_stdin.register(sys.stdin, POLLIN)


class _Poll:
    def __init__(self):
        self._masks = []  # (stream, mask)
        self._sends = False
        self._readable = []

    def register(self, stream, mask=POLLIN | POLLOUT):
        if stream is not sys.stdin and stream is not sys.stdout:
            raise OSError(22)
        self.unregister(stream)
        self._masks.append((stream, mask))
        self._sends = any(mask & POLLOUT for _, mask in self._masks)  # or has, once
        self._readable = [(stream, POLLIN) for stream, mask in self._masks if mask & POLLIN]

    def modify(self, stream, mask):
        if not any(have is stream for have, _ in self._masks):
            raise OSError(2)
        self.register(stream, mask)

    def unregister(self, stream):
        self._masks = [pair for pair in self._masks if pair[0] is not stream]

    def poll(self, timeout=-1):
        if timeout == 0 and not self._sends:  # before each byte
            return self._readable if _input_waits() else _NOTHING
        if timeout != 0:
            wait(None if timeout < 0 else timeout, self._wants(), self._any)
        return self._ready(timeout == 0)

    def ipoll(self, timeout=-1):
        return iter(self.poll(timeout))

    def _wants(self):
        wants = 0
        for _, mask in self._masks:
            if mask & POLLIN:
                wants |= channel.WANT_INPUT
            if mask & POLLOUT:
                wants |= channel.WANT_ROOM
        return wants

    def _any(self):
        for _, mask in self._masks:
            if mask & POLLOUT and channel.room >= _PACKET:
                return True
            if mask & POLLIN and _input_waits():
                return True
        return False

    def _ready(self, spend):
        found = []
        for stream, mask in self._masks:
            event = 0
            if mask & POLLOUT and channel.room >= _PACKET:
                event |= POLLOUT
                channel.use_room(_PACKET if spend else 0)
            if mask & POLLIN and _input_waits():
                event |= POLLIN
            if event:
                found.append((stream, event))
        return found


def _input_waits():
    if not channel.flags & channel.INPUT:
        return False
    for _ in _stdin.ipoll(0):
        return True
    return False


def poll():
    return _Poll()
