"""A MicroPython process that plays boards: hostile.core over stdin and stdout, call by call.

Request: u16 length, then u8 what, u32 ticks, u32 t_ms, and what the call needs.
Answer: u16 length, then its bytes. See hostile.remote.RemoteCore.
"""

import gc
import struct
import sys

import core

HEAD = "<BII"
HEAD_SIZE = 9


def answer(board, what, ticks, t_ms, body):
    """What one call gives back, as bytes."""
    if what == 82:  # R: bytes from the host
        done = board.receive(body, ticks, t_ms)
        return struct.pack("<" + "I" * len(done), *done)
    if what == 78:  # N: next frame
        return board.next_frame(ticks, t_ms)
    if what == 83:  # S: a sampling
        board.sample(t_ms, *struct.unpack("<IH", body))
    elif what == 69:  # E: an event
        board.event(t_ms, *struct.unpack("<I", body))
    elif what == 81:  # Q: status
        return struct.pack("<IIII", *board.status())
    return b""


def main():
    """Until stdin ends."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    board = None
    while True:
        size = source.read(2)
        if not size:
            return
        request = source.read(struct.unpack("<H", size)[0])
        what, ticks, t_ms = struct.unpack_from(HEAD, request)
        body = request[HEAD_SIZE:]
        if what == 66:  # B: boot
            board = None
            gc.collect()
            board = core.BoardCore(*struct.unpack("<IHHH", body))
            out = b""
        else:
            out = answer(board, what, ticks, t_ms, body)
        sink.write(struct.pack("<H", len(out)) + out)


main()
