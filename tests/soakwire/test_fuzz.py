"""Anything at all on the wire: no exception but the documented ones, no growth, no harm.

How many lines each test feeds is fixed and counted: 120,000 in all.
"""

import contextlib
import random
import tracemalloc
from collections.abc import Iterator

import pytest
from hostile.core import BoardCore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soakwire import frame, messages
from soakwire.host_end import UP, BoardSeen, HostEnd
from soakwire.layout import LayoutError

BOOT = 0xF0F0F0F0
SESSION = 99
SEED_LINES = {"decoder": 60_000, "board": 20_000, "host": 25_000, "memory": 15_000}
EXAMPLES = 400
KINDS = (1, 2, 3, 4, 5, 16, 17, 32, 33, 0, 255)


def test_there_are_a_hundred_thousand_lines():
    assert sum(SEED_LINES.values()) >= 100_000


def well_formed(rng: random.Random) -> bytes:
    """A frame with a valid CRC and anything in it."""
    payload = rng.randbytes(rng.choice((0, 4, 8, 12, 32, 36, 40, 72, 228, rng.randint(0, 228))))
    session = rng.choice((0, SESSION, rng.randrange(1 << 16)))
    seq = rng.choice((0, 1, 5, rng.randrange(1 << 32), (1 << 32) - 1))
    return frame.encode(rng.choice(KINDS), session, seq, payload, rng.choice((0, 1, 255)))


def mutated(rng: random.Random) -> bytes:
    """A frame with a few bytes changed, gone or doubled."""
    line = bytearray(well_formed(rng)[:-1])
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(line))
        match rng.randrange(4):
            case 0:
                line[at] = rng.randrange(256)
            case 1:
                del line[at : at + rng.randint(1, 9)]
            case 2:
                line[at:at] = rng.randbytes(rng.randint(1, 9))
            case _:
                line = line[:at] + line[rng.randrange(at + 1) :]
        line = line or bytearray(b"~")
    return bytes(line) + b"\n"


def noise(rng: random.Random) -> bytes:
    """Bytes of any kind and length; some begin as a frame does."""
    mark = b"~" if rng.random() < 0.5 else b""
    return mark + rng.randbytes(rng.choice((0, 1, 30, 322, 1000))) + b"\n"


def lines(seed: int, count: int) -> Iterator[bytes]:
    """`count` lines: a third each of sound frames, damaged ones and noise."""
    rng = random.Random(seed)
    for number in range(count):
        yield (well_formed, mutated, noise)[number % 3](rng)


def board_in_session() -> BoardCore:
    core = BoardCore(BOOT, 40, 64, 42)
    host = greeted_host(core)
    core.receive(b"".join(host.take_output()), 0, 0)
    return core


def greeted_host(core: BoardCore) -> HostEnd:
    host = HostEnd()
    host.port_opened(0)
    assert any(isinstance(event, BoardSeen) for event in host.receive(core.next_frame(0, 0), 0))
    host.greet(SESSION, 0, 0)
    return host


def up_host() -> HostEnd:
    core = BoardCore(BOOT, 40, 64, 42)
    host = greeted_host(core)
    core.receive(b"".join(host.take_output()), 0, 0)
    host.receive(core.next_frame(0, 0), 0)
    assert host.state == UP
    return host


@pytest.mark.rule("FR-4")
def test_the_decoder_raises_nothing_but_its_own_error():
    fed = sound = 0
    for line in lines(1, SEED_LINES["decoder"]):
        fed += 1
        try:
            got = frame.decode(line[:-1])
        except frame.FrameError:
            continue
        sound += 1
        again = frame.encode(got.kind, got.session, got.seq, got.payload, got.flags)
        same = frame.decode(again[:-1])
        assert (same.kind, same.seq, same.payload) == (got.kind, got.seq, got.payload)
    assert fed == SEED_LINES["decoder"]
    assert fed // 3 <= sound < fed // 2


@pytest.mark.rule("FR-4", "FR-5")
def test_the_board_takes_anything():
    """Nothing comes out of `push`; what is no frame is counted; the board still answers."""
    core = board_in_session()
    fed = 0
    for line in lines(2, SEED_LINES["board"]):
        fed += 1
        core.receive(line, fed, fed)
        if fed % 50 == 0:
            core.event(fed, fed)
            while core.next_frame(fed, fed):
                pass
    assert fed == SEED_LINES["board"]
    assert core.status()[2] > fed // 4
    core.receive(b"\n" + frame.encode(messages.HELLO_REQ, 0, 0), fed, fed)
    assert frame.decode(core.next_frame(fed, fed)[:-1]).kind == messages.HELLO


