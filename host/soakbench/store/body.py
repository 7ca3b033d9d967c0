"""A slot's columns for the database, with the body as JSON text made in one go.

The text is exactly what `decode_body` and `json.dumps` give (a test compares them), at a fifth of
the time: one `struct` per kind takes the whole slot apart, and the texts of short fields are
remembered, since a bench shows the same few values again and again.
"""

import json
import struct
from collections.abc import Callable, Iterator

from soakbench.store.decode import (
    KIND_NAMES,
    LOSS_FROM,
    Value,
    event_name,
    field_value,
    load_names,
    scaled,
    suffix_of,
)
from soakwire import records, slots
from soakwire.layout import MISSING, U32, LayoutError
from soakwire.slots import Record

Columns = tuple[str, int, int, str]  # kind, place, t_device_ms, body

UNKNOWN = "unknown"
MOST_TEXTS = 4096  # remembered per field

_KIND_AT = 10  # in the slot
_WIDE = "Ii"  # counters and amounts: hardly ever the same value twice
_WHOLE = {"I": (0, U32)}  # fields of this range need no check

Reader = Callable[[int], str]
Field = tuple[str, str, str, int, int]


def columns(record: Record) -> Columns:
    """What the database has of a slot besides the slot itself. Never fails.

    A slot that cannot be decoded has the kind `unknown` and says why in its body.
    """
    slot = record.slot
    try:
        return _SHAPES[slot[_KIND_AT]].columns(slot)
    except (KeyError, LayoutError) as error:
        unknown = isinstance(error, KeyError)
        why = f"unknown record kind {record.kind}" if unknown else str(error)
        return UNKNOWN, record.place, record.t_ms, dump({"reason": why})


def dump(value: object) -> str:
    """`value` as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Texts(dict[int, str]):
    """Raw value → its JSON text, made when first asked for."""

    def __init__(self, make: Reader) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: int) -> str:
        text = self._make(raw)
        if len(self) < MOST_TEXTS:
            self[raw] = text
        return text


class _Shape:
    """How the slots of one kind become columns."""

    def __init__(self, kind: int) -> None:
        layout = records.BODIES[kind]
        body_format = layout.format.lstrip("<")
        self._unpack = struct.Struct(records.HEAD_FORMAT + body_format).unpack
        self._name = KIND_NAMES[kind]
        self._arrange = _ARRANGE.get(kind)
        parts = list(_PARTS[kind]() if kind in _PARTS else _plain_parts(layout.fields))
        self._template = "{" + ",".join(template for template, _ in parts) + "}"
        self._readers = [reader for _, readers in parts for reader in readers]

    def columns(self, slot: bytes) -> Columns:
        _, lo, mid, hi, _, place, *values = self._unpack(slot)
        if self._arrange is not None:
            values = self._arrange(values, place)
        texts = [read(value) for read, value in zip(self._readers, values)]  # noqa: B905 (speed)
        return self._name, place, lo | mid << 16 | hi << 32, self._template % tuple(texts)


_Part = tuple[str, list[Reader]]


def _plain_parts(fields: list[Field]) -> Iterator[_Part]:
    """One key for each field, in the order of the table."""
    for field in fields:
        name, _, unit, _, _ = field
        yield f'"{name}{suffix_of(unit)}":%s', [_reader(field)]


def _cells_parts() -> Iterator[_Part]:
    _, *senses = records.BODIES[records.CELLS].fields
    yield '"loads":%s', [_Texts(lambda loads: dump(load_names(loads, 8))).__getitem__]
    shared = _reader(senses[0])
    yield f'"senses":[{",".join(["%s"] * len(senses))}]', [shared] * len(senses)


def _event_parts() -> Iterator[_Part]:
    yield from _plain_parts(records.BODIES[records.EVENT].fields)
    yield '"event":%s', [_Texts(lambda code: dump(event_name(code))).__getitem__]


def _loss_parts() -> Iterator[_Part]:
    fields = records.BODIES[records.LOSS].fields
    yield from _plain_parts([field for field in fields if field[0] not in LOSS_FROM])
    yield '"from_device_ms":%s', [str]


def _reader(field: Field) -> Reader:
    """Raw value of `field` → its JSON text. LayoutError if it is out of range."""
    name, code, unit, low, high = field
    missing = MISSING[code] if unit.endswith("?") else None

    def read(raw: int) -> str:
        value: Value = field_value(name, unit, low, high, None if raw == missing else raw)
        return dump(value)

    if code not in _WIDE:
        return _Texts(read).__getitem__
    if missing is not None or (low, high) != _WHOLE.get(code):
        return read
    convert = scaled(unit)
    if convert is None:
        return str
    return lambda raw: repr(convert(raw))  # as JSON writes a float


def _arrange_cells(values: list[int], place: int) -> list[int]:
    values[0] = values[0] >> 2 * place & 0xFFFF
    return values


def _arrange_event(values: list[int], place: int) -> list[int]:
    return [*values, place]


def _arrange_loss(values: list[int], _: int) -> list[int]:
    *rest, lo, mid, hi = values
    return [*rest, slots.join_time(lo, mid, hi)]


_PARTS: dict[int, Callable[[], Iterator[_Part]]] = {
    records.CELLS: _cells_parts,
    records.EVENT: _event_parts,
    records.LOSS: _loss_parts,
}

# What the readers want to see where that is not just the values of the table.
_ARRANGE: dict[int, Callable[[list[int], int], list[int]]] = {
    records.CELLS: _arrange_cells,
    records.EVENT: _arrange_event,
    records.LOSS: _arrange_loss,
}

_SHAPES = {kind: _Shape(kind) for kind in records.BODIES}
