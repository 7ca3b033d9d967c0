"""The board's end alone: what it sends, and when; what it makes of what it is told."""

import struct
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from soakfw.journal import RingJournal
from soakwire import board_end, frame, messages, records, resend, slots
from soakwire.layout import U32
from soakwire.schema import SCHEMA_ID

SESSION = 9
BOOT = 0xB007
EVENT = [None, None, 0, None, 0, 0, 0, 0]
CELLS = [0] + [None] * 8
WINDOW = 168


class Application(board_end.Application):
    """Counts what each command did."""

    def __init__(self) -> None:
        self.effects: list[int] = []

    def hello_values(self) -> dict[str, int | None]:
        values: dict[str, int | None] = {f[0]: 0 for f in messages.HELLO_LAYOUT.fields}
        return values | {"major": 1, "schema": SCHEMA_ID, "boot_id": BOOT, "window_slots": WINDOW}

    def state_payload(self) -> bytes:
        return messages.STATE_HEAD.pack([0 for _ in messages.STATE_HEAD.fields])

    def execute(self, verb: int, arguments: memoryview) -> tuple[int, int]:
        messages.ARGS[verb].unpack_from(arguments)
        self.effects.append(verb)
        return messages.REASON_OK, len(self.effects)


@dataclass
class Board:
    """The end, with a small journal behind it and a clock in front of it."""

    journal: RingJournal = field(default_factory=lambda: RingJournal(400, 64))
    app: Application = field(default_factory=Application)
    now: int = 0

    def __post_init__(self) -> None:
        self.end = board_end.BoardEnd(self.journal, self.app, WINDOW)

    def produce(self, count: int) -> None:
        for _ in range(count):
            self.journal.begin_round((self.now & 0xFFFF, 0, 0), 1)
            self.journal.add((self.now & 0xFFFF, 0, 0), records.CELLS, 0, CELLS)

    def tell_line(self, line: bytes, stamp: tuple[int, int, int] = (0, 0, 0)) -> None:
        for byte in line:
            self.end.push(byte, self.now, stamp)

    def tell(self, kind: int, session: int, seq: int = 0, payload: bytes = b"") -> None:
        self.tell_line(frame.encode(kind, session, seq, payload))

    def greet(self, wanted: int = 0, window: int = WINDOW, session: int = SESSION) -> None:
        if self.end.session == 0:
            self.end.next_frame(self.now)  # HELLO; only what it has named can be greeted
        payload = messages.HELLO_ACK_LAYOUT.pack([wanted, window])
        self.tell(messages.HELLO_ACK, session, BOOT, payload)

    def ack(self, wanted: int) -> None:
        self.tell(messages.ACK, SESSION, wanted)

    def command(self, number: int, verb: int = messages.STOP, session: int = SESSION) -> None:
        self.tell(messages.COMMAND, session, number, command(verb))

    def take(self) -> list[frame.Frame]:
        """Every frame that goes out now."""
        made = []
        while (line := self.end.next_frame(self.now)) is not None:
            assert len(line) <= frame.MAX_LINE
            made.append(frame.decode(line[:-1]))
        return made

    def sent(self) -> list[int]:
        """The seqs of all records that go out now, in the order sent."""
        return [seq for got in self.take() if got.kind == messages.RECORDS for seq in seqs(got)]


def command(verb: int, limit_ms: int = 0) -> bytes:
    """A command without arguments: four bytes that mean nothing."""
    return messages.COMMAND_HEAD.pack([verb, *slots.split_time(limit_ms)]) + bytes(4)


def seqs(got: frame.Frame) -> list[int]:
    at = 4 if got.flags & messages.FLAG_JUMP else 0
    size = records.SLOT_SIZE
    return [struct.unpack_from("<I", got.payload, i)[0] for i in range(at, len(got.payload), size)]


def in_session(window: int = WINDOW) -> Board:
    board = Board()
    board.greet(window=window)
    board.take()
    return board


# --- session ---


