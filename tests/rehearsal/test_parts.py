"""The parts of a rehearsal by themselves: noise, ids, the writer that dies, the link that waits."""

import asyncio
import random
import sqlite3

import pytest

from soakbench.clock import ManualClock
from soakbench.link import LinkOwner
from soakbench.rehearsal.ids import Ids
from soakbench.rehearsal.link import VirtualLink
from soakbench.rehearsal.noise import BitFlips
from soakbench.rehearsal.virtual_loop import VirtualLoop
from soakbench.rehearsal.writer import VirtualWriter
from soakbench.store import open_store


class Empty:
    """A world in which nothing happens."""

    now_ms = 0

    def pass_time(self, until_ms: int | None) -> None:
        assert until_ms is not None
        self.now_ms = until_ms


def in_virtual_time(main):
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(Empty())) as runner:
        return runner.run(main())


def test_bits_flip_at_the_rate_that_was_asked_for():
    flips = BitFlips(0.01, random.Random(1))
    harmed = b"".join(flips.harm(bytes(n % 40)) for n in range(2000))
    flipped = sum(byte.bit_count() for byte in harmed)
    assert flipped == pytest.approx(len(harmed) * 8 * 0.01, rel=0.1)
    assert BitFlips(1e-9, random.Random(1)).harm(b"as it was") == b"as it was"


def test_no_flip_makes_a_ctrl_c():
    flips = BitFlips(0.05, random.Random(2))
    assert 3 not in b"".join(flips.harm(b"ABCDEFG" * 100) for _ in range(50))


def test_ids_come_from_the_seed_and_each_kind_has_its_own_stream():
    one, same, other = Ids(1), Ids(1), Ids(2)
    sessions = [one.next_session(7) for _ in range(5)]
    assert [same.boot_id() for _ in range(3)] != [other.boot_id() for _ in range(3)]
    assert [same.next_session(7) for _ in range(5)] == sessions
    assert len({one.boot_id() for _ in range(100)}) == 100
    number = 1
    for _ in range(1000):
        following = one.next_session(number)
        assert following != number
        assert 1 <= following <= 0xFFFF
        number = following


class Notes:
    """A database of notes, and a writer that may die."""

    def __init__(self, folder):
        self.store = open_store(folder)
        self.troubles: list[sqlite3.Error] = []
        self.writer = VirtualWriter(self.store, random.Random(1), self.troubles.append)

    def add(self, text: str):
        return self.writer.submit(
            lambda c: c.execute("INSERT INTO note (utc_ms, kind, text) VALUES (0, 'n', ?)", (text,))
        )

    def texts(self) -> list[str]:
        return [row["text"] for row in self.store.rows("SELECT text FROM note ORDER BY id")]


def test_commits_take_their_time_and_come_in_order(tmp_path):
    async def main():
        notes = Notes(tmp_path)
        first, second = notes.add("first"), notes.add("second")
        await asyncio.sleep(0.001)
        assert notes.texts() == []
        await asyncio.wrap_future(second)
        assert first.done()
        assert notes.texts() == ["first", "second"]
        notes.writer.die()

    in_virtual_time(main)


def test_a_job_that_is_wrong_fails_alone(tmp_path):
    async def main():
        notes = Notes(tmp_path)
        notes.add("good")
        wrong = notes.writer.submit(lambda c: c.execute("INSERT INTO note (id) VALUES (1)"))
        await asyncio.wrap_future(notes.add("good as well"))
        assert isinstance(wrong.exception(), sqlite3.IntegrityError)
        assert notes.texts() == ["good", "good as well"]
        assert notes.troubles == []
        notes.writer.die()

    in_virtual_time(main)


def test_a_database_that_cannot_be_written_is_told(tmp_path):
    async def main():
        notes = Notes(tmp_path)
        notes.writer.submit(lambda c: c.execute("INSERT INTO nowhere VALUES (1)"))
        await asyncio.sleep(2)
        (trouble,) = notes.troubles
        assert "nowhere" in str(trouble)
        notes.writer.die()

    in_virtual_time(main)


def test_what_is_not_committed_dies_with_the_process(tmp_path):
    async def main():
        notes = Notes(tmp_path)
        await asyncio.wrap_future(notes.add("safe"))
        lost = [notes.add("under way")]
        await asyncio.sleep(0.001)
        lost.append(notes.add("waiting"))
        notes.writer.die()
        lost.append(notes.add("too late"))
        await asyncio.sleep(60)
        assert not any(future.done() for future in lost)
        assert notes.texts() == ["safe"]

    in_virtual_time(main)


class Cable:
    """The host's end of a cable with nobody at the other."""

    def __init__(self):
        self.plugged = False
        self.open = False
        self.written: list[bytes] = []

    def host_open(self):
        if not self.plugged:
            raise FileNotFoundError("not plugged in")
        self.open = True

    def host_close(self):
        self.open = False

    def host_write(self, data):
        if not self.plugged:
            raise OSError("gone")
        self.written.append(data)


class Owner(LinkOwner):
    """Keeps what it hears of the port."""

    def __init__(self):
        self.ports: list[str] = []

    def on_port(self, problem, hint):
        self.ports.append(problem)


def test_the_link_waits_for_its_port_asks_and_comes_back():
    async def main():
        cable, owner = Cable(), Owner()
        link = VirtualLink(cable, ManualClock(), owner, lambda number: number + 1)
        link.start()
        await asyncio.sleep(5)
        assert owner.ports[-1] == "not plugged in"
        cable.plugged = True
        await asyncio.sleep(1)
        assert owner.ports[-1] == ""
        assert len(cable.written) == 1
        cable.plugged = False
        link.lost("pulled")
        assert owner.ports[-1] == "the connection was lost: pulled"
        assert not cable.open
        cable.plugged = True
        await asyncio.sleep(1)
        assert cable.open
        link.die()
        assert not cable.open
        await asyncio.sleep(60)
        assert not cable.open, "the dead do not come back"

    in_virtual_time(main)
