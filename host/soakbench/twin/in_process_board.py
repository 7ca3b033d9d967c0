"""What soakfw.board.Board is on a chip: the hardware as the firmware sees it, without a chip.

Times of the firmware are ticks that wrap, those of the wiring milliseconds of the twin; both stand
still while the firmware computes. As strict as the shims of the MicroPython child.
"""

import errno
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from soakbench.twin.board import Board
from soakbench.twin.bus import CLOCKS_TO_FREE, Result
from soakbench.twin.channel import ADC_PINS, CODES_PER_PIN, TICKS_MASK, PinState
from soakbench.twin.chip import ResetCause
from soakbench.twin.in_process_firmware import Firmware
from soakwire import messages

_NEVER_MS = 1 << 62
_BOOT_ROOM = 256  # what the board's own buffer holds before it is first told of room
_HEAP_FREE_KB = 100  # about what a Pico has left; there is no such heap here
_GPIOS = 30
_PINS = (*range(23), *ADC_PINS)


class ResetAsked(BaseException):
    """The firmware has called Board.reset, which does not return: no `except Exception` sees it."""

    def __init__(self, cause: int) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Boot:
    """What a chip tells its program at the start."""

    at_ms: int
    ticks: int
    cause: ResetCause
    unique_id: bytes
    boot_id: int


class SerialLine:
    """The USB serial port from inside: what has come, what was written, and how much more may be.

    It outlives a program that has ended: its last words are in it.
    """

    def __init__(self) -> None:
        self.inbox = bytearray()
        self.outbox = bytearray()
        self.room = _BOOT_ROOM

    def print(self, text: str) -> None:
        """Write whatever room there is, as an uncaught exception does."""
        self.outbox += text.encode()


class HostedBoard:
    """One boot of the board; `scratch` are the chip's registers, which outlive it."""

    def __init__(
        self, boot: Boot, wiring: Board, scratch: list[int], line: SerialLine, firmware: Firmware
    ) -> None:
        self._wiring = wiring
        self._scratch = scratch
        self._line = line
        self._words = firmware.module("soakfw.scratch")
        self._limits = firmware.module("soakfw.limits")
        self._packet: int = self._limits.WRITE_BYTES
        self._ticks_ahead = boot.ticks - boot.at_ms
        self.levels = [PinState.RELEASED] * _GPIOS
        self._tick: Callable[[object], None] | None = None
        self._period_ms: int = self._limits.PULSE_MS
        self.tick_due_ms = _NEVER_MS
        self.now_ms = boot.at_ms
        self.bus_is_set_up = False
        """Its pins belong to the I2C controller."""
        self.bite_ms: int | None = None
        """When the watchdog bites, unless it is fed."""
        # Before the first answer all read 0.
        self.codes: dict[int, list[int]] = {gpio: [0] * CODES_PER_PIN for gpio in ADC_PINS}
        self.boot_scratch = scratch[: self._words.REGISTERS]
        word = self.boot_scratch[self._words.CAUSE]
        self.reset_cause: int = self._words.boot_cause(word, boot.cause is ResetCause.WATCHDOG)
        self.fast_resets: int = self._words.fast_resets(word, self.reset_cause)
        self._keep_cause(messages.CAUSE_COMMAND, 0)
        self.uid = struct.unpack(">II", boot.unique_id)
        self.boot_id = boot.boot_id

    # --- what main.py uses ---

    def start_watchdog(self) -> None:
        """From now on `feed` must be called, and a reset is unexpected."""
        self._keep_cause(messages.CAUSE_UNKNOWN, self.fast_resets)
        self.bite_ms = self.now_ms
        self.feed()

    def feed(self) -> None:
        """All jobs have checked in."""
        if self.bite_ms is not None:
            self.bite_ms = self.now_ms + self._limits.WATCHDOG_MS

    def run_timer(self, before_ms: int) -> None:
        """Let the hard timer tick, as often as is due and each time at its own time."""
        while self.tick_due_ms < before_ms and self._tick is not None:
            self.now_ms = self.tick_due_ms
            self.tick_due_ms += self._period_ms
            self._tick(None)

    def leave(self, cause: int) -> None:
        """What `reset` does first: leave the cause for the next boot."""
        self._keep_cause(cause, self.fast_resets)

    # --- what soakfw.app.App uses ---

    def ticks(self) -> int:
        """Milliseconds that wrap at 2**30."""
        return (self._ticks_ahead + self.now_ms) & TICKS_MASK

    def start_timer(self, tick: Callable[[object], None]) -> None:
        """Call `tick` every PULSE_MS."""
        self._tick = tick
        self.tick_due_ms = self.now_ms + self._period_ms

    def read_line(self, assemble: Callable[[int], bytes | None], most: int) -> bytes | None:
        """Give what the host has sent to `assemble` until it has made a line of it."""
        inbox = self._line.inbox
        for _ in range(min(most, len(inbox))):
            line = assemble(inbox.pop(0))
            if line:
                return line
        return None

    def write(self, data: memoryview) -> int:
        """Write at most one packet if the host takes it; how many bytes it took."""
        line = self._line
        if line.room < self._packet:
            return 0
        line.room -= self._packet  # also for a shorter one, as the shims count it
        packet = data[: self._packet]
        line.outbox += packet
        return len(packet)

    def has_pin(self, pin: int) -> bool:
        """Whether this GPIO may be used."""
        return pin in _PINS

    def has_adc(self, pin: int) -> bool:
        """Whether this GPIO is a free analog input."""
        return pin in ADC_PINS

    def pin(self, pin: int, level: int) -> Callable[[int], None]:
        """An output, at `level` from the first instant; called with its level."""
        if pin not in _PINS:
            raise ValueError("no such GPIO")
        self._drive(pin, PinState.HIGH if level else PinState.LOW)
        return HostedPin(self, pin)

    def adc(self, pin: int) -> "HostedAdc":
        """An analog input with `read_u16`."""
        return HostedAdc(self, pin)

    def i2c(self, bus: int, sda: int, scl: int, _khz: int) -> "HostedI2c":
        """A bus with `readfrom_mem_into`, `writeto_mem`, `readfrom_into` and `writeto`, which raise
        OSError."""
        if bus not in (0, 1) or (sda % 4, scl % 4) != (2 * bus, 2 * bus + 1):
            raise ValueError("the pins do not belong to the bus")
        self.bus_is_set_up = True
        return HostedI2c(self, self._wiring)

    def free_i2c(self, sda: int, scl: int) -> None:
        """Clocks for a device that holds SDA low, then a stop. The bus must be set up again."""
        self.bus_is_set_up = False
        if self._wiring.pin_level(sda):
            return
        for _ in range(CLOCKS_TO_FREE):
            self._drive(scl, PinState.LOW)
            self._drive(scl, PinState.RELEASED)
        self._drive(scl, PinState.LOW)
        self._drive(sda, PinState.LOW)
        self._drive(scl, PinState.RELEASED)
        self._drive(sda, PinState.RELEASED)

    def release(self) -> None:
        """Every pin as after power-on."""
        self.bus_is_set_up = False
        for pin in _PINS:
            self._drive(pin, PinState.RELEASED)

    def heap_free_kb(self) -> int:
        """Free heap; a made-up number."""
        return _HEAP_FREE_KB

    def keep(self, register: int, value: int) -> None:
        """Leave a 32-bit value for the next boot."""
        if not 0 <= value <= 0xFFFFFFFF:
            raise OverflowError("not a 32-bit value")
        self._scratch[register] = value

    def recall(self, register: int) -> int:
        """What was kept."""
        return self._scratch[register]

    def reset(self, cause: int) -> None:
        """Leave the cause and restart the chip. Does not return."""
        raise ResetAsked(cause)

    def convert(self, pin: int) -> list[int]:
        """Conversions of this moment, made when the first is asked for."""
        codes = self.codes[pin] = self._wiring.pin_codes(pin)
        return codes

    def set_level(self, pin: int, level: int) -> None:
        """Drive a pin that is an output."""
        if self.levels[pin] is PinState.RELEASED:
            raise ValueError("writing to a pin that is not an output")
        self._drive(pin, PinState.HIGH if level else PinState.LOW)

    def _drive(self, pin: int, state: PinState) -> None:
        if self.levels[pin] is not state:
            self.levels[pin] = state
            self._wiring.set_pin(self.now_ms, pin, state)

    def _keep_cause(self, cause: int, fast_resets: int) -> None:
        self.keep(self._words.CAUSE, self._words.pack_cause(cause, fast_resets))


