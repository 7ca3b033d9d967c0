"""The host's end of the link alone, rule by rule: bytes and a time in, events and lines out."""

import re
from pathlib import Path

import pytest

from soakwire import frame, messages, records, splitter
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
from soakwire.host_end import ASKING, CLOSED, GREETING, REFUSED, REPL, UP, CommandError, HostEnd
from soakwire.schema import SCHEMA_ID

BOOT = 0x1234ABCD
SESSION = 77
ASK = frame.encode(messages.HELLO_REQ, 0, 0)
ECHO = ASK.strip()
STOP = messages.ARGS[messages.STOP].pack([])
TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "main.py", line 66, in <module>',
    "RuntimeError: no more",
]


def hello(boot: int = BOOT, **given: int) -> bytes:
    values: dict[str, int | None] = {f[0]: 0 for f in messages.HELLO_LAYOUT.fields}
    values |= {"major": 1, "schema": SCHEMA_ID, "boot_id": boot, "window_slots": 168} | given
    return frame.encode(messages.HELLO, 0, 0, messages.HELLO_LAYOUT.pack_named(values))


def state(beat: int = 0, session: int = SESSION) -> bytes:
    payload = messages.STATE_HEAD.pack([0 for _ in messages.STATE_HEAD.fields])
    return frame.encode(messages.STATE, session, beat, payload)


def slot(seq: int) -> bytes:
    buf = bytearray(records.SLOT_SIZE)
    body: list[int | None] = [None, None, 0, None, seq, 0, 0, 0]
    records.pack_slot(buf, 0, seq, (0, 0, 0), records.EVENT, 1, body)
    return bytes(buf)


def batch(*seqs: int, due: int | None = None, session: int = SESSION) -> bytes:
    """A RECORDS frame; `due` makes it a JUMP from there."""
    jump = b"" if due is None else due.to_bytes(4, "little")
    payload = jump + b"".join(slot(seq) for seq in seqs)
    flags = 0 if due is None else messages.FLAG_JUMP
    return frame.encode(messages.RECORDS, session, seqs[0], payload, flags)


def response(number: int, session: int = SESSION) -> bytes:
    payload = messages.RESPONSE_LAYOUT.pack([messages.REASON_OK, 5])
    return frame.encode(messages.RESPONSE, session, number, payload)


def asking() -> HostEnd:
    """The port has just been opened, at 0 ms; nothing is left to send."""
    end = HostEnd()
    end.port_opened(0)
    end.take_output()
    return end


def up(wanted: int = 0) -> HostEnd:
    """In session, at 0 ms."""
    end = asking()
    end.receive(hello(), 0)
    end.greet(SESSION, wanted, 0)
    end.receive(state(), 0)
    assert end.state == UP
    end.take_output()
    return end


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def seqs(events: list[Event]) -> list[int]:
    return [item.seq for event in events if isinstance(event, Records) for item in event.items]


def run(end: HostEnd, start_ms: int, end_ms: int, step_ms: int = 50) -> list[Event]:
    """Let time pass in silence."""
    return [event for now in range(start_ms, end_ms, step_ms) for event in end.tick(now)]


def test_the_table_of_states_is_the_one_of_the_document():
    document = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
    (line,) = re.findall(r"States of the host's end: (.*)\.", document)
    assert set(re.findall(r"`(\w+)`", line)) == {CLOSED, ASKING, REPL, REFUSED, GREETING, UP}


# --- asking and greeting ---


@pytest.mark.rule("SE-2")
def test_it_asks_at_once_and_every_second_and_says_nothing_else():
    end = HostEnd()
    end.port_opened(0)
    assert end.take_output() == [ASK]
    times = []
    for now in range(10, 5001, 10):
        end.tick(now)
        assert end.beat(30_000) is None
        end.committed(BOOT, 5)
        with pytest.raises(CommandError):
            end.command(messages.STOP, STOP, 0, now)
        for line in end.take_output():
            assert line == ASK
            times.append(now)
    assert times == [1000, 2000, 3000, 4000, 5000]


