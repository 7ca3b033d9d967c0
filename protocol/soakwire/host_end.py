"""The host's end of the link: bytes and a time in, events and bytes out. It opens nothing.

States, and what moves between them:

    CLOSED    port_opened          → ASKING    HELLO_REQ at once, then once per second
    ASKING    HELLO, same schema   → ASKING    `BoardSeen`, which the owner answers with `greet`
    ASKING    greet                → GREETING  HELLO_ACK with a new session
    GREETING  STATE in the session → UP        commands may flow
    GREETING  1 s without STATE    → ASKING
    GREETING, UP  HELLO, other boot → ASKING   the board has restarted
    UP        silence              → ASKING    nothing valid for `SILENCE_MS`, asked meanwhile
    any open  HELLO, other schema  → REFUSED   reads, never arms; asks on, so a new firmware is seen
    any open  a prompt (console.py) → REPL     no program runs: restarts the board, then asks on
    REFUSED, REPL  HELLO           → as from ASKING
    any       port_closed          → CLOSED    every waiter fails

The three restarts count over a port that goes away with each of them; a HELLO ends the count.

Records are given out in order and once; they are acknowledged only when the owner says
`committed`, so that the board keeps what is not yet safe.
"""

from soakwire import frame, incoming, messages, records, slots, splitter
from soakwire.console import RESTART, Console, Restarts
from soakwire.events import (
    BoardSeen,
    Event,
    Records,
    ReplSeen,
    Response,
    RestartFailed,
    SessionDown,
    SessionUp,
    State,
    TextLine,
    WrongFirmware,
)
from soakwire.layout import LayoutError
from soakwire.schema import SCHEMA_ID

__all__ = [
    "ASKING",
    "CLOSED",
    "GREETING",
    "REFUSED",
    "REPL",
    "UP",
    "BoardSeen",
    "CommandError",
    "Event",
    "HostEnd",
    "Records",
    "ReplSeen",
    "Response",
    "RestartFailed",
    "SessionDown",
    "SessionUp",
    "State",
    "TextLine",
    "WrongFirmware",
]

CLOSED = "closed"
ASKING = "asking"
REPL = "repl"
REFUSED = "refused"
GREETING = "greeting"
UP = "up"

