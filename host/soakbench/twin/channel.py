"""The control channel between the twin and the MicroPython process it hosts; the twin's side.

The child has no clock, no pins and no sensors: it asks. Its serial line is its stdin and stdout;
this is a second pair of pipes, whose descriptors the child finds in `SOAKBENCH_TWIN_FDS`. The
child's side is `shims/_channel.py`. Numbers are little-endian.

From the child, any number of messages `op u8 | length u8 | payload`:

    IDLE       wait_ms u32 | last_feed u32 | wants u8    "let time pass"; awaits an ANSWER
    PINS       n x (ticks u32 | gpio << 2 | state u8)    what has changed, with its time
    SCRATCH    register u8 | value u32                   survives a reset
    WATCHDOG   timeout_ms u32                            started; fed at last_feed
    I2C_READ   address u8 | register u8 | length u8      awaits status u8 | length u8 | data
    I2C_WRITE  address u8 | register u8 | data           awaits status u8 | length u8 (0)
    RESET                                                machine.reset(); the child is ended

To the child: BOOT once at the start, then an ANSWER to every IDLE and an I2C answer. What the
host has sent is written to the child's stdin before the ANSWER, and what the child has written is
read after its IDLE has come, so that one exchange is one round trip.

    BOOT    ticks u32 | reset_cause u8 | unique_id 8 bytes | 8 scratch registers u32
    ANSWER  ticks u32 | flags u8 | - | room u16 | 3 channels x 8 ADC codes u16
"""

import contextlib
import os
import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

TICKS_MASK = (1 << 30) - 1
ADC_PINS = (26, 27, 28)
CODES_PER_PIN = 8
SCRATCH_REGISTERS = 8
UNIQUE_ID_SIZE = 8

_HEAD = 2
_READ_SIZE = 4096
_IDLE = struct.Struct("<IIB")
_PIN = struct.Struct("<IB")
_BOOT = struct.Struct(f"<IB{UNIQUE_ID_SIZE}s{SCRATCH_REGISTERS}I")
_ANSWER = struct.Struct(f"<IBxH{len(ADC_PINS) * CODES_PER_PIN}H")


class Op(IntEnum):
    """What a message from the child is about."""

    IDLE = 1
    PINS = 2
    SCRATCH = 3
    WATCHDOG = 4
    I2C_READ = 5
    I2C_WRITE = 6
    RESET = 7


class Wants(IntFlag):
    """What ends an IDLE early."""

    INPUT = 1
    ROOM = 2


class Flags(IntFlag):
    """What an ANSWER tells beside the time."""

    NONE = 0
    HUNG = 1
    """The program is stuck: interrupts run, the wait does not end."""
    INTERRUPT = 2
    """Ctrl-C came over the serial line."""


class PinState(IntEnum):
    """What drives a pin."""

    LOW = 0
    HIGH = 1
    RELEASED = 2


@dataclass(frozen=True, slots=True)
class Idle:
    """A decoded IDLE; `last_feed` in ticks."""

    wait_ms: int
    last_feed: int
    wants: int


@dataclass(frozen=True, slots=True)
class PinChange:
    """One change of one pin; `at` in ticks."""

    at: int
    gpio: int
    state: PinState


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

    def boot(self, ticks: int, cause: int, unique_id: bytes, scratch: list[int]) -> None:
        """Tell the child who it is."""
        self._send(_BOOT.pack(ticks, cause, unique_id, *scratch))

    def answer(self, ticks: int, flags: Flags, room: int, codes: list[int]) -> None:
        """Let the child go on at `ticks` with room for `room` bytes of output."""
        self._send(_ANSWER.pack(ticks, flags, room, *codes))

    def answer_i2c(self, status: int, data: bytes) -> None:
        """Answer a transaction; `status` is 0 or an errno."""
        self._send(bytes((status, len(data))) + data)

    def _send(self, data: bytes) -> None:
        # The child reads whatever it is sent before it asks again, so the pipe is never full. If
        # it has died meanwhile, the next receive tells.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._to_child, data)


def unpack_idle(payload: bytes) -> Idle:
    """The payload of IDLE."""
    return Idle(*_IDLE.unpack(payload))


def unpack_pins(payload: bytes) -> list[PinChange]:
    """The payload of PINS, oldest change first."""
    return [PinChange(at, code >> 2, PinState(code & 3)) for at, code in _PIN.iter_unpack(payload)]


def unpack_scratch(payload: bytes) -> tuple[int, int]:
    """The payload of SCRATCH: register and value."""
    register, value = struct.unpack("<BI", payload)
    return register, value


def unpack_watchdog(payload: bytes) -> int:
    """The payload of WATCHDOG: the timeout in ms."""
    timeout_ms: int = struct.unpack("<I", payload)[0]
    return timeout_ms
