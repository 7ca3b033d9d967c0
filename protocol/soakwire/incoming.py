"""What the board's frames say. LayoutError where a payload does not fit its table.

Everything is checked before anything is taken: a frame counts as a whole or not at all.
"""

import struct

from soakwire import messages, slots
from soakwire.blobs import MAX_TRACKS
from soakwire.frame import Frame
from soakwire.layout import Layout, LayoutError

_VERSION = "<BBI"  # major, minor, schema: the same in every version (VE-1)
_VERSION_SIZE = 6
_JUMP_SIZE = 4


def version(payload: bytes) -> tuple[int, int]:
    """Major version and schema id of a HELLO, whatever follows them."""
    if len(payload) < _VERSION_SIZE:
        raise LayoutError("HELLO without a version")
    major, _, schema = struct.unpack_from(_VERSION, payload)
    return major, schema


def hello(payload: bytes) -> dict[str, int]:
    """The values of a HELLO of our version."""
    return _checked(messages.HELLO_LAYOUT, payload)


def foreign_hello(payload: bytes) -> dict[str, int]:
    """A HELLO of another version, read as ours: only the first three fields are sure."""
    layout = messages.HELLO_LAYOUT
    return _named(layout, payload + bytes(layout.size))


def state(payload: bytes) -> tuple[int, dict[str, int], list[dict[str, int]]]:
    """Device time, values and tracks of a STATE."""
    head = _checked(messages.STATE_HEAD, payload)
    if head["tracks"] > MAX_TRACKS:
        raise LayoutError("too many tracks")
    first, size = messages.STATE_HEAD.size, messages.STATE_TRACK.size
    places = [first + size * track for track in range(head["tracks"])]
    tracks = [_checked(messages.STATE_TRACK, payload, at) for at in places]
    return slots.join_time(head["t_lo"], head["t_mid"], head["t_hi"]), head, tracks


def response(payload: bytes) -> tuple[int, int]:
    """Reason and detail of a RESPONSE."""
    values = _checked(messages.RESPONSE_LAYOUT, payload)
    return values["reason"], values["detail"]


def batch(got: Frame) -> tuple[int, list[slots.Record]]:
    """The seq that was due when a RECORDS frame was made, and its records in order."""
    if got.flags & messages.FLAG_JUMP:
        due = int.from_bytes(got.payload[:_JUMP_SIZE], "little")
        items = slots.unpack_slots(got.payload, _JUMP_SIZE)
    else:
        due = got.seq
        items = slots.unpack_slots(got.payload)
    _check_order(got.seq, items)
    return due, items


def _check_order(first: int, items: list[slots.Record]) -> None:
    if items[0].seq != first:
        raise LayoutError("the header names another record")
    due = first
    for item in items:
        if item.seq < due:
            raise LayoutError("records out of order")
        due = item.seq + 1


def _named(layout: Layout, payload: bytes, at: int = 0) -> dict[str, int]:
    """The values of a table without optional fields."""
    values = layout.unpack_named(payload, at)
    return {name: value for name, value in values.items() if value is not None}


def _checked(layout: Layout, payload: bytes, at: int = 0) -> dict[str, int]:
    """The same, each within its range."""
    values = _named(layout, payload, at)
    for name, _, _, low, high in layout.fields:
        if not low <= values[name] <= high:
            raise LayoutError(f"{layout.name}.{name} = {values[name]} is outside {low}..{high}")
    return values
