"""A bad cable: bits that flip by chance.

A flip that would make a Ctrl-C is left out. It takes a board to its prompt, from which the host
brings it back (TX-4), but firmware hosted in this process has none, and both kinds of chip are to
give the same rehearsal.
"""

import math
import random

from soakbench.twin.chip import CTRL_C


class BitFlips:
    """Flips each bit with the probability `rate`, in both directions of a cable."""

    def __init__(self, rate: float, chance: random.Random) -> None:
        self._rate = rate
        self._chance = chance
        self._good_bits = self._draw()  # until the next that flips

    def harm(self, data: bytes) -> bytes:
        """What becomes of `data`."""
        bits = len(data) * 8
        if self._good_bits >= bits:
            self._good_bits -= bits
            return data
        harmed = bytearray(data)
        at = self._good_bits
        while at < bits:
            flipped = harmed[at >> 3] ^ 1 << (at & 7)
            if flipped != CTRL_C:
                harmed[at >> 3] = flipped
            at += 1 + self._draw()
        self._good_bits = at - bits
        return bytes(harmed)

    def _draw(self) -> int:
        """The gaps between flips are distributed geometrically."""
        return int(math.log(1 - self._chance.random()) / math.log(1 - self._rate))
