"""The control channel between the twin and the MicroPython process it hosts; the twin's side.

The child has no clock, no pins and no sensors: it asks. Its serial line is its stdin and stdout;
this is a second pair of pipes, whose descriptors the child finds in `SOAKBENCH_TWIN_FDS`. The
child's side is `shims/_channel.py`. Numbers are little-endian.

From the child, any number of messages `op u8 | length u8 | payload`, most of them in one piece with
the IDLE that ends them:

    IDLE       wait_ms u32 | last_feed u32 | wants u8    "let time pass"; awaits an ANSWER. Has it
                                                         written, WROTE is among its wants
    PIN        ticks u32 | gpio << 2 | state u8          has changed, with its time
    SCRATCH    register u8 | value u32                   survives a reset
    WATCHDOG   timeout_ms u32                            started; fed at last_feed
    I2C_READ   address u8 | length u8                    awaits status u8 | length u8 | data
    I2C_WRITE  address u8 | data                         awaits status u8 | length u8 (0)
    I2C_MEM    address u8 | register u8 | length u8      the same as I2C_READ, of a register
    I2C_POST   address u8 | register u8 | 2 bytes        the same as I2C_WRITE, of a word that is
                                                         known: the device is there, no answer
    LEVEL      gpio u8; of an input                      awaits level u8 | length u8 (0)
    RESET                                                machine.reset(); the child is ended
    PRODUCED   slot                                      a record; only if BOOT asks for them
    LEFT_OUT   first_seq u32 | count u32                 records thinned at the source

To the child: BOOT once at the start, then an ANSWER to every IDLE and an I2C answer. What the
host has sent is written to the child's stdin before the ANSWER, and what the child has written is
read after its IDLE has come, so that one exchange is one round trip.

    BOOT    ticks u32 | reset_cause u8 | unique_id 8 bytes | 8 scratch registers u32 | options u8
            | entropy u32
    ANSWER  ticks u32 | quiet_ms u32 | room u16 | flags u8 | - | 3 channels x 8 ADC codes u16
            | 12 words of I2C devices: address u8 | register u8 | 2 bytes

`wait_ms` and `quiet_ms` count from the ticks of the last ANSWER. Before the quiet ends the child
fires its timers by itself, so that pin changes may be later than that ANSWER. The words are what
the child has read before: as long as it changes no pin and does not write to that device it need
not ask for them again.
"""

import contextlib
import os
import struct
from enum import IntEnum, IntFlag
from typing import NamedTuple

TICKS_MASK = (1 << 30) - 1
TICKS_HALF = 1 << 29
FOREVER_MS = TICKS_HALF - 1
ADC_PINS = (26, 27, 28)
CODES_PER_PIN = 8
SCRATCH_REGISTERS = 8
UNIQUE_ID_SIZE = 8
WORDS_MOST = 12  # of four converters, four lux sensors, and as many again
WORD_SIZE = 2

_HEAD = 2
_READ_SIZE = 4096
_IDLE = struct.Struct("<IIB")
_PIN = struct.Struct("<IB")
_BOOT = struct.Struct(f"<IB{UNIQUE_ID_SIZE}s{SCRATCH_REGISTERS}IBI")
_ANSWER = struct.Struct(f"<IIHBx{len(ADC_PINS) * CODES_PER_PIN}H{WORDS_MOST * (2 + WORD_SIZE)}s")


class Op(IntEnum):
    """What a message from the child is about."""

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


class Wants(IntFlag):
    """What ends an IDLE early."""

    INPUT = 1
    ROOM = 2


WROTE = 4
"""Beside what an IDLE wants: there may be output to read."""


class Flags(IntFlag):
    """What an ANSWER tells beside the time."""

    NONE = 0
    HUNG = 1
    """The program is stuck: interrupts run, the wait does not end."""
    INTERRUPT = 2
    """Ctrl-C came over the serial line."""
    INPUT = 4
    """There are bytes on the serial line that the program has not read."""


