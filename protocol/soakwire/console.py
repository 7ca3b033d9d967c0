"""What a board says in plain text: tracebacks, and the prompt where no program runs.

A prompt has no newline, so the unfinished line counts as well. `>>> ` stands for a prompt when
nothing has followed it for QUIET_MS, or when what follows is an echo: a whole frame, with its CRC,
of a kind that only hosts send. Any other text after it is the firmware's own and means nothing:
to restart a board that runs would cost a run, to miss a prompt costs seconds.

What the prompt answers to the host's own lines (their echo, and an error at `<stdin>`) is neither
the firmware's traceback nor of use in a log.
"""

from soakwire import frame, messages

PROMPT = b">>> "
RAW_BANNER = b"raw REPL; CTRL-B to exit"
RAW_PROMPT = b">"
QUIET_MS = 200

# Ctrl-C ends what runs, Ctrl-B leaves the raw REPL. Not Ctrl-D: a soft reset leaves pins on.
RESTART = b"\x03\x03\x02\r\nimport machine\r\nmachine.reset()\r\n"

_ASK = frame.encode(messages.HELLO_REQ, 0, 0).strip()
RESTART_MS = 5000
RESTARTS = 3

MOST_LINES = 40  # of a traceback that is kept
_PROMPT = PROMPT.decode().rstrip()
_HEAD = "Traceback (most recent call last):"
_PLACE = '  File "'
_TYPED = '  File "<stdin>"'


class Console:
    """Follows the text of one board. What it says of the prompt is for the end of what has come."""

    def __init__(self) -> None:
        self.traceback = ""
        """The firmware's last traceback."""
        self.echoes = False
        """Whether frames of the host have come back."""
        self._lines: list[str] = []  # of the newest traceback
        self._open = False  # whether it goes on
        self._rest = b""
        self._rest_at = 0
        self._echoed_prompt = False
        self._raw = False

    def port_opened(self) -> None:
        """Whatever was at the end of what had come, it is not there any more."""
        self.echoes = False
        self._open = False
        self._rest = b""
        self.program_spoke()

    def program_spoke(self) -> None:
        """A frame of the board has come: what looked like a prompt before it was none."""
        self._echoed_prompt = False
        self._raw = False

    def restarted(self) -> None:
        """A new program: forget the old one's traceback."""
        self.traceback = ""
        self.echoes = False

    def take(self, line: bytes, talking: bool) -> list[str]:
        """The lines to report, now that `line` is complete.

        While `talking` to a prompt a traceback's first line waits for the second, which tells
        whether it is about what was typed.
        """
        if line.startswith(PROMPT) and is_echo(line[len(PROMPT) :]):
            self.echoes = self._echoed_prompt = True
            return []
        text = line.decode("utf-8", "replace").rstrip()
        if not text:
            return []
        self._raw = text.encode().endswith(RAW_BANNER)
        in_traceback = self._collect(text)
        if talking and text.startswith(_PROMPT):
            return []
        if not talking or not in_traceback:
            return [text]
        if len(self._lines) == 1 or self._lines[1].startswith(_TYPED):
            return []
        return self._lines[:] if len(self._lines) == 2 else [text]

    def at_prompt(self, rest: bytes, now: int) -> bool:
        """Whether the board is at a prompt, `rest` being the unfinished line."""
        if rest != self._rest:
            self._rest, self._rest_at = rest, now
        quiet = now - self._rest_at >= QUIET_MS
        if self._echoed_prompt or (quiet and self._raw and rest in (b"", RAW_PROMPT)):
            return True
        if rest.startswith(PROMPT):
            if rest == PROMPT:
                return quiet
            return is_echo(rest[len(PROMPT) :])
        return False

    def listen_for_echo(self, rest: bytes) -> None:
        """Note an echo that waits for its newline, as at a prompt that was shown long ago."""
        if _ASK in rest:
            self.echoes = True

    def _collect(self, text: str) -> bool:
        """Follow a traceback; whether `text` is a line of it."""
        if text.endswith(_HEAD):
            self._lines, self._open = [_HEAD], True
            return True
        if not self._open and text.startswith(_PLACE):
            self._lines, self._open = [_HEAD], True  # its head ran into a frame that was cut off
        if not self._open:
            return False
        if len(self._lines) == MOST_LINES:
            self._lines.pop(2)
        self._lines.append(text)
        self._open = text.startswith(" ")
        if not self._open and not self._lines[1].startswith(_TYPED):
            self.traceback = "\n".join(self._lines)
        return True


class Restarts:
    """How often a board was restarted from its prompt since it last ran a program."""

    def __init__(self) -> None:
        self._tries = 0
        self._tried_at = 0

    def take(self, now: int) -> bool:
        """Whether to restart it now: three times, RESTART_MS apart."""
        if self._tries == RESTARTS or (self._tries and now - self._tried_at < RESTART_MS):
            return False
        self._tries += 1
        self._tried_at = now
        return True

    def failed(self, now: int) -> bool:
        """Whether the last of them has had its time, in vain."""
        return self._tries == RESTARTS and now - self._tried_at >= RESTART_MS


def is_echo(text: bytes) -> bool:
    """Whether `text` begins with a whole frame of a kind that only hosts send."""
    if text[:1] != b"~":
        return False
    end = text.find(b"~", 1)
    try:
        got = frame.decode(text if end < 0 else text[:end])
    except frame.FrameError:
        return False
    return got.kind in messages.FROM_HOST