@pytest.mark.rule("SE-1")
def test_hello_every_half_second_until_answered():
    board = Board()
    told = []
    for board.now in range(0, 5000, 20):
        told += [board.now for got in board.take() if got.kind == messages.HELLO]
    assert [then - t for t, then in pairwise(told)] == [500] * (len(told) - 1)
    board.greet()
    for board.now in range(5000, 60_000, 100):
        assert messages.HELLO not in [got.kind for got in board.take()]


@pytest.mark.rule("SE-2")
def test_hello_req_is_answered_at_any_time_and_changes_nothing():
    board = in_session()
    board.produce(10)
    assert board.sent() == list(range(10))
    for session in (0, 5, SESSION):
        board.tell(messages.HELLO_REQ, session)
        (got,) = board.take()
        assert (got.kind, got.session) == (messages.HELLO, 0)
    board.ack(10)
    assert board.end.acked_seq == 10
    assert board.end.session == SESSION


@pytest.mark.rule("SE-3", "SE-5")
def test_hello_ack_alone_opens_a_session_and_is_answered_by_a_state():
    board = Board()
    board.take()
    for kind in (messages.BEAT, messages.ACK, messages.COMMAND, messages.STATE):
        board.tell(kind, SESSION, 1, bytes(8))
    assert board.take() == []
    assert board.end.stale_frames == 4
    board.greet()
    (state,) = board.take()
    assert (state.kind, state.session, state.seq) == (messages.STATE, SESSION, 0)
    board.tell(messages.BEAT, SESSION + 1, 1, messages.BEAT_LAYOUT.pack([1000]))
    assert board.end.lease_left(board.now) == 0
    assert board.end.stale_frames == 5


@pytest.mark.rule("SE-3")
def test_a_session_of_number_0_or_without_a_window_is_none():
    board = Board()
    board.take()
    board.tell(messages.HELLO_ACK, 0, BOOT, messages.HELLO_ACK_LAYOUT.pack([0, 10]))
    board.tell(messages.HELLO_ACK, 1, BOOT, bytes(8))
    board.tell(messages.HELLO_ACK, 1, BOOT, bytes(3))
    assert board.end.session == 0
    assert board.end.bad_frames == 3


@pytest.mark.rule("SE-3", "CO-4")
def test_the_same_hello_ack_once_more_only_gets_its_state_again():
    board = in_session()
    board.produce(10)
    board.take()
    board.ack(5)
    board.command(1)
    board.take()
    board.greet()
    assert [got.kind for got in board.take()] == [messages.STATE]
    assert board.end.acked_seq == 5
    board.command(1)
    assert len(board.app.effects) == 1


@pytest.mark.rule("SE-6")
def test_the_board_never_ends_a_session():
    board = in_session()
    for _ in range(20):
        board.now += 1 << 28  # days; the caller's ticks wrap, ours only differ
        board.now %= 1 << 30
        board.take()
    board.command(1)
    assert messages.RESPONSE in [got.kind for got in board.take()]


@pytest.mark.rule("SE-10", "CO-5")
def test_a_new_session_begins_its_ids_anew():
    board = in_session()
    board.command(1)
    board.take()
    board.greet(session=SESSION + 1)
    board.take()
    board.command(1, session=SESSION + 1)
    assert len(board.app.effects) == 2


# --- records ---


@pytest.mark.rule("RE-1", "RE-2")
def test_records_go_out_in_order_seven_to_a_frame():
    board = in_session()
    board.produce(10)
    board.journal.add((0, 0, 0), records.EVENT, 1, EVENT)
    board.produce(5)
    frames = board.take()
    assert [seqs(got) for got in frames] == [[*range(7)], [*range(7, 14)], [14, 15]]
    assert [got.seq for got in frames] == [0, 7, 14]
    board.now += 900
    assert board.take() == []