class HostedPin:
    """An output, called with its level."""

    def __init__(self, board: HostedBoard, pin: int) -> None:
        self._board = board
        self._levels = board.levels
        self._pin = pin

    def __call__(self, level: int) -> None:
        if self._levels[self._pin] != level:  # ten times a second nothing changes
            self._board.set_level(self._pin, level)


class HostedAdc:
    """An analog input: one answer holds a few conversions of each channel; they come round."""

    def __init__(self, board: HostedBoard, pin: int) -> None:
        if pin not in ADC_PINS:
            raise ValueError("Pin doesn't have ADC capabilities")
        self._board = board
        self._codes = board.codes
        self._pin = pin
        self._turn = 0

    def read_u16(self) -> int:
        """A conversion."""
        turn = self._turn
        self._turn = (turn + 1) % CODES_PER_PIN
        try:
            return self._codes[self._pin][turn]
        except KeyError:
            return self._board.convert(self._pin)[turn]


class HostedI2c:
    """A bus: the transactions of the wiring, as `machine.I2C` has them."""

    def __init__(self, owner: "BusOwner", wiring: Board) -> None:
        self._owner = owner
        self._wiring = wiring

    def readfrom_into(self, address: int, buf: bytearray) -> None:
        """Fill `buf`. OSError if the device does not answer."""
        buf[:] = _data(self._wires().i2c_read(address, len(buf)))

    def readfrom_mem_into(self, address: int, register: int, buf: bytearray) -> None:
        """Fill `buf` from a register on. OSError if the device does not answer."""
        buf[:] = _data(self._wires().i2c_read_register(address, register, len(buf)))

    def writeto(self, address: int, buf: Any) -> int:
        """Write `buf`; how many bytes were acknowledged. OSError if the device does not answer."""
        _data(self._wires().i2c_write(address, bytes(buf)))
        return len(buf)

    def writeto_mem(self, address: int, register: int, buf: Any) -> None:
        """Write `buf` to a register. OSError if the device does not answer."""
        _data(self._wires().i2c_write(address, bytes((register,)) + bytes(buf)))

    def _wires(self) -> Board:
        if not self._owner.bus_is_set_up:
            raise OSError(errno.ETIMEDOUT, "the pins are not the bus's")
        return self._wiring


class BusOwner(Protocol):
    """Who knows whether the pins of the bus belong to it."""

    bus_is_set_up: bool


def _data(result: Result) -> bytes:
    if result.status:
        raise OSError(result.status, "no answer on the bus")
    return result.data
