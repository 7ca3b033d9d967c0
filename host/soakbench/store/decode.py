"""From a record's raw integers to values in units, for the database, MQTT and people."""

from collections.abc import Callable, Sequence

from soakbench.units import MILLI_PER_HOUR
from soakwire import names, records
from soakwire.records import Record

Value = int | float | str | None | Sequence[object]

KIND_NAMES = {
    records.STATION: "station",
    records.TRACK: "track",
    records.CELLS: "cells",
    records.EVENT: "event",
    records.LOSS: "loss",
}

# Unit in the record table → suffix of the human name, factor. Others keep their raw integer.
_SCALES = {
    "centi_c": ("_c", 0.01),
    "milli_suns": ("_suns", 0.001),
    "permille": ("", 0.001),
    "milli_sun_s": ("_sun_h", 1 / MILLI_PER_HOUR),
    "ms": ("_s", 0.001),
}
_DIGITS = {"_sun_h": 7}

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
    """
    body: dict[str, Value] = {}
    for name, _, unit, _, _ in records.BODIES[record.kind].fields:
        raw = record.values[name]
        suffix, factor = _SCALES.get(unit.rstrip("?"), ("", None))
        if raw is None or factor is None:
            body[name + suffix] = raw
        else:
            body[name + suffix] = round(raw * factor, _DIGITS.get(suffix, 3))
    finish = _FINISH.get(record.kind)
    if finish is not None:
        finish(record, body)
    return body


def load_names(loads: int, count: int) -> list[str]:
    """The loads of the first `count` cells from their 2-bit codes."""
    return [names.LOAD_NAMES[(loads >> 2 * cell) & 3] for cell in range(count)]


def _bits(value: Value, names: tuple[tuple[int, str], ...]) -> list[str]:
    return [name for bit, name in names if isinstance(value, int) and value & bit]


def _finish_station(_: Record, body: dict[str, Value]) -> None:
    lux = body["lux"]
    body["lux"] = None if not isinstance(lux, int) else lux / 10
    body["outputs"] = _bits(body["outputs"], _OUTPUT_BITS)
    body["faults"] = _bits(body["faults"], names.FAULT_NAMES)


def _finish_track(_: Record, body: dict[str, Value]) -> None:
    state = body["state"]
    assert isinstance(state, int)
    body["state"] = names.TRACK_STATE_NAMES[state]


def _finish_cells(record: Record, body: dict[str, Value]) -> None:
    loads = body["loads"]
    assert isinstance(loads, int)
    body["loads"] = load_names(loads >> 2 * record.place, 8)
    body["senses"] = [body.pop(f"sense{i}") for i in range(8)]


def _finish_event(record: Record, body: dict[str, Value]) -> None:
    body["event"] = names.EVENT_NAMES.get(record.place, f"event_{record.place}")


def _finish_loss(_: Record, body: dict[str, Value]) -> None:
    words = [body.pop(f"from_{part}") for part in ("lo", "mid", "hi")]
    lo, mid, hi = [word for word in words if isinstance(word, int)]
    body["from_device_ms"] = records.join_time(lo, mid, hi)


_FINISH: dict[int, Callable[[Record, dict[str, Value]], None]] = {
    records.STATION: _finish_station,
    records.TRACK: _finish_track,
    records.CELLS: _finish_cells,
    records.EVENT: _finish_event,
    records.LOSS: _finish_loss,
}
