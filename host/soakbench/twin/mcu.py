"""The simulated microcontroller: the life of the MicroPython process and what survives its death.

It reads no clock: whoever runs it (the coordinator) says what time it is. All times are
milliseconds of the twin, whole numbers; the child sees them as ticks since its boot.
"""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from soakbench.twin.board import Board
from soakbench.twin.channel import (
    SCRATCH_REGISTERS,
    TICKS_MASK,
    UNIQUE_ID_SIZE,
    ChildGoneError,
    Flags,
    Op,
    Wants,
    unpack_idle,
    unpack_pins,
    unpack_scratch,
    unpack_watchdog,
)
from soakbench.twin.child import Child

INPUT_RING = 512  # what the board's USB holds before it tells the host to wait
CTRL_C = 3
_FOREVER_MS = (1 << 29) - 1
_BUSY_STEP_MS = 100  # a longer gap between two looks means that this computer stood still


class ResetCause(IntEnum):
    """`machine.reset_cause()` of the RP2040: it cannot tell a watchdog from a call."""

    POWER_ON = 1
    WATCHDOG = 3


@dataclass(frozen=True, slots=True)
class Wait:
    """The child waits for its answer until `until_ms` (None: for ever), or for what it wants."""

    until_ms: int | None
    wants: Wants


