"""Writes vectors.json: run it by hand when a table changes, and read the difference.

.venv/bin/python tests/soakwire/make_vectors.py > tests/soakwire/vectors.json
"""

import json
import random

from soakwire import blob_making, blobs, frame, messages, records, slots
from soakwire.layout import MISSING, Layout
from soakwire.schema import SCHEMA_ID

SEED = 20260101


def frames(rng: random.Random) -> list[dict[str, object]]:
    made = []
    for size in (0, 1, 2, 3, 32, 63, 224, frame.MAX_PAYLOAD):
        payload = rng.randbytes(size)
        kind, flags = rng.randrange(256), rng.randrange(256)
        session, seq = rng.randrange(1 << 16), rng.randrange(1 << 32)
        line = frame.encode(kind, session, seq, payload, flags)
        made.append(
            {
                "kind": kind,
                "flags": flags,
                "session": session,
                "seq": seq,
                "payload": payload.hex(),
                "line": line.decode().strip(),
            }
        )
    return made


def bad_lines() -> list[dict[str, str]]:
    good = frame.encode(messages.BEAT, 7, 9, bytes(4)).decode().strip()
    flipped = good[:9] + ("A" if good[9] != "A" else "B") + good[10:]
    return [
        {"line": "", "error": "no frame mark"},
        {"line": "Traceback (most recent call last):", "error": "no frame mark"},
        {"line": "~", "error": "too short"},
        {"line": "~AAAA", "error": "too short"},
        {"line": flipped, "error": "bad CRC"},
        {"line": good[:-1], "error": "bad base64"},
        {"line": good[:-4], "error": "bad CRC"},
        {"line": "~" + "A" * 324, "error": "line too long"},
    ]


def values(layout: Layout, rng: random.Random, edge: str) -> dict[str, int | None]:
    made: dict[str, int | None] = {}
    for name, code, unit, low, high in layout.fields:
        if edge == "missing" and unit.endswith("?"):
            made[name] = None
            continue
        value = {"low": low, "high": high}.get(edge, rng.randint(low, high))
        if unit.endswith("?") and value == MISSING[code]:
            value = low  # that number cannot be told from a missing one
        made[name] = value
    return made


def all_records(rng: random.Random) -> list[dict[str, object]]:
    made = []
    for kind, layout in records.BODIES.items():
        for edge in ("low", "high", "missing", "any"):
            seq, place = rng.randrange(1 << 32), rng.randrange(256)
            t_ms = rng.choice([0, (1 << 30) - 1, 1 << 30, (1 << 48) - 1, rng.randrange(1 << 48)])
            body = values(layout, rng, edge)
            slot = bytearray(records.SLOT_SIZE)
            raw = [body[f[0]] for f in layout.fields]
            records.pack_slot(slot, 0, seq, slots.split_time(t_ms), kind, place, raw)
            made.append(
                {
                    "seq": seq,
                    "t_ms": t_ms,
                    "kind": kind,
                    "place": place,
                    "values": body,
                    "slot": slot.hex(),
                }
            )
    return made


def out_of_range(rng: random.Random) -> list[dict[str, object]]:
    """One value below or above its field, or missing where it must be there."""
    made = []
    layouts = {
        "BEAT_LAYOUT": messages.BEAT_LAYOUT,
        "STATE_TRACK": messages.STATE_TRACK,
        "CONFIG_STATION": blobs.CONFIG_STATION,
        "PROGRAM_STEP": blobs.PROGRAM_STEP,
    }
    for name, layout in layouts.items():
        for i, (field, _, unit, low, high) in enumerate(layout.fields):
            good = list(values(layout, rng, "low").values())
            bad: list[int | None] = [low - 1, high + 1]
            if not unit.endswith("?"):
                bad.append(None)
            for value in bad:
                given = [*good[:i], value, *good[i + 1 :]]
                made.append({"layout": name, "values": given, "names": f"{layout.name}.{field}"})
    return made


def some_blobs(rng: random.Random) -> list[dict[str, object]]:
    head = values(blobs.PROGRAM_HEAD, rng, "any") | {"tracks": 2, "version": blobs.BLOB_VERSION}
    tracks: list[dict[str, int | None]] = [{"cells": 0x0F, "steps": 3}, {"cells": 0xF0, "steps": 1}]
    steps = [[values(blobs.PROGRAM_STEP, rng, edge) for edge in ("low", "missing", "any")]]
    steps[0][1] |= {"kind": blobs.DARK_RECOVERY}  # whatever came up: no loop
    steps[0][2] |= {"kind": blobs.LOOP, "loop_to": 0, "loop_times": 7}
    steps.append([values(blobs.PROGRAM_STEP, rng, "high") | {"kind": blobs.HOST}])
    program = blob_making.pack_program(head, tracks, steps)
    config = blobs.Config(
        values(blobs.CONFIG_HEAD, rng, "missing")
        | {"version": blobs.BLOB_VERSION, "stations": 2, "cells": 3, "tables": 1, "converters": 1},
        [values(blobs.CONFIG_STATION, rng, e) | {"table": 0} for e in ("missing", "any")],
        [values(blobs.CONFIG_CELL, rng, edge) for edge in ("low", "missing", "high")],
        [values(blobs.CONFIG_CONVERTER, rng, "any")],
        [[20000 - 150 * i for i in range(blobs.TABLE_POINTS)]],
    )
    packed = blob_making.pack_config(config)
    return [
        {"what": "program", "head": head, "steps": steps, "blob": program.hex()},
        {
            "what": "config",
            "head": config.head,
            "stations": config.stations,
            "cells": config.cells,
            "converters": config.converters,
            "blob": packed.hex(),
        },
    ]


def main() -> None:
    rng = random.Random(SEED)
    vectors = {
        "schema_id": SCHEMA_ID,
        "frames": frames(rng),
        "bad_lines": bad_lines(),
        "records": all_records(rng),
        "out_of_range": out_of_range(rng),
        "blobs": some_blobs(rng),
    }
    print(json.dumps(vectors, indent=1))


if __name__ == "__main__":
    main()
