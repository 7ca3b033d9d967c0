"""The link's thread at a real pseudo-terminal with the real board end: what stalls, what breaks.

Time is manual. Real time passes only while bytes are under way; every wait is for an event and
has a limit.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from board_at_port import LIMIT_S, BoardAtPort, StepClock

from soakbench.errors import StoreError
from soakbench.link import LinkOwner, SerialLink
from soakbench.link.serial_link import another_session
from soakwire import messages, records
from soakwire.host_end import (
    BoardSeen,
    CommandError,
    Event,
    Records,
    ReplSeen,
    Response,
    SessionDown,
    SessionUp,
    State,
)

LEASE_MS = 30_000
STEP_MS = 500


class Owner(LinkOwner):
    """Keeps what it is told. Its database and its reader can be held up."""

    def __init__(self) -> None:
        self.link: SerialLink
        self.told = threading.Condition()
        self.events: list[Event] = []
        self.ports: list[str] = []
        self.stored: list[int] = []
        self.disk_is_free = threading.Event()
        self.disk_is_free.set()
        self.may_read = threading.Event()
        self.may_read.set()
        self.board_error: StoreError | None = None
        self._unwritten: list[Records] = []
        self._closing = False
        self._writer = threading.Thread(target=self._write, name="writer")
        self._writer.start()

    def close(self) -> None:
        self.disk_is_free.set()
        self.may_read.set()
        with self.told:
            self._closing = True
            self.told.notify_all()
        self._writer.join()

    def on_event(self, event: Event) -> None:
        with self.told:
            self.events.append(event)
            self.told.notify_all()

    def on_board(self, seen: BoardSeen) -> int:
        if self.board_error is not None:
            error, self.board_error = self.board_error, None
            raise error
        return len(self.stored)

    def on_records(self, batch: Records) -> None:
        assert self.may_read.wait(LIMIT_S)
        with self.told:
            self._unwritten.append(batch)
            self.told.notify_all()

    def on_port(self, problem: str, hint: str) -> None:
        with self.told:
            self.ports.append(problem)
            self.told.notify_all()

    def wait(self, condition: Callable[[], object]) -> None:
        """Until this holds; looked at whenever something was told."""
        with self.told:
            assert self.told.wait_for(condition, LIMIT_S), self.events[-5:]

    def seen(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def read(self) -> int:
        """How many records have come, on disk or not."""
        return len(self.stored) + sum(len(batch.items) for batch in self._unwritten)

    def _write(self) -> None:
        """The database's thread: what it has written it acknowledges."""
        while True:
            with self.told:
                self.told.wait_for(lambda: self._unwritten or self._closing)
                if self._closing:
                    return
            assert self.disk_is_free.wait(LIMIT_S)
            with self.told:
                batches, self._unwritten = self._unwritten, []
                for batch in batches:
                    assert not batch.items or batch.after == len(self.stored)
                    self.stored += [item.seq for item in batch.items]
                self.told.notify_all()
            for batch in batches:
                self.link.committed(batch.boot_id, len(self.stored))