@pytest.mark.rule("SE-3", "SE-5")
def test_a_greeted_board_that_answers_is_in_session():
    end = asking()
    (seen,) = end.receive(hello(uid_hi=0x11, uid_lo=0x22), 10)
    assert isinstance(seen, BoardSeen)
    assert (seen.boot_id, seen.uid) == (BOOT, "0000001100000022")
    end.greet(SESSION, 40, 12, window_slots=records.UART_WINDOW_SLOTS)
    (line,) = end.take_output()
    got = frame.decode(line.strip())
    assert (got.kind, got.session, got.seq) == (messages.HELLO_ACK, SESSION, BOOT)
    assert messages.HELLO_ACK_LAYOUT.unpack_from(got.payload) == [40, records.UART_WINDOW_SLOTS]
    assert kinds(end.receive(state(), 20)) == [SessionUp, State]
    end.beat(30_000)
    end.committed(BOOT, 44)
    end.command(messages.STOP, STOP, 0, 30)
    assert [frame.decode(line.strip()).session for line in end.take_output()] == [SESSION] * 3


@pytest.mark.rule("SE-5", "RE-16")
@pytest.mark.parametrize("line", [state(session=1), batch(0, session=1), response(1, session=1)])
def test_frames_of_another_session_are_counted_and_dropped(line: bytes):
    end = up()
    end.command(messages.STOP, STOP, 0, 0)
    assert end.receive(line, 10) == []
    assert end.stale_frames == 1
    assert seqs(end.receive(batch(0), 10)) == [0]


@pytest.mark.rule("SE-9")
def test_a_greeting_that_is_not_answered_within_a_second_is_asked_for_again():
    end = asking()
    end.receive(hello(), 0)
    end.greet(SESSION, 0, 0)
    end.take_output()
    assert end.tick(999) == []
    assert end.take_output() == []
    end.tick(1000)
    assert (end.state, end.take_output()) == (ASKING, [ASK])
    assert end.receive(state(), 1010) == [], "an answer to what was given up"
    assert kinds(end.receive(hello(), 1020)) == [BoardSeen]


@pytest.mark.rule("SE-7")
@pytest.mark.parametrize("in_session", [True, False])
def test_another_boot_ends_the_session(in_session: bool):
    end = up() if in_session else asking()
    if not in_session:
        end.receive(hello(), 0)
        end.greet(SESSION, 0, 0)
    down = [SessionDown] if in_session else []
    assert kinds(end.receive(hello(boot=5), 10)) == [*down, BoardSeen]
    assert end.state == ASKING
    assert end.receive(batch(0), 20) == []


@pytest.mark.rule("SE-8")
def test_a_late_hello_of_the_same_boot_changes_nothing():
    end = up()
    end.command(messages.STOP, STOP, 0, 0)
    assert end.receive(hello(), 10) == []
    assert (end.state, end.session) == (UP, SESSION)
    assert kinds(end.receive(response(1), 20)) == [Response]


@pytest.mark.rule("SE-7")
def test_the_newest_of_several_hellos_counts():
    """They waited in a buffer; records that one boot has stored are nothing to another."""
    end = asking()
    (seen,) = end.receive(hello(boot=5) + hello(boot=6), 10)
    assert isinstance(seen, BoardSeen)
    assert seen.boot_id == 6


@pytest.mark.rule("SE-7")
def test_a_hello_that_has_grown_old_is_not_greeted():
    """The board may have restarted while the host looked up what it has of the boot before."""
    end = asking()
    end.receive(hello(), 0)
    end.greet(SESSION, 900, 1001)
    assert (end.state, end.take_output()) == (ASKING, [])
    end.tick(1001)
    assert end.take_output() == [ASK]


@pytest.mark.rule("SE-7", "CO-9")
def test_silence_is_asked_about_and_then_ends_the_session():
    end = up()
    end.command(messages.STOP, STOP, 0, 0)
    end.take_output()
    events = run(end, 0, 11_999)
    assert events == []
    assert end.take_output().count(ASK) == 6
    (down,) = run(end, 12_000, 12_100)
    assert isinstance(down, SessionDown)
    assert "12 s" in down.cause
    assert end.state == ASKING


