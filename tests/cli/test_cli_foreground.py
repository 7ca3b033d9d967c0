"""A daemon in the command's own process: waiting for the board, and a whole short run."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import make_status as make
import pytest

from soakbench.cli import foreground
from soakbench.cli.foreground import board_ready, farewell, refuse_unfinished
from soakbench.cli.interrupt import interruption
from soakbench.errors import BenchFault, DaemonError
from soakbench.status import LinkStatus, Status

PLAN = """
[plan]
name = "short"
accelerate = 3600
sample_s = 0.5
[tracks.only]
cells = ["A1", "A2"]
station = "simulator"
phases = [{ phase = "jv" }, { phase = "ageing", until = "2 h", light = "1 sun" }]
"""


def linked(state: str, board: str | None = None, detail: str = "") -> Status:
    link = LinkStatus(state=state, port="/dev/ttyACM0", board=board, detail=detail)
    return make.status(link=link)


def wait_for(*statuses: Status) -> bool:
    """board_ready over `statuses`; the last one stays."""
    left = list(statuses)

    async def wait() -> bool:
        return await board_ready(lambda: left.pop(0) if len(left) > 1 else left[0], asyncio.Event())

    return asyncio.run(wait())


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreground, "BOARD_WAIT_S", 0.0)
    monkeypatch.setattr(foreground, "LOOK_S", 0.0)


def test_the_board_is_there_once_it_has_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreground, "BOARD_WAIT_S", 60.0)
    assert wait_for(linked("asking"), linked("up"), linked("up", board="empty"))


@pytest.mark.parametrize("state", ["asking", "wrong firmware"])
def test_no_board_is_a_fault_that_says_why(state: str) -> None:
    with pytest.raises(BenchFault, match="no board on /dev/ttyACM0 after 0 s: nobody answers"):
        wait_for(linked(state, detail="nobody answers"))


def test_a_run_that_has_not_ended_is_not_replaced() -> None:
    with pytest.raises(DaemonError) as caught:
        refuse_unfinished(make.status(make.run()), "lab.toml", Path("/data/x"))
    assert "soakbench daemon --bench lab.toml --data /data/x" in caught.value.hint
    refuse_unfinished(make.status(), "lab.toml", Path("/data/x"))
    refuse_unfinished(make.status(make.run(ended=make.NOW)), "lab.toml", Path("/data/x"))


def test_farewell_says_what_becomes_of_the_run() -> None:
    active = make.status(make.run())
    assert "No run was active" in farewell(make.status(), "lab.toml", simulated=False)
    assert "The board goes on with its program" in farewell(active, "lab.toml", simulated=False)
    assert "soakbench watch" in farewell(active, "lab.toml", simulated=False)
    assert "The simulated bench ends" in farewell(active, "twin", simulated=True)


def test_an_interruption_is_an_event() -> None:
    async def interrupt_myself() -> bool:
        async with interruption() as interrupted:
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(5):
                return await interrupted.wait()

    assert asyncio.run(interrupt_myself())
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def soakbench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "soakbench.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_run_without_a_daemon_starts_one_and_leaves_its_account(tmp_path: Path) -> None:
    plan, data = tmp_path / "short.toml", tmp_path / "data"
    plan.write_text(PLAN)
    ran = soakbench("run", plan, "--bench", "twin", "--data", data, "--json")
    assert ran.returncode == 0, ran.stderr
    assert f"No daemon is running for {data}: starting one here for bench twin" in ran.stderr
    account = json.loads(ran.stdout)
    assert account["state"] == "finished"
    assert account["records"]["produced"] == account["records"]["stored"] > 0

    again = soakbench("summary", "--data", data, "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["phases"] == account["phases"]
    assert (data / "logs" / "soakbench.log").stat().st_size > 0


def test_a_daemon_ends_in_order_and_says_that_the_run_is_not_over(tmp_path: Path) -> None:
    plan = tmp_path / "long.toml"
    plan.write_text(PLAN.replace("2 h", "1000 h"))
    daemon = subprocess.Popen(
        [sys.executable, "-m", "soakbench.cli", "daemon", "--bench", "twin", "--data", tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    with daemon:
        try:
            said = [daemon.stdout.readline() for _ in range(6)]
            while '"board": "' not in (
                shown := soakbench("status", "--data", tmp_path, "--json").stdout
            ):
                assert daemon.poll() is None, shown
            handed = soakbench("run", plan, "--detach", "--data", tmp_path)
            queued = soakbench("run", plan, "--queue", "--data", tmp_path)
        finally:
            daemon.send_signal(signal.SIGTERM)
        said += daemon.stdout.readlines()
    assert handed.returncode == 0, handed.stderr
    assert queued.returncode == 0, queued.stderr
    assert "as number 1.\nIt begins in its turn: run " in queued.stdout
    assert daemon.returncode == 0
    text = "".join(said)
    for part in (
        "data ",
        "port ",
        "api ",
        "broker  none",
        "The simulated bench ends",
        "The queue (1) waits",
    ):
        assert part in text
