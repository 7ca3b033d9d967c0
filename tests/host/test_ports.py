"""Why a port cannot be opened, in words that help."""

import errno
import os
import pty
import threading

import pytest
import serial

from soakbench.clock import Clock
from soakbench.link import LinkOwner, SerialLink, list_ports
from soakbench.link.ports import explain_open_error


def open_error(port: str) -> Exception:
    with pytest.raises((serial.SerialException, OSError)) as caught:
        serial.serial_for_url(port, exclusive=True)
    return caught.value


def test_a_port_that_does_not_exist():
    what, hint = explain_open_error("/dev/none", open_error("/dev/none"))
    assert what == "port /dev/none does not exist"
    assert "soakbench ports" in hint


def test_a_port_in_use():
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    with serial.serial_for_url(name, exclusive=True):
        what, hint = explain_open_error(name, open_error(name))
    os.close(master)
    os.close(slave)
    assert what == f"port {name} is in use by another program"
    assert "close the other program" in hint


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


def test_the_link_reports_a_missing_port_and_keeps_trying(monkeypatch):
    monkeypatch.setattr("soakbench.link.serial_link.REOPEN_S", 0.001)
    seen: list[str] = []
    often = threading.Event()

    class Seen(LinkOwner):
        def on_port(self, problem: str, hint: str) -> None:
            seen.append(problem)
            if len(seen) == 3:
                often.set()

    link = SerialLink("/dev/none", Clock(), Seen())
    link.start()
    try:
        assert often.wait(10)
    finally:
        link.close()
    assert set(seen) == {"port /dev/none does not exist"}
