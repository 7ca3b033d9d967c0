"""Blob uploads: into one of two fixed buffers, and whole or not at all.

Two, because an accepted program is read from where it lies: the next upload uses the other one.
"""

import binascii

from soakwire import messages
from soakwire.blobs import MAX_BLOB


class Upload:
    """At most one upload is under way."""

    def __init__(self) -> None:
        self._buf = bytearray(MAX_BLOB)
        self._kept = bytearray(MAX_BLOB)
        self._kind = 0  # none
        self._size = 0
        self._crc = 0
        self._have = 0

    def begin(self, kind: int, size: int, crc: int) -> None:
        """Expect `size` bytes; an upload under way is forgotten."""
        self._kind = kind
        self._size = size
        self._crc = crc
        self._have = 0

    def add(self, kind: int, offset: int, data: memoryview) -> int:
        """The next bytes, in order; a reason code."""
        end = offset + len(data)
        if kind != self._kind or offset != self._have or end > self._size:
            return messages.REASON_BLOB_INCOMPLETE
        self._buf[offset:end] = data
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
        return memoryview(self._buf)[: self._size]

    @property
    def crc(self) -> int:
        """CRC-32 of what was uploaded last."""
        return self._crc

    def keep(self) -> None:
        """The last upload stays readable until the next `keep`."""
        self._buf, self._kept = self._kept, self._buf
