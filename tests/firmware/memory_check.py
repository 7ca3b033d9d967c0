"""The firmware's memory: run in MicroPython by test_fw_micropython.py.

    micropython memory_check.py heap CONFIG PROGRAM     on a heap of an RP2040's size
    micropython memory_check.py polls CONFIG PROGRAM    on one that needs no collection
    micropython memory_check.py heap-sensed, polls-sensed   with converters and a humidity sensor
    micropython memory_check.py parts CONFIG PROGRAM    the hour is left to who has imported this

Starts as firmware/main.py does, with the board's own module on a `machine` of the fewest parts,
and takes both blobs. `heap`: an hour of virtual time at full rate; prints the free heap (this
file's own share included), the longest poll in ms and the polls, and how many names there are.
`polls`: prints what a poll
allocates. The 64-bit unix port's objects take up to twice the space of the board's.
"""

# ruff: noqa: E402

import binascii
import gc
import sys
import time

import micropython

gc.threshold(2048)

from soakfw.journal import RingJournal
from soakfw.uploads import Upload

journal = RingJournal()
upload_buffer = Upload()

from soakfw.app import App

gc.collect()


class Machine:
    """What soakfw.board asks of `machine`; nothing here allocates once it is made."""

    mem32 = {}  # noqa: RUF012
    codes = {26: 17304, 27: 32768, 28: 43690}  # noqa: RUF012 (50 °C, 25 °C, 1 sun)
    WDT_RESET = 3

    def reset_cause():
        return 1

    def unique_id():
        return b"soakfw.m"

    class Pin:
        IN = OUT = PULL_DOWN = 0

        def __init__(self, gpio, _mode=IN, _pull=0, value=0):
            self.gpio = gpio

        def __call__(self, level):
            pass

    class ADC:
        def __init__(self, pin):
            self._code = Machine.codes[pin.gpio]

        def read_u16(self):
            self._code ^= 16  # a sensor that says one and the same for ever is none
            return self._code

    class I2C:
        conf = bytearray(2)  # of the lux sensor

        def __init__(self, _bus, scl, sda, freq, timeout):
            pass

        def readfrom_mem_into(self, _address, register, buf):
            buf[0] = 9 if register else self.conf[0]
            buf[1] = 0 if register else self.conf[1]

        def writeto_mem(self, _address, _register, buf):
            self.conf[0] = buf[0]
            self.conf[1] = buf[1]


for i in range(4):
    Machine.mem32[0x4005800C + 4 * i] = 0
sys.modules["machine"] = Machine
try:  # the WebAssembly port has no command line: there it lies beside this where it is wanted
    if not sys.argv or sys.argv[1].endswith("-sensed"):
        from memory_chips import I2C

        Machine.I2C = I2C
except ImportError:
    pass

from soakfw.board import Board
from soakwire import frame, messages

# The WebAssembly port has no command line (memory_32bit.mjs).
ARGUMENTS = sys.argv or ("", "parts", "/lib/config", "/lib/program")
LINK = 7  # the session
POLLS = 600


class VirtualBoard(Board):
    """Its time moves with `advance`, its line is a buffer here."""

    def __init__(self):
        super().__init__()
        self.now = 0
        self.sent = 0
        self._inbox = b""
        self._read = 0

    def ticks(self):
        return self.now

    def start_timer(self, tick):
        self._tick = tick
        self._tick_at = self.now

    def read_line(self, assemble, most):
        while self._read < len(self._inbox):
            self._read += 1
            line = assemble(self._inbox[self._read - 1])
            if line:
                return line
        return None

    def write(self, data):
        self.sent += len(data)
        return len(data)

    def advance(self, until):
        while self._tick_at < until:
            self._tick(None)
            self._tick_at += 100
        self.now = until

    def has_input(self):
        return self._read < len(self._inbox)

    def receive(self, line):
        """From the host, in the next poll."""
        self._inbox = line
        self._read = 0


def execute(verb, *values, data=b""):
    payload = memoryview(messages.ARGS[verb].pack(list(values)) + data)
    reason, _detail = app.execute(verb, payload)
    assert reason == 0, (verb, reason)


