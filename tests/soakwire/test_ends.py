"""Both real ends of the link against each other: one rule at a time, over wires that obey.

Wires that do not stand in hostile/.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from soakwire import board_end, host_end, messages, records, slots
from soakwire.frame import decode
from soakwire.schema import SCHEMA_ID

TICK_MS = 20
LEASE_MS = 30_000
BOOT = 0x1234ABCD


class Journal(board_end.Journal):
    """Keeps everything; `lose` takes records away as a full ring does."""

    def __init__(self) -> None:
        self.slots: dict[int, bytes] = {}
        self.next_seq = 0
        self.sent_seq = 0

    @property
    def oldest_seq(self) -> int:
        return min(self.slots, default=self.next_seq)

    def produce(self) -> None:
        slot = bytearray(records.SLOT_SIZE)
        event = [None, None, 0, None, self.next_seq, 0, 0, 0]
        records.pack_slot(slot, 0, self.next_seq, (0, 0, 0), records.EVENT, 1, event)
        self.slots[self.next_seq] = bytes(slot)
        self.next_seq += 1

    def lose(self, seqs: range) -> None:
        for seq in seqs:
            self.slots.pop(seq, None)

    def release(self, seq: int) -> None:
        self.slots = {s: slot for s, slot in self.slots.items() if s >= seq}

    def sent(self, seq: int) -> None:
        self.sent_seq = max(self.sent_seq, seq)

    def held_before(self, seq: int) -> int:
        return sum(s < seq for s in self.slots)

    def collect(self, seq: int, buf: memoryview, most: int) -> int:
        chosen = sorted(s for s in self.slots if s >= seq)[:most]
        for i, s in enumerate(chosen):
            buf[i * records.SLOT_SIZE : (i + 1) * records.SLOT_SIZE] = self.slots[s]
        return len(chosen)


class Application(board_end.Application):
    """Counts what each command did."""

    def __init__(self, schema: int = SCHEMA_ID) -> None:
        self.schema = schema
        self.effects: list[tuple[int, int]] = []
        self.boot_id = BOOT

    def hello_values(self) -> dict[str, int | None]:
        values: dict[str, int | None] = {f[0]: 0 for f in messages.HELLO_LAYOUT.fields}
        values |= {"major": 1, "schema": self.schema, "boot_id": self.boot_id, "window_slots": 28}
        return values

    def state_payload(self) -> bytes:
        return messages.STATE_HEAD.pack([0 for _ in messages.STATE_HEAD.fields])

    def execute(self, verb: int, arguments: memoryview) -> tuple[int, int]:
        (cell, _, _) = messages.ARGS[verb].unpack_from(arguments)
        self.effects.append((verb, cell or 0))
        return messages.REASON_OK, len(self.effects)


Carry = Callable[[bytes], bytes]


def whole(line: bytes) -> bytes:
    """A wire that passes everything on."""
    return line


def nothing(line: bytes) -> bytes:
    """A wire that is cut."""
    return b""


@dataclass
class Bench:
    """Both ends, two wires, and a host that stores and acknowledges."""

    journal: Journal = field(default_factory=Journal)
    app: Application = field(default_factory=Application)
    stored: list[int] = field(default_factory=list)
    events: list[host_end.Event] = field(default_factory=list)
    down: Carry = whole
    up: Carry = whole

    def __post_init__(self) -> None:
        self.board = board_end.BoardEnd(self.journal, self.app, 28)
        self.host = host_end.HostEnd()
        self.now = 0
        self.host.port_opened(self.now)
        self.session = 0

    def step(self) -> None:
        self.now += TICK_MS
        for line in self.host.take_output():
            for byte in self.down(line):
                self.board.push(byte, self.now, (0, 0, 0))
        while (line := self.board.next_frame(self.now)) is not None:
            self.take(self.host.receive(self.up(line), self.now))
        self.take(self.host.tick(self.now))
        if self.now % 1000 == 0:
            self.host.beat(LEASE_MS)

    def take(self, events: list[host_end.Event]) -> None:
        for event in events:
            self.events.append(event)
            if isinstance(event, host_end.BoardSeen):
                self.session += 1
                self.host.greet(self.session, len(self.stored), self.now)
            elif isinstance(event, host_end.Records):
                self.stored += [item.seq for item in event.items]
                self.host.committed(self.app.boot_id, max(self.stored, default=-1) + 1)

    def run(self, ms: int) -> None:
        for _ in range(ms // TICK_MS):
            self.step()

    def seen(self, kind: type[host_end.Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


@pytest.mark.rule("SE-1", "SE-3", "RE-2", "RE-5")
def test_a_session_opens_and_records_arrive_in_order():
    bench = Bench()
    for _ in range(100):
        bench.journal.produce()
    bench.run(500)
    assert bench.host.state == host_end.UP
    assert bench.stored == list(range(100))
    assert bench.journal.slots == {}


@pytest.mark.rule("SE-2", "SE-6")
def test_a_restarted_host_gets_a_session_from_a_board_that_has_one():
    """The deadlock: a host that waits for HELLO, a board that believes it is in session."""
    bench = Bench()
    bench.run(1000)
    bench.journal.produce()
    bench.host = host_end.HostEnd()
    bench.host.port_opened(bench.now)
    bench.run(3000)
    assert bench.host.state == host_end.UP
    assert bench.stored == [0]


@pytest.mark.rule("RE-3")
def test_a_jump_is_accepted_only_where_the_board_declares_it():
    bench = Bench()
    bench.run(500)
    for _ in range(30):
        bench.journal.produce()
    bench.journal.lose(range(5, 20))
    bench.run(2000)
    assert bench.stored == [*range(5), *range(20, 30)]


@pytest.mark.rule("RE-3", "RE-7")
def test_a_jump_whose_frame_is_lost_is_declared_again():
    bench = Bench()
    bench.run(500)
    for _ in range(30):
        bench.journal.produce()
    bench.journal.lose(range(20))
    bench.up = nothing
    bench.run(500)
    bench.up = whole
    bench.run(5000)
    assert bench.stored == list(range(20, 30))


@pytest.mark.rule("SE-7")
def test_a_board_restart_ends_the_session_and_opens_another():
    bench = Bench()
    bench.run(1000)
    bench.journal, bench.app = Journal(), Application()
    bench.app.boot_id = 77
    bench.board = board_end.BoardEnd(bench.journal, bench.app, 28)
    bench.stored.clear()
    bench.journal.produce()
    bench.run(3000)
    assert bench.seen(host_end.SessionDown) == 1
    assert bench.seen(host_end.SessionUp) == 2
    assert bench.stored == [0]


@pytest.mark.rule("CO-4")
def test_a_repeated_command_has_effect_once():
    bench = Bench()
    bench.run(500)
    arguments = messages.ARGS[messages.LOAD].pack([3, 1, 1000])
    bench.host.command(messages.LOAD, arguments, 0, bench.now)
    (line,) = bench.host.take_output()
    for byte in line * 5:
        bench.board.push(byte, bench.now, (0, 0, 0))
    bench.run(500)
    assert bench.app.effects == [(messages.LOAD, 3)]
    assert bench.seen(host_end.Response) == 1


@pytest.mark.rule("CO-3")
def test_a_late_command_is_refused():
    bench = Bench()
    bench.run(500)
    arguments = messages.ARGS[messages.LOAD].pack([3, 1, 1000])
    bench.host.command(messages.LOAD, arguments, 5000, bench.now)
    (line,) = bench.host.take_output()
    for byte in line:
        bench.board.push(byte, bench.now, slots.split_time(5001))
    answer = decode(bench.board.next_frame(bench.now) or b"")
    reason, _ = messages.RESPONSE_LAYOUT.unpack_from(answer.payload)
    assert reason == messages.REASON_TOO_LATE
    assert bench.app.effects == []


@pytest.mark.rule("SE-7")
def test_a_silent_board_is_noticed_and_found_again():
    bench = Bench()
    bench.run(1000)
    bench.up = nothing
    bench.run(13_000)
    assert bench.host.state != host_end.UP
    assert bench.seen(host_end.SessionDown) == 1
    bench.up = whole
    bench.run(3000)
    assert bench.host.state == host_end.UP


@pytest.mark.rule("VE-2")
def test_another_schema_is_refused_and_said_once():
    bench = Bench(app=Application(schema=1))
    bench.run(5000)
    assert bench.host.state == host_end.REFUSED
    assert bench.seen(host_end.WrongFirmware) == 1
    with pytest.raises(host_end.CommandError):
        bench.host.command(messages.STOP, b"", 0, bench.now)


@pytest.mark.rule("SE-5")
def test_frames_of_another_session_are_counted_and_dropped():
    bench = Bench()
    bench.run(500)
    old = bench.host.session
    bench.host.session = 999
    bench.host.beat(LEASE_MS)
    bench.run(TICK_MS)
    assert bench.board.stale_frames == 1
    assert bench.board.session == old


@pytest.mark.rule("TI-1", "TI-2")
def test_a_lease_runs_out_and_does_not_come_back_when_the_ticks_wrap():
    bench = Bench()
    bench.run(1100)
    assert bench.board.lease_left(bench.now) > 0
    late = bench.now + LEASE_MS + 1
    assert bench.board.lease_left(late) == 0
    assert bench.board.lease_left(bench.now) == 0
