"""Records as a board makes them, for tests of what the host does with them."""

from soakwire import records, slots
from soakwire.slots import Record


def make(seq: int, t_ms: int, kind: int, place: int, **given: int | None) -> Record:
    """A record of `kind` whose fields are 0, or missing where they may be, but for `given`."""
    layout = records.BODIES[kind]
    values: list[int | None] = []
    for name, _, unit, low, _ in layout.fields:
        values.append(given.pop(name, None if unit.endswith("?") else max(low, 0)))
    assert not given, f"no such fields: {given}"
    slot = bytearray(records.SLOT_SIZE)
    records.pack_slot(slot, 0, seq, slots.split_time(t_ms), kind, place, values)
    return slots.unpack_slot(slot)


def station(seq: int, t_ms: int, place: int = 0, **given: int | None) -> Record:
    """A station's sample."""
    return make(seq, t_ms, records.STATION, place, **given)


def track(seq: int, t_ms: int, place: int = 0, **given: int | None) -> Record:
    """A track's sample."""
    return make(seq, t_ms, records.TRACK, place, **given)


def event(seq: int, t_ms: int, code: int, **given: int | None) -> Record:
    """An event."""
    return make(seq, t_ms, records.EVENT, code, **given)