@pytest.mark.rule("HO-1", "SE-8")
def test_a_board_that_answers_is_not_silent_even_without_beats():
    end = up()
    for now in range(0, 60_000, 50):
        assert end.tick(now) == []
        if ASK in end.take_output():
            assert end.receive(hello(), now) == []
    assert end.state == UP


@pytest.mark.rule("HO-1")
def test_a_host_that_stood_still_listens_before_it_judges():
    end = up()
    assert end.tick(30_000) == []
    assert end.take_output() == [ASK]
    assert end.receive(hello(), 30_010) == []
    assert run(end, 30_010, 34_000) == []
    assert end.state == UP


@pytest.mark.rule("SE-7", "CO-9")
def test_a_port_that_is_gone_ends_the_session_with_its_cause():
    end = up()
    (down,) = end.port_closed("unplugged")
    assert isinstance(down, SessionDown)
    assert down.cause == "unplugged"
    assert end.receive(hello() + state() + batch(0), 10) == []
    assert end.port_closed("again") == []


# --- records ---


@pytest.mark.rule("RE-4")
def test_records_come_once_and_in_order():
    end = up(wanted=3)
    (first,) = end.receive(batch(3, 4), 10)
    assert isinstance(first, Records)
    assert (first.boot_id, first.after) == (BOOT, 3)
    assert [(item.seq, item.kind, item.place) for item in first.items] == [
        (3, records.EVENT, 1),
        (4, records.EVENT, 1),
    ]
    assert seqs(end.receive(batch(6, 7), 10)) == []
    assert end.gaps == 1
    assert seqs(end.receive(batch(4, 5, 6), 10)) == [5, 6]
    assert end.duplicates == 1
    (known,) = end.receive(batch(3, 4), 10)
    assert isinstance(known, Records)
    assert known.items == [], "the owner says again what is on disk"
    assert end.duplicates == 3


@pytest.mark.rule("RE-3")
@pytest.mark.parametrize(
    ("due", "first", "taken"),
    [(3, 20, True), (2, 20, False), (4, 20, False), (None, 20, False), (0, 2, True), (3, 3, True)],
)
def test_a_gap_is_taken_only_where_the_board_declares_it(
    due: int | None, first: int, taken: bool
) -> None:
    end = up(wanted=3)
    got = seqs(end.receive(batch(first, first + 1, due=due), 10))
    assert got == ([seq for seq in (first, first + 1) if seq >= 3] if taken else [])
    assert end.gaps == (0 if taken else 1)


@pytest.mark.rule("RE-3")
def test_gaps_inside_a_frame_are_taken_as_they_are():
    end = up()
    assert seqs(end.receive(batch(0, 1, 8, 16), 10)) == [0, 1, 8, 16]
    assert seqs(end.receive(batch(17), 10)) == [17]


@pytest.mark.rule("RE-16")
def test_what_was_handed_over_before_the_end_of_a_session_counts():
    end = up()
    end.receive(batch(0, 1), 10)
    end.receive(hello(boot=5), 20)
    end.greet(SESSION + 1, 0, 20)
    end.take_output()
    end.committed(BOOT, 2)
    assert end.take_output() == [], "an ACK of one boot is nothing to another"
    end.receive(hello(boot=BOOT), 30)
    end.greet(SESSION + 2, 0, 30)
    end.take_output()
    end.committed(BOOT, 2)
    (ack,) = end.take_output()
    assert frame.decode(ack.strip()).seq == 2
    end.receive(state(session=SESSION + 2), 40)
    after = end.receive(batch(2, session=SESSION + 2), 50)
    assert seqs(after) == [2], "the board goes on after what it was told is safe"


