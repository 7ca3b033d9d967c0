"""How much heap the firmware leaves: run by test_fw_micropython.py with the RP2040's heap.

    micropython memory_check.py CONFIG PROGRAM

Starts as firmware/main.py does, takes both blobs, runs every track for a minute of virtual time
and prints the free heap. The 64-bit unix port's objects take up to twice the space of the board's.
"""

# ruff: noqa: E402

import binascii
import gc
import sys

gc.threshold(2048)

from soakfw.journal import RingJournal
from soakfw.uploads import Upload

journal = RingJournal()
upload_buffers = Upload()

from soakfw.app import App
from soakwire import blobs, messages

gc.collect()  # the board's own module comes after the app's, as in main.py

from fake_board import FakeBoard


def execute(app, verb, *values, data=b""):
    payload = memoryview(messages.ARGS[verb].pack(list(values)) + data)
    reason, _detail = app.execute(verb, payload)
    assert reason == 0, (verb, reason)


def upload(app, kind, path):
    with open(path, "rb") as file:
        blob = file.read()
    execute(app, messages.BLOB_BEGIN, kind, len(blob), binascii.crc32(blob))
    for at in range(0, len(blob), messages.BLOB_CHUNK):
        chunk = blob[at : at + messages.BLOB_CHUNK]
        execute(app, messages.BLOB_DATA, kind, at, data=chunk)
    execute(app, messages.BLOB_COMMIT, kind)


def run(app, board, ms):
    end = board.now + ms
    while board.now < end:
        board.advance(app.poll(board.now))
        board.outbox = []


board = FakeBoard(log_size=16)
app = App(board, journal, upload_buffers)
run(app, board, 1000)
upload(app, messages.BLOB_CONFIG, sys.argv[1])
upload(app, messages.BLOB_PROGRAM, sys.argv[2])
for track in range(len(app.runner.tracks)):
    execute(app, messages.START, track, 0, 0, 0, 0, 0)
execute(app, messages.RESUME, None)
run(app, board, 60000)
assert app.is_active()
gc.collect()
bytearray(blobs.MAX_BLOB)  # what is free is not in crumbs
gc.collect()
print(gc.mem_free())
