"""A chip in this process: the firmware's App under CPython, without an interpreter of its own.

It lives as soakbench.twin.mcu does, to the same millisecond, and many times as fast. What only
MicroPython shows is not seen here: its heap, its integers, its dialect. And a firmware whose `poll`
does not come back does not come back here either.
"""

from collections.abc import Callable
from pathlib import Path

from soakbench.twin.board import Board
from soakbench.twin.chip import INPUT_RING, Observer, ResetCause, Wait
from soakbench.twin.chip_base import BaseChip
from soakbench.twin.in_process_board import Boot, SerialLine
from soakbench.twin.in_process_firmware import Flash
from soakbench.twin.in_process_program import Program


class InProcessMcu(BaseChip):
    """A Chip, see soakbench.twin.chip. `boot_ids` is called at each boot for its id (32 bits)."""

    def __init__(
        self,
        firmware: list[Path],
        board: Board,
        unique_id: bytes,
        start_ticks: int,
        boot_ids: Callable[[], int],
        observer: Observer | None = None,
    ) -> None:
        super().__init__(unique_id, start_ticks, observer)
        self._flash = Flash(firmware)
        self._board = board
        self._boot_ids = boot_ids
        self._line = SerialLine()
        self._program: Program | None = None
        self._bite_ms: int | None = None
        self._has_ended = False  # and nobody was told yet
        self.powered = False
        """Whether the chip has power, whatever its program does."""
        self.request_fd: int | None = None
        """The program never computes while others wait."""

    @property
    def running(self) -> bool:
        """Whether there is a program that may read, write and drive pins."""
        return self._program is not None

    def power_off(self, now_ms: int) -> None:
        """Take the power away: the program is gone, the pins float."""
        if not self.powered:
            return
        self.powered = False
        self._program = None
        self.wait = None
        self._bite_ms = None
        self._board.release_pins(now_ms)

    def _boot(self, now_ms: int, cause: ResetCause) -> None:
        self._board.advance(now_ms)
        self._line = SerialLine()
        self._boot_ms = self._told_ms = now_ms
        self._hung = self._interrupt = self._has_ended = False
        self.reset_requested = False
        self.powered = True
        self.boots += 1
        boot = Boot(now_ms, self._ticks(now_ms), cause, self._unique_id, self._boot_ids())
        program = Program.start(self._flash, boot, self._board, self._scratch, self._line)
        if program is None:
            self._has_ended = True
        else:
            self._take(program)

    # The serial line

    def feed(self, data: bytearray) -> bool:
        """Move serial bytes from `data` to the board as far as its ring takes them.

        True if there is anything that the program has not read.
        """
        inbox = self._line.inbox
        if data and self.powered:
            self._filter_ctrl_c(data)
            room = INPUT_RING - len(inbox)
            inbox += data[:room]
            del data[:room]
        return bool(inbox)

    def output(self) -> bytes:
        """What the board has written since the last call."""
        written = bytes(self._line.outbox)
        self._line.outbox.clear()
        return written

    # The program

    def receive(self) -> bool:
        """False if the program has just ended."""
        ended, self._has_ended = self._has_ended, False
        return not ended

    def answer(self, now_ms: int, room: int, quiet_until_ms: int) -> None:
        """Let the program go on at `now_ms`; its output may be `room` bytes.

        Before `quiet_until_ms` nothing will come from outside.
        """
        program = self._program
        if program is None:
            raise ValueError("no program waits")
        self._board.advance(now_ms)
        self._told_ms = now_ms
        self._line.room = room
        self.exchanges += 1
        self._board.show()
        if self._hung:
            program.hang()
        if self._interrupt and not self._hung:
            self._interrupt = False
            program.interrupt(now_ms)
        else:
            program.go_on(now_ms, min(quiet_until_ms, self._bite_ms or quiet_until_ms))
        self._take(program)

    def _take(self, program: Program) -> None:
        """See how far it has come."""
        self._bite_ms = program.board.bite_ms
        self.reset_requested = program.reset_requested
        if program.ended:
            self._program, self.wait, self._has_ended = None, None, True
        else:
            self._program = program
            self.wait = Wait(program.until_ms, program.wants)
        if self.observer is not None:
            program.witness.tell(self.observer)

    # The watchdog

    def _next_bite_ms(self) -> int | None:
        return self._bite_ms

    def watch(self, now_ms: int) -> bool:
        """Whether the watchdog bites now. A wait that ends before it would comes first."""
        bite = self._bite_ms
        if bite is None or now_ms < bite:
            return False
        until = None if self.wait is None else self.wait.until_ms
        bites = until is None or until >= bite
        self.watchdog_resets += bites
        return bites