@pytest.mark.rule("RE-13")
def test_what_could_not_be_stored_is_taken_once_more():
    end = up()
    end.receive(batch(0, 1), 10)
    end.receive(batch(2, 3), 10)
    end.not_stored(BOOT, 2)
    end.not_stored(BOOT + 1, 0)
    assert seqs(end.receive(batch(4), 20)) == []
    assert seqs(end.receive(batch(2, 3), 20)) == [2, 3]


# --- commands ---


@pytest.mark.rule("CO-1")
def test_one_command_at_a_time_repeated_until_answered():
    end = up()
    assert end.command(messages.STOP, STOP, 0, 0) == 1
    (line,) = end.take_output()
    with pytest.raises(CommandError):
        end.command(messages.STOP, STOP, 0, 10)
    times = []
    for now in range(0, 1300, 10):
        end.tick(now)
        times += [now for again in end.take_output() if again == line]
    assert times == [400, 800, 1200]
    assert end.receive(response(2), 1300) == []
    (answer,) = end.receive(response(1), 1300)
    assert isinstance(answer, Response)
    assert (answer.command_id, answer.reason, answer.detail) == (1, messages.REASON_OK, 5)
    assert end.receive(response(1), 1310) == [], "its second answer is none"
    assert end.command(messages.STOP, STOP, 0, 1400) == 2


@pytest.mark.rule("CO-1", "CO-5", "SE-10")
def test_a_command_dies_with_its_session_and_ids_begin_anew():
    end = up()
    end.command(messages.STOP, STOP, 0, 0)
    end.port_closed("unplugged")
    end.port_opened(100)
    end.receive(hello(), 110)
    end.greet(SESSION + 1, 0, 110)
    end.receive(state(session=SESSION + 1), 120)
    end.take_output()
    run(end, 120, 1500)
    assert end.take_output() == []
    assert end.command(messages.STOP, STOP, 0, 1500) == 1


# --- frames that are none ---


def cut(line: bytes, by: int) -> bytes:
    got = frame.decode(line.strip())
    return frame.encode(got.kind, got.session, got.seq, got.payload[:-by], got.flags)


def with_payload(line: bytes, payload: bytes, seq: int | None = None) -> bytes:
    got = frame.decode(line.strip())
    number = got.seq if seq is None else seq
    return frame.encode(got.kind, got.session, number, payload, got.flags)


STATE_PAYLOAD = frame.decode(state().strip()).payload
TRACKS_AT = 36

UNFIT = {
    "records, half a slot": batch(0)[:0] + with_payload(batch(0), slot(0) + slot(1)[:16]),
    "records, none": with_payload(batch(0), b""),
    "records, out of order": with_payload(batch(0), slot(0) + slot(0)),
    "records, another first": with_payload(batch(0), slot(1)),
    "records, a jump and no slot": with_payload(batch(5, due=0), bytes(4)),
    "records, half a jump": with_payload(batch(5, due=0), bytes(2)),
    "state, short": cut(state(), 4),
    "state, tracks that are not there": with_payload(
        state(), STATE_PAYLOAD[:TRACKS_AT] + b"\x04" + STATE_PAYLOAD[TRACKS_AT + 1 :]
    ),
    "state, too many tracks": with_payload(
        state(), STATE_PAYLOAD[:TRACKS_AT] + b"\x05" + bytes(3 + 5 * 16)
    ),
    "state, no such application state": with_payload(
        state(), STATE_PAYLOAD[:6] + b"\x09" + STATE_PAYLOAD[7:]
    ),
    "response, short": cut(response(1), 3),
    "hello, short": cut(hello(boot=9), 30),
    "hello, no version": with_payload(hello(), b"\x01\x00\x01"),
    "empty": b"~\n",
    "no base64": b"~!!!\n",
    "cut": batch(0)[:40] + b"\n",
    "too long": b"~" + b"A" * 400 + b"\n",
}


@pytest.mark.rule("FR-4")
@pytest.mark.parametrize("line", UNFIT.values(), ids=UNFIT.keys())
def test_what_does_not_fit_is_counted_and_has_no_effect(line: bytes):
    end = up()
    end.command(messages.STOP, STOP, 0, 0)
    assert end.receive(line, 10) == []
    assert end.bad_frames == 1
    assert end.state == UP
    assert seqs(end.receive(batch(0, 1), 10)) == [0, 1]
    assert kinds(end.receive(response(1), 10)) == [Response]


