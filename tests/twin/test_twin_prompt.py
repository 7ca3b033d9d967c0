"""The prompt of the simulated board, and a host that gets a board out of it (TX-2 to TX-5)."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driver import VirtualBench
from small_host import Host

from soakbench.assets import firmware_path
from soakbench.config import BenchConfig
from soakwire import messages
from soakwire.host_end import BoardSeen, ReplSeen, RestartFailed, SessionDown, TextLine

BROKEN = """
import machine
import soakfw.nothing
"""

MakeBoard = Callable[..., VirtualBench]


@pytest.fixture
def make_board(bench: BenchConfig, tmp_path: Path) -> Iterator[MakeBoard]:
    """Power on the shipped firmware, or another `main`; its port stays while it resets or not."""
    boards = []

    def make(main: str = "", usb_gap_s: float = bench.twin.usb_gap_s) -> VirtualBench:
        firmware = firmware_path()
        if main:
            (tmp_path / "main.py").write_text(main)
            firmware = [tmp_path, *firmware]
        twin = bench.twin.model_copy(update={"usb_gap_s": usb_gap_s})
        virtual = VirtualBench(bench.model_copy(update={"twin": twin}), tmp_path / "port", firmware)
        boards.append(virtual)
        virtual.start()
        return virtual

    yield make
    for board in boards:
        board.close()


def said(board: VirtualBench, typed: str) -> str:
    """What a prompt shows when this is typed."""
    board.send(typed.encode())
    board.settle()
    return board.read().decode()


@pytest.fixture
def prompt(make_board: MakeBoard) -> VirtualBench:
    """A board whose main.py has come to its end."""
    board = make_board("answer = 42\n", usb_gap_s=0)
    assert said(board, "").endswith(">>> ")
    return board


def test_it_greets_echoes_and_runs_lines(prompt: VirtualBench) -> None:
    assert said(prompt, "answer + 1") == "answer + 1"
    assert said(prompt, "\r") == "\r\n43\n>>> "
    assert said(prompt, "x = 1\r") == "x = 1\r\n>>> "
    assert said(prompt, "y\bx\r") == "y\b \bx\r\n1\n>>> "
    banner = said(prompt, "\x02")
    assert banner.startswith("\r\nMicroPython ")
    assert banner.endswith("\r\n>>> ")


def test_it_shows_tracebacks_of_what_was_typed_alone(prompt: VirtualBench) -> None:
    lines = said(prompt, "1 // 0\r").split("\r\n")
    assert lines[1:3] == [
        "Traceback (most recent call last):",
        '  File "<stdin>", line 1, in <module>',
    ]
    assert lines[3:] == ["ZeroDivisionError: divide by zero", ">>> "]


def test_it_pays_no_heed_to_a_line_feed(prompt: VirtualBench) -> None:
    assert said(prompt, "~AQAAAA==\n~AQAAAA==\n") == "~AQAAAA==~AQAAAA=="
    assert "SyntaxError" in said(prompt, "\r")


def test_ctrl_c_forgets_what_was_typed(prompt: VirtualBench) -> None:
    said(prompt, "nonsense")
    assert said(prompt, "\x03") == "\r\n>>> "
    assert said(prompt, "answer\r") == "answer\r\n42\n>>> "


def test_the_raw_prompt_and_back(prompt: VirtualBench) -> None:
    assert said(prompt, "\x01") == "raw REPL; CTRL-B to exit\r\n>"
    assert said(prompt, "x = 5\nx\x04") == "OK\x04\x04>"
    assert said(prompt, "\x02").endswith(">>> ")
    assert said(prompt, "x\r") == "x\r\n5\n>>> "


def test_timers_and_the_watchdog_go_on(prompt: VirtualBench) -> None:
    said(prompt, "import machine\r")
    said(prompt, "dog = machine.WDT(timeout=1000)\r")
    prompt.advance(1001)
    assert prompt.sim.mcu.watchdog_resets == 1


def heard(host: Host, kind: type) -> list:
    return [event for event in host.heard if isinstance(event, kind)]


@pytest.mark.rule("TX-3", "TX-4", "TX-5")
@pytest.mark.parametrize("usb_gap_s", [0, 0.4])
@pytest.mark.parametrize("way", ["command", "ctrl-c"])
def test_maintenance_leads_to_the_prompt_and_the_host_leads_out(
    make_board: MakeBoard, usb_gap_s: float, way: str
) -> None:
    board = make_board(usb_gap_s=usb_gap_s)
    host = Host(board)
    host.connect()
    if way == "command":
        host.command(messages.MAINTENANCE, [])
    else:
        board.send(b"\x03")
    host.turn_until("repl")
    assert len(heard(host, SessionDown)) == 1
    (seen,) = heard(host, ReplSeen)
    assert seen.traceback == ""
    host.turn_until("up")
    first, second = heard(host, BoardSeen)
    assert first.boot_id != second.boot_id
    assert second.hello["reset_cause"] == messages.CAUSE_COMMAND, "the next reset is a normal one"
    assert board.sim.mcu.boots == 3
    assert not heard(host, RestartFailed)


@pytest.mark.rule("TX-1", "TX-4")
@pytest.mark.parametrize("usb_gap_s", [0, 0.4])
def test_a_firmware_that_cannot_start_is_restarted_three_times_and_reported(
    make_board: MakeBoard, usb_gap_s: float
) -> None:
    board = make_board(BROKEN, usb_gap_s=usb_gap_s)
    host = Host(board)
    host._end.port_opened(board.now_ms)
    host.turn_until("repl")
    begun = board.now_ms
    while not heard(host, RestartFailed):
        host.turn()
    assert board.sim.mcu.boots == 4
    assert 15_000 <= board.now_ms - begun <= 15_000 + 5_000
    for _ in range(200):
        host.turn()
    assert host.link == "repl"
    assert board.sim.mcu.boots == 4
    assert len(heard(host, RestartFailed)) == 1
    if usb_gap_s == 0:  # on USB nobody hears what a board says while it restarts
        assert heard(host, RestartFailed)[0].traceback.split("\n")[-1] == (
            "ImportError: no module named 'soakfw.nothing'"
        )
    words = [event.text for event in heard(host, TextLine)]
    assert not any("SyntaxError" in text or "~AQ" in text for text in words[-150:])
