"""Checks vectors.json against soakwire. Runs under CPython and under MicroPython, unchanged.

    python tests/soakwire/check_vectors.py vectors.json
    micropython tests/soakwire/check_vectors.py vectors.json

Prints how many vectors of each group were checked; raises at the first that differs.
"""

import binascii
import json
import sys

from soakwire import blob_making, blobs, frame, messages, records, slots
from soakwire.layout import LayoutError
from soakwire.schema import SCHEMA_ID


def check_frames(vectors):
    for v in vectors:
        payload = binascii.unhexlify(v["payload"])
        line = frame.encode(v["kind"], v["session"], v["seq"], payload, v["flags"])
        assert line == v["line"].encode() + b"\n", v["line"]
        got = frame.decode(line[:-1])
        assert (got.kind, got.flags, got.session, got.seq) == (
            v["kind"],
            v["flags"],
            v["session"],
            v["seq"],
        ), v["line"]
        assert got.payload == payload, v["line"]
    return len(vectors)


def check_bad_lines(vectors):
    for v in vectors:
        try:
            frame.decode(v["line"].encode())
        except frame.FrameError as error:
            assert str(error) == v["error"], (v["line"], str(error))
        else:
            raise AssertionError("accepted: " + v["line"])
    return len(vectors)


def check_records(vectors):
    for v in vectors:
        names = [f[0] for f in records.BODIES[v["kind"]].fields]
        values = [v["values"][name] for name in names]
        slot = bytearray(records.SLOT_SIZE)
        stamp = slots.split_time(v["t_ms"])
        records.pack_slot(slot, 0, v["seq"], stamp, v["kind"], v["place"], values)
        assert binascii.hexlify(slot).decode() == v["slot"], v
        got = slots.unpack_slot(slot)
        assert (got.seq, got.t_ms, got.kind, got.place) == (
            v["seq"],
            v["t_ms"],
            v["kind"],
            v["place"],
        ), v
        assert got.values == v["values"], v
    return len(vectors)


def check_out_of_range(vectors):
    """struct.pack wraps silently on MicroPython; the tables must not."""
    for v in vectors:
        layout = getattr(blobs, v["layout"], None) or getattr(messages, v["layout"])
        try:
            layout.pack(v["values"])
        except LayoutError as error:
            assert v["names"] in str(error), (v, str(error))
        else:
            raise AssertionError("accepted: " + str(v))
    return len(vectors)


def check_blobs(vectors):
    for v in vectors:
        blob = binascii.unhexlify(v["blob"])
        if v["what"] == "program":
            program = blobs.Program(blob)
            steps = [
                [program.step(t, i) for i in range(program.length(t))]
                for t in range(len(program.tracks))
            ]
            assert program.head == v["head"]
            assert steps == v["steps"]
            assert blob_making.pack_program(program.head, program.tracks, steps) == blob
        else:
            config = blobs.parse_config(blob)
            assert config.head == v["head"]
            assert config.stations == v["stations"]
            assert config.cells == v["cells"]
            assert config.converters == v["converters"]
            assert blob_making.pack_config(config) == blob
        parse = blobs.Program if v["what"] == "program" else blobs.parse_config
        for at in range(0, len(blob), 7):
            try:
                parse(blob[:at])
            except LayoutError:
                pass
            else:
                raise AssertionError("accepted a blob cut at {}".format(at))
    return len(vectors)


def check(path):
    with open(path) as file:
        vectors = json.load(file)
    assert vectors["schema_id"] == SCHEMA_ID, "the tables have changed: make the vectors anew"
    return "frames {} bad lines {} records {} out of range {} blobs {}".format(
        check_frames(vectors["frames"]),
        check_bad_lines(vectors["bad_lines"]),
        check_records(vectors["records"]),
        check_out_of_range(vectors["out_of_range"]),
        check_blobs(vectors["blobs"]),
    )


if __name__ == "__main__":
    print(check(sys.argv[1]))
