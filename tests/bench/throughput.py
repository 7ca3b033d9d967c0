"""How many records a second go from the board into the database, and how many the host could take.

Both ends are the real ones: the firmware's application and journal in MicroPython, the host's link
thread, custody and writer, and an SQLite database with `synchronous=FULL` on a disk.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from samples import SESSION, record_lines
from terminal import firmware, micropython

from soakbench.clock import Clock
from soakbench.device import Custody
from soakbench.link import LinkOwner, SerialLink
from soakbench.rehearsal.lockstep import on_one_core
from soakbench.store import Store, StoreWriter, open_store
from soakwire.host_end import UP, BoardSeen, Event, HostEnd, Records, TextLine
from soakwire.records import USB_WINDOW_SLOTS

PATIENCE_S = 20.0
RUN = "bench"


@dataclass(frozen=True)
class Rate:
    """Records that were committed, and what that took."""

    records: int
    wall_s: float
    cpu_s: float
    """Of all threads of this process."""

    @property
    def per_s(self) -> float:
        """Records a second of wall time."""
        return self.records / self.wall_s

    @property
    def per_cpu_s(self) -> float:
        """Records a second of processor time."""
        return self.records / self.cpu_s


class Progress:
    """How many records are committed; others wait for that."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.next_seq = 0

    def committed(self, _boot_id: int, next_seq: int) -> None:
        """Note what is safe."""
        with self._changed:
            self.next_seq = next_seq
            self._changed.notify_all()

    def wait(self, seq: int) -> None:
        """Until everything before `seq` is committed."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.next_seq >= seq, PATIENCE_S):
                raise TimeoutError(f"only {self.next_seq} of {seq} records were committed")


class Keeper(LinkOwner):
    """The daemon's way of the records: from the link into custody."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody
        self.texts: list[str] = []
        """What the board said in words, and what was wrong with the port."""

    def on_event(self, event: Event) -> None:
        if isinstance(event, TextLine):
            self.texts.append(event.text)

    def on_board(self, seen: BoardSeen) -> int:
        return self._custody.board_seen(seen)

    def on_records(self, batch: Records) -> None:
        self._custody.records(batch)

    def on_port(self, problem: str, hint: str) -> None:
        if problem:
            self.texts.append(f"{problem} {hint}".strip())


class UsbLink(SerialLink):
    """The link with the window of USB (RE-6): a pseudo-terminal does not look like it."""

    def _greet(self, seen: BoardSeen) -> bool:
        self._window_slots = USB_WINDOW_SLOTS
        return super()._greet(seen)


@contextmanager
def custody_in(
    folder: Path, writer_class: type[StoreWriter] = StoreWriter
) -> Iterator[tuple[Store, Custody]]:
    """A database under `folder` with its writer, and the custody before it."""
    store = open_store(folder)
    writer = writer_class(store.connect_writer)
    writer.start()
    try:
        writer.submit(_add_run).result(PATIENCE_S)
        custody = Custody(store, writer, Clock())
        custody.run = RUN
        yield store, custody
    finally:
        writer.close()


@dataclass(frozen=True)
class Flow:
    """Records on their way from a board into a database."""

    store: Store
    progress: Progress
    texts: list[str]


@contextmanager
def open_flow(folder: Path, script: list[str]) -> Iterator[Flow]:
    """The link of a MicroPython of its own, with custody behind it."""
    with custody_in(folder) as (store, custody), micropython(script) as port:
        progress, keeper = Progress(), Keeper(custody)
        link = UsbLink(port, Clock(), keeper)

        def committed(boot_id: int, next_seq: int) -> None:
            link.committed(boot_id, next_seq)
            progress.committed(boot_id, next_seq)

        custody.committed = committed
        custody.not_stored = link.not_stored
        link.start()
        try:
            yield Flow(store, progress, keeper.texts)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; {' | '.join(keeper.texts)}") from error
        finally:
            link.close()


def end_to_end(folder: Path, records: int) -> Rate:
    """From the board's journal over a port into the database."""
    with open_flow(folder, firmware("flooding")) as flow:
        progress = flow.progress
        progress.wait(max(records // 10, 1))  # under way
        first, begun, cpu = progress.next_seq, time.perf_counter(), time.process_time()
        progress.wait(first + records)
        wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - cpu
        rate = Rate(progress.next_seq - first, wall_s, cpu_s)
    check(flow.store, progress.next_seq)
    return rate


def host_only(folder: Path, records: int) -> Rate:
    """From lines in memory into the database, on one core."""
    greeting, chunks = record_lines(records)
    with custody_in(folder) as (store, custody), on_one_core():
        progress = Progress()
        custody.committed = progress.committed
        end = greeted(custody, greeting)
        begun, cpu = time.perf_counter(), time.process_time()
        feed(end, custody, chunks)
        progress.wait(records)
        rate = Rate(records, time.perf_counter() - begun, time.process_time() - cpu)
    check(store, records)
    return rate


def greeted(custody: Custody, greeting: tuple[bytes, bytes]) -> HostEnd:
    """A host's end in the session that the sample lines belong to."""
    hello, state = greeting
    end = HostEnd()
    end.port_opened(0)
    (seen,) = end.receive(hello, 0)
    assert isinstance(seen, BoardSeen)
    end.greet(SESSION, custody.board_seen(seen), 0)
    end.receive(state, 0)
    assert end.state == UP
    return end


def feed(end: HostEnd, custody: Custody, chunks: list[bytes]) -> None:
    """What the link's thread does with chunks of records."""
    for chunk in chunks:
        for event in end.receive(chunk, 0):
            assert isinstance(event, Records)
            custody.records(event)


def _add_run(connection: sqlite3.Connection) -> None:
    """A run, so that records belong to one and move its progress."""
    connection.execute(
        "INSERT INTO run (run, plan, title, plan_toml, bench_toml, accelerate, program_id, state,"
        " created_utc_ms) VALUES (?, '', '', '', '', 1, 1, 'running', 0)",
        (RUN,),
    )


def check(store: Store, records: int) -> None:
    """What was counted is in the database, without a gap."""
    found = store.rows("SELECT count(*) AS n, max(seq) + 1 AS next FROM record")[0]
    if found["n"] != found["next"] or found["n"] < records:
        raise AssertionError(f"{found['n']} records to {found['next']}, committed: {records}")
