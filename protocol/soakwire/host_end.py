"""The host's end of the link: bytes and a time in, events and bytes out. It opens nothing.

States, and what moves between them:

    CLOSED    port_opened          → ASKING    HELLO_REQ at once, then once per second
    ASKING    HELLO, same schema   → GREETING  HELLO_ACK with a new session
    ASKING    HELLO, other schema  → REFUSED   reads, never arms; asks on, so a new firmware is seen
    GREETING  STATE in the session → UP        commands may flow
    GREETING  1 s without STATE    → ASKING
    UP        HELLO, other boot    → GREETING  the board has restarted
    UP        silence              → ASKING    nothing valid for `SILENCE_MS`
    any       port_closed          → CLOSED    every waiter fails

Records are given out in order and once; they are acknowledged only when the owner says
`committed`, so that the board keeps what is not yet safe.
"""

from soakwire import frame, messages, records
from soakwire.layout import LayoutError
from soakwire.schema import SCHEMA_ID

CLOSED = "closed"
ASKING = "asking"
REFUSED = "refused"
GREETING = "greeting"
UP = "up"

ASK_MS = 1000
GREET_MS = 1000
SILENCE_MS = 12000  # beats go out every 5 s at most; two may be lost
COMMAND_RESEND_MS = 400


class Event:
    """Something the host learns from `receive`, `tick` or `port_closed`."""


class TextLine(Event):
    """A line from the board that is no frame: a traceback, a banner, a prompt."""

    def __init__(self, text: str) -> None:
        self.text = text


class BoardSeen(Event):
    """A HELLO from a board we can talk to; `known` answers `HostEnd.greet`."""

    def __init__(self, hello: dict[str, int], uid: str) -> None:
        self.hello = hello
        self.uid = uid
        self.boot_id = hello["boot_id"]


class WrongFirmware(Event):
    """The board speaks another protocol or schema; the host must not arm it."""

    def __init__(self, hello: dict[str, int]) -> None:
        self.hello = hello


class SessionUp(Event):
    """Commands may flow. Follows every `BoardSeen` that was greeted."""


class SessionDown(Event):
    """The session is gone; `cause` says why in words."""

    def __init__(self, cause: str) -> None:
        self.cause = cause


class State(Event):
    """An answer to a beat. `values` and each of `tracks` are raw integers by field name."""

    def __init__(
        self, beat: int, t_ms: int, values: dict[str, int], tracks: list[dict[str, int]]
    ) -> None:
        self.beat = beat
        self.t_ms = t_ms
        self.values = values
        self.tracks = tracks


class Records(Event):
    """New records, in order, none given out before; empty if only known ones came.

    `after` is the seq that was due: whoever stores them stores everything before it first (RE-13).
    """

    def __init__(self, boot_id: int, after: int, items: list[records.Record]) -> None:
        self.boot_id = boot_id
        self.after = after
        self.items = items


class Response(Event):
    """The answer to command `command_id`."""

    def __init__(self, command_id: int, reason: int, detail: int) -> None:
        self.command_id = command_id
        self.reason = reason
        self.detail = detail


class CommandError(Exception):
    """A command cannot be sent: the session is not up, or one is still under way."""


