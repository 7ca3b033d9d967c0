"""The board's end of the link: bytes and a time in, frames out. It opens nothing, never waits.

The session changes only at HELLO_ACK and never times out. Records go out in order inside a
window; when nothing is acknowledged, what was sent goes out again. A command whose id is among
the last eight gets the cached response, so a retry has effect exactly once.

What it needs of the firmware stands in two small classes below, `Journal` and `Application`.
"""

import struct

from soakwire import frame, messages
from soakwire.layout import LayoutError
from soakwire.records import SLOT_SIZE
from soakwire.resend import ResendTimer
from soakwire.ticks import ticks_diff

CACHED_RESPONSES = 8
HELLO_PERIOD_MS = 500


class Journal:
    """The records of this boot, in order of seq; there may be gaps, which a LOSS declares."""

    oldest_seq = 0
    next_seq = 0  # of the next record to be produced

    def release(self, seq: int) -> None:
        """Forget all records before `seq`: the host has committed them."""
        raise NotImplementedError

    def collect(self, seq: int, buf: memoryview, most: int) -> int:
        """Copy up to `most` slots with a seq of at least `seq` into `buf`; how many."""
        raise NotImplementedError

    def sent(self, seq: int) -> None:
        """Everything before `seq` has been sent: none of it may give way any more (RE-8)."""
        raise NotImplementedError

    def held_before(self, seq: int) -> int:
        """How many records before `seq` are held."""
        raise NotImplementedError


class Application:
    """What the link asks of the rest of the firmware."""

    def hello_values(self) -> dict[str, int | None]:
        """The values of messages.HELLO_LAYOUT."""
        raise NotImplementedError

    def state_payload(self) -> bytes:
        """messages.STATE_HEAD and one STATE_TRACK per track."""
        raise NotImplementedError

    def execute(self, verb: int, arguments: memoryview) -> tuple[int, int]:
        """Do what the host asks, at once; the reason code and a detail."""
        raise NotImplementedError


