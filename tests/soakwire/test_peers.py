"""What has gone wrong between hosts and boards elsewhere, replayed on this link."""

import pytest
from hostile.core import BoardCore
from hostile.process import LEASE_MS

from soakwire import frame, messages
from soakwire.host_end import UP, BoardSeen, Event, HostEnd, Records, Response, SessionDown

BOOT, NEXT_BOOT = 0x11111111, 0x22222222
STEP_MS = 50


class Bench:
    """Both ends on a sound line; a host that stores at once."""

    def __init__(self) -> None:
        self.now = 0
        self.core = BoardCore(BOOT, 400, 200, 168)
        self.host = HostEnd()
        self.host.port_opened(0)
        self.session = 0
        self.reads = True  # the host's loop runs
        self.stored: dict[int, list[int]] = {}
        self.effects: list[int] = []
        self.events: list[Event] = []
        self.on_wire = b""  # from the board, not read yet

    def run(self, ms: int) -> None:
        for _ in range(ms // STEP_MS):
            self.now += STEP_MS
            self.effects += self.core.receive(b"".join(self.to_board()), self.now, self.now)
            while len(self.on_wire) < 4000 and (line := self.core.next_frame(self.now, self.now)):
                self.on_wire += line
            if self.reads:
                self.read()

    def to_board(self) -> list[bytes]:
        if not self.reads:
            return []
        if self.now % 1000 == 0:
            self.host.beat(LEASE_MS)
        return self.host.take_output()

    def read(self) -> None:
        chunk, self.on_wire = self.on_wire, b""
        for event in self.host.receive(chunk, self.now) + self.host.tick(self.now):
            self.events.append(event)
            if isinstance(event, BoardSeen):
                self.session += 1
                known = self.stored.setdefault(event.boot_id, [])
                self.host.greet(self.session, len(known), self.now)
            elif isinstance(event, Records):
                known = self.stored[event.boot_id]
                known += [item.seq for item in event.items]
                self.host.committed(event.boot_id, len(known))

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


def produce(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.core.event(bench.now, number)


@pytest.mark.rule("SE-5", "SE-7", "RE-5")
def test_stale_acks_after_the_board_was_reset():
    # min-protocol/min issue 40: the board is reset, the host goes on acknowledging the old
    # sequence; the board prints "spurious ACK" and nothing gets through in either direction again.
    bench = Bench()
    produce(bench, 60)
    bench.run(1000)
    assert bench.stored[BOOT] == list(range(60))
    stale = frame.encode(messages.ACK, bench.host.session, 60)
    bench.core = BoardCore(NEXT_BOOT, 400, 200, 168)
    produce(bench, 100)
    for _ in range(20):
        bench.core.receive(stale, bench.now, bench.now)
    assert bench.core.status()[:2] == (100, 100), "an old ACK has released new records"
    bench.run(2000)
    bench.core.receive(stale, bench.now, bench.now)
    assert bench.host.state == UP
    assert bench.stored[NEXT_BOOT] == list(range(100))
    assert bench.core.status()[3] == 21, "each of them is counted"


@pytest.mark.rule("SE-6", "RE-7", "BO-3")
@pytest.mark.parametrize("silence_ms", [20_000, 3_600_000])
def test_a_host_that_is_silent_for_a_while(silence_ms):
    # zigpy/bellows issue 735: the host was silent for 20 s, the radio repeated until it had used
    # up its retries, declared itself FAILED and had to be reset before traffic went on.
    bench = Bench()
    produce(bench, 5)
    bench.run(1000)
    produce(bench, 100)
    bench.reads = False
    bench.run(silence_ms)
    bench.reads = True
    bench.run(9000)
    assert bench.stored[BOOT] == list(range(105))
    assert bench.host.state == UP
    assert bench.session == 1, "not even the session has ended"
    assert bench.core.status()[1] == 0


@pytest.mark.rule("CO-5", "SE-10")
def test_commands_are_not_replayed_on_reconnect():
    # Belay (pull request 21) records all calls and runs that history again once it has found its
    # board again: right for set-up code, wrong for a relay that must not switch a second time.
    bench = Bench()
    bench.run(1000)
    for number in (7, 8):
        arguments = messages.ARGS[messages.LOAD].pack([1, 1, number])
        bench.host.command(messages.LOAD, arguments, 0, bench.now)
        bench.run(500)
    arguments = messages.ARGS[messages.LOAD].pack([1, 1, 9])
    bench.host.command(messages.LOAD, arguments, 0, bench.now)
    (unsent,) = bench.host.take_output()
    bench.events += bench.host.port_closed("unplugged")
    bench.host.port_opened(bench.now)
    bench.run(5000)
    assert bench.host.state == UP
    assert bench.effects == [7, 8]
    assert bench.count(Response) == 2
    assert bench.count(SessionDown) == 1
    bench.core.receive(unsent, bench.now, bench.now)
    assert bench.effects == [7, 8], "a line that was stuck in a buffer is of another session"


@pytest.mark.rule("SE-2", "SE-6")
def test_a_restarted_host_and_a_board_that_believes_it_is_in_session():
    # A hand-shake that the board begins only at its boot: the board thinks that it is in session,
    # a restarted host waits for a HELLO that never comes, until somebody presses reset.
    bench = Bench()
    bench.run(1000)
    assert bench.core.next_frame(bench.now, bench.now) == b"", "it says HELLO no more"
    bench.host = HostEnd()
    bench.host.port_opened(bench.now)
    produce(bench, 3)
    bench.run(2000)
    assert bench.host.state == UP
    assert bench.stored[BOOT] == [0, 1, 2]