def upload(kind, path):
    """Piece by piece, as over the line: the blob in one would be the check's, not the board's."""
    size = crc = at = 0
    for chunk in chunks(path):
        size += len(chunk)
        crc = binascii.crc32(chunk, crc)
    execute(messages.BLOB_BEGIN, kind, size, crc)
    for chunk in chunks(path):
        execute(messages.BLOB_DATA, kind, at, data=chunk)
        at += len(chunk)
    execute(messages.BLOB_COMMIT, kind)


def chunks(path):
    with open(path, "rb") as file:
        while True:
            chunk = file.read(messages.BLOB_CHUNK)
            if not chunk:
                return
            yield chunk


def open_session():
    app.poll(board.now)  # the HELLO that is answered
    payload = messages.HELLO_ACK_LAYOUT.pack([0, 168])
    board.receive(frame.encode(messages.HELLO_ACK, LINK, board.boot_id, payload))
    board.advance(app.poll(board.now))
    board.advance(app.poll(board.now))


def start():
    upload(messages.BLOB_PROGRAM, ARGUMENTS[3])
    for track in range(len(app.runner.tracks)):
        execute(messages.START, track, 0, 0, 0, 0, 0)
    execute(messages.RESUME, None)


def beat(number):
    payload = messages.BEAT_LAYOUT.pack([60000])
    board.receive(frame.encode(messages.BEAT, LINK, number, payload))


def acknowledge():
    board.receive(frame.encode(messages.ACK, LINK, app._link._sent_seq))


def processor_ms():
    """Of this process: what else runs on the computer does not count. Node.js does not tell it."""
    return int(time.clock() * 1000) if hasattr(time, "clock") else time.ticks_ms()


class Hour:
    """At full rate: a host that beats and acknowledges in its first half, none in its second."""

    def __init__(self):
        self.polls = self.longest_ms = 0
        self._beat_at = board.now
        self._quiet_from = board.now + 1800000

    def go(self, for_ms):
        """A part of it."""
        end = board.now + for_ms
        while board.now < end:
            self.polls += 1
            if board.now < self._quiet_from:
                if board.now - self._beat_at >= 5000:
                    self._beat_at = board.now
                    beat(self.polls)
                elif self.polls % 5 == 0:
                    acknowledge()
            began_ms = processor_ms()
            due = app.poll(board.now)
            self.longest_ms = max(self.longest_ms, processor_ms() - began_ms)
            board.advance(due)
        assert app.is_active()


def polls(name, host):
    """Prints the quiet polls, in which no record is made and nothing sent or received, the most
    that one of them allocates, the polls in all, bytes per poll, the most in one."""
    gc.collect()
    gc.disable()
    board.heap_free_kb = lambda: 0  # its collection would hide what is to be counted
    quiet = quiet_most = total = most = 0
    for number in range(POLLS):
        if host and number % 25 == 0:
            beat(number)
        elif host and number % 5 == 0:
            acknowledge()
        is_quiet = not board.has_input()
        seq, sent = journal.next_seq, board.sent
        before = gc.mem_alloc()
        due = app.poll(board.now)
        took = gc.mem_alloc() - before
        if is_quiet and seq == journal.next_seq and sent == board.sent:
            quiet += 1
            quiet_most = max(quiet_most, took)
        total += took
        most = max(most, took)
        board.advance(due)
    gc.enable()
    print(name, quiet, quiet_most, POLLS, total // POLLS, most)


board = VirtualBoard()
app = App(board, journal, upload_buffer)
board.advance(app.poll(board.now))
upload(messages.BLOB_CONFIG, ARGUMENTS[2])
open_session()
if ARGUMENTS[1].startswith("polls"):
    polls("idle", False)
    polls("idle-host", True)
    start()
    beat(0)
    polls("running", False)
    polls("running-host", True)
else:
    start()
    hour = Hour()
if ARGUMENTS[1].startswith("heap"):
    hour.go(3600000)
    assert gc.threshold() == -1  # the beats have ended the time of tidying up
    gc.collect()
    bytearray(4096)  # not in crumbs: the largest piece asked for later is a table, 1 KB here
    gc.collect()
    print(gc.mem_free(), hour.longest_ms, hour.polls)
    micropython.qstr_info()
