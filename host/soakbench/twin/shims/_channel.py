# The child's end of the control channel; soakbench/twin/channel.py describes the format.
#
# The child has no clock. Time stands still while firmware runs and moves only in `idle`, where
# one request is sent and one answer awaited; all that has happened meanwhile travels in front of
# the request. Nothing here allocates in the steady state, and pin changes may come from a timer
# callback that runs with the heap locked.

from array import array
from struct import pack_into, unpack, unpack_from

import uctypes
import uos

IDLE = 1
PIN = 2
SCRATCH = 3
WATCHDOG = 4
I2C_READ = 5
I2C_WRITE = 6
RESET = 7
PRODUCED = 8
LEFT_OUT = 9
I2C_MEM = 10
LEVEL = 11
I2C_POST = 12

HUNG = 1  # the program is stuck: only interrupts run
INTERRUPT = 2  # Ctrl-C came in over the serial line
INPUT = 4  # there are bytes to read

OBSERVED = 1  # tell of records
SEEDED = 2  # os.urandom draws from `entropy`

WANT_INPUT = 1
WANT_ROOM = 2
WROTE = 4  # beside what an IDLE wants: there may be output to read

LOW = 0
HIGH = 1
RELEASED = 2

BOOT_FORMAT = "<IB8s8IBI"
BOOT_SIZE = 50
ANSWER_SIZE = 108
CODES_AT = 6  # of the ADC codes in `words`
CODES = 8  # per channel
CHANNELS = 3  # GPIO 26, 27, 28
KNOWN_AT = 60  # of what is known of the I2C devices
_KNOWN_SIZE = 4
_ALL_KNOWN = (1 << (ANSWER_SIZE - KNOWN_AT) // _KNOWN_SIZE) - 1

TICKS_MASK = (1 << 30) - 1
TICKS_HALF = 1 << 29
FOREVER = TICKS_HALF - 1

_HEAD = 2
_REQUEST_MOST = 1024

_fds = uos.getenv("SOAKBENCH_TWIN_FDS").split(",")
_from_parent = open(int(_fds[0]), "rb")  # noqa: SIM115 (for as long as the process lives)
_to_parent = open(int(_fds[1]), "wb")  # noqa: SIM115

words = array("H", bytes(ANSWER_SIZE))
answer = uctypes.bytearray_at(uctypes.addressof(words), ANSWER_SIZE)  # the same, as bytes
_request = bytearray(_REQUEST_MOST)
_used = 0

now = 0  # runs ahead of `told` while timers fire before the quiet ends
told = 0  # the time of the last answer
quiet_end = 0  # nothing comes from outside before
flags = 0
room = 256  # bytes of output the serial line takes; at first what the board's own buffer holds
last_feed = 0
wrote = False  # since the last answer: the host may have something to say to that
known = 0  # which words of the answer are true: no pin has changed, the device was not written to


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


def _place(op, size):
    # Where the payload of the next message goes.
    global _used
    if _used + _HEAD + size > _REQUEST_MOST:
        flush()
    at = _used
    _request[at] = op
    _request[at + 1] = size
    _used = at + _HEAD + size
    return at + _HEAD


def flush():
    global _used
    _to_parent.write(_request, _used)
    _used = 0


def pin_changed(gpio, state):
    global known
    known = 0
    pack_into("<IB", _request, _place(PIN, 5), now, gpio << 2 | state)


def put(op, payload):
    # To be sent with the next request.
    size = len(payload)
    at = _place(op, size)
    _request[at : at + size] = payload


def send(op, payload):
    # Whatever becomes of the program, this has happened.
    put(op, payload)
    flush()


def idle(wait_ms, wants):
    global now, told, quiet_end, flags, room, wrote, known
    # Who waits for no input may have printed something, as an exception does.
    if wrote or not wants & WANT_INPUT:
        wants |= WROTE
    pack_into("<IIB", _request, _place(IDLE, 9), wait_ms, last_feed, wants)
    flush()
    if _from_parent.readinto(answer) != ANSWER_SIZE:
        _gone()
    now, quiet_ms, room, flags = unpack_from("<IIHB", answer, 0)
    told = now
    quiet_end = (now + quiet_ms) & TICKS_MASK
    wrote = False
    known = _ALL_KNOWN


def transact(op, payload):
    # Raises OSError if the device does not answer.
    if op == I2C_WRITE:
        # What is known of a register says that its device answers now: no need to wait for that.
        posted = len(payload) == _KNOWN_SIZE and known_word(payload[0], payload[1])
        _forget(payload[0])
        if posted:
            put(I2C_POST, payload)
            return b""
    send(op, payload)
    status, size = _receive(2)
    data = _receive(size) if size else b""
    if status:
        raise OSError(status)
    return data


def input_level(gpio):
    # What a pin that nothing drives here is at.
    send(LEVEL, bytes((gpio,)))
    return _receive(2)[0]


def known_word(address, register):
    # Where in the answer the register's two bytes stand; 0 if they are not known.
    bit = 1
    for at in range(KNOWN_AT, ANSWER_SIZE, _KNOWN_SIZE):
        if answer[at] == address and answer[at + 1] == register and known & bit:
            return at + 2
        bit <<= 1
    return 0


def _forget(address):
    # What was known of a device is no longer true.
    global known
    bit = 1
    for at in range(KNOWN_AT, ANSWER_SIZE, _KNOWN_SIZE):
        if answer[at] == address:
            known &= ~bit
        bit <<= 1


def feed():
    global last_feed
    last_feed = now


def use_room(size):
    global room, wrote
    room = max(0, room - size)
    wrote = True


def _boot():
    # The parent sends this once; it stays in the pipe until the first shim is imported.
    global now, told, quiet_end, last_feed
    values = unpack(BOOT_FORMAT, _receive(BOOT_SIZE))
    now = told = quiet_end = last_feed = values[0]
    return values[1], values[2], list(values[3:11]), values[11], values[12]


reset_cause, unique_id, scratch, options, entropy = _boot()
