"""soakbench firmware: start, the loop, and the ways out of it (S14, S15).

Nothing is driven before the host hands over a configuration. Whatever goes wrong ends in the
reset of the chip with outputs off: the REPL is reached only by a maintenance boot.
"""

# ruff: noqa: E402

# First of all: a soft reset (Ctrl-D, mpremote) leaves outputs on, and no import may come before
# they are released. What may fail to import below fails with every pin an input.
import machine

for gpio in tuple(range(23)) + (26, 27, 28):
    machine.Pin(gpio, machine.Pin.IN, machine.Pin.PULL_DOWN)

import gc
import sys

# Collecting often keeps the heap in large pieces while modules are compiled, and pauses short.
gc.threshold(2048)

from soakfw.journal import RingJournal
from soakfw.uploads import Upload

# 66 KB in three pieces, before the rest of the firmware cuts up the heap.
journal = RingJournal()
upload = Upload()

from soakfw.app import App
from soakfw.board import Board
from soakwire import messages


def loop(board: Board, app: App) -> None:
    """Run for ever. `feed` is reached only when every job has come back."""
    board.start_watchdog()
    while True:
        until = app.poll(board.ticks())
        board.feed()
        board.idle(until)


def leave(board: Board, app: App, cause: int, error: Exception | None = None) -> None:
    """Outputs off, tell why, then a reset, which also releases what could not be switched off."""
    try:
        app.drop_outputs()
        if error is not None:
            sys.print_exception(error)
    finally:
        board.reset(cause)


def run() -> None:
    """A normal boot runs until something breaks; a maintenance boot leaves the REPL alone."""
    board = Board()
    if board.reset_cause == messages.CAUSE_MAINTENANCE:
        print("soakbench: maintenance; reset the board to run")
        return
    app = App(board, journal, upload)
    try:
        loop(board, app)
    except KeyboardInterrupt:
        leave(board, app, messages.CAUSE_MAINTENANCE)
    except Exception as error:  # noqa: BLE001 (S15: whatever it is, outputs off and restart)
        leave(board, app, messages.CAUSE_EXCEPTION, error)


run()
