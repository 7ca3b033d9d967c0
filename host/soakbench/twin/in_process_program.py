"""What firmware/main.py does with the App, cut into pieces where it would wait."""

import contextlib
from typing import Self

from soakbench.twin.board import Board
from soakbench.twin.channel import Wants
from soakbench.twin.in_process_board import Boot, HostedBoard, ResetAsked, SerialLine
from soakbench.twin.in_process_firmware import App, Firmware, Flash, traceback_text
from soakbench.twin.in_process_journal import Witness
from soakwire import messages
from soakwire.ticks import ticks_diff

_SETTLE_MS = 20  # for contacts, between outputs off and the reset
_NEVER_MS = 1 << 62
_AT_THE_PROMPT = "soakbench: maintenance; reset the board to run\n"


class Program:
    """One boot's program that runs. It waits between two calls; its time stands still inside."""

    def __init__(self, board: HostedBoard, app: App, witness: Witness, line: SerialLine) -> None:
        self._app = app
        self._line = line
        self._leaving = False  # outputs are off, the reset comes
        self._stuck = False
        self._until_ms = board.now_ms
        self.board = board
        self.witness = witness
        self.ended = False
        self.reset_requested = False

    @classmethod
    def start(
        cls, flash: Flash, boot: Boot, wiring: Board, scratch: list[int], line: SerialLine
    ) -> Self | None:
        """Boot up to the first wait; None if the program ends at once, its last words in `line`."""
        try:
            firmware = Firmware(flash)
            journal = firmware.journal()
            board = HostedBoard(boot, wiring, scratch, line, firmware)
            if board.reset_cause == messages.CAUSE_MAINTENANCE:
                line.print(_AT_THE_PROMPT)
                return None
            witness = Witness(journal)
            program = cls(board, firmware.app(board, journal), witness, line)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with it, the bench goes on)
            line.print(traceback_text(error))
            return None
        board.start_watchdog()
        program.go_on(board.now_ms, board.now_ms)
        return program

    @property
    def wants(self) -> Wants:
        """What ends the wait before its time."""
        return Wants(0) if self._leaving else Wants.INPUT

    @property
    def until_ms(self) -> int:
        """When the wait ends by itself: the program goes on, or the hard timer ticks."""
        if self._has_input():
            return self.board.now_ms
        return min(self._until_ms, self.board.tick_due_ms)

    def go_on(self, now_ms: int, quiet_until_ms: int) -> None:
        """The wait is over, or a tick is due. Ticks before `quiet_until_ms` follow at once."""
        board = self.board
        board.codes.clear()
        try:
            self._reach(now_ms)
            if now_ms >= self._until_ms or self._has_input():
                self._next()
            # The host may answer at once to what was written: then nothing is known to be quiet.
            if not self._has_input() and not self._line.outbox:
                board.run_timer(min(self._until_ms, quiet_until_ms))
        except ResetAsked as asked:
            self._settle(asked.cause)
        except Exception as error:  # noqa: BLE001 (S15, as main.py has it)
            self._fail(error)

    def interrupt(self, now_ms: int) -> None:
        """Ctrl-C: a KeyboardInterrupt out of the wait."""
        try:
            self._reach(now_ms)
        except Exception as error:  # noqa: BLE001
            self._fail(error)
        if self._leaving:
            self.ended = True
        else:
            self._leave(messages.CAUSE_MAINTENANCE)

    def hang(self) -> None:
        """From now on only the hard timer runs."""
        self._stuck = True
        self._until_ms = _NEVER_MS

    def _has_input(self) -> bool:
        return bool(self._line.inbox) and not (self._leaving or self._stuck)

    def _reach(self, now_ms: int) -> None:
        self.board.now_ms = now_ms
        self.board.run_timer(now_ms + 1)

    def _next(self) -> None:
        if self._leaving:
            self._until_ms = _NEVER_MS
            self.reset_requested = True
            return
        board = self.board
        now = board.ticks()
        until = self._app.poll(now)
        board.feed()
        # A poll takes no time here: one that wants none until the next would stop the clock.
        self._until_ms = board.now_ms + max(ticks_diff(until, now), 1)

    def _fail(self, error: Exception) -> None:
        if self._leaving:
            self._line.print(traceback_text(error))
            self.ended = True
        else:
            self._leave(messages.CAUSE_EXCEPTION, error)

    def _leave(self, cause: int, error: Exception | None = None) -> None:
        """Outputs off, tell why, then a reset, whatever goes wrong on the way."""
        with contextlib.suppress(Exception):
            self._app.drop_outputs()
            if error is not None:
                self._line.print(traceback_text(error))
        self._settle(cause)

    def _settle(self, cause: int) -> None:
        self.board.leave(cause)
        self._leaving = True
        self._until_ms = self.board.now_ms + _SETTLE_MS
