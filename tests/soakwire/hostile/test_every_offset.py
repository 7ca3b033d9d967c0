"""A frame of every type, in both directions: cut at every offset, every single bit flipped."""

import pytest

from hostile.core import BoardCore
from soakwire import frame, messages
from soakwire.host_end import BoardSeen, Event, HostEnd, Records, Response, SessionUp, State

BOOT = 0x5EED5EED
SESSION = 4711
SLOTS = 42
QUIET = frame.encode(messages.HELLO_REQ, 0, 0)  # a whole line with no effect but a HELLO


def board_with_records(count: int = 8) -> BoardCore:
    core = BoardCore(BOOT, 64, 64, SLOTS)
    for number in range(1, count):
        core.event(number, number)
    return core


def board_in_session() -> BoardCore:
    """UP, with records sent and none acknowledged."""
    core, host = board_with_records(), greeting_host()
    says(core)  # its HELLO
    core.receive(b"".join(host.take_output()), 0, 0)
    assert len(says(core)) >= 2  # STATE, RECORDS
    return core


def greeting_host() -> HostEnd:
    host = HostEnd()
    host.port_opened(0)
    (hello,) = says(board_with_records(), 1)
    assert any(isinstance(event, BoardSeen) for event in host.receive(hello, 0))
    host.greet(SESSION, 0, 0)
    return host


def says(core: BoardCore, most: int = 100) -> list[bytes]:
    """What the board has to say now."""
    lines: list[bytes] = []
    while len(lines) < most and (line := core.next_frame(0, 0)):
        lines.append(line)
    return lines


def up_host() -> HostEnd:
    """UP, no records yet, with a command under way."""
    host = greeting_host()
    host.receive(frame.encode(messages.STATE, SESSION, 0, state_payload()), 0)
    host.command(messages.LOAD, load(5), 0, 0)
    host.take_output()
    return host


def state_payload() -> bytes:
    return messages.STATE_HEAD.pack([0 for _ in messages.STATE_HEAD.fields])


def load(number: int) -> bytes:
    return messages.ARGS[messages.LOAD].pack([1, 1, number])


def to_board() -> dict[str, bytes]:
    """One line of every type from the host."""
    command = messages.COMMAND_HEAD.pack([messages.LOAD, 0, 0, 0]) + load(99)
    lines = greeting_host().take_output()
    return {
        "HELLO_REQ": QUIET,
        "HELLO_ACK": lines[-1],
        "BEAT": frame.encode(messages.BEAT, SESSION, 7, messages.BEAT_LAYOUT.pack([30_000])),
        "ACK": frame.encode(messages.ACK, SESSION, 3),
        "COMMAND": frame.encode(messages.COMMAND, SESSION, 1, command),
    }


def to_host() -> dict[str, bytes]:
    """One line of every type from the board."""
    core = board_in_session()
    core.receive(to_board()["COMMAND"], 0, 0)
    (response,) = says(core)
    sent = board_with_records()
    (hello,) = says(sent)
    sent.receive(to_board()["HELLO_ACK"], 0, 0)
    state, records = says(sent)[:2]
    jump = records_with_jump(records)
    return {
        "HELLO": hello,
        "STATE": state,
        "RECORDS": records,
        "RECORDS, JUMP": jump,
        "RESPONSE": response,
    }


def records_with_jump(line: bytes) -> bytes:
    """The same records after a gap that begins at 0."""
    payload = bytearray(bytes(4) + frame.decode(line[:-1]).payload[: 6 * 32])
    for i in range(6):
        payload[4 + 32 * i] += 10  # seq
    return frame.encode(messages.RECORDS, SESSION, 10, bytes(payload), messages.FLAG_JUMP)


def effect_on_board(core: BoardCore, data: bytes) -> tuple[object, ...]:
    """What bytes do to a board, in full."""
    done = core.receive(data, 0, 0)
    return done, core.status()[:2], core.end.session, core.end.lease_ms, tuple(says(core))


def effect_on_host(host: HostEnd, data: bytes) -> list[Event]:
    return [event for event in host.receive(data, 0) if is_effect(event)]


def is_effect(event: Event) -> bool:
    return isinstance(event, BoardSeen | Records | Response | State | SessionUp)


