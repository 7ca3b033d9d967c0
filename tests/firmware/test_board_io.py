"""soakfw.board on real pipes in MicroPython: it never blocks; and what a boot finds in scratch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture
def board():
    """Start board_check.py; its process, ended with the test."""
    started = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        folders = (HERE, ROOT / "firmware", ROOT / "protocol")
        interpreter = [sys.executable, "-m", "micropython_unix"]
        process = subprocess.Popen(
            [*interpreter, str(HERE / "board_check.py"), *arguments],
            env=os.environ | {"MICROPYPATH": ":".join(map(str, folders))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.rule("TX-5")
def test_the_reset_after_a_maintenance_boot_is_a_commanded_one(board):
    out, _ = board("boots").communicate(timeout=10)
    assert out.decode().split("\n")[:-1] == [
        "power_on 0",
        "exception 1",
        "maintenance 0",
        "command 0",
        "watchdog 1",
    ]


def test_a_bus_that_is_held_gets_nine_clocks_and_a_stop(board):
    """A stop: SDA rises while SCL is high. A bus at rest is left alone."""
    out, _ = board("frees").communicate(timeout=10)
    freeing = "cC" * 9 + "cdCD"
    assert out.decode().split("\n")[:-1] == [
        "0 free ",
        f"1 free {freeing}",
        f"9 free {freeing}",
        f"1000 held {freeing}",
    ]


@pytest.mark.rule("BO-1")
def test_one_byte_is_read_when_there_is_one(board):
    process = board("read")
    process.stdin.write(b"\x03a\xff")
    process.stdin.flush()
    assert process.stdout.readline() == b"[3, 97, 255] None\n"


@pytest.mark.rule("BO-2")
def test_what_does_not_fit_is_not_written_and_goes_on_after_what_was_taken(board):
    size = 200_000  # more than a pipe holds
    process = board("write", str(size))
    full = process.stderr.readline()
    assert full.startswith(b"full ")
    assert 0 < int(full.split()[1]) < size
    assert process.stdout.read(size) == bytes(i % 251 for i in range(size))
    assert process.stderr.readline() == b"done 64\n"