MAJOR = 1
ASK_MS = 1000
GREET_MS = 1000
PROBE_MS = 6000
SILENCE_MS = 12000
COMMAND_RESEND_MS = 400


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
        self._split = splitter.LineSplitter()
        self._console = Console()
        self._out: list[bytes] = []
        self._wanted = 0
        self._boot_id: int | None = None
        self._asked_at = 0
        self._seen_at = 0  # when the HELLO came that is to be greeted
        self._greeted_at = 0
        self._heard_at = 0
        self._command: tuple[int, bytes, int] | None = None  # id, line, when last sent
        self._command_id = 0
        self._beat_id = 0
        self._restarts = Restarts()
        self._failure_told = False

    # --- what the owner tells ---

    def port_opened(self, now: int) -> None:
        """The port is open: start asking who is there."""
        self._split = splitter.LineSplitter()
        self._console.port_opened()
        self.state = ASKING
        self._ask(now)

    def port_closed(self, cause: str) -> list[Event]:
        """The port is gone."""
        return self._leave(CLOSED, cause)

    def greet(
        self, session: int, next_seq: int, now: int, window_slots: int = records.USB_WINDOW_SLOTS
    ) -> None:
        """Answer `BoardSeen`: open `session` (1..65535); records before `next_seq` are safe.

        Without effect if the board has gone since, or if its HELLO is too old to be believed. The
        answer names the boot that it is for: `next_seq` is nothing to another one.
        """
        if self.state != ASKING or self._boot_id is None or now - self._seen_at > GREET_MS:
            return
        self.session = session
        self._wanted = next_seq
        self._command = None
        self._command_id = 0
        self.state = GREETING
        self._greeted_at = now
        payload = messages.HELLO_ACK_LAYOUT.pack([next_seq, window_slots])
        self._out.append(frame.encode(messages.HELLO_ACK, session, self._boot_id, payload))

    def committed(self, boot_id: int, next_seq: int) -> None:
        """Everything before `next_seq` of `boot_id` is on disk: tell the board.

        It may have come in the session before; then it is not waited for in this one either.
        """
        if self.state in (UP, GREETING) and boot_id == self._boot_id:
            self._wanted = max(self._wanted, next_seq)
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
        lo, mid, hi = slots.split_time(not_after_ms)
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
        """Do what is due at `now`: ask, greet again, restart, repeat a command, notice silence."""
        if self._at_prompt(now):
            return self._enter_repl(now)
        if self.state in (ASKING, REFUSED):
            self._ask_if_due(now)
        elif self.state == REPL:
            return self._restart_if_due(now)
        elif self.state == GREETING and now - self._greeted_at >= GREET_MS:
            self._drop(ASKING)
            self._ask(now)
        elif self.state == UP:
            self._repeat_command_if_due(now)
            return self._notice_silence(now)
        return []

    def receive(self, chunk: bytes, now: int) -> list[Event]:
        """Take bytes from the port; what they mean."""
        events: list[Event] = []
        for line in self._split.feed(chunk):
            if line[:1] != b"~":
                talking = self.state == REPL or self._console.echoes
                texts = self._console.take(line, talking)
                events.extend([TextLine(text) for text in texts])
                continue
            try:
                got = frame.decode(line)
                new = self._handle(got, now)
            except (frame.FrameError, LayoutError):
                self.bad_frames += 1
                continue
            if got.kind == messages.HELLO and new:
                events = _without_boards(events)  # an older HELLO that waited in a buffer
            events.extend(new)
        if self._at_prompt(now):
            events.extend(self._enter_repl(now))
        return events

    # --- asking, restarting ---

    def _ask(self, now: int) -> None:
        self._asked_at = now
        if self._console.echoes:
            self._out.append(b"\r\n")  # a prompt shows itself again, and its line does not grow
        self._out.append(frame.encode(messages.HELLO_REQ, 0, 0))

    def _ask_if_due(self, now: int) -> None:
        if now - self._asked_at >= ASK_MS:
            self._ask(now)

    def _notice_silence(self, now: int) -> list[Event]:
        """Ask a board that says nothing; end the session when it does not answer either.

        A board that has nothing to record and gets no beats is silent too, and a host that stood
        still has to listen before it judges.
        """
        silent_ms = now - self._heard_at
        if silent_ms < PROBE_MS or now - self._asked_at < ASK_MS:
            return []
        was_asked = self._asked_at - self._heard_at >= PROBE_MS
        events: list[Event] = []
        if was_asked and silent_ms >= SILENCE_MS:
            events = self._leave(ASKING, f"the board has been silent for {SILENCE_MS // 1000} s")
        self._ask(now)
        return events

    def _at_prompt(self, now: int) -> bool:
        """Whether a prompt has just become certain."""
        if self.state == CLOSED:
            return False
        rest = self._split.rest
        if self.state in (ASKING, REPL):
            self._console.listen_for_echo(rest)
        return self.state != REPL and self._console.at_prompt(rest, now)

    def _enter_repl(self, now: int) -> list[Event]:
        events = self._leave(REPL, "the board is at its prompt, no program runs")
        self._failure_told = False
        self._asked_at = now
        events.append(ReplSeen(self._console.traceback))
        return events + self._restart_if_due(now)

    def _restart_if_due(self, now: int) -> list[Event]:
        """Restart the board, three times; after that say so once and ask on."""
        if self._restarts.take(now):
            self._out.append(RESTART)
        elif self._restarts.failed(now):
            self._ask_if_due(now)
            if not self._failure_told:
                self._failure_told = True
                return [RestartFailed(self._console.traceback)]
        return []

    def _program_runs(self) -> None:
        """A HELLO has come."""
        self._restarts = Restarts()
        self._console.restarted()

    # --- inside ---

    def _leave(self, state: str, cause: str) -> list[Event]:
        """Go to `state`, where there is no session."""
        was_up = self.state == UP
        self._drop(state)
        return [SessionDown(cause)] if was_up else []

    def _drop(self, state: str) -> None:
        self.state = state
        self.session = 0
        self._boot_id = None
        self._command = None
        self._out = []

    def _repeat_command_if_due(self, now: int) -> None:
        if self._command and now - self._command[2] >= COMMAND_RESEND_MS:
            command_id, line, _ = self._command
            self._command = (command_id, line, now)
            self._out.append(line)

    def _handle(self, got: frame.Frame, now: int) -> list[Event]:
        kind = got.kind
        if kind in messages.FROM_HOST:
            self._console.echoes = self._console.echoes or kind == messages.HELLO_REQ
            return []
        self._console.program_spoke()
        if kind == messages.HELLO:
            return self._hello(got.payload, now)
        if self.state not in (UP, GREETING) or got.session != self.session:
            self.stale_frames += 1
            return []
        self._heard_at = now
        if kind == messages.RECORDS:
            return self._records(got)
        if kind == messages.STATE:
            return self._state(got)
        if kind == messages.RESPONSE and self._command and self._command[0] == got.seq:
            reason, detail = incoming.response(got.payload)
            self._command = None
            return [Response(got.seq, reason, detail)]
        return []

    def _hello(self, payload: bytes, now: int) -> list[Event]:
        if self.state == CLOSED:
            return []
        major, schema = incoming.version(payload)
        if major != MAJOR or schema != SCHEMA_ID:
            self._program_runs()
            return self._refuse(payload, now)
        hello = incoming.hello(payload)
        self._program_runs()
        if self.state in (UP, GREETING) and hello["boot_id"] == self._boot_id:
            self._heard_at = now
            return []  # a late answer to HELLO_REQ
        events = self._leave(ASKING, "the board has restarted")
        self._asked_at = self._seen_at = now
        self._boot_id = hello["boot_id"]
        events.append(BoardSeen(hello, "{:08x}{:08x}".format(hello["uid_hi"], hello["uid_lo"])))
        return events

    def _refuse(self, payload: bytes, now: int) -> list[Event]:
        """Another version: read, never armed; asked on, so that a new firmware is noticed."""
        if self.state == REFUSED:
            return []
        events = self._leave(REFUSED, "the board changed its firmware")
        self._asked_at = now
        events.append(WrongFirmware(incoming.foreign_hello(payload)))
        return events

    def _state(self, got: frame.Frame) -> list[Event]:
        t_ms, head, tracks = incoming.state(got.payload)
        events: list[Event] = []
        if self.state == GREETING:
            self.state = UP
            events.append(SessionUp())
        events.append(State(got.seq, t_ms, head, tracks))
        return events

    def _records(self, got: frame.Frame) -> list[Event]:
        due, items = incoming.batch(got)
        after = self._wanted
        if got.seq > after and due != after:
            self.gaps += 1  # a frame before this one was lost; the board will send both again
            return []
        new = items if got.seq >= after else [item for item in items if item.seq >= after]
        self.duplicates += len(items) - len(new)
        if new:
            self._wanted = new[-1].seq + 1
        # Empty when all were known: the owner then repeats its `committed`, the ACK was lost.
        assert self._boot_id is not None  # there is a session
        return [Records(self._boot_id, after, new)]


def _without_boards(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, BoardSeen)]