def flipped(line: bytes) -> list[bytes]:
    """Every single-bit flip of a line that changes what it says, its newline left alone.

    Base64 leaves up to four bits of its last characters unused: a flip there changes nothing.
    """
    whole, damaged = content(line), []
    for at in range(len(line) - 1):
        for bit in range(8):
            other = line[:at] + bytes([line[at] ^ 1 << bit]) + line[at + 1 :]
            if content(other) != whole:
                damaged.append(other)
            else:
                assert at >= len(line) - 4
    return damaged


def content(line: bytes) -> tuple[object, ...] | None:
    """What a line says, None if it is no frame."""
    try:
        got = frame.decode(line[:-1])
    except frame.FrameError:
        return None
    return got.kind, got.flags, got.session, got.seq, got.payload


BOARD_KINDS = ("HELLO_REQ", "HELLO_ACK", "BEAT", "ACK", "COMMAND")
HOST_KINDS = ("HELLO", "STATE", "RECORDS", "RECORDS, JUMP", "RESPONSE")


def fresh_board(kind: str) -> BoardCore:
    """A board that the line means something to; its own HELLO is out."""
    core = board_with_records() if kind == "HELLO_ACK" else board_in_session()
    says(core)
    return core


def fresh_host(kind: str) -> HostEnd:
    """A host that the line means something to."""
    if kind == "HELLO":
        host = HostEnd()
        host.port_opened(0)
        return host
    return greeting_host() if kind == "STATE" else up_host()


@pytest.mark.parametrize("kind", BOARD_KINDS)
def test_the_whole_line_has_an_effect_on_the_board(kind):
    """Else the tests below would show nothing."""
    line = to_board()[kind]
    assert effect_on_board(fresh_board(kind), line) != effect_on_board(fresh_board(kind), b"")


@pytest.mark.parametrize("kind", HOST_KINDS)
def test_the_whole_line_has_an_effect_on_the_host(kind):
    assert effect_on_host(fresh_host(kind), to_host()[kind])


@pytest.mark.rule("FR-4", "FR-8")
@pytest.mark.parametrize("kind", BOARD_KINDS)
def test_cut_at_every_offset_on_the_way_to_the_board(kind):
    """A line cut off costs itself and the one it runs into; the next is taken."""
    line, idle = to_board()[kind], effect_on_board(fresh_board(kind), b"")
    for at in range(len(line)):
        core = fresh_board(kind)
        assert effect_on_board(core, line[:at]) == idle
        effect_on_board(core, QUIET)  # the one it runs into
        assert says(core) == []
        core.receive(QUIET, 0, 0)
        assert frame.decode(says(core)[0][:-1]).kind == messages.HELLO
        ended = line[:at] + b"\n" if at < len(line) - 1 else b"\n"
        assert effect_on_board(fresh_board(kind), ended) == idle


@pytest.mark.rule("FR-4", "FR-8")
@pytest.mark.parametrize("kind", HOST_KINDS)
def test_cut_at_every_offset_on_the_way_to_the_host(kind):
    line = to_host()[kind]
    for at in range(len(line) - 1):
        host = fresh_host(kind)
        assert effect_on_host(host, line[:at]) == []
        effect_on_host(host, b"~\n")  # the one it runs into
        assert effect_on_host(host, line), f"cut at {at}"
        assert effect_on_host(fresh_host(kind), line[:at] + b"\n") == []


@pytest.mark.rule("FR-2", "FR-4")
@pytest.mark.parametrize("kind", BOARD_KINDS)
def test_every_flipped_bit_on_the_way_to_the_board(kind):
    line = to_board()[kind]
    idle = effect_on_board(fresh_board(kind), b"")
    core = fresh_board(kind)
    for damaged in flipped(line):
        assert effect_on_board(core, damaged) == idle


@pytest.mark.rule("FR-2", "FR-4")
@pytest.mark.parametrize("kind", HOST_KINDS)
def test_every_flipped_bit_on_the_way_to_the_host(kind):
    host = fresh_host(kind)
    for damaged in flipped(to_host()[kind]):
        assert effect_on_host(host, damaged) == []
    assert effect_on_host(host, to_host()[kind])