@pytest.mark.rule("RE-3", "RE-9")
def test_a_gap_is_announced_with_the_seq_that_was_due():
    board = in_session()
    board.produce(5)
    assert board.sent() == [*range(5)]
    board.produce(900)
    got = board.take()[0]
    assert got.flags & messages.FLAG_JUMP
    assert struct.unpack_from("<I", got.payload)[0] == 5
    assert seqs(got)[0] == got.seq > 5
    assert len(seqs(got)) == 7


@pytest.mark.rule("RE-5")
def test_an_ack_that_is_old_or_stale_or_of_what_was_not_sent_changes_nothing():
    board = in_session()
    board.produce(300)
    board.take()
    board.ack(50)
    assert board.journal.oldest_seq == 50
    for seq in (0, 49, 50, WINDOW + 1, 300, 301, U32):
        board.ack(seq)
    board.tell(messages.ACK, SESSION + 1, 100)
    assert board.end.acked_seq == board.journal.oldest_seq == 50
    board.ack(WINDOW)
    assert board.journal.oldest_seq == WINDOW


@pytest.mark.rule("RE-5", "SE-3")
def test_a_hello_ack_cannot_release_what_was_never_sent():
    board = in_session()
    board.produce(300)
    board.take()
    board.greet(wanted=250, session=SESSION + 1)
    assert board.journal.oldest_seq == WINDOW
    assert [seq for seq in board.sent() if seq >= 250] == [*range(250, 300)]


@pytest.mark.rule("RE-6")
@pytest.mark.parametrize(
    ("asked", "window"), [(1, 1), (6, 6), (42, 42), (WINDOW, WINDOW), (999, WINDOW)]
)
def test_at_most_the_smaller_window_is_unacknowledged(asked: int, window: int):
    board = in_session(asked)
    board.produce(300)
    assert board.sent() == [*range(window)]
    board.ack(1)
    assert board.sent() == [window]


@pytest.mark.rule("RE-6", "RE-9")
def test_the_window_counts_slots_not_seqs():
    board = Board()
    board.produce(4000)  # nine of ten have given way
    board.greet()
    board.take()
    board = Board(journal=board.journal)
    board.greet()
    sent = board.sent()
    assert len(sent) == WINDOW
    assert sent[-1] - sent[0] > 8 * WINDOW


@pytest.mark.rule("RE-7")
def test_everything_unacknowledged_is_sent_again_for_ever():
    board = in_session()
    board.produce(20)
    board.sent()
    again = []
    while board.now < 40_000:
        board.now += 100
        sent = board.sent()
        if sent:
            assert sent == [*range(20)]
            again.append(board.now)
    assert again == [1000, 3000, 7000, 15_000, 23_000, 31_000, 39_000]
    board.ack(3)
    board.now += 900
    assert board.sent() == []
    board.now += 100
    assert board.sent() == [*range(3, 20)]