@pytest.mark.rule("FR-4", "FR-5", "TX-1")
def test_the_host_takes_anything():
    """Nothing comes out of `receive`; sessions come and go, and another one can be had."""
    host, now, fed = up_host(), 0, 0
    for line in lines(3, SEED_LINES["host"]):
        fed += 1
        now += 7
        for event in host.receive(line, now):
            if isinstance(event, BoardSeen):
                host.greet(SESSION, 0, now)
        host.tick(now)
        host.take_output()
    assert fed == SEED_LINES["host"]
    assert host.bad_frames > fed // 4
    host.port_closed("enough")
    host.port_opened(now)
    core = BoardCore(BOOT, 40, 64, 42)
    assert any(isinstance(event, BoardSeen) for event in host.receive(core.next_frame(0, 0), now))


@pytest.mark.rule("FR-7")
def test_memory_does_not_grow():
    """After the first lines, the same again costs no memory that stays."""
    core, host = board_in_session(), up_host()
    fed = 0

    def feed(seed: int, count: int) -> None:
        nonlocal fed
        for line in lines(seed, count):
            fed += 1
            core.receive(line, 0, 0)
            host.receive(line, 0)
            host.take_output()

    tracemalloc.start()
    try:
        feed(4, SEED_LINES["memory"] // 3)
        before, _ = tracemalloc.get_traced_memory()
        feed(5, SEED_LINES["memory"] - fed)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fed == SEED_LINES["memory"]
    assert after - before < 16_384


@pytest.mark.rule("FR-3", "FR-7", "TX-1")
def test_a_line_without_end_is_not_kept():
    """A megabyte without a newline, text or frame: each end holds one line at most."""
    for mark in (b"", b"~"):
        core, host = board_in_session(), up_host()
        tracemalloc.start()
        try:
            for _ in range(1000):
                piece, mark = mark + b"A" * 1000, b""
                core.receive(piece, 0, 0)
                host.receive(piece, 0)
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert held < 16_384


@given(st.binary(max_size=400))
@settings(max_examples=EXAMPLES, deadline=None)
@pytest.mark.rule("FR-4")
def test_decode_of_any_bytes(data):
    with contextlib.suppress(frame.FrameError):
        frame.decode(data)


@given(
    st.integers(0, 255),
    st.integers(0, 65535),
    st.integers(0, (1 << 32) - 1),
    st.binary(max_size=frame.MAX_PAYLOAD),
    st.integers(0, 255),
)
@settings(max_examples=EXAMPLES, deadline=None)
@pytest.mark.rule("FR-1", "FR-2", "FR-3", "FR-6")
def test_any_frame_survives_the_line(kind, session, seq, payload, flags):
    line = frame.encode(kind, session, seq, payload, flags)
    assert len(line) <= frame.MAX_LINE
    assert line.startswith(b"~")
    assert line.find(b"\n") == len(line) - 1
    assert not set(line) & {0x03, 0x04, 0x11, 0x13}
    got = frame.decode(line[:-1])
    assert (got.kind, got.session, got.seq) == (kind, session, seq)
    assert (got.payload, got.flags) == (payload, flags)


@given(st.sampled_from(KINDS), st.binary(max_size=frame.MAX_PAYLOAD), st.integers(0, 255))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.rule("FR-4")
def test_any_payload_of_the_session(kind, payload, flags):
    """A sound frame of the session with nonsense in it: dropped, or taken as what it says."""
    line = frame.encode(kind, SESSION, 1, payload, flags)
    up_host().receive(line, 0)
    board_in_session().receive(line, 0, 0)


def test_layout_errors_do_not_leave_the_ends():
    """The board counts a payload that does not fit its table as a bad frame."""
    core = board_in_session()
    with pytest.raises(LayoutError):
        messages.BEAT_LAYOUT.unpack_from(b"")
    core.receive(frame.encode(messages.BEAT, SESSION, 1), 0, 0)
    assert core.status()[2] == 1
