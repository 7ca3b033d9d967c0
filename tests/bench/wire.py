"""Bytes on the wire for a record: our frames, a line of JSON, and T-MIN's frame."""

import binascii
import json

from samples import record_frame, slot

from soakbench.store.decode import KIND_NAMES, decode_body
from soakwire import messages
from soakwire.records import SLOT_SIZE
from soakwire.slots import unpack_slot

FULL = messages.SLOTS_PER_FRAME
ASKED = ("single", "batched", "json_line", "t_min")
EXTRA = ("t_min_batched",)


def bytes_per_record(records: int) -> dict[str, float]:
    """The mean of `records` records (rounded up to full frames), per way to send them."""
    count = -(-records // FULL) * FULL
    seqs = range(count)
    batches = range(0, count, FULL)
    totals = {
        "single": sum(len(record_frame(seq, 1)) for seq in seqs),
        "batched": sum(len(record_frame(seq, FULL)) for seq in batches),
        "json_line": sum(len(json_line(slot(seq))) for seq in seqs),
        "t_min": sum(len(t_min_frame(slot(seq), seq)) for seq in seqs),
        "t_min_batched": sum(
            len(t_min_frame(b"".join(slot(seq + i) for i in range(FULL)), seq)) for seq in batches
        ),
    }
    return {way: round(total / count, 2) for way, total in totals.items()}


def efficiency() -> float:
    """Share of a full frame that is records."""
    return round(FULL * SLOT_SIZE / len(record_frame(0, FULL)), 4)


def json_line(packed: bytes) -> bytes:
    """The record as one would do it by hand: compact JSON of its values, CRC-32 in hex, newline."""
    record = unpack_slot(packed)
    values = {"seq": record.seq, "t_ms": record.t_ms, "kind": KIND_NAMES[record.kind]}
    text = json.dumps(
        {**values, "place": record.place, **decode_body(record)}, separators=(",", ":")
    ).encode()
    return b"%s%08x\n" % (text, binascii.crc32(text))


def t_min_frame(payload: bytes, seq: int) -> bytes:
    """A T-MIN frame with its own sequence number (github.com/min-protocol/min, host/min.py).

    Three header bytes 0xAA, then id with the transport bit, seq, length, payload and CRC-32 (most
    significant byte first) with a 0x55 stuffed behind every second 0xAA in a row, then 0x55.
    """
    body = bytes([0x80 | 1, seq & 0xFF, len(payload)]) + payload
    body += binascii.crc32(body).to_bytes(4, "big")
    return b"\xaa\xaa\xaa" + body.replace(b"\xaa\xaa", b"\xaa\xaa\x55") + b"\x55"