@pytest.mark.rule("RE-7")
def test_a_slow_disk_is_learnt_and_a_quick_one_is_learnt_again():
    board = in_session()

    def doubled(delay_ms: int, times: int) -> int:
        """How many records are sent more than once when each ACK takes so long."""
        extra = 0
        for _ in range(times):
            board.produce(7)
            sent = board.sent()
            for _ in range(delay_ms // 100):
                board.now += 100
                extra += len(board.sent())
            board.ack(sent[-1] + 1)
        return extra

    doubled(1500, 10)
    assert doubled(1500, 10) == 0
    doubled(100, 40)
    board.produce(7)
    assert len(board.sent()) == 7
    board.now += resend.RESEND_MS
    assert len(board.sent()) == 7


@pytest.mark.rule("RE-7")
def test_a_wire_that_loses_is_not_taken_for_a_slow_disk():
    timer = resend.ResendTimer(0)
    now = 0
    for number in range(50):
        timer.sending(number, now, alone=True)
        while not timer.due(now):
            now += 100
        timer.acknowledged(number, now + 10)  # at once, of what was sent again
    timer.sending(99, now, alone=True)
    assert not timer.due(now + 900)
    assert timer.due(now + 4000)


@pytest.mark.rule("RE-8")
def test_what_was_sent_to_one_host_is_the_same_for_the_next():
    board = in_session()
    board.produce(300)
    first = board.take()
    board.produce(5000)
    board.greet(session=SESSION + 1)
    again = [got for got in board.take() if got.kind == messages.RECORDS]
    assert [got.payload for got in again] == [got.payload for got in first]


# --- commands ---


@pytest.mark.rule("CO-3")
def test_a_command_after_its_limit_is_refused():
    board = in_session()
    payload = command(messages.STOP, limit_ms=1 << 33)
    late, early = slots.split_time((1 << 33) + 1), slots.split_time(1 << 33)
    board.tell_line(frame.encode(messages.COMMAND, SESSION, 1, payload), late)
    board.tell_line(frame.encode(messages.COMMAND, SESSION, 2, payload), early)
    assert len(board.app.effects) == 1
    board.command(1)
    (got,) = board.take()
    assert messages.RESPONSE_LAYOUT.unpack_from(got.payload) == [messages.REASON_TOO_LATE, 0]


@pytest.mark.rule("CO-4")
def test_the_last_eight_commands_get_their_answers_again_and_older_ones_no_effect():
    board = in_session()
    answers = []
    for number in range(1, 11):
        board.command(number)
        (got,) = board.take()
        answers.append(got.payload)
    for number in range(1, 11):
        board.command(number)
        again = board.take()
        assert [got.payload for got in again] == ([answers[number - 1]] if number > 2 else [])
    assert len(board.app.effects) == 10


@pytest.mark.rule("CO-6")
def test_what_cannot_be_a_command_is_refused():
    board = in_session()
    board.tell(messages.COMMAND, SESSION, 1, b"\7")
    board.command(2, verb=250)
    board.command(3, verb=messages.LOAD)  # without arguments
    reasons = []
    for number in (1, 2, 3):
        board.command(number)
        (got,) = board.take()
        reasons.append(messages.RESPONSE_LAYOUT.unpack_from(got.payload)[0])
    bad = messages.REASON_BAD_ARGUMENTS
    assert reasons == [bad, messages.REASON_UNKNOWN_VERB, bad]
    assert board.app.effects == []


# --- liveness ---


@pytest.mark.rule("TI-1")
def test_a_beat_renews_the_lease_and_gets_a_state_of_its_number():
    board = in_session()
    board.tell(messages.BEAT, SESSION, 77, messages.BEAT_LAYOUT.pack([30_000]))
    (got,) = board.take()
    assert (got.kind, got.seq) == (messages.STATE, 77)
    assert board.end.lease_left(29_999) == 1
    assert board.end.lease_left(30_000) == 0
    assert board.end.lease_left(0) == 0, "a wrap of the ticks cannot bring it back"


@pytest.mark.rule("TI-1", "FR-4")
def test_a_lease_of_more_than_twelve_hours_is_no_beat():
    board = in_session()
    board.tell(messages.BEAT, SESSION, 1, struct.pack("<I", messages.MAX_LEASE_MS + 1))
    board.tell(messages.BEAT, SESSION, 2, b"")
    assert board.end.lease_left(0) == 0
    assert board.end.bad_frames == 2
    assert board.take() == []


# --- frames ---


@pytest.mark.rule("FR-4", "FR-5", "FR-7")
def test_damaged_frames_are_counted_and_text_is_not():
    board = in_session()
    good = frame.encode(messages.HELLO_REQ, 0, 0)
    for line in (b"~\n", b"~abc\n", good[:-6] + b"\n", good[:9] + b"!" + good[10:]):
        board.tell_line(line)
    assert board.end.bad_frames == 4
    board.tell_line(b"\r\nTraceback (most recent call last):\n>>> \n")
    assert board.end.bad_frames == 4
    board.tell_line(b"~" + b"A" * 100_000 + b"\n")
    assert board.end.bad_frames == 5
    assert board.take() == []
    board.tell_line(good)
    assert [got.kind for got in board.take()] == [messages.HELLO]
