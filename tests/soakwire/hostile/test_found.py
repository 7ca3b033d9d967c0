"""What this suite has found, each as the shortest test that shows it."""

from pathlib import Path

import pytest

from hostile.core import BoardCore, event_values, stamp
from hostile.real_keeper import RealDisk
from soakbench.store import open_store
from soakbench.store.boots import Boot, see_boot
from soakbench.store.intake import Batch, store_batch
from soakwire.host_end import UP, BoardSeen, Event, HostEnd, Records
from soakwire.records import BODIES, EVENT, LOSS, SLOT_SIZE, pack_slot
from soakwire.slots import Record

SAMPLES, EVENTS, WINDOW = 40, 40, 42
BOOT, NEXT_BOOT = 0xA0A0A0A0, 0xB1B1B1B1


class Pair:
    """A board and a host without a wire: what one says is handed to the other at once."""

    def __init__(self) -> None:
        self.now = 0
        self.core = BoardCore(BOOT, SAMPLES, EVENTS, WINDOW)
        self.host = HostEnd()
        self.host.port_opened(self.now)
        self.events: list[Event] = []

    def up(self) -> list[Event]:
        """All the board has to say, to the host."""
        new: list[Event] = []
        while line := self.core.next_frame(self.now, self.now):
            new += self.host.receive(line, self.now)
        self.events += new
        return new

    def down(self) -> None:
        """All the host has to say, to the board."""
        self.core.receive(b"".join(self.host.take_output()), self.now, self.now)

    def open(self, session: int, next_seq: int) -> list[Event]:
        """From HELLO_REQ to UP."""
        self.down()
        seen = [event for event in self.up() if isinstance(event, BoardSeen)]
        assert seen
        self.host.greet(session, next_seq, self.now)
        self.down()
        return self.up()

    def later(self, ms: int) -> None:
        """Time passes; the host does what is due."""
        self.now += ms
        self.events += self.host.tick(self.now)


def seqs(events: list[Event]) -> list[int]:
    """Of the records among them."""
    return [item.seq for event in events if isinstance(event, Records) for item in event.items]


@pytest.mark.rule("RE-16", "RE-4", "RE-5")
def test_a_commit_of_the_session_before_moves_on_what_the_host_waits_for():
    """Else the board goes on after it, and the host takes everything for a gap, for ever."""
    pair = Pair()
    for number in range(1, 11):
        pair.core.event(pair.now, number)
    assert seqs(pair.open(session=1, next_seq=0)) == list(range(10))
    # The port is opened anew while those ten are still being written.
    pair.host.port_closed("unplugged")
    pair.host.port_opened(pair.now)
    pair.down()
    hello = pair.core.next_frame(pair.now, pair.now)
    pair.host.receive(hello, pair.now)
    pair.host.greet(2, 0, pair.now)  # nothing is on disk yet
    pair.down()
    pair.host.receive(pair.core.next_frame(pair.now, pair.now), pair.now)  # the STATE
    assert pair.host.state == UP
    pair.core.next_frame(pair.now, pair.now)  # a frame of records that gets lost
    pair.core.next_frame(pair.now, pair.now)
    pair.host.committed(BOOT, 10)  # now they are
    pair.down()
    pair.core.event(pair.now, 11)
    assert seqs(pair.up()) == [10]


@pytest.mark.rule("SE-3", "SE-5", "RE-5")
def test_a_greeting_opens_no_session_on_another_boot():
    """The board has restarted while HELLO_ACK was under way, and its new HELLO was lost."""
    pair = Pair()
    pair.down()
    pair.up()
    pair.host.greet(7, 0, pair.now)
    pair.core = BoardCore(NEXT_BOOT, SAMPLES, EVENTS, WINDOW)
    pair.core.event(pair.now, 1)
    pair.core.next_frame(pair.now, pair.now)  # HELLO, lost
    pair.down()
    assert seqs(pair.up()) == [], "records of one boot would be stored as another's"
    assert pair.host.state != UP


@pytest.mark.rule("RE-2", "RE-14")
def test_a_slot_used_again_keeps_nothing_of_the_record_before(micropython):
    """MicroPython's pack_into leaves padding as it was."""
    out = micropython(Path(__file__).parent / "padding_check.py")
    assert out.split()[1::2] == ["0"] * len(BODIES), out


def record(seq: int) -> Record:
    slot = bytearray(SLOT_SIZE)
    pack_slot(slot, 0, seq, stamp(seq), EVENT, 1, event_values(seq))
    return Record(bytes(slot))


@pytest.mark.rule("RE-15", "RE-10")
def test_the_loss_of_a_dead_boot_covers_gaps_that_the_board_had_not_declared_yet(tmp_path):
    """Its rings had been thinned; it died before the LOSS that comes after the thinned records."""
    store = open_store(tmp_path)
    disk = RealDisk(store)
    batch = Batch("uid", "a", 0, [record(seq) for seq in (0, 1, 2, 7, 8)], None, 1, 0)
    results = disk.transact(
        [
            lambda c: see_boot(c, Boot("uid", "a", 0, "watchdog", "1.0.0", 0)),
            lambda c: store_batch(c, batch, lambda t_ms: (t_ms, 0)),
            lambda c: see_boot(c, Boot("uid", "b", 0, "watchdog", "1.0.0", 0)),
        ]
    )
    assert not [result for result in results if isinstance(result, Exception)]
    rows = store.rows("SELECT slot FROM record WHERE boot = 'a' ORDER BY seq")
    disk.close()
    losses = [Record(row["slot"]) for row in rows if row["slot"][10] == LOSS]
    assert [loss.values["first_seq"] for loss in losses] == [3]
    assert losses[0].values["absent"] == 4
