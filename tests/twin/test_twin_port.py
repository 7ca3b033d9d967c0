"""The simulated cable: raw, bounded, nothing lost while a host is there, honest when it is not."""

import os
import termios

from driver import VirtualBench, readable

from soakbench.twin.pty_port import OUTPUT_ROOM


def test_port_is_raw_before_a_host_can_say_so(virtual: VirtualBench) -> None:
    other = os.open(virtual.link, os.O_RDWR | os.O_NOCTTY)
    iflag, oflag, _, lflag, *_ = termios.tcgetattr(other)
    os.close(other)
    assert not lflag & (termios.ECHO | termios.ICANON | termios.ISIG)
    assert not iflag & (termios.ICRNL | termios.IXON)
    assert not oflag & termios.OPOST


def test_all_bytes_arrive_in_order(virtual: VirtualBench) -> None:
    virtual.line()
    words = " ".join(str(i) for i in range(800))  # several times the board's ring
    assert virtual.ask(f"echo {words}") == words


def test_a_host_that_does_not_read_loses_nothing_and_stops_the_board(
    virtual: VirtualBench,
) -> None:
    virtual.line()
    virtual.send(b"flood 900 60\n")
    virtual.advance(5000)
    held = len(virtual.sim.port._output)
    assert OUTPUT_ROOM - 64 < held <= OUTPUT_ROOM
    assert virtual.line() == "flood None"
    assert [virtual.line() for _ in range(900)] == [f"{i}{'.' * 60}" for i in range(900)]


def test_a_board_that_does_not_read_stops_the_host(virtual: VirtualBench) -> None:
    virtual.line()
    virtual.sim.hang()
    assert virtual.host is not None
    sent = 0
    try:
        while sent < 1_000_000:
            sent += os.write(virtual.host, b"x" * 1000)
            virtual.pump()
    except BlockingIOError:
        pass
    assert sent < 100_000


def test_a_closed_port_holds_nothing_back(virtual: VirtualBench) -> None:
    virtual.line()
    virtual.send(b"flood 100 60\n")
    virtual.close_host()
    virtual.advance(5000)
    dropped = virtual.sim.port.bytes_dropped
    assert dropped > 0
    virtual.open_host()
    assert virtual.ask("echo fresh") == "fresh"


def test_what_a_host_wrote_before_it_closed_arrives(virtual: VirtualBench) -> None:
    virtual.line()
    virtual.send(b"pin 16 1\n")
    virtual.close_host()
    virtual.pump()
    virtual.pump()
    assert virtual.sim.board.stations["simulator"].suns == 1


def test_pulled_cable_comes_back_under_the_same_name(virtual: VirtualBench) -> None:
    virtual.line()
    before = virtual.link.readlink()
    virtual.sim.cut(for_s=3)
    assert not os.path.lexists(virtual.link)
    assert virtual.host is not None
    assert readable(virtual.host)
    assert os.read(virtual.host, 10) == b""  # end of file, as when a USB device goes
    virtual.advance(2999)
    assert not os.path.lexists(virtual.link)
    held = os.open(before, os.O_RDWR | os.O_NOCTTY) if before.exists() else None
    virtual.close_host()
    virtual.advance(1)
    assert virtual.link.exists()
    virtual.open_host()
    assert int(virtual.ask("now")) == 3000  # the board has not noticed
    if held is not None:
        os.close(held)
