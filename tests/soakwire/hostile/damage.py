"""What a bad line does to the bytes on it: one fate a line, drawn as its first byte goes in."""

import random
from collections import Counter

LOST = "line lost"
DOUBLED = "line doubled"
FLIPPED = "1-3 bits flipped"
CUT = "line cut short"
BYTES_LOST = "bytes lost"
INSERTED = "bytes put in"
TEXT = "text put in"
CONTROL = "0x03, 0x04 put in"

KINDS = (LOST, DOUBLED, FLIPPED, CUT, BYTES_LOST, INSERTED, TEXT, CONTROL)
LONGEST = 322
NOISE = (
    b"Traceback (most recent call last):\n",
    b'  File "main.py", line 7, in run\n',
    b"MPY: soft reboot\r\n",
    b"~",
    b"~\n",
    b"\n",
    b"~AAAA\n",
    b"x" * 700 + b"\n",
    "temp=85 °C\r\n".encode(),
)


class Damage:
    """The faults of one wire. `harm` is the share of lines that meet one of `kinds`."""

    def __init__(
        self, rng: random.Random, harm: float, kinds: tuple[str, ...], seen: Counter[str]
    ) -> None:
        self.harm = harm
        self._rng = rng
        self._kinds = kinds
        self._seen = seen
        self._fate = ""
        self._at = 0  # where in the line it strikes
        self._passed = 0  # bytes of the line so far; 0: a line begins
        self._skip = 0  # bytes still to be swallowed
        self._copy = b""

    def pass_on(self, data: bytes) -> bytes:
        """What becomes of `data`, which need not be whole lines."""
        if self.harm == 0.0 and not self._fate:
            return data
        parts = data.split(b"\n")
        pieces = [part + b"\n" for part in parts[:-1]]
        if parts[-1]:
            pieces.append(parts[-1])
        return b"".join(self._piece(piece) for piece in pieces)

    def forget(self) -> None:
        """The line under way will not be finished: its writer has died."""
        self._fate, self._passed, self._skip, self._copy = "", 0, 0, b""

    def _piece(self, piece: bytes) -> bytes:
        ends = piece.endswith(b"\n")
        if self._passed == 0:
            self._draw(len(piece) if ends else LONGEST)
        out = self._strike(piece)
        self._passed += len(piece)
        if ends:
            out += self._end(out)
            self.forget()
        return out

    def _end(self, out: bytes) -> bytes:
        """What follows the line: it once more, or the newline that a cut has left."""
        if self._fate == DOUBLED:
            self._seen[DOUBLED] += 1
            return self._copy
        if self._fate == CUT and self._skip and self._rng.random() < 0.5:
            return b"\n"
        return b""

    def _draw(self, length: int) -> None:
        if self._rng.random() >= self.harm:
            return
        self._fate = self._rng.choice(self._kinds)
        self._at = 0 if self._fate == LOST else self._rng.randrange(length)
        if self._fate == TEXT and self._rng.random() < 0.5:
            self._at = 0  # between lines

    def _strike(self, piece: bytes) -> bytes:
        if not self._fate:
            return piece
        if self._fate == DOUBLED:
            self._copy += piece
            return piece
        if self._skip:
            left = piece[self._skip :]
            self._skip = max(0, self._skip - len(piece))
            return left
        at = self._at - self._passed
        if not 0 <= at < len(piece):
            return piece
        self._seen[self._fate] += 1
        head, tail = piece[:at], piece[at:]
        if self._fate == FLIPPED:
            return head + self._flip(tail)
        if self._fate in (LOST, CUT, BYTES_LOST):
            self._skip = self._swallow()
            left = tail[self._skip :]
            self._skip = max(0, self._skip - len(tail))
            return head + left
        return head + self._extra() + tail

    def _swallow(self) -> int:
        """How many bytes go: a line, the rest of one with or without its newline, or a few."""
        if self._fate == BYTES_LOST:
            return self._rng.randint(1, 40)
        return LONGEST

    def _extra(self) -> bytes:
        if self._fate == TEXT:
            return self._rng.choice(NOISE)
        if self._fate == CONTROL:
            return bytes(self._rng.choices((0x03, 0x04), k=self._rng.randint(1, 3)))
        return self._rng.randbytes(self._rng.randint(1, 40))

    def _flip(self, tail: bytes) -> bytes:
        out = bytearray(tail)
        for _ in range(self._rng.randint(1, 3)):
            out[self._rng.randrange(min(len(out), 8))] ^= 1 << self._rng.randrange(8)
        return bytes(out)