class BoardEnd:
    """One session at a time; everything bounded, everything dropped counted."""

    def __init__(self, journal: Journal, application: Application, window_slots: int) -> None:
        self._journal = journal
        self._app = application
        self._window_slots = window_slots
        self._window = window_slots  # of this session: the smaller of both ends'
        self._opened_by = (0, 0, 0)  # session, wanted, window of its HELLO_ACK
        self._line = frame.LineAssembler()
        self.assemble = self._line.push  # for who reads bytes: one call less for each of them
        self.session = 0
        self._boot_id: int | None = None  # as the last HELLO said
        self._bad_frames = 0
        self.stale_frames = 0
        self.lease_ms = 0
        self.beat_at = 0
        self._responses: list[tuple[int, bytes]] = []
        self._command_id = 0  # the highest one that was executed
        self._hello_due = True
        self._hello_at = 0
        self._state_due: int | None = None
        self._response_due: bytes | None = None
        self.acked_seq = 0  # the host has committed everything before it
        self._next = 0  # seq to send next
        self._sent_seq = 0  # everything before it has been sent in this boot
        self._resend = ResendTimer(0)
        self._slots = bytearray(4 + messages.SLOTS_PER_FRAME * SLOT_SIZE)

    @property
    def bad_frames(self) -> int:
        """Damaged and overlong lines, modulo 2**16."""
        return (self._bad_frames + self._line.overlong) & 0xFFFF

    def lease_left(self, now: int) -> int:
        """Milliseconds until the host's lease runs out; 0 if there is none."""
        if self.lease_ms == 0:
            return 0
        left = self.lease_ms - ticks_diff(now, self.beat_at)
        if left <= 0:
            self.lease_ms = 0  # so that a wrap of the ticks cannot bring it back
            return 0
        return left

    def push(self, byte: int, now: int, stamp: tuple[int, int, int]) -> None:
        """Take one byte from the host; `stamp` is the device time for `not_after`."""
        line = self.assemble(byte)
        if line:
            self.take(line, now, stamp)

    def take(self, line: bytes, now: int, stamp: tuple[int, int, int]) -> None:
        """Take a line that `assemble` has made of the host's bytes."""
        if line[0] != frame.MARK:
            return
        try:
            self._handle(frame.decode(line), now, stamp)
        except (frame.FrameError, LayoutError):
            self._bad_frames = (self._bad_frames + 1) & 0xFFFF

    def hello_left(self, now: int) -> int:
        """Milliseconds until the next HELLO is due by itself; -1 in a session, where none is."""
        if self.session:
            return -1
        return max(HELLO_PERIOD_MS - ticks_diff(now, self._hello_at), 0)

    def next_frame(self, now: int) -> bytes | None:
        """The next line to send, or None. Answers go before records."""
        if self._hello_due or (
            self.session == 0 and ticks_diff(now, self._hello_at) >= HELLO_PERIOD_MS
        ):
            self._hello_due = False
            self._hello_at = now
            values = self._app.hello_values()
            self._boot_id = values["boot_id"]
            return frame.encode(messages.HELLO, 0, 0, messages.HELLO_LAYOUT.pack_named(values))
        if self._response_due is not None:
            line, self._response_due = self._response_due, None
            return line
        if self._state_due is not None:
            beat, self._state_due = self._state_due, None
            return frame.encode(messages.STATE, self.session, beat, self._app.state_payload())
        if self.session:
            return self._records(now)
        return None

    def _handle(self, got: frame.Frame, now: int, stamp: tuple[int, int, int]) -> None:
        if got.kind == messages.HELLO_REQ:
            self._hello_due = True
        elif got.kind == messages.HELLO_ACK and got.seq != self._boot_id:
            self.stale_frames = (self.stale_frames + 1) & 0xFFFF  # meant for another boot
        elif got.kind == messages.HELLO_ACK:
            wanted, window = messages.HELLO_ACK_LAYOUT.unpack_from(got.payload)
            self._open((got.session, wanted or 0, window or 0), now)
        elif got.session != self.session or self.session == 0:
            self.stale_frames = (self.stale_frames + 1) & 0xFFFF
        elif got.kind == messages.BEAT:
            self._beat(got, now)
        elif got.kind == messages.ACK:
            self._acknowledge(got.seq, now)
        elif got.kind == messages.COMMAND:
            self._command(got, stamp)

    def _open(self, opened_by: tuple[int, int, int], now: int) -> None:
        session, wanted, window = opened_by
        if session == 0 or window == 0:
            raise LayoutError("no session, or no window")
        self._state_due = 0
        if opened_by == self._opened_by:
            return  # the same frame once more
        self._opened_by = opened_by
        messages.HELLO_LAYOUT.forget()  # until the next host comes
        messages.HELLO_ACK_LAYOUT.forget()
        self.session = session
        self._responses = []
        self._command_id = 0
        self._window = min(self._window_slots, window)
        self.acked_seq = min(wanted, max(self._sent_seq, self._journal.oldest_seq))
        self._journal.release(self.acked_seq)
        self._next = self.acked_seq
        self._resend = ResendTimer(now)

    def _beat(self, got: frame.Frame, now: int) -> None:
        (lease,) = messages.BEAT_LAYOUT.unpack_from(got.payload)
        if lease is None or lease > messages.MAX_LEASE_MS:
            raise LayoutError("a lease that is too long")
        self.lease_ms = lease
        self.beat_at = now
        self._state_due = got.seq

    def _acknowledge(self, wanted: int, now: int) -> None:
        if not self.acked_seq < wanted <= self._sent_seq:
            return
        self.acked_seq = wanted
        self._journal.release(wanted)
        self._next = max(self._next, wanted)
        self._resend.acknowledged(wanted, now)

    def _command(self, got: frame.Frame, stamp: tuple[int, int, int]) -> None:
        for seq, line in self._responses:
            if seq == got.seq:
                self._response_due = line
                return
        if got.seq <= self._command_id:  # older than the cache: it had its effect long ago
            return
        self._command_id = got.seq
        reason, detail = self._run(got.payload, stamp)
        payload = messages.RESPONSE_LAYOUT.pack([reason, detail])
        line = frame.encode(messages.RESPONSE, self.session, got.seq, payload)
        if len(self._responses) == CACHED_RESPONSES:
            self._responses.pop(0)
        self._responses.append((got.seq, line))
        self._response_due = line

    def _run(self, payload: bytes, stamp: tuple[int, int, int]) -> tuple[int, int]:
        head = messages.COMMAND_HEAD
        if len(payload) < head.size:
            return messages.REASON_BAD_ARGUMENTS, 0
        verb, lo, mid, hi = struct.unpack_from(head.format, payload)
        if verb not in messages.ARGS:
            return messages.REASON_UNKNOWN_VERB, verb
        if (lo or mid or hi) and (stamp[2], stamp[1], stamp[0]) > (hi, mid, lo):
            return messages.REASON_TOO_LATE, 0
        try:
            reason, detail = self._app.execute(verb, memoryview(payload)[head.size :])
        except LayoutError:
            return messages.REASON_BAD_ARGUMENTS, 0
        return reason, detail

    def _records(self, now: int) -> bytes | None:
        """The next records frame inside the window; all unacknowledged ones after a silence."""
        journal = self._journal
        if self._next > self.acked_seq and self._resend.due(now):
            self._next = self.acked_seq
        if self._next == journal.next_seq:
            return None
        expected = self._next
        in_flight = journal.held_before(expected)
        most = min(messages.SLOTS_PER_FRAME, self._window - in_flight)
        if most <= 0:
            return None
        body = memoryview(self._slots)
        count = journal.collect(expected, body[4:], most)
        if count == 0:
            return None
        end = 4 + count * SLOT_SIZE
        (first,) = struct.unpack_from("<I", self._slots, 4)
        (last,) = struct.unpack_from("<I", self._slots, end - SLOT_SIZE)
        self._note_sent(last + 1, now, in_flight == 0)
        if first == expected:
            return frame.encode(messages.RECORDS, self.session, first, body[4:end])
        struct.pack_into("<I", self._slots, 0, expected)
        return frame.encode(messages.RECORDS, self.session, first, body[:end], messages.FLAG_JUMP)

    def _note_sent(self, next_seq: int, now: int, alone: bool) -> None:
        self._next = next_seq
        self._resend.sending(next_seq, now, alone)
        if next_seq > self._sent_seq:
            self._sent_seq = next_seq
            self._journal.sent(next_seq)
