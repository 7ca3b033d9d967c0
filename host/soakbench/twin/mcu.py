"""The simulated microcontroller: the life of the MicroPython process and what survives its death.

It reads no clock: whoever runs it (the coordinator) says what time it is. All times are
milliseconds of the twin, whole numbers; the child sees them as ticks since its boot.
"""

from collections.abc import Callable
from pathlib import Path

from soakbench.errors import BenchFault
from soakbench.twin.board import Board
from soakbench.twin.bus import Result
from soakbench.twin.channel import (
    FOREVER_MS,
    TICKS_HALF,
    TICKS_MASK,
    WORD_SIZE,
    WORDS_MOST,
    WROTE,
    Boot,
    ChildGoneError,
    Flags,
    Op,
    Options,
    Wants,
    unpack_idle,
    unpack_left_out,
    unpack_pin,
    unpack_scratch,
    unpack_watchdog,
)
from soakbench.twin.child import Child
from soakbench.twin.chip import INPUT_RING, Observer, ResetCause, Wait
from soakbench.twin.chip_base import BaseChip

_BUSY_STEP_MS = 100  # a longer gap between two looks means that this computer stood still

_WANTS = [Wants(bits) for bits in range(int(Wants.INPUT | Wants.ROOM) + 1)]


class Mcu(BaseChip):
    """A Chip, see soakbench.twin.chip.

    `boot_ids` is called at each boot for its id (32 bits); without it every run has other ones.
    """

    def __init__(
        self,
        interpreter: list[str],
        firmware: list[Path],
        board: Board,
        unique_id: bytes,
        start_ticks: int,
        boot_ids: Callable[[], int] | None = None,
        observer: Observer | None = None,
    ) -> None:
        super().__init__(unique_id, start_ticks, observer)
        self._interpreter = interpreter
        self._firmware = firmware
        self._board = board
        self._boot_ids = boot_ids
        self._child: Child | None = None
        self._unread = 0  # bytes in its stdin, or more
        self._heard = False  # all that it has written up to its wait
        self._words: list[tuple[int, int]] = []  # I2C registers that the program reads
        self._watchdog_ms: int | None = None
        self._fed_ms = 0
        self._busy_ms = 0.0
        self._looked_ms = 0.0
        self._has_looked = False
        self._ended = False

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

    def power_off(self, now_ms: int) -> None:
        """Take the power away: the program is gone, the pins float."""
        if self._child is None:
            return
        self._child.kill()
        self._child = None
        self.wait = None
        self._watchdog_ms = None
        self._board.release_pins(now_ms)

    def _boot(self, now_ms: int, cause: ResetCause) -> None:
        self._child = Child(self._interpreter, self._firmware)
        self._unread = 0
        self._heard = False
        self._words.clear()
        self._boot_ms = self._told_ms = self._fed_ms = now_ms
        self._busy_ms = 0
        self._looked_ms = now_ms
        self._ended = self._hung = self._interrupt = False
        self.reset_requested = False
        self.boots += 1
        self._child.channel.boot(self._boot_message(now_ms, cause))

    def _boot_message(self, now_ms: int, cause: ResetCause) -> Boot:
        options = Options.NONE if self.observer is None else Options.OBSERVED
        entropy = 0
        if self._boot_ids is not None:
            options |= Options.SEEDED
            entropy = self._boot_ids()
        ticks = self._ticks(now_ms)
        return Boot(ticks, cause, self._unique_id, self._scratch, options, entropy)

    # The serial line

    def feed(self, data: bytearray) -> bool:
        """Move serial bytes from `data` to the board as far as its ring takes them.

        True if there is anything that the program has not read. Call only while it waits, or
        two runs would not be the same.
        """
        if self._child is None:
            return False
        if data:
            self._filter_ctrl_c(data)
        if self._unread:
            self._unread = self._child.unread()
        if data and self._unread < INPUT_RING:
            written = self._child.write(bytes(data[: INPUT_RING - self._unread]))
            del data[:written]
            self._unread += written
        return self._unread > 0

    def output(self) -> bytes:
        """What the board has written since the last call."""
        if self._child is None or self._heard:
            return b""
        self._heard = self.wait is not None  # until it is answered it says nothing more
        return self._child.read()

    # The control channel

    def receive(self) -> bool:
        """Take what the child has asked for. False if the program has just ended."""
        if self._child is None or self._ended or self.wait is not None:
            return True
        try:
            for op, payload in self._child.channel.receive():
                self._handle(op, payload)
        except ChildGoneError:
            self._ended = True
            self.wait = None
        return not self._ended

    def answer(self, now_ms: int, room: int, quiet_until_ms: int) -> None:
        """Let the child go on at `now_ms`; its output may be `room` bytes.

        Before `quiet_until_ms` nothing will come from outside.
        """
        if self._child is None or self.wait is None:
            raise ValueError("the child does not wait")
        self._board.advance(now_ms)
        self._told_ms = now_ms
        self._busy_ms = 0
        self._has_looked = False  # the time before was the wait's
        self._heard = False
        self.wait = None
        self.exchanges += 1
        quiet_ms = min(quiet_until_ms, self._next_bite_ms() or quiet_until_ms) - now_ms
        self._child.channel.answer(
            self.ticks,
            min(max(quiet_ms, 0), FOREVER_MS),
            room,
            self._take_flags(),
            self._board.adc_codes(),
            self._known_words(),
        )

    def _take_flags(self) -> int:
        flags = int(Flags.INPUT) if self._unread else 0
        if self._hung:
            flags |= Flags.HUNG
        elif self._interrupt:
            flags |= Flags.INTERRUPT
            self._interrupt = False
        return flags

    def _known_words(self) -> bytes:
        """What the registers say now that the program has read before."""
        known = b""
        for address, register in self._words:
            data = self._board.i2c_peek(address, register, WORD_SIZE)
            if data is not None:
                known += bytes((address, register)) + data
        return known

    def _handle(self, op: int, payload: bytes) -> None:
        if op == Op.IDLE:
            self._take_idle(payload)
        elif op == Op.PIN:
            at, gpio, state = unpack_pin(payload)
            self._board.set_pin(self._told_ms + self._since_told_ms(at), gpio, state)
        elif op == Op.PRODUCED and self.observer is not None:
            self.observer.produced(payload)
        elif op == Op.LEFT_OUT and self.observer is not None:
            self.observer.left_out(*unpack_left_out(payload))
        elif op in (Op.I2C_READ, Op.I2C_WRITE, Op.I2C_MEM, Op.LEVEL):
            self._reply(op, payload)
        elif op == Op.I2C_POST:
            self._post(payload)
        else:
            self._note(op, payload)

    def _note(self, op: int, payload: bytes) -> None:
        if op == Op.SCRATCH:
            register, value = unpack_scratch(payload)
            self._scratch[register] = value
        elif op == Op.WATCHDOG:
            self._watchdog_ms = unpack_watchdog(payload)
            self._fed_ms = self._told_ms
        elif op == Op.RESET:
            self.reset_requested = True

    def _take_idle(self, payload: bytes) -> None:
        wait_ms, last_feed, wants = unpack_idle(payload)
        self._fed_ms = self._told_ms + self._since_told_ms(last_feed)
        until = None if wait_ms >= FOREVER_MS else self._told_ms + wait_ms
        self.wait = Wait(until, _WANTS[wants & ~WROTE])
        self._heard = not wants & WROTE

    def _since_told_ms(self, ticks: int) -> int:
        return ((ticks - self.ticks + TICKS_HALF) & TICKS_MASK) - TICKS_HALF

    def _reply(self, op: int, payload: bytes) -> None:
        """The program computes and awaits what a pin or the bus says."""
        if self._child is not None:
            self._child.channel.answer_i2c(*self._ask(op, payload))

    def _post(self, payload: bytes) -> None:
        """A write that was not waited for, as the device is there."""
        if self._board.i2c_write(payload[0], payload[1:]).status:
            text = f"the firmware wrote {payload[1:].hex()} to the device {payload[0]:#x}"
            raise BenchFault(f"{text}, which does not take that", "see the chip's data sheet")

    def _ask(self, op: int, payload: bytes) -> Result:
        board = self._board
        if op == Op.LEVEL:
            return Result(board.pin_level(*payload))
        if op == Op.I2C_WRITE:
            return board.i2c_write(payload[0], payload[1:])
        if op == Op.I2C_READ:
            return board.i2c_read(*payload)
        self._expect(*payload)
        return board.i2c_read_register(*payload)

    def _expect(self, address: int, register: int, size: int) -> None:
        """From now on answers carry this register, if it is one of the last few."""
        if size == WORD_SIZE and (address, register) not in self._words:
            self._words = [*self._words[1 - WORDS_MOST :], (address, register)]

    # The watchdog

    def _next_bite_ms(self) -> int | None:
        return None if self._watchdog_ms is None else self._fed_ms + self._watchdog_ms

    def watch(self, now_ms: int) -> bool:
        """Whether the watchdog bites now. A wait that ends before it would comes first."""
        computing_ms = min(now_ms - self._looked_ms, _BUSY_STEP_MS) if self._has_looked else 0
        self._looked_ms = now_ms
        self._has_looked = True
        bite = self._next_bite_ms()
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