class Options(IntFlag):
    """What BOOT asks for."""

    NONE = 0
    OBSERVED = 1
    """Tell of records."""
    SEEDED = 2
    """Random bytes come from `entropy`."""


class PinState(IntEnum):
    """What drives a pin."""

    LOW = 0
    HIGH = 1
    RELEASED = 2


class Idle(NamedTuple):
    """A decoded IDLE; `last_feed` in ticks."""

    wait_ms: int
    last_feed: int
    wants: int


class PinChange(NamedTuple):
    """A change of a pin; `at` in ticks."""

    at: int
    gpio: int
    state: PinState


class Boot(NamedTuple):
    """What the child is told at its start."""

    ticks: int
    cause: int
    unique_id: bytes
    scratch: list[int]
    options: Options
    entropy: int


class ChildGoneError(Exception):
    """The child has closed its end: it has ended, or is about to."""


class Channel:
    """Both pipes of the control channel, without blocking on the way in."""

    def __init__(self, from_child: int, to_child: int) -> None:
        os.set_blocking(from_child, False)
        self.fd = from_child
        self._to_child = to_child
        self._pending = b""

    def close(self) -> None:
        """Close both pipes."""
        os.close(self.fd)
        os.close(self._to_child)

    def receive(self) -> list[tuple[int, bytes]]:
        """The messages that have arrived whole: (op, payload). ChildGoneError at the end."""
        try:
            data = os.read(self.fd, _READ_SIZE)
        except BlockingIOError:
            return []
        if not data:
            raise ChildGoneError
        data = self._pending + data
        messages, at = [], 0
        while len(data) >= at + _HEAD and len(data) >= at + _HEAD + data[at + 1]:
            end = at + _HEAD + data[at + 1]
            messages.append((data[at], data[at + _HEAD : end]))
            at = end
        self._pending = data[at:]
        return messages

    def boot(self, boot: Boot) -> None:
        """Tell the child who it is."""
        head = (boot.ticks, boot.cause, boot.unique_id)
        self._send(_BOOT.pack(*head, *boot.scratch, boot.options, boot.entropy))

    def answer(
        self, ticks: int, quiet_ms: int, room: int, flags: int, codes: list[int], words: bytes
    ) -> None:
        """Let the child go on at `ticks` with room for `room` bytes of output.

        Nothing will come from outside for `quiet_ms`; `words` are I2C registers it may read.
        """
        self._send(_ANSWER.pack(ticks, quiet_ms, room, flags, *codes, words))

    def answer_i2c(self, status: int, data: bytes) -> None:
        """Answer a transaction; `status` is 0 or an errno. Of a pin it is the level."""
        self._send(bytes((status, len(data))) + data)

    def _send(self, data: bytes) -> None:
        # The child reads whatever it is sent before it asks again, so the pipe is never full. If
        # it has died meanwhile, the next receive tells.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._to_child, data)


def unpack_idle(payload: bytes) -> Idle:
    """The payload of IDLE."""
    return Idle(*_IDLE.unpack(payload))


def unpack_pin(payload: bytes) -> PinChange:
    """The payload of PIN."""
    at, code = _PIN.unpack(payload)
    return PinChange(at, code >> 2, PinState(code & 3))


def unpack_scratch(payload: bytes) -> tuple[int, int]:
    """The payload of SCRATCH: register and value."""
    register, value = struct.unpack("<BI", payload)
    return register, value


def unpack_watchdog(payload: bytes) -> int:
    """The payload of WATCHDOG: the timeout in ms."""
    timeout_ms: int = struct.unpack("<I", payload)[0]
    return timeout_ms


def unpack_left_out(payload: bytes) -> tuple[int, int]:
    """The payload of LEFT_OUT: first seq and count."""
    first_seq, count = struct.unpack("<II", payload)
    return first_seq, count
