"""The frame: one ASCII line, `~` base64(header, payload, CRC-32) newline.

Header, little-endian: type u8, flags u8, session u16, seq u32. The CRC covers header and payload.
A line that does not start with `~` is text from the board, not a damaged frame.
"""

import binascii
import struct

MAX_PAYLOAD = 228
MAX_LINE = 322  # "~", 320 base64 characters of 240 bytes, newline
HEADER_SIZE = 8
CRC_SIZE = 4
MARK = 0x7E  # "~"
NEWLINE = 0x0A
_CRC_RESIDUE = 0x2144DF1C  # the CRC-32 of anything that is followed by its own CRC-32


class FrameError(ValueError):
    """A line that looks like a frame and is not one; the text says why."""


class Frame:
    """A decoded frame."""

    __slots__ = ("flags", "kind", "payload", "seq", "session")

    def __init__(self, kind: int, flags: int, session: int, seq: int, payload: bytes) -> None:
        self.kind = kind
        self.flags = flags
        self.session = session
        self.seq = seq
        self.payload = payload


def encode(
    kind: int, session: int, seq: int, payload: bytes | memoryview = b"", flags: int = 0
) -> bytes:
    """The line for one frame, with its newline. FrameError if the payload is too long."""
    if len(payload) > MAX_PAYLOAD:
        raise FrameError(f"payload of {len(payload)} bytes, at most {MAX_PAYLOAD}")
    body = bytearray(HEADER_SIZE + len(payload) + CRC_SIZE)
    struct.pack_into("<BBHI", body, 0, kind, flags, session, seq)
    end = HEADER_SIZE + len(payload)
    body[HEADER_SIZE:end] = payload
    struct.pack_into("<I", body, end, binascii.crc32(memoryview(body)[:end]))
    return b"~" + binascii.b2a_base64(body)


def decode(line: bytes | bytearray | memoryview) -> Frame:
    """The frame in `line` (with its mark, without its newline); FrameError if damaged."""
    if len(line) < 1 or line[0] != MARK:
        raise FrameError("no frame mark")
    if len(line) >= MAX_LINE:
        raise FrameError("line too long")
    try:
        body = binascii.a2b_base64(line[1:])
    except ValueError:
        raise FrameError("bad base64")  # noqa: B904 (MicroPython's dialect has no chained raise)
    end = len(body) - CRC_SIZE
    if end < HEADER_SIZE:
        raise FrameError("too short")
    if binascii.crc32(body) != _CRC_RESIDUE:
        raise FrameError("bad CRC")
    kind, flags, session, seq = struct.unpack_from("<BBHI", body, 0)
    return Frame(kind, flags, session, seq, body[HEADER_SIZE:end])


class LineAssembler:
    """The board's reader: one byte at a time into one buffer, no allocation until a line is whole.

    A line longer than a frame is skipped to its newline; one that begins as a frame counts in
    `overlong`, others are text.
    """

    def __init__(self) -> None:
        self._buf = bytearray(MAX_LINE)
        self._used = 0
        self._skipping = False
        self.overlong = 0

    def push(self, byte: int) -> bytes | None:
        """Take one byte; the line without its newline when this byte completed one."""
        if byte == NEWLINE:
            line = None if self._skipping else bytes(memoryview(self._buf)[: self._used])
            self._used = 0
            self._skipping = False
            return line
        if self._skipping:
            return None
        if self._used == MAX_LINE:
            if self._buf[0] == MARK:
                self.overlong += 1
            self._skipping = True
            return None
        self._buf[self._used] = byte
        self._used += 1
        return None
