"""The cable in memory: it loses what a real one loses, and nothing else."""

from pathlib import Path

import pytest

from soakbench.twin.memory_port import HOST_BUFFER, MemoryPort
from soakbench.twin.pty_port import INPUT_MOST, OUTPUT_ROOM


@pytest.fixture
def port() -> MemoryPort:
    """Plugged, with nobody there."""
    port = MemoryPort(Path("cable"))
    port.plug()
    return port


@pytest.fixture
def opened(port: MemoryPort) -> MemoryPort:
    port.host_open()
    return port


def test_bytes_cross_in_order_both_ways(opened: MemoryPort) -> None:
    opened.send(b"one ")
    opened.send(b"two")
    assert opened.host_ready
    assert opened.host_read() == b"one two"
    assert not opened.host_ready
    assert opened.host_write(b"three") == 5
    opened.look()
    assert bytes(opened.input) == b"three"
    assert (opened.bytes_out, opened.bytes_in, opened.bytes_dropped) == (7, 5, 0)


def test_what_nobody_hears_is_dropped(port: MemoryPort) -> None:
    port.send(b"hello")
    assert (port.room, port.bytes_dropped) == (OUTPUT_ROOM, 5)
    port.host_open()
    assert port.host_read() == b""


def test_a_host_that_does_not_read_stops_the_board(opened: MemoryPort) -> None:
    said = bytes(range(256)) * ((HOST_BUFFER + OUTPUT_ROOM) // 256)
    for start in range(0, len(said), 64):
        assert opened.room >= 64
        opened.send(said[start : start + 64])
    assert opened.room == 0
    assert opened.host_read() == said[:HOST_BUFFER]
    assert opened.room == OUTPUT_ROOM
    assert opened.host_read() == said[HOST_BUFFER:]
    assert opened.bytes_dropped == 0


def test_a_board_that_does_not_read_stops_the_host(opened: MemoryPort) -> None:
    sent = 0
    while taken := opened.host_write(b"x" * 1000):
        sent += taken
        opened.look()
    assert INPUT_MOST <= len(opened.input) <= INPUT_MOST + HOST_BUFFER
    assert sent == len(opened.input) + HOST_BUFFER
    opened.input.clear()
    opened.look()
    assert len(opened.input) == HOST_BUFFER


def test_the_next_host_starts_clean(opened: MemoryPort) -> None:
    opened.send(b"x" * (HOST_BUFFER + 100))
    opened.host_close()
    assert not opened.host_present
    assert opened.bytes_dropped == 100  # the rest had left the board
    opened.host_open()
    opened.send(b"fresh")
    assert opened.host_read() == b"fresh"


def test_what_a_host_wrote_before_it_closed_arrives(opened: MemoryPort) -> None:
    opened.host_write(b"last words")
    opened.host_close()
    opened.look()
    assert bytes(opened.input) == b"last words"


def test_a_pulled_cable_loses_what_is_under_way(opened: MemoryPort) -> None:
    opened.host_write(b"never taken")
    opened.send(b"never read")
    opened.look()
    opened.host_write(b"never seen")
    opened.unplug()
    assert not opened.plugged
    assert not opened.host_present
    assert bytes(opened.input) == b""
    assert opened.host_ready  # there is an error to read
    with pytest.raises(OSError, match="pulled"):
        opened.host_read()
    with pytest.raises(OSError, match="pulled"):
        opened.host_write(b"x")
    opened.host_close()
    with pytest.raises(FileNotFoundError):
        opened.host_open()


def test_a_host_must_open_anew_after_a_replug(opened: MemoryPort) -> None:
    opened.unplug()
    opened.plug()
    opened.send(b"to nobody")
    assert not opened.host_present
    with pytest.raises(OSError, match="pulled"):
        opened.host_read()
    opened.host_close()
    opened.host_open()
    opened.send(b"back")
    assert opened.host_read() == b"back"


def test_a_port_is_opened_once(opened: MemoryPort) -> None:
    with pytest.raises(OSError, match="open already"):
        opened.host_open()


def test_a_closed_port_neither_reads_nor_writes(port: MemoryPort) -> None:
    with pytest.raises(OSError, match="not open"):
        port.host_read()
    with pytest.raises(OSError, match="not open"):
        port.host_write(b"x")


def test_a_bad_cable_harms_each_way_by_itself(opened: MemoryPort) -> None:
    opened.harm_in = lambda data: data.replace(b"a", b"b")
    opened.harm_out = lambda data: data[1:]
    opened.send(b"abc")
    opened.host_write(b"abc")
    opened.look()
    assert bytes(opened.input) == b"bbc"
    assert opened.host_read() == b"bc"
    opened.harm_in = opened.harm_out = None
    opened.send(b"abc")
    assert opened.host_read() == b"abc"