class Mcu:
    """The chip. It is off, running, or (the program has ended) a board that does nothing more."""

    def __init__(
        self,
        interpreter: list[str],
        firmware: list[Path],
        board: Board,
        unique_id: bytes,
        start_ticks: int,
    ) -> None:
        self._interpreter = interpreter
        self._firmware = firmware
        self._board = board
        self._unique_id = unique_id[:UNIQUE_ID_SIZE].ljust(UNIQUE_ID_SIZE, b"\0")
        self._start_ticks = start_ticks
        self._scratch = [0] * SCRATCH_REGISTERS
        self._child: Child | None = None
        self._boot_ms = 0
        self._told_ms = 0
        self._watchdog_ms: int | None = None
        self._fed_ms = 0
        self._busy_ms = 0.0
        self._looked_ms = 0.0
        self._ended = False
        self._hung = False
        self._interrupt = False
        self.wait: Wait | None = None
        """What the child waits for; None while it computes."""
        self.boots = 0
        self.exchanges = 0
        self.watchdog_resets = 0
        self.reset_requested = False
        """The firmware has called machine.reset(); `reset` is due."""

    @property
    def powered(self) -> bool:
        """Whether the chip has power, whatever its program does."""
        return self._child is not None

    @property
    def running(self) -> bool:
        """Whether there is a program that may read, write and drive pins."""
        return self._child is not None and not self._ended

    @property
    def request_fd(self) -> int | None:
        """Readable when the child asks for something; None while there is no program."""
        return None if self._child is None or self._ended else self._child.channel.fd

    @property
    def ticks(self) -> int:
        """The time as the program was last told."""
        return self._ticks(self._told_ms)

    @property
    def due_ms(self) -> int | None:
        """When the child's wait ends by itself, or the watchdog bites; None: neither."""
        times = [self.wait.until_ms] if self.wait is not None else []
        times.append(self._bite_ms)
        known = [at for at in times if at is not None]
        return min(known) if known else None

    def power_on(self, now_ms: int) -> None:
        """Start with empty scratch registers."""
        self._scratch = [0] * SCRATCH_REGISTERS
        self._boot(now_ms, ResetCause.POWER_ON)

    def power_off(self, now_ms: int) -> None:
        """Take the power away: the program is gone, the pins float."""
        if self._child is None:
            return
        self._child.kill()
        self._child = None
        self.wait = None
        self._watchdog_ms = None
        self._board.release_pins(now_ms)

    def reset(self, now_ms: int) -> None:
        """Restart with the scratch registers as they are."""
        self.power_off(now_ms)
        self._boot(now_ms, ResetCause.WATCHDOG)

    def hang(self) -> None:
        """Let the program be stuck from its next wait on; interrupts go on."""
        self._hung = True

    def _boot(self, now_ms: int, cause: ResetCause) -> None:
        self._child = Child(self._interpreter, self._firmware)
        self._boot_ms = self._told_ms = self._fed_ms = now_ms
        self._busy_ms = 0
        self._looked_ms = now_ms
        self._ended = self._hung = self._interrupt = False
        self.reset_requested = False
        self.boots += 1
        self._child.channel.boot(self._ticks(now_ms), cause, self._unique_id, self._scratch)

    # The serial line

    def feed(self, data: bytearray) -> bool:
        """Move serial bytes from `data` to the board as far as its ring takes them.

        True if there is anything that the program has not read. Call only while it waits, or
        two runs would not be the same.
        """
        if self._child is None:
            return False
        self._filter_ctrl_c(data)
        unread = self._child.unread()
        room = INPUT_RING - unread
        if data and room > 0:
            written = self._child.write(bytes(data[:room]))
            del data[:written]
            unread += written
        return unread > 0

    def _filter_ctrl_c(self, data: bytearray) -> None:
        if CTRL_C in data:
            data[:] = data.replace(bytes((CTRL_C,)), b"")
            self._interrupt = True

    def output(self) -> bytes:
        """What the board has written since the last call."""
        return b"" if self._child is None else self._child.read()

    # The control channel

    def receive(self) -> bool:
        """Take what the child has asked for. False if the program has just ended."""
        if self._child is None or self._ended:
            return True
        try:
            for op, payload in self._child.channel.receive():
                self._handle(op, payload)
        except ChildGoneError:
            self._ended = True
            self.wait = None
        return not self._ended

    def answer(self, now_ms: int, room: int) -> None:
        """Let the child go on at `now_ms`; its output may be `room` bytes."""
        if self._child is None or self.wait is None:
            raise ValueError("the child does not wait")
        self._board.advance(now_ms)
        self._told_ms = now_ms
        self._busy_ms = 0
        self.wait = None
        self.exchanges += 1
        flags = Flags.HUNG if self._hung else Flags.NONE
        if self._interrupt and not self._hung:
            flags |= Flags.INTERRUPT
            self._interrupt = False
        codes = self._board.adc_codes()
        self._child.channel.answer(self.ticks, flags, room, codes)

    def ends_wait(self, input_waits: bool, room: bool) -> bool:
        """Whether what the child wants has come."""
        if self.wait is None or self._hung:
            return False
        wants = self.wait.wants
        wanted = (input_waits and Wants.INPUT in wants) or (room and Wants.ROOM in wants)
        return wanted or self._interrupt

    def _handle(self, op: int, payload: bytes) -> None:
        if op == Op.IDLE:
            self._take_idle(payload)
        elif op == Op.PINS:
            for change in unpack_pins(payload):
                age_ms = (self.ticks - change.at) & TICKS_MASK
                self._board.set_pin(self._told_ms - age_ms, change.gpio, change.state)
        elif op == Op.SCRATCH:
            register, value = unpack_scratch(payload)
            self._scratch[register] = value
        elif op == Op.WATCHDOG:
            self._watchdog_ms = unpack_watchdog(payload)
            self._fed_ms = self._told_ms
        elif op == Op.RESET:
            self.reset_requested = True
        else:
            self._transact(op, payload)

    def _take_idle(self, payload: bytes) -> None:
        idle = unpack_idle(payload)
        unfed_ms = (self.ticks - idle.last_feed) & TICKS_MASK
        self._fed_ms = self._told_ms - unfed_ms
        until = None if idle.wait_ms >= _FOREVER_MS else self._told_ms + idle.wait_ms
        self.wait = Wait(until, Wants(idle.wants))

    def _transact(self, op: int, payload: bytes) -> None:
        if self._child is None:
            return
        if op == Op.I2C_READ:
            status, data = self._board.i2c_read(*payload)
        else:
            status, data = self._board.i2c_write(payload[0], payload[1], payload[2:]), b""
        self._child.channel.answer_i2c(status, data)

    # The watchdog

    @property
    def _bite_ms(self) -> int | None:
        return None if self._watchdog_ms is None else self._fed_ms + self._watchdog_ms

    def watch(self, now_ms: int) -> bool:
        """Whether the watchdog bites now. A wait that ends before it would comes first."""
        computing_ms = min(now_ms - self._looked_ms, _BUSY_STEP_MS)
        self._looked_ms = now_ms
        bite = self._bite_ms
        if bite is None:
            return False
        if self._ended:
            bites = now_ms >= bite
        elif self.wait is None:
            # The child's clock stands still while it computes, so this is the computer's time.
            self._busy_ms += computing_ms
            bites = self._told_ms + self._busy_ms >= bite
        else:
            until = self.wait.until_ms
            bites = now_ms >= bite and (until is None or until >= bite)
        self.watchdog_resets += bites
        return bites

    def _ticks(self, at_ms: int) -> int:
        return (self._start_ticks + at_ms - self._boot_ms) & TICKS_MASK
