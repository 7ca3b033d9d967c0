"""Reading records: what the host makes of the slots that arrive. The board only writes them."""

import struct

from soakwire.layout import LayoutError
from soakwire.records import BODIES, HEAD_FORMAT, HEAD_SIZE, SLOT_SIZE

_KIND_AT = 10  # in the slot; place is next to it
# The seqs of 0 to 7 slots, for one step with a whole frame.
_SEQS = ["<" + ("I" + "x" * (SLOT_SIZE - 4)) * n for n in range(8)]


class Record:
    """A slot that has arrived. What it says is unpacked when asked for."""

    __slots__ = ("seq", "slot")

    def __init__(self, slot: bytes, seq: int | None = None) -> None:
        """`slot` has SLOT_SIZE bytes; `seq` is its seq where that is known already."""
        self.slot = slot
        self.seq: int = struct.unpack_from("<I", slot)[0] if seq is None else seq

    @property
    def kind(self) -> int:
        """STATION to LOSS, or one that is unknown here."""
        return self.slot[_KIND_AT]

    @property
    def place(self) -> int:
        """The station, the track, the first cell or the event's code."""
        return self.slot[_KIND_AT + 1]

    @property
    def t_ms(self) -> int:
        """Device time."""
        _, lo, mid, hi, _, _ = struct.unpack_from(HEAD_FORMAT, self.slot)
        return join_time(lo, mid, hi)

    @property
    def values(self) -> dict[str, int | None]:
        """Raw integers by field name. LayoutError if the kind is unknown."""
        if self.kind not in BODIES:
            raise LayoutError(f"unknown record kind {self.kind}")
        return BODIES[self.kind].unpack_named(self.slot, HEAD_SIZE)


def join_time(lo: int, mid: int, hi: int) -> int:
    """Device milliseconds from their three words (host side: may be a big integer)."""
    return lo | mid << 16 | hi << 32


def split_time(t_ms: int) -> tuple[int, int, int]:
    """The three words of a device time."""
    return t_ms & 0xFFFF, (t_ms >> 16) & 0xFFFF, (t_ms >> 32) & 0xFFFF


def unpack_slot(buf: bytes | bytearray | memoryview, offset: int = 0) -> Record:
    """The record at `offset`. LayoutError if it is cut short."""
    if offset + SLOT_SIZE > len(buf):
        raise LayoutError("slot cut short")
    return Record(bytes(buf[offset : offset + SLOT_SIZE]))


def unpack_slots(buf: bytes, offset: int = 0) -> list[Record]:
    """The 1 to 7 records from `offset` on. LayoutError if there are none, more, or a cut one."""
    count, odd = divmod(len(buf) - offset, SLOT_SIZE)
    if odd or not 0 < count < len(_SEQS):
        raise LayoutError("not 1 to 7 whole slots")
    seqs = struct.unpack_from(_SEQS[count], buf, offset)
    starts = range(offset, len(buf), SLOT_SIZE)
    return [Record(buf[at : at + SLOT_SIZE], seq) for at, seq in zip(starts, seqs)]
