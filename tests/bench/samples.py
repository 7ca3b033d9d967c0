"""Records as a bench of four stations makes them, and the lines that carry them."""

from soakwire import PROTOCOL_MAJOR, PROTOCOL_MINOR, frame, messages, records, slots
from soakwire.schema import SCHEMA_ID

SESSION = 1
BOOT_ID = 0x5EED
CHUNK_FRAMES = 24  # what a full window brings at once
_PERIOD_MS = 10_000
_STATIONS = 4
_LOADS = 0xFFFF_5500  # cells 0 to 3 at OC, 4 to 7 at SC, no others


def slot(seq: int) -> bytes:
    """Record number `seq`: stations, then a track and the cells of each sampling."""
    sampling, place = divmod(seq, _STATIONS + 2)
    buf = bytearray(records.SLOT_SIZE)
    if place < _STATIONS:
        kind, body = records.STATION, _station(seq)
    elif place == _STATIONS:
        at_ms = sampling * _PERIOD_MS
        kind, place = records.TRACK, 0
        body = [0, 2, 7, records.RUNNING, at_ms, at_ms + at_ms // 300, at_ms, 1]
    else:
        kind, place = records.CELLS, 0
        body = [_LOADS, *([None] * 8)]
    stamp = slots.split_time(sampling * _PERIOD_MS)
    records.pack_slot(buf, 0, seq, stamp, kind, place, body)
    return bytes(buf)


def _station(seq: int) -> list[int | None]:
    """A station's values, with the noise of its sensors."""
    noise = seq * 2654435761 >> 8
    plate, stage, light, lux = (noise % n for n in (199, 307, 41, 1301))
    outputs = records.OUT_LIGHT | records.OUT_HEATER | records.OUT_IN_BAND
    body: list[int | None] = [0, 2, 7, 4900 + plate, 2400 + stage, None, 5000]
    return [*body, 980 + light, 64_000 + lux, noise % 601, outputs, 0]


def record_frame(first: int, count: int) -> bytes:
    """The line with `count` records from `first` on."""
    payload = b"".join(slot(seq) for seq in range(first, first + count))
    return frame.encode(messages.RECORDS, SESSION, first, payload)


def record_lines(count: int) -> tuple[tuple[bytes, bytes], list[bytes]]:
    """The board's greeting (HELLO, STATE), and `count` records in chunks as the port gives them."""
    most = messages.SLOTS_PER_FRAME
    lines = [record_frame(at, min(most, count - at)) for at in range(0, count, most)]
    chunks = [b"".join(lines[at : at + CHUNK_FRAMES]) for at in range(0, len(lines), CHUNK_FRAMES)]
    return (_hello(), _state()), chunks


def _hello() -> bytes:
    values: dict[str, int | None] = {field[0]: 0 for field in messages.HELLO_LAYOUT.fields}
    values["major"], values["minor"] = PROTOCOL_MAJOR, PROTOCOL_MINOR
    values["schema"], values["boot_id"] = SCHEMA_ID, BOOT_ID
    values["window_slots"] = records.USB_WINDOW_SLOTS
    return frame.encode(messages.HELLO, 0, 0, messages.HELLO_LAYOUT.pack_named(values))


def _state() -> bytes:
    values: dict[str, int | None] = {field[0]: 0 for field in messages.STATE_HEAD.fields}
    return frame.encode(messages.STATE, SESSION, 0, messages.STATE_HEAD.pack_named(values))
