"""soakfw.board in MicroPython with a `machine` of the fewest parts: run by test_fw_board.py.

micropython board_check.py boots           the causes of a row of boots
micropython board_check.py frees           what is done to a bus whose SDA is held
micropython board_check.py read            the bytes on stdin, one at a time
micropython board_check.py write SIZE      SIZE bytes to stdout; on stderr how it went
"""

import sys

SDA, SCL = 20, 21


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

    class Pin:
        """Wires with pull-ups; a device holds SDA low until SCL has risen `clocks` times."""

        OPEN_DRAIN = 7
        clocks = 0
        levels = {}  # noqa: RUF012 (ours)
        log = []  # noqa: RUF012 (what the wires did: SCL as c and C, SDA as d and D)

        def __init__(self, gpio, mode, value):
            assert mode == self.OPEN_DRAIN, "a level must not be driven against a device's"
            self._gpio = gpio
            self.levels.setdefault(gpio, 1)
            self(value)

        def __call__(self, level=None):
            if level is None:
                return 0 if self._gpio == SDA and Machine.Pin.clocks else self.levels[self._gpio]
            if level != self.levels[self._gpio]:
                self.levels[self._gpio] = level
                self.log.append(("cC" if self._gpio == SCL else "dD")[level])
                if self._gpio == SCL and level:
                    Machine.Pin.clocks = max(Machine.Pin.clocks - 1, 0)
            return None

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


def frees():
    """A bus at rest, one held by a device, one held by something else."""
    board = Board()
    for clocks in (0, 1, 9, 1000):
        Machine.Pin.clocks = clocks
        del Machine.Pin.log[:]
        board.free_i2c(SDA, SCL)
        freed = Machine.Pin.clocks == 0
        print(clocks, "free" if freed else "held", "".join(Machine.Pin.log))


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
elif sys.argv[1] == "frees":
    frees()
elif sys.argv[1] == "read":
    read()
else:
    write(int(sys.argv[2]))
