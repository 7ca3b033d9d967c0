"""Blob uploads: into one fixed buffer, and whole or not at all.

An accepted program is read from where it lies; the next upload goes to the other end of the
buffer. Beside the largest program there is room for any configuration, beside one of the usual
size for any program.
"""

import binascii

from soakwire import messages
from soakwire.blobs import MAX_BLOB

MAX_CONFIG = 1520  # head, four stations, sixteen cells, four converters and four tables
_NOTHING = (0, 0)  # begin and end


class Upload:
    """At most one upload is under way."""

    def __init__(self) -> None:
        self._buf = bytearray(MAX_BLOB + MAX_CONFIG)
        self._kept = _NOTHING
        self._kind = 0  # none
        self._at = 0  # where it begins
        self._size = 0
        self._crc = 0
        self._have = 0

    def begin(self, kind: int, size: int, crc: int) -> int:
        """Expect `size` bytes, an upload under way is forgotten; a reason code."""
        self._kind = 0
        begin, end = self._kept
        at = 0 if size <= begin or self._kept == _NOTHING else len(self._buf) - size
        if at and at < end:
            return messages.REASON_BUSY  # only beside a very long program: stop the run first
        self._kind = kind
        self._at = at
        self._size = size
        self._crc = crc
        self._have = 0
        return messages.REASON_OK

    def add(self, kind: int, offset: int, data: memoryview) -> int:
        """The next bytes, in order; a reason code."""
        end = offset + len(data)
        if kind != self._kind or offset != self._have or end > self._size:
            return messages.REASON_BLOB_INCOMPLETE
        self._buf[self._at + offset : self._at + end] = data
        self._have = end
        return messages.REASON_OK

    def check(self, kind: int) -> int:
        """Whether the upload is complete and undamaged; a reason code."""
        if kind != self._kind or self._have != self._size:
            return messages.REASON_BLOB_INCOMPLETE
        self._kind = 0
        if binascii.crc32(self.blob()) != self._crc:
            return messages.REASON_BLOB_CRC
        return messages.REASON_OK

    def blob(self) -> memoryview:
        """What was uploaded last."""
        return memoryview(self._buf)[self._at : self._at + self._size]

    @property
    def crc(self) -> int:
        """CRC-32 of what was uploaded last."""
        return self._crc

    def keep(self) -> None:
        """The last upload stays readable until the next `keep` or `forget`."""
        self._kept = (self._at, self._at + self._size)

    def forget(self) -> None:
        """Nothing is read any more."""
        self._kept = _NOTHING
