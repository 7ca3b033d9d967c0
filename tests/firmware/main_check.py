"""firmware/main.py on a fake board: run by test_fw_micropython.py with what ends the loop.

    micropython main_check.py MAIN KeyboardInterrupt|RuntimeError|maintenance

Prints every call of main.py that matters, in order.
"""

import sys

import fake_board
from fw_rig import LIGHT_PIN, Rig, ageing

from soakwire import messages, names

ENDINGS = {"KeyboardInterrupt": KeyboardInterrupt, "RuntimeError": RuntimeError}
path, ending = sys.argv[1:]
released = []


class Machine:
    """Only what main.py itself uses: it releases pins before anything is imported."""

    class Pin:
        IN = 0
        PULL_DOWN = 2

        def __init__(self, gpio, mode, pull):
            assert (mode, pull) == (self.IN, self.PULL_DOWN)
            released.append(gpio)


class Board(fake_board.FakeBoard):
    """Runs a program with the light on for a while, then something happens in `idle`."""

    def __init__(self):
        super().__init__()
        if ending == "maintenance":
            self.reset_cause = messages.CAUSE_MAINTENANCE

    def start_watchdog(self):
        print("watchdog")

    def feed(self):
        pass

    def idle(self, until):
        self.advance(until)
        if self.now > 2000:
            print("light", self.pins[LIGHT_PIN].level)
            raise ENDINGS[ending]("in idle")

    def reset(self, cause):
        print("light", self.pins[LIGHT_PIN].level)
        print("reset", names.RESET_CAUSE_NAMES[cause])
        raise SystemExit


class Module:
    """soakfw.board and soakfw.app as main.py sees them."""


def app_with_a_program(board, _journal, _upload):
    """The app as a host leaves it: configured, ageing, with the light on."""
    rig = Rig(board=board)
    rig.load([(0xFF, [ageing(60000)])])
    rig.resume()
    return rig.app


sys.modules["machine"] = Machine
board_module = Module()
board_module.Board = Board
sys.modules["soakfw.board"] = board_module
app_module = Module()
app_module.App = app_with_a_program
sys.modules["soakfw.app"] = app_module

with open(path) as file:
    source = file.read()
try:
    exec(source)
finally:
    print("released", len(released))
