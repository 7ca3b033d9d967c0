"""The host's reader: from chunks of bytes to lines, however long and whatever is in them."""

from soakwire.frame import MARK

MAX_TEXT = 4096  # of a line that is no frame; longer ones come in pieces
CONTINUED = b"\xe2\x80\xa6"  # "…" in UTF-8: begins the further pieces of a long line


class LineSplitter:
    """The host's reader: chunks in, whole lines out.

    Text lines may be longer than a frame (a traceback). What goes beyond `max_line` comes in
    pieces, the further ones marked with CONTINUED so that none can be taken for a frame; of an
    overlong line that begins as a frame only the first piece comes, to be counted.
    """

    def __init__(self, max_line: int = MAX_TEXT) -> None:
        self.rest = b""
        """The line that has begun, as far as it has come: a prompt has no newline."""
        self._max = max_line
        self._skipping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines completed by `chunk`, without their newlines."""
        lines = (self.rest + chunk).split(b"\n")
        if self._skipping:
            self._skip(lines)
        if max([len(line) for line in lines]) > self._max:
            lines = self._cut(lines)
        self.rest = lines.pop()
        return lines

    def _skip(self, lines: list[bytes]) -> None:
        """Leave out the rest of an overlong frame."""
        if len(lines) > 1:
            self._skipping = False
            lines.pop(0)
        else:
            lines[0] = b""

    def _cut(self, lines: list[bytes]) -> list[bytes]:
        pieces: list[bytes] = []
        for number, line in enumerate(lines):
            unfinished = number == len(lines) - 1
            if len(line) <= self._max:
                pieces.append(line)
            elif line[0] == MARK:
                pieces.append(line[: self._max])
                if unfinished:
                    self._skipping = True
                    pieces.append(b"")
            else:
                pieces.extend(_pieces(line, self._max))
        return pieces


def _pieces(line: bytes, most: int) -> list[bytes]:
    """A long text in pieces of at most `most` bytes, all but the first one marked."""
    step = most - len(CONTINUED)
    starts = range(most, len(line), step)
    return [line[:most]] + [CONTINUED + line[at : at + step] for at in starts]