@pytest.mark.rule("FR-8")
@pytest.mark.parametrize("junk", [b"", b"\x00", b"~", b"text "])
def test_a_frame_cut_anywhere_costs_itself_and_the_line_it_runs_into(junk: bytes):
    whole = batch(0)
    for at in range(len(whole)):
        end = up()
        events = end.receive(whole[:at] + junk + batch(0, 1) + batch(0, 1, 2), 10)
        assert seqs(events) == [0, 1, 2]


@pytest.mark.rule("FR-1", "FR-2", "FR-3", "FR-6")
def test_every_frame_of_the_host_is_one_line_of_harmless_ascii():
    end = up()
    end.beat(43_200_000)
    end.committed(BOOT, 0x03041113)
    end.command(
        messages.BLOB_DATA, messages.ARGS[messages.BLOB_DATA].pack([1, 0]) + b"\3" * 192, 0, 0
    )
    end.tick(7000)
    lines = end.take_output()
    assert len(lines) == 5
    for line in lines:
        assert len(line) <= frame.MAX_LINE
        assert re.fullmatch(rb"~[A-Za-z0-9+/=]+\n", line)


@pytest.mark.rule("FR-7")
@pytest.mark.parametrize("filling", [b"x", b"~", b">", b"\r", b"\x00"])
@pytest.mark.parametrize("size", [1, 1000, 100_000])
def test_a_line_without_end_takes_no_memory(filling: bytes, size: int):
    end = up()
    for _ in range(max(1, 100_000 // size)):
        end.receive(filling * size, 10)
        assert len(end._split.rest) <= splitter.MAX_TEXT
    assert seqs(end.receive(b"\n" + batch(0), 20)) == [0]


@pytest.mark.rule("FR-7", "FR-8")
@pytest.mark.parametrize("filling", [b"x", b"~", b"\r", b"\x00"])
def test_the_boards_reader_keeps_one_line_at_most(filling: bytes):
    line = frame.LineAssembler()
    for byte in filling * 100_000:
        assert line.push(byte) is None
    assert len(line._buf) == frame.MAX_LINE
    assert line.overlong == (filling == b"~"), "only what began as a frame is a bad one"
    assert line.push(frame.NEWLINE) is None
    got = [line.push(byte) for byte in ASK]
    assert got[-1] == ECHO


# --- text ---


@pytest.mark.rule("TX-1", "FR-5")
def test_text_comes_as_it_was_in_pieces_of_bounded_length():
    end = up()
    assert [event.text for event in end.receive(b"  one\r\n\r\ntwo \xff\n", 10)] == [
        "  one",
        "two \ufffd",
    ]
    long = bytes(range(0x41, 0x5B)) * 1000
    events = end.receive(long + b"\n", 10)
    pieces = [event.text for event in events if isinstance(event, TextLine)]
    assert all(len(piece.encode()) <= 4096 for piece in pieces)
    assert "".join(piece.removeprefix("…") for piece in pieces).encode() == long


@pytest.mark.rule("TX-1", "FR-5")
def test_no_piece_of_a_long_text_is_taken_for_a_frame():
    end = up()
    text = b"x" * (splitter.MAX_TEXT - 10) + batch(0) * 30
    for at in range(0, len(text), 7):
        assert seqs(end.receive(text[at : at + 7], 10)[:1]) == []
        if b"\n" in text[at : at + 7]:
            break
    overlong = b"~" + b"A" * 9000
    before = end.bad_frames
    assert end.receive(overlong, 20) == []
    assert end.receive(overlong + b"\n", 20) == []
    assert end.bad_frames == before + 1


@pytest.mark.rule("TX-2")
def test_a_traceback_does_not_end_a_session():
    end = up()
    events = end.receive("\r\n".join([*TRACEBACK, ""]).encode(), 10)
    assert [event.text for event in events if isinstance(event, TextLine)] == TRACEBACK
    assert run(end, 10, 3000) == []
    assert end.state == UP


def prompt_after(end: HostEnd, text: bytes, now: int = 10) -> list[Event]:
    """What `text` and then a second of silence bring."""
    return end.receive(text, now) + run(end, now, now + 1000)


@pytest.mark.rule("TX-2", "TX-3")
def test_a_prompt_ends_the_session_and_comes_with_the_traceback():
    end = up()
    end.receive(b"~half a frame" + "\r\n".join([*TRACEBACK, ""]).encode(), 5)
    events = prompt_after(end, b"MicroPython v1.28\r\n>>> ")
    assert kinds(events) == [TextLine, SessionDown, ReplSeen]
    assert events[-1].traceback == "\n".join(TRACEBACK)  # type: ignore[attr-defined]
    assert end.state == REPL
    assert run(end, 1100, 4000) == [], "once"


PROMPTS = {
    "the prompt": (b">>> ", True),
    "one byte at a time": (b">>> ", True),
    "raw": (b"raw REPL; CTRL-B to exit\r\n>", True),
    "with an echo": (b">>> " + ECHO, True),
    "with an echoed beat": (b">>> " + frame.encode(messages.BEAT, 5, 1, bytes(4)).strip(), True),
    "an echo that has ended": (b">>> " + ASK + b"more", True),
    "text after it": (b">>> press any key", False),
    "text after it, ended": (b">>> press any key\n", False),
    "inside a line": (b"menu >>> ", False),
    "a frame of the board after it": (b">>> " + batch(0), False),
    "half an echo after it": (b">>> " + ECHO[:-2], False),
    "its newline": (b">>> \r\n", False),
    "raw, then text": (b"raw REPL; CTRL-B to exit\r\nhello\n", False),
}


@pytest.mark.rule("TX-3")
@pytest.mark.parametrize("in_session", [True, False])
@pytest.mark.parametrize(("text", "is_prompt"), PROMPTS.values(), ids=PROMPTS.keys())
def test_what_a_prompt_is_and_what_not(text: bytes, is_prompt: bool, in_session: bool):
    end = up() if in_session else asking()
    for at in range(len(text)):
        end.receive(text[at : at + 1], 10)
    events = run(end, 10, 1000)
    seen = end.state == REPL
    assert seen == is_prompt
    assert not seen or not events or kinds(events)[-1] == ReplSeen


@pytest.mark.rule("TX-3")
def test_text_that_only_pauses_after_what_looks_like_a_prompt_is_none():
    end = up()
    end.receive(b">>> ", 10)
    assert run(end, 10, 200) == []
    end.receive(b"5 volts\n", 200)
    assert run(end, 200, 1000) == []
    end.receive(b">>> ", 1000)
    end.receive(batch(0), 1100)
    assert run(end, 1100, 3000) == []
    assert end.state == UP


@pytest.mark.rule("TX-3", "SE-2")
def test_a_prompt_shown_long_ago_is_found_by_its_echo():
    """A real board's prompt takes no line feed: it echoes and runs nothing."""
    end = asking()
    end.receive(ECHO, 10)
    assert run(end, 10, 1100) == []
    assert end.take_output() == [b"\r\n", ASK]
    end.receive(b"\r\n" + "\r\n".join(SYNTAX_ERROR).encode() + b"\r\n>>> " + ECHO, 1020)
    assert end.state == REPL


SYNTAX_ERROR = [
    "Traceback (most recent call last):",
    '  File "<stdin>", line 1',
    "SyntaxError: invalid syntax",
]


@pytest.mark.rule("TX-3")
def test_the_prompts_answers_to_frames_are_neither_a_traceback_nor_text():
    end = up()
    prompt_after(end, "\r\n".join([*TRACEBACK, ">>> "]).encode())
    talk = b"\r\n".join([ECHO, *[line.encode() for line in SYNTAX_ERROR], b">>> " + ECHO, b""])
    assert end.receive(talk, 2000) == []
    assert end.bad_frames == 0
    told = "\r\n".join(
        ["Traceback (most recent call last):", '  File "boot.py", line 1', "E: x", ""]
    )
    texts = [
        event.text for event in end.receive(told.encode(), 2100) if isinstance(event, TextLine)
    ]
    assert texts == told.split("\r\n")[:3], "what the firmware says is told"


@pytest.mark.rule("TX-4")
def test_a_board_at_its_prompt_is_restarted_three_times_then_asked_on():
    end = up()
    sent: list[tuple[int, bytes]] = []
    events = []
    end.receive(b">>> ", 0)
    for now in range(0, 30_000, 50):
        events += end.tick(now)
        sent += [(now, line) for line in end.take_output()]
    restarts = [now for now, line in sent if line != ASK]
    begun = restarts[0]
    assert restarts == [begun, begun + 5000, begun + 10_000]
    restart = next(line for _, line in sent if line != ASK)
    assert restart == b"\x03\x03\x02\r\nimport machine\r\nmachine.reset()\r\n"
    assert b"\x04" not in restart, "a soft reset would leave pins as they are"
    asks = [now for now, line in sent if line == ASK and now > 0]
    assert asks == list(range(begun + 15_000, 30_000, 1000))
    assert kinds(events) == [SessionDown, ReplSeen, RestartFailed]


@pytest.mark.rule("TX-4")
def test_restarts_are_counted_over_a_port_that_goes_away_with_each():
    end = asking()
    restarts, failures, now = 0, 0, 0
    for _ in range(6):
        end.receive(b">>> ", now)
        for _ in range(40):
            now += 50
            failures += RestartFailed in kinds(end.tick(now))
        restarts += sum(b"machine.reset" in line for line in end.take_output())
        end.port_closed("unplugged")
        now += 4000
        end.port_opened(now)
        end.take_output()
    assert restarts == 3
    assert failures == 3, "said again at each return: the port's own trouble was shown meanwhile"


@pytest.mark.rule("TX-4")
def test_a_hello_ends_the_state_and_the_count():
    end = asking()
    for start in (0, 20_000):
        prompt_after(end, b">>> ", start)
        assert end.state == REPL
        assert any(b"machine.reset" in line for line in end.take_output())
        events = end.receive(b"machine.reset()\r\n" + hello(boot=start + 1), start + 2000)
        assert kinds(events) == [BoardSeen]
        end.greet(SESSION, 0, start + 2000)
        end.receive(state(), start + 2001)
        assert end.state == UP


# --- versions ---


@pytest.mark.rule("VE-1", "VE-2")
@pytest.mark.parametrize(
    "payload",
    [
        messages.HELLO_LAYOUT.pack([2, 0, SCHEMA_ID] + [1] * 20),
        messages.HELLO_LAYOUT.pack([1, 0, 12345] + [1] * 20),
        b"\x02\x07\x01\x02\x03\x04",
        b"\x01\x07\x01\x02\x03\x04" + bytes(200),
    ],
    ids=["major", "schema", "shorter", "longer"],
)
@pytest.mark.parametrize("in_session", [True, False])
def test_another_version_is_read_and_never_armed(payload: bytes, in_session: bool):
    end = up() if in_session else asking()
    line = frame.encode(messages.HELLO, 0, 0, payload)
    events = end.receive(line, 0)
    assert kinds(events) == ([SessionDown] if in_session else []) + [WrongFirmware]
    assert events[-1].hello["major"] == payload[0]  # type: ignore[attr-defined]
    assert end.state == REFUSED
    end.greet(SESSION, 0, 0)
    assert end.beat(1000) is None
    with pytest.raises(CommandError):
        end.command(messages.STOP, STOP, 0, 0)
    sent = []
    for now in range(50, 5001, 50):
        end.tick(now)
        sent += end.take_output()
        assert end.receive(line, now) == [], "said once"
    assert sent == [ASK] * 5
    assert kinds(end.receive(hello(), 6000)) == [BoardSeen], "a new firmware is noticed"
