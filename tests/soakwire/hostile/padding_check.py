"""Packs every kind of record over a slot that is full of ones; prints what is left of them."""

import struct

from soakwire.records import BODIES, HEAD_SIZE, SLOT_SIZE, pack_slot

for kind in sorted(BODIES):
    layout = BODIES[kind]
    slot = bytearray([255] * SLOT_SIZE)
    pack_slot(slot, 0, 1, (0, 0, 0), kind, 0, [max(field[3], 0) for field in layout.fields])
    used = struct.calcsize(layout.format.rstrip("x"))
    print(layout.name, sum(slot[HEAD_SIZE + used :]))
