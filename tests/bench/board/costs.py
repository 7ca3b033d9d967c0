# What the steps of a record and of an acknowledgement cost on the board, in microseconds.

import time

from soakfw.journal import RingJournal
from soakwire import frame, messages, records
from soakwire.board_end import Application, BoardEnd

SLOTS = messages.SLOTS_PER_FRAME
VALUES = [0, 2, 7, 4996, 2512, None, 5000, 1003, 65000, 412, 21, 0]
STAMP = (1, 2, 3)
journal = RingJournal()
link = BoardEnd(journal, Application(), records.USB_WINDOW_SLOTS)
buf = memoryview(bytearray(SLOTS * records.SLOT_SIZE))
ack = frame.encode(messages.ACK, 5, 100)


def tell(what, times, function, *arguments):
    begun = time.ticks_us()
    for _ in range(times):
        function(*arguments)
    print(what.replace(" ", "-"), time.ticks_diff(time.ticks_us(), begun) / times)


def push_ack():
    for byte in ack:
        link.push(byte, 0, STAMP)


def release_window():
    journal.release(journal.oldest_seq + records.USB_WINDOW_SLOTS)


def add_round():
    journal.begin_round(STAMP, 4)
    for place in range(4):
        journal.add(STAMP, records.STATION, place, VALUES)


tell("a round of 4 records", 250, add_round)
tell("collect 7", 300, journal.collect, 3, buf, SLOTS)
tell("encode 7", 300, frame.encode, messages.RECORDS, 1, 1, buf)
tell("push an ACK", 100, push_ack)
tell("decode an ACK", 300, frame.decode, ack[:-1])
tell("release a window", 5, release_window)
