"""An open serial port: what has come in one go, what is to go out whole.

pyserial opens and configures it. On POSIX the bytes then go by its descriptor: `read` is one poll
and one read, where pyserial takes five system calls, and that is a third of a command's round trip.
Ports without a descriptor (Windows, URLs) go through pyserial.
"""

import contextlib
import os
import sys
from abc import ABC, abstractmethod

import serial

READ_WAIT_S = 0.05  # how late a repeat or a HELLO_REQ may go out
WRITE_WAIT_S = 2.0  # a board that takes nothing for so long is treated as gone
READ_MOST = 65536
BAUD = 115200  # USB ignores it

OPEN_ERRORS = (serial.SerialException, OSError, ValueError)


class Line(ABC):
    """One open port."""

    def __init__(self, port: serial.SerialBase) -> None:
        self._port = port

    @abstractmethod
    def read(self) -> bytes:
        """What has come, after at most READ_WAIT_S; empty if nothing. OPEN_ERRORS if it is gone."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Hand over all of `data`. OPEN_ERRORS if the port is gone or takes nothing."""

    def close(self) -> None:
        """Give the port back; a port that is gone makes no trouble."""
        with contextlib.suppress(*OPEN_ERRORS):
            self._port.close()


def open_line(name: str) -> Line:
    """Open a device exclusively (HO-2), or a pyserial URL. OPEN_ERRORS if that fails."""
    is_url = "://" in name
    port = serial.serial_for_url(
        name,
        baudrate=BAUD,
        timeout=READ_WAIT_S,
        write_timeout=WRITE_WAIT_S,
        **({} if is_url else {"exclusive": True}),
    )
    if sys.platform == "win32" or is_url:
        return PortableLine(port)
    return PosixLine(port)


class PortableLine(Line):
    """Through pyserial, for all it knows."""

    def read(self) -> bytes:
        chunk: bytes = self._port.read(1)
        waiting = min(self._port.in_waiting, READ_MOST) if chunk else 0
        return chunk + self._port.read(waiting) if waiting else chunk

    def write(self, data: bytes) -> None:
        self._port.write(data)


if sys.platform != "win32":
    import select

    class PosixLine(Line):
        """By the descriptor, which pyserial has opened without blocking."""

        def __init__(self, port: serial.SerialBase) -> None:
            super().__init__(port)
            self._fd: int = port.fileno()
            self._readable = select.poll()
            self._readable.register(self._fd, select.POLLIN)
            self._writable = select.poll()
            self._writable.register(self._fd, select.POLLOUT)

        def read(self) -> bytes:
            if not self._readable.poll(READ_WAIT_S * 1000):
                return b""
            try:
                data = os.read(self._fd, READ_MOST)
            except BlockingIOError:
                return b""
            if not data:  # readable and empty: hung up
                raise OSError("the device was unplugged, or another program reads from it")
            return data

        def write(self, data: bytes) -> None:
            rest = memoryview(data)
            while rest:
                try:
                    rest = rest[os.write(self._fd, rest) :]
                except BlockingIOError:
                    if not self._writable.poll(WRITE_WAIT_S * 1000):
                        raise OSError("the board takes nothing") from None
