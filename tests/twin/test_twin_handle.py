"""The twin as a process of its own: started, commanded, ended."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import serial
from driver import FIRMWARE

from soakbench.assets import find_bench
from soakbench.errors import BenchFault
from soakbench.twin import TwinHandle
from soakbench.twin.child import INTERPRETER_VARIABLE, find_interpreter

BENCH = find_bench("twin")
SENSED = find_bench("twin-sensed")
HUMIDITY = {"station": "simulator", "sensor": "humidity"}
LIMIT_S = 20


def run(test: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT_S):
            await test

    asyncio.run(limited())


def converse(port: str, command: str) -> str:
    """One command to the test firmware over pyserial, as any host would do it."""
    with serial.Serial(port, timeout=LIMIT_S) as line:
        line.write(f"{command}\n".encode())
        while True:
            answer = line.readline().decode().strip()
            if answer.startswith(command.split(" ")[0]):
                return answer


def test_a_host_opens_its_port_and_pulls_its_cable(tmp_path: Path) -> None:
    link = tmp_path / "board"

    async def test() -> None:
        async with TwinHandle.start(BENCH, link=link, seed=5, firmware=FIRMWARE) as twin:
            assert twin.port == str(link)
            assert await asyncio.to_thread(converse, twin.port, "echo hello") == "echo hello"
            await twin.command("cut", for_s=0.2)
            assert not link.is_symlink()
            while not (await twin.command("truth"))["port"]["plugged"]:
                pass
            assert await asyncio.to_thread(converse, twin.port, "echo again") == "echo again"
        assert not link.is_symlink()

    run(test())


def test_commands_act_and_truth_tells() -> None:
    async def test() -> None:
        async with TwinHandle.start(BENCH, firmware=FIRMWARE) as twin:
            await twin.command("speed", factor=2400)
            await twin.command("lamp", on=False)
            await twin.command("move", cells=["A1", "B4"], station="hotplate_box")
            await twin.command("thermistor", station="hotplate_box", sensor="plate", fault="open")
            await asyncio.to_thread(converse, twin.port, "pin 16 1")
            truth = await twin.command("truth")
            assert truth["speed"] == {"cells": 2400, "plates": 10}
            assert truth["stations"]["simulator"]["shutter"] == {"on": True, "switched_on": 1}
            assert truth["stations"]["simulator"]["suns"] == 0
            assert truth["cells"]["B4"]["station"] == "hotplate_box"
            assert truth["cells"]["B4"]["load"] == "SC"
            assert truth["pins"]["16"] == {"state": "high", "changes": 1}
            assert truth["board"]["boots"] == 1
            codes = await asyncio.to_thread(converse, twin.port, "codes 26 3")
            assert min(json.loads(codes.removeprefix("codes "))) > 65000
            await twin.command("reset")
            assert (await twin.command("truth"))["board"]["boots"] == 2

    run(test())


def test_what_hangs_on_the_bus_can_be_broken_and_mended() -> None:
    async def test() -> None:
        async with TwinHandle.start(SENSED, firmware=FIRMWARE) as twin:
            await asyncio.to_thread(converse, twin.port, "pin 16 1")
            good = (await twin.command("truth"))["cells"]["A1"]
            assert good["short_a"] == pytest.approx(1.65e-3, rel=0.002)
            assert (good["contact"], good["load"]) == ("good", "SC")
            await twin.command("contact", cells=["A1"], contact="reversed")
            cells = (await twin.command("truth"))["cells"]
            assert cells["A1"]["short_a"] == pytest.approx(-good["short_a"])
            assert cells["A2"]["short_a"] == pytest.approx(good["short_a"])

            await asyncio.to_thread(converse, twin.port, "bus")
            look = "i2c mem 72 2 1"
            answers = "i2c 8583"
            assert await asyncio.to_thread(converse, twin.port, look) == answers
            for command, silent in (
                ({"cmd": "converter_silent", "converter": "a", "silent": True}, "5"),
                ({"cmd": "converter_silent", "converter": "a", "silent": False}, "8583"),
                ({"cmd": "sensor_silent", **HUMIDITY, "silent": True}, "8583"),
                ({"cmd": "i2c_short", "shorted": True}, "110"),
                ({"cmd": "i2c_short", "shorted": False}, "8583"),
                ({"cmd": "i2c_hung"}, "110"),
            ):
                await twin.command(**command)
                answer = await asyncio.to_thread(converse, twin.port, look)
                assert answer == f"i2c {silent}", command
            await asyncio.to_thread(converse, twin.port, "clock 9")
            await asyncio.to_thread(converse, twin.port, "bus")
            assert await asyncio.to_thread(converse, twin.port, look) == answers
            assert await asyncio.to_thread(converse, twin.port, "i2c write 68 fd") == "i2c 5"

    run(test())


WRONG = [
    ({"cmd": "contact", "cells": ["Z9"], "contact": "none"}, "no cell Z9"),
    ({"cmd": "contact", "cells": ["A1"], "contact": "bad"}, "'none' or 'reversed'"),
    ({"cmd": "converter_silent", "converter": "a", "silent": True}, "no converter a"),
    (
        {"cmd": "sensor_silent", "station": "simulator", "sensor": "lux", "silent": True},
        "simulator has no lux sensor",
    ),
    ({"cmd": "explode"}, "'speed'"),
    ({"cmd": "cut", "for_s": -1}, "greater than or equal to 0"),
    ({"cmd": "reset", "twice": True}, "twice"),
    ({"cmd": "speed", "factor": 0}, "greater than 0"),
    ({"cmd": "move", "cells": ["Z9"], "station": "simulator"}, "no cell Z9"),
    ({"cmd": "move", "cells": ["A1"], "station": "moon"}, "no station moon"),
    (
        {"cmd": "thermistor", "station": "simulator", "sensor": "plate", "fault": "open"},
        "only: stage",
    ),
]


def test_a_wrong_command_is_refused_and_the_twin_lives_on() -> None:
    async def test() -> None:
        async with TwinHandle.start(BENCH, firmware=FIRMWARE) as twin:
            for command, complaint in WRONG:
                with pytest.raises(BenchFault, match=complaint):
                    await twin.command(**command)
            assert (await twin.command("truth"))["board"]["running"]

    run(test())


def test_what_keeps_it_from_starting_is_told(tmp_path: Path) -> None:
    taken = tmp_path / "a file"
    taken.write_text("precious")

    async def test() -> None:
        with pytest.raises(BenchFault, match="is no link"):
            async with TwinHandle.start(BENCH, link=taken, firmware=FIRMWARE):
                pass
        with pytest.raises(BenchFault, match="nowhere"):
            async with TwinHandle.start(tmp_path / "nowhere.toml"):
                pass

    run(test())
    assert taken.read_text() == "precious"


def test_a_twin_dies_with_its_owner(tmp_path: Path) -> None:
    link = tmp_path / "board"
    twin = subprocess.Popen(
        [sys.executable, "-m", "soakbench.twin", BENCH, "--link", link, "--firmware", FIRMWARE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with twin:
        assert twin.stdin is not None
        assert twin.stdout is not None
        assert json.loads(twin.stdout.readline()) == {"ready": True, "port": str(link)}
        assert link.is_symlink()
        twin.stdin.close()
        assert twin.wait(LIMIT_S) == 0
        assert not link.is_symlink()


class TestInterpreter:
    def test_the_variable_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(INTERPRETER_VARIABLE, sys.executable)
        assert find_interpreter() == [sys.executable]

    def test_a_wrong_variable_is_no_silent_fallback(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(INTERPRETER_VARIABLE, "/nowhere/micropython")
        with pytest.raises(BenchFault, match="/nowhere/micropython") as caught:
            find_interpreter()
        assert INTERPRETER_VARIABLE in str(caught.value)
        assert caught.value.hint

    def test_none_at_all_says_how_to_get_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(INTERPRETER_VARIABLE, raising=False)
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        monkeypatch.setenv("PATH", "")
        with pytest.raises(BenchFault) as caught:
            find_interpreter()
        assert "soakbench[twin]" in caught.value.hint