class Bench:
    """A board, a link, its owner, and the time."""

    def __init__(self, stack: ExitStack, by_id: Path) -> None:
        self._stack = stack
        self._by_id = by_id
        self.clock = StepClock()
        self.board = stack.enter_context(BoardAtPort(self.clock))
        self.owner = Owner()
        stack.callback(self.owner.close)

    def connect(self, port: str = "") -> SerialLink:
        self.link = self.owner.link = SerialLink(
            port or self.board.port, self.clock, self.owner, by_id=self._by_id, reopen_s=0.01
        )
        self.link.start()
        self._stack.callback(self.link.close)
        self.owner.wait(lambda: self.owner.seen(SessionUp))
        return self.link

    def pass_time(self, ms: int, beats: bool = True, produce: int = 0) -> None:
        """In steps; each ends when the board's answer to the beat has come."""
        for _ in range(ms // STEP_MS):
            self.board.journal.produce(produce)
            beat = self.link.beat(LEASE_MS) if beats else None
            self.clock.step(STEP_MS)
            if beat is not None:
                self.owner.wait(lambda beat=beat: self.answered(beat))

    def answered(self, beat: int) -> bool:
        return any(isinstance(event, State) and event.beat == beat for event in self.owner.events)

    def all_is_safe(self) -> None:
        """Wait until the board has nothing left that the host does not have."""
        journal = self.board.journal
        self.owner.wait(lambda: len(self.owner.stored) == journal.next_seq)
        for _ in range(100):
            if journal.released == journal.next_seq:
                break
            self.clock.step(100)
        assert journal.released == journal.next_seq
        assert self.owner.stored == list(range(journal.next_seq))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(stack, tmp_path)


@pytest.mark.rule("HO-1", "RE-5")
def test_a_disk_that_stalls_20_s_does_not_end_the_session(bench: Bench):
    bench.connect()
    bench.owner.disk_is_free.clear()
    bench.pass_time(20_000, produce=2)
    bench.owner.wait(lambda: bench.owner.read == 80)
    assert bench.owner.stored == []
    assert bench.board.journal.released == 0, "nothing is acknowledged before it is on disk"
    bench.owner.disk_is_free.set()
    bench.all_is_safe()
    assert len(bench.board.sessions) == 1
    assert not bench.owner.seen(SessionDown)


@pytest.mark.rule("HO-1", "TI-1")
@pytest.mark.parametrize("produce", [0, 1], ids=["nothing to record", "records"])
def test_a_loop_that_stalls_20_s_does_not_end_the_session(bench: Bench, produce: int):
    """No beats: the board's lease is the loop's, reading and acknowledging are the thread's."""
    bench.connect()
    bench.pass_time(2000)
    bench.pass_time(20_000, beats=False, produce=produce)
    bench.all_is_safe()
    bench.pass_time(1000)
    assert bench.link.state == "up"
    assert len(bench.board.sessions) == 1
    assert not bench.owner.seen(SessionDown)


@pytest.mark.rule("BO-3", "SE-6", "RE-4")
def test_a_reader_that_stalls_30_s_loses_nothing(bench: Bench):
    bench.connect()
    bench.pass_time(1000)
    bench.owner.may_read.clear()
    for _ in range(60):  # the link's thread hangs in on_records; the board goes on
        bench.board.journal.produce(5)
        bench.clock.advance(STEP_MS)
    bench.owner.may_read.set()
    bench.all_is_safe()
    assert bench.owner.stored == list(range(300))
    assert bench.link.state == "up"


@pytest.mark.rule("SE-4", "SE-7", "HO-2")
def test_a_cable_pulled_and_put_back(bench: Bench, tmp_path: Path):
    name = tmp_path / "port"
    name.symlink_to(bench.board.port)
    bench.connect(str(name))
    bench.board.journal.produce(10)
    bench.owner.wait(lambda: len(bench.owner.stored) == 10)
    name.unlink()
    bench.board.unplug()
    bench.owner.wait(lambda: bench.owner.seen(SessionDown))
    bench.owner.wait(lambda: f"port {name} does not exist" in bench.owner.ports)
    with pytest.raises(CommandError):
        bench.link.command(messages.STOP, b"")
    bench.board.journal.produce(10)
    bench.board.plug()
    name.symlink_to(bench.board.port)
    bench.owner.wait(lambda: len(bench.owner.seen(SessionUp)) == 2)
    bench.all_is_safe()
    first, second = bench.board.sessions
    assert first != second
    assert all(1 <= session <= 0xFFFF for session in bench.board.sessions)
    lost = next(problem for problem in bench.owner.ports if "was lost" in problem)
    assert str(name) in lost


@pytest.mark.rule("SE-4")
def test_session_numbers_are_never_the_one_before():
    sessions = [0]
    for _ in range(2000):
        sessions.append(another_session(sessions[-1]))
    assert all(1 <= session <= 0xFFFF for session in sessions[1:])
    assert all(a != b for a, b in pairwise(sessions))
    assert len(set(sessions)) > 1800, "they are drawn, not counted"
    assert another_session(1) > 1
    assert another_session(0xFFFF) < 0xFFFF


@pytest.mark.rule("HO-3")
def test_a_port_that_comes_back_under_another_number_is_found(bench: Bench, tmp_path: Path):
    name = tmp_path / "usb-Board_in_FS_mode_e661-if00"
    name.symlink_to(bench.board.port)
    before = bench.board.port
    bench.connect(before)
    bench.board.plug()
    assert bench.board.port != before
    name.unlink()
    bench.owner.wait(lambda: f"port {name} does not exist" in bench.owner.ports)
    name.symlink_to(bench.board.port)
    bench.owner.wait(lambda: len(bench.owner.seen(SessionUp)) == 2)


@pytest.mark.rule("CO-1", "CO-9")
def test_a_command_gets_its_answer(bench: Bench):
    link = bench.connect()
    number = link.command(messages.STOP, b"")
    bench.owner.wait(lambda: bench.owner.seen(Response))
    (answer,) = bench.owner.seen(Response)
    assert isinstance(answer, Response)
    assert (answer.command_id, answer.detail) == (number, messages.STOP)


@pytest.mark.rule("RE-6")
def test_a_pseudo_terminal_has_the_window_of_usb(bench: Bench):
    bench.connect()
    assert bench.board.windows == [records.USB_WINDOW_SLOTS]


@pytest.mark.rule("SE-2")
def test_a_database_that_cannot_say_what_it_has_is_asked_again(bench: Bench):
    bench.owner.board_error = StoreError("disk I/O error")
    link = bench.owner.link = SerialLink(bench.board.port, bench.clock, bench.owner)
    link.start()
    try:
        while not bench.owner.seen(SessionUp):
            bench.clock.step(100)
    finally:
        link.close()


@pytest.mark.rule("RE-13")
def test_what_was_not_stored_comes_once_more(bench: Bench):
    link = bench.connect()
    bench.owner.disk_is_free.clear()
    bench.board.journal.produce(7)
    bench.owner.wait(lambda: bench.owner.read == 7)
    (batch,) = [batch for batch in bench.owner._unwritten if batch.items]
    with bench.owner.told:
        bench.owner._unwritten.clear()
    link.not_stored(batch.boot_id, 0)
    bench.clock.step(1100)
    bench.owner.disk_is_free.set()
    bench.all_is_safe()


@pytest.mark.rule("TX-3", "TX-4")
def test_a_board_at_its_prompt_gets_the_restart_and_nothing_else(bench: Bench):
    bench.connect()
    bench.board.text = bytearray()
    bench.board.say(b"MicroPython v1.28\r\n>>> ")
    bench.clock.step(100)
    bench.clock.step(300)
    bench.owner.wait(lambda: bench.owner.seen(ReplSeen))
    assert bench.link.state == "repl"
    bench.clock.step(1000)
    assert bytes(bench.board.text).endswith(b"\r\nimport machine\r\nmachine.reset()\r\n")
    bench.board.restart(boot_id=2)
    bench.board.say(b"machine.reset()\r\n")
    bench.board.text = None
    bench.owner.wait(lambda: len(bench.owner.seen(SessionUp)) == 2)
