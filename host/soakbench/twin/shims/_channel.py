# The child's end of the control channel; soakbench/twin/channel.py describes the format.
#
# The child has no clock. Time stands still while firmware runs and moves only in `idle`, where
# one request is sent and one answer awaited. Nothing here allocates in the steady state, and pin
# changes may come from a timer callback that runs with the heap locked.

import os
from struct import pack_into, unpack, unpack_from

IDLE = 1
PINS = 2
SCRATCH = 3
WATCHDOG = 4
I2C_READ = 5
I2C_WRITE = 6
RESET = 7

HUNG = 1  # the program is stuck: only interrupts run
INTERRUPT = 2  # Ctrl-C came in over the serial line

WANT_INPUT = 1
WANT_ROOM = 2

LOW = 0
HIGH = 1
RELEASED = 2

BOOT_FORMAT = "<IB8s8I"
BOOT_SIZE = 45
ANSWER_SIZE = 56
CODES_AT = 8  # of the ADC codes in the answer
CODES = 8  # per channel
CHANNELS = 3  # GPIO 26, 27, 28

TICKS_MASK = (1 << 30) - 1
TICKS_HALF = 1 << 29
FOREVER = TICKS_HALF - 1

_PIN_SIZE = 5
_PINS_MOST = 48

_fds = os.getenv("SOAKBENCH_TWIN_FDS").split(",")
_from_parent = open(int(_fds[0]), "rb")  # noqa: SIM115 (for as long as the process lives)
_to_parent = open(int(_fds[1]), "wb")  # noqa: SIM115

answer = bytearray(ANSWER_SIZE)
_request = bytearray(11)
_pins = bytearray(2 + _PINS_MOST * _PIN_SIZE)
_pins_used = 0

now = 0
flags = 0
room = 256  # bytes of output the serial line takes; at first what the board's own buffer holds
last_feed = 0


def diff(a, b):
    return ((a - b + TICKS_HALF) & TICKS_MASK) - TICKS_HALF


def _gone():
    # The twin has ended, and what it simulates with it.
    raise SystemExit


def _receive(size):
    data = _from_parent.read(size)
    if data is None or len(data) != size:
        _gone()
    return data


def pin_changed(gpio, state):
    global _pins_used
    if _pins_used == _PINS_MOST:
        flush_pins()
    pack_into("<IB", _pins, 2 + _pins_used * _PIN_SIZE, now, gpio << 2 | state)
    _pins_used += 1


def flush_pins():
    global _pins_used
    if _pins_used == 0:
        return
    size = _pins_used * _PIN_SIZE
    pack_into("BB", _pins, 0, PINS, size)
    if _pins_used == _PINS_MOST:
        _to_parent.write(_pins)  # whole: slicing would allocate, and this may be an interrupt
    else:
        _to_parent.write(memoryview(_pins)[: 2 + size])
    _pins_used = 0


def send(op, payload):
    flush_pins()
    _to_parent.write(bytes((op, len(payload))) + payload)


def idle(wait_ms, wants):
    global now, flags, room
    flush_pins()
    pack_into("<BBIIB", _request, 0, IDLE, 9, wait_ms, last_feed, wants)
    _to_parent.write(_request)
    if _from_parent.readinto(answer) != ANSWER_SIZE:
        _gone()
    now, flags, room = unpack_from("<IBxH", answer, 0)


def transact(op, payload):
    send(op, payload)
    status, size = _receive(2)
    data = _receive(size) if size else b""
    if status:
        raise OSError(status)
    return data


def feed():
    global last_feed
    last_feed = now


def use_room(size):
    global room
    room = max(0, room - size)


def _boot():
    # The parent sends this once; it stays in the pipe until machine, time or select is imported.
    global now, last_feed
    values = unpack(BOOT_FORMAT, _receive(BOOT_SIZE))
    now = last_feed = values[0]
    return values[1], values[2], list(values[3:])


reset_cause, unique_id, scratch = _boot()
