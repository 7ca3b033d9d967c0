"""From a record's raw integers to values in units, for the database, MQTT and people."""

from collections.abc import Callable, Sequence

from soakbench.units import MILLI_PER_HOUR
from soakwire import names, records, slots
from soakwire.layout import LayoutError
from soakwire.slots import Record

Value = int | float | str | None | Sequence[object]

KIND_NAMES = {
    records.STATION: "station",
    records.TRACK: "track",
    records.CELLS: "cells",
    records.EVENT: "event",
    records.LOSS: "loss",
    records.WEAR: "wear",
    records.AIR: "air",
}

# Unit in the record table → suffix of the name, raw units in one. Others keep their raw integer.
_SCALES = {
    "centi_c": ("_c", 100),
    "centi_percent": ("_percent", 100),
    "milli_suns": ("_suns", 1000),
    "permille": ("", 1000),
    "milli_sun_s": ("_sun_h", MILLI_PER_HOUR),
    "ms": ("_s", 1000),
}
_SUN_H_DIGITS = 7

_OUTPUT_BITS = (
    (records.OUT_LIGHT, "light"),
    (records.OUT_HEATER, "heater"),
    (records.OUT_CONTACTOR, "contactor"),
    (records.OUT_HOLD, "hold"),
    (records.OUT_IN_BAND, "in_band"),
)


def decode_body(record: Record) -> dict[str, Value]:
    """The values of `record` by name with unit (`plate_c`, `light_suns`, `dose_sun_h`, …).

    `delivered` stays in milli-units (ms or milli-sun·s): which of the two depends on the step.
    LayoutError if the kind is unknown or a value is outside its range.
    """
    raw = record.values
    body = {
        name + suffix_of(unit): field_value(name, unit, low, high, raw[name])
        for name, _, unit, low, high in records.BODIES[record.kind].fields
    }
    finish = _FINISH.get(record.kind)
    if finish is not None:
        finish(record, raw, body)
    return body


def suffix_of(unit: str) -> str:
    """What the human name of a field with `unit` ends in."""
    return _SCALES.get(unit.rstrip("?"), ("",))[0]


def scaled(unit: str) -> Callable[[int], float] | None:
    """How a raw value of `unit` becomes one for people; None if it is that already."""
    if unit.rstrip("?") not in _SCALES:
        return None
    suffix, per_one = _SCALES[unit.rstrip("?")]
    if suffix == "_sun_h":
        return lambda raw: round(raw / per_one, _SUN_H_DIGITS)
    return lambda raw: raw / per_one


def field_value(name: str, unit: str, low: int, high: int, raw: int | None) -> Value:
    """A field's value for people. LayoutError if it is outside `low`..`high`."""
    if raw is None:
        return None
    if not low <= raw <= high:
        raise LayoutError(f"{name} = {raw} is outside {low}..{high}")
    convert = _SPECIAL.get(name) or scaled(unit)
    return raw if convert is None else convert(raw)


def load_names(loads: int, count: int) -> list[str]:
    """The loads of the first `count` cells from their 2-bit codes."""
    return [names.LOAD_NAMES[(loads >> 2 * cell) & 3] for cell in range(count)]


def event_name(code: int) -> str:
    """An event's word; one with its number for a code that this version does not know."""
    return names.EVENT_NAMES.get(code, f"event_{code}")


def _bits(value: int, words: tuple[tuple[int, str], ...]) -> list[str]:
    return [name for bit, name in words if value & bit]


# Fields whose value is more than a scaled number. A name means the same in all kinds.
_SPECIAL: dict[str, Callable[[int], Value]] = {
    "lux": lambda raw: raw / 10,
    "outputs": lambda raw: _bits(raw, _OUTPUT_BITS),
    "faults": lambda raw: _bits(raw, names.FAULT_NAMES),
    "state": lambda raw: names.TRACK_STATE_NAMES[raw],
}

_Raw = dict[str, int | None]


def _finish_cells(record: Record, raw: _Raw, body: dict[str, Value]) -> None:
    body["loads"] = load_names((raw["loads"] or 0) >> 2 * record.place, 8)
    body["senses"] = [body.pop(f"sense{i}") for i in range(8)]


def _finish_event(record: Record, _: _Raw, body: dict[str, Value]) -> None:
    body["event"] = event_name(record.place)


def _finish_loss(_: Record, raw: _Raw, body: dict[str, Value]) -> None:
    lo, mid, hi = (raw[name] or 0 for name in LOSS_FROM)
    for name in LOSS_FROM:
        del body[name]
    body["from_device_ms"] = slots.join_time(lo, mid, hi)


LOSS_FROM = ("from_lo", "from_mid", "from_hi")

_FINISH: dict[int, Callable[[Record, _Raw, dict[str, Value]], None]] = {
    records.CELLS: _finish_cells,
    records.EVENT: _finish_event,
    records.LOSS: _finish_loss,
}
