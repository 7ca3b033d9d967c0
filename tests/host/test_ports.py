"""Why a port cannot be opened, in words that help."""

import errno
import os
import pty
import threading
from pathlib import Path

import pytest
import serial

from soakbench.clock import Clock
from soakbench.link import LinkOwner, SerialLink, list_ports
from soakbench.link.holders import Holder, who_holds
from soakbench.link.line import OPEN_ERRORS, open_line
from soakbench.link.ports import PortName, explain_open_error, window_slots
from soakwire import records


def open_error(port: str) -> Exception:
    with pytest.raises((serial.SerialException, OSError)) as caught:
        serial.serial_for_url(port, exclusive=True)
    return caught.value


@pytest.mark.rule("HO-4")
def test_a_port_that_does_not_exist():
    what, hint = explain_open_error("/dev/none", open_error("/dev/none"))
    assert what == "port /dev/none does not exist"
    assert "soakbench ports" in hint


@pytest.mark.rule("HO-2", "HO-4")
def test_a_port_in_use_names_the_program_that_has_it():
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    with serial.serial_for_url(name, exclusive=True):
        with pytest.raises(OPEN_ERRORS) as caught:
            open_line(name)
        what, hint = explain_open_error(name, caught.value)
    os.close(master)
    os.close(slave)
    assert what.startswith(f"port {name} is in use by ")
    assert f"(process {os.getpid()})" in what
    assert hint == "close that program"


@pytest.mark.rule("HO-4")
def test_a_port_in_use_by_a_program_that_cannot_be_seen(tmp_path):
    port = tmp_path / "ttyACM0"
    port.touch()
    what, hint = explain_open_error(str(port), serial.SerialException(errno.EBUSY, "busy"))
    assert what == f"port {port} is in use by another program"
    assert f"sudo fuser -v {port}" in hint


def process(proc: Path, pid: int, program: str, *files: Path) -> None:
    """A process as /proc shows it."""
    descriptors = proc / str(pid) / "fd"
    descriptors.mkdir(parents=True)
    (proc / str(pid) / "comm").write_text(f"{program}\n")
    for number, file in enumerate(files):
        (descriptors / str(number)).symlink_to(file)


@pytest.mark.rule("HO-4")
def test_who_holds_a_device_is_read_from_proc(tmp_path):
    proc, device, link = tmp_path / "proc", tmp_path / "ttyACM0", tmp_path / "board"
    device.touch()
    link.symlink_to(device)
    process(proc, 17, "mpremote", tmp_path / "other", device)
    process(proc, 4, "cat", tmp_path / "other")
    (proc / "99").mkdir()  # another user's, or one that has just ended
    (proc / "meminfo").touch()
    assert who_holds(str(link), proc) == [Holder(17, "mpremote")]
    assert who_holds(str(link), tmp_path / "no proc here") == []


@pytest.mark.rule("HO-4")
def test_a_port_without_permission_names_the_group(tmp_path):
    port = tmp_path / "ttyACM0"
    port.touch()
    error = serial.SerialException(errno.EACCES, "Permission denied")
    what, hint = explain_open_error(str(port), error)
    assert what == f"no permission to open {port}"
    assert f"usermod -aG {port.group()}" in hint


def test_what_is_no_serial_port(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    what, hint = explain_open_error(str(file), open_error(str(file)))
    assert str(file) in what
    assert hint


def test_the_list_of_ports_has_stable_names():
    assert all(port.stable and port.device for port in list_ports())


@pytest.mark.rule("HO-3")
def test_a_bare_name_is_remembered_by_its_stable_one(tmp_path):
    device, by_id = tmp_path / "ttyACM0", tmp_path / "by-id"
    device.touch()
    name = PortName(str(device), by_id)
    name.remember()
    assert name.find() == str(device), "a system without such names"
    by_id.mkdir()
    (by_id / "usb-Board").symlink_to(device)
    assert name.find() == str(device), "no board has answered there yet"
    name.remember()
    assert name.find() == str(by_id / "usb-Board")
    (by_id / "usb-Board").unlink()
    assert name.find() == str(by_id / "usb-Board"), "the old number may be another device's now"


@pytest.mark.rule("HO-3")
def test_a_link_that_somebody_made_stays_the_name(tmp_path):
    device, by_id, mine = tmp_path / "ttyACM0", tmp_path / "by-id", tmp_path / "soakbench"
    device.touch()
    by_id.mkdir()
    (by_id / "usb-Board").symlink_to(device)
    mine.symlink_to(device)
    name = PortName(str(mine), by_id)
    name.remember()
    assert name.find() == str(mine)


@pytest.mark.rule("RE-6")
@pytest.mark.parametrize(
    ("port", "window"),
    [
        ("/dev/ttyACM12", records.USB_WINDOW_SLOTS),
        ("/dev/cu.usbmodem2101", records.USB_WINDOW_SLOTS),
        ("/dev/pts/7", records.USB_WINDOW_SLOTS),
        ("/dev/ttyUSB0", records.UART_WINDOW_SLOTS),
        ("/dev/ttyAMA0", records.UART_WINDOW_SLOTS),
        ("/dev/ttyS0", records.UART_WINDOW_SLOTS),
        ("/dev/cu.usbserial-110", records.UART_WINDOW_SLOTS),
        ("socket://bench:4000", records.UART_WINDOW_SLOTS),
    ],
)
def test_the_window_follows_the_kind_of_port(port, window):
    assert window_slots(port) == window


def test_the_window_of_a_link_is_that_of_its_target(tmp_path):
    link = tmp_path / "board"
    link.symlink_to("/dev/ttyACM3")
    assert window_slots(str(link)) == records.USB_WINDOW_SLOTS


def test_a_line_gives_what_is_there_and_tells_when_it_is_gone():
    master, slave = pty.openpty()
    line = open_line(os.ttyname(slave))
    os.close(slave)
    assert line.read() == b""
    os.write(master, b"one\ntwo")
    assert line.read() == b"one\ntwo"
    line.write(b"three")
    assert os.read(master, 100) == b"three"
    os.close(master)
    with pytest.raises(OPEN_ERRORS):
        line.read()
    line.close()


def test_a_board_that_takes_nothing_is_gone(monkeypatch):
    monkeypatch.setattr("soakbench.link.line.WRITE_WAIT_S", 0.001)
    master, slave = pty.openpty()
    line = open_line(os.ttyname(slave))
    with pytest.raises(OSError, match="takes nothing"):
        line.write(b"x" * 1_000_000)
    line.close()
    os.close(master)
    os.close(slave)


def test_a_port_of_pyserials_own_works_too():
    line = open_line("loop://")
    assert line.read() == b""
    line.write(b"one\n")
    assert line.read() == b"one\n"
    line.close()


def test_the_link_reports_a_missing_port_and_keeps_trying():
    seen: list[str] = []
    often = threading.Event()

    class Seen(LinkOwner):
        def on_port(self, problem: str, hint: str) -> None:
            seen.append(problem)
            if len(seen) == 3:
                often.set()

    link = SerialLink("/dev/none", Clock(), Seen(), reopen_s=0.001)
    link.start()
    try:
        assert often.wait(10)
    finally:
        link.close()
    assert set(seen) == {"port /dev/none does not exist"}
