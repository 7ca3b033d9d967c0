"""soakfw.board in MicroPython with a `machine` of the fewest parts: run by test_fw_board.py.

micropython board_check.py boots           the causes of a row of boots
micropython board_check.py read            the bytes on stdin, one at a time
micropython board_check.py write SIZE      SIZE bytes to stdout; on stderr how it went
"""

import sys


class Memory:
    """The registers that survive a reset."""

    words = {}  # noqa: RUF012

    def __getitem__(self, address):
        return self.words.get(address, 0)

    def __setitem__(self, address, word):
        self.words[address] = word


class Machine:
    WDT_RESET = 3
    resets = 0
    mem32 = Memory()

    @staticmethod
    def reset_cause():
        return Machine.WDT_RESET if Machine.resets else 1

    @staticmethod
    def unique_id():
        return b"soakfw.b"

    @staticmethod
    def reset():
        Machine.resets += 1

    class WDT:
        def __init__(self, timeout):
            assert timeout <= 8388


sys.modules["machine"] = Machine

from soakfw.board import Board  # noqa: E402
from soakwire import messages, names  # noqa: E402


def boots():
    """A crash, a person at the prompt, then a hang."""
    board = boot()
    board.start_watchdog()
    board.reset(messages.CAUSE_EXCEPTION)
    board = boot()
    board.start_watchdog()
    board.reset(messages.CAUSE_MAINTENANCE)
    boot()  # starts nothing; machine.reset() at the prompt leaves no cause of its own
    Machine.reset()
    board = boot()
    board.start_watchdog()
    Machine.reset()  # by the watchdog
    boot()


def boot():
    board = Board()
    print(names.RESET_CAUSE_NAMES[board.reset_cause], board.fast_resets)
    return board


def read():
    """Until 3 bytes have come without a newline; then there is none, and that is said at once."""
    board = Board()
    got = []
    while len(got) < 3:
        board.read_line(got.append, 1)
    print(got, board.read_line(got.append, 9))


def write(size):
    """What does not fit is not written, and goes on after what was taken."""
    board = Board()
    data = memoryview(bytes(range(251)) * (size // 251 + 1))[:size]
    done = refused = largest = 0
    while done < size:
        took = board.write(data[done:])
        largest = max(largest, took)
        done += took
        if took == 0:
            if refused == 0:
                sys.stderr.write("full {}\n".format(done))
            refused += 1
    sys.stderr.write("done {}\n".format(largest))


if sys.argv[1] == "boots":
    boots()
elif sys.argv[1] == "read":
    read()
else:
    write(int(sys.argv[2]))