class HostEnd:
    """The session as the host sees it. Times are milliseconds of one monotonic host clock."""

    def __init__(self) -> None:
        self.state = CLOSED
        self.session = 0
        self.bad_frames = 0
        self.stale_frames = 0
        self.duplicates = 0
        self.gaps = 0
        self._split = frame.LineSplitter()
        self._out: list[bytes] = []
        self._wanted = 0
        self._boot_id: int | None = None
        self._asked_at = 0
        self._greeted_at = 0
        self._heard_at = 0
        self._command: tuple[int, bytes, int] | None = None  # id, line, when last sent
        self._command_id = 0
        self._beat_id = 0

    # --- what the owner tells ---

    def port_opened(self, now: int) -> None:
        """The port is open: start asking who is there."""
        self._split = frame.LineSplitter()
        self.state = ASKING
        self._ask(now)

    def port_closed(self, cause: str) -> list[Event]:
        """The port is gone."""
        was = self.state
        self._drop(CLOSED)
        return [SessionDown(cause)] if was == UP else []

    def greet(
        self, session: int, next_seq: int, now: int, window_slots: int = records.USB_WINDOW_SLOTS
    ) -> None:
        """Answer `BoardSeen`: open `session` (1..65535); records before `next_seq` are safe."""
        self.session = session
        self._wanted = next_seq
        self._command = None
        self.state = GREETING
        self._greeted_at = now
        payload = messages.HELLO_ACK_LAYOUT.pack([next_seq, window_slots])
        self._out.append(frame.encode(messages.HELLO_ACK, session, 0, payload))

    def committed(self, boot_id: int, next_seq: int) -> None:
        """Everything before `next_seq` of `boot_id` is on disk: tell the board."""
        if self.state in (UP, GREETING) and boot_id == self._boot_id:
            self._out.append(frame.encode(messages.ACK, self.session, next_seq))

    def not_stored(self, boot_id: int, next_seq: int) -> None:
        """Records from `next_seq` on of `boot_id` could not be stored: take them once more (RE-13).

        The board sends them again by itself, since they are not acknowledged.
        """
        if boot_id == self._boot_id:
            self._wanted = min(self._wanted, next_seq)

    def beat(self, lease_ms: int) -> int | None:
        """Send a BEAT; its number, or None while there is no session."""
        if self.state not in (UP, GREETING):
            return None
        self._beat_id = (self._beat_id + 1) & 0xFFFFFFFF or 1
        payload = messages.BEAT_LAYOUT.pack([lease_ms])
        self._out.append(frame.encode(messages.BEAT, self.session, self._beat_id, payload))
        return self._beat_id

    def command(self, verb: int, arguments: bytes, not_after_ms: int, now: int) -> int:
        """Send a command, repeated until answered; its id. CommandError if that is impossible."""
        if self.state != UP:
            raise CommandError(f"the link is {self.state}")
        if self._command is not None:
            raise CommandError("another command is under way")
        self._command_id += 1
        lo, mid, hi = records.split_time(not_after_ms)
        payload = messages.COMMAND_HEAD.pack([verb, lo, mid, hi]) + arguments
        line = frame.encode(messages.COMMAND, self.session, self._command_id, payload)
        self._command = (self._command_id, line, now)
        self._out.append(line)
        return self._command_id

    def give_up_command(self) -> None:
        """Stop repeating the command under way: its waiter has lost patience."""
        self._command = None

    # --- bytes and time ---

    def take_output(self) -> list[bytes]:
        """The lines to write now; each is given out once."""
        out, self._out = self._out, []
        return out

    def tick(self, now: int) -> list[Event]:
        """Do what is due at `now`: ask, greet again, repeat a command, notice silence."""
        if self.state in (ASKING, REFUSED) and now - self._asked_at >= ASK_MS:
            self._ask(now)
        elif self.state == GREETING and now - self._greeted_at >= GREET_MS:
            self._drop(ASKING)
            self._ask(now)
        elif self.state == UP:
            if now - self._heard_at >= SILENCE_MS:
                self._drop(ASKING)
                self._ask(now)
                return [SessionDown("the board has been silent for 12 s")]
            if self._command and now - self._command[2] >= COMMAND_RESEND_MS:
                command_id, line, _ = self._command
                self._command = (command_id, line, now)
                self._out.append(line)
        return []

    def receive(self, chunk: bytes, now: int) -> list[Event]:
        """Take bytes from the port; what they mean."""
        events: list[Event] = []
        for line in self._split.feed(chunk):
            if not line.startswith(b"~"):
                text = line.decode("utf-8", "replace").strip()
                if text:
                    events.append(TextLine(text))
                continue
            try:
                events.extend(self._handle(frame.decode(line), now))
            except (frame.FrameError, LayoutError):
                self.bad_frames += 1
        return events

    # --- inside ---

    def _ask(self, now: int) -> None:
        self._asked_at = now
        self._out.append(frame.encode(messages.HELLO_REQ, 0, 0))

    def _drop(self, state: str) -> None:
        self.state = state
        self.session = 0
        self._boot_id = None
        self._command = None
        self._out = []

    def _handle(self, got: frame.Frame, now: int) -> list[Event]:
        if got.kind == messages.HELLO:
            return self._hello(got, now)
        if self.state not in (UP, GREETING) or got.session != self.session:
            self.stale_frames += 1
            return []
        self._heard_at = now
        if got.kind == messages.STATE:
            return self._state(got)
        if got.kind == messages.RECORDS:
            return self._records(got)
        if got.kind == messages.RESPONSE and self._command and self._command[0] == got.seq:
            reason, detail = messages.RESPONSE_LAYOUT.unpack_from(got.payload)
            self._command = None
            return [Response(got.seq, reason or 0, detail or 0)]
        return []

    def _hello(self, got: frame.Frame, now: int) -> list[Event]:
        if self.state == CLOSED:
            return []
        hello = _plain(messages.HELLO_LAYOUT.unpack_named(got.payload))
        if hello["major"] != 1 or hello["schema"] != SCHEMA_ID:
            if self.state == REFUSED:
                return []
            was_up = self.state == UP
            self._drop(REFUSED)
            self._asked_at = now
            if was_up:
                return [SessionDown("the board changed its firmware"), WrongFirmware(hello)]
            return [WrongFirmware(hello)]
        if self.state in (UP, GREETING) and hello["boot_id"] == self._boot_id:
            return []  # a late answer to HELLO_REQ
        events: list[Event] = []
        if self.state == UP:
            events.append(SessionDown("the board has restarted"))
        self._drop(ASKING)
        self._asked_at = now
        self._boot_id = hello["boot_id"]
        events.append(BoardSeen(hello, "{:08x}{:08x}".format(hello["uid_hi"], hello["uid_lo"])))
        return events

    def _state(self, got: frame.Frame) -> list[Event]:
        head = _plain(messages.STATE_HEAD.unpack_named(got.payload))
        at = messages.STATE_HEAD.size
        tracks = []
        for _ in range(head["tracks"]):
            tracks.append(_plain(messages.STATE_TRACK.unpack_named(got.payload, at)))
            at += messages.STATE_TRACK.size
        t_ms = records.join_time(head["t_lo"], head["t_mid"], head["t_hi"])
        events: list[Event] = []
        if self.state == GREETING:
            self.state = UP
            events.append(SessionUp())
        events.append(State(got.seq, t_ms, head, tracks))
        return events

    def _records(self, got: frame.Frame) -> list[Event]:
        at = 0
        expected = got.seq
        if got.flags & messages.FLAG_JUMP:
            expected = int.from_bytes(got.payload[:4], "little")
            at = 4
        if expected > self._wanted:
            self.gaps += 1  # a frame before this one was lost; the board will send both again
            return []
        after = self._wanted
        items = []
        while at < len(got.payload):
            record = records.unpack_slot(got.payload, at)
            at += records.SLOT_SIZE
            if record.seq >= self._wanted:
                items.append(record)
                self._wanted = record.seq + 1
            else:
                self.duplicates += 1
        # Empty when all were known: the owner then repeats its `committed`, the ACK was lost.
        assert self._boot_id is not None  # there is a session
        return [Records(self._boot_id, after, items)]


def _plain(values: dict[str, int | None]) -> dict[str, int]:
    """The values of a table without optional fields."""
    return {name: value for name, value in values.items() if value is not None}
