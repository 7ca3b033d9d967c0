"""The state of the link in the words that `soakbench status` shows."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from soakbench.clock import ManualClock
from soakbench.daemon.bridge import Bridge
from soakwire import messages
from soakwire.host_end import (
    REFUSED,
    REPL,
    BoardSeen,
    Event,
    ReplSeen,
    RestartFailed,
    TextLine,
    WrongFirmware,
)

TRACEBACK = 'Traceback (most recent call last):\n  File "main.py", line 3\nImportError: no soakfw'
HELLO = dict.fromkeys([field[0] for field in messages.HELLO_LAYOUT.fields], 0)


class Custody:
    """A board that has been seen before, or not."""

    device_name = ""
    boot_name = "00000000"


class Listener:
    """Device, keeper and live picture: none of them is asked anything here."""

    def feed(self, event: Event) -> None:
        """Nobody waits."""


@pytest.fixture
def bridge() -> Bridge:
    parts: Any = Listener()
    custody: Any = Custody()
    return Bridge("/dev/ttyACM0", custody, parts, ManualClock())


def tell(bridge: Bridge, *events: Event) -> None:
    """As the link's thread does; returns when the loop has taken them."""

    async def main() -> None:
        parts: Any = Listener()
        bridge.attach(parts, parts, asyncio.get_running_loop())
        bridge.on_port("", "")
        for event in events:
            bridge.on_event(event)
        await asyncio.sleep(0)

    asyncio.run(main())


@pytest.mark.rule("TX-3", "TX-4")
def test_a_board_at_its_prompt_is_being_restarted(bridge: Bridge, caplog):
    tell(bridge, ReplSeen(TRACEBACK))
    status = bridge.link_status(REPL, None)
    assert status.state == "repl"
    assert status.detail == (
        "no program runs on the board (it is at its prompt); it is being restarted;"
        " its last words: ImportError: no soakfw"
    )
    assert status.detail in caplog.text


@pytest.mark.rule("TX-4")
def test_after_three_restarts_the_firmware_has_to_be_put_on_the_board(bridge: Bridge):
    tell(bridge, ReplSeen(""), TextLine("MicroPython v1.28"), RestartFailed(TRACEBACK))
    detail = bridge.link_status(REPL, None).detail
    assert "three restarts did not help: put the firmware that came with this soakbench" in detail
    assert detail.endswith("ImportError: no soakfw")
    tell(bridge, RestartFailed(""))
    assert "last words" not in bridge.link_status(REPL, None).detail


@pytest.mark.rule("TX-3", "VE-2")
def test_the_newest_of_prompt_and_wrong_firmware_counts(bridge: Bridge):
    wrong = WrongFirmware(HELLO | {"fw_minor": 9})
    tell(bridge, wrong, ReplSeen(""))
    assert bridge.link_status(REPL, None).state == "repl"
    tell(bridge, ReplSeen(""), wrong)
    status = bridge.link_status(REFUSED, None)
    assert status.state == "wrong firmware"
    assert "0.9.0" in status.detail
    tell(bridge, BoardSeen(HELLO, "00"))
    assert bridge.link_status("greeting", None).state == "greeting"


@pytest.mark.rule("TX-1")
def test_text_is_logged_as_it_came(bridge: Bridge, caplog):
    tell(bridge, TextLine('  File "main.py", line 3'))
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().endswith(':   File "main.py", line 3')


@pytest.mark.rule("HO-4")
def test_what_keeps_a_port_from_opening_is_shown_with_what_to_do(bridge: Bridge):
    async def main() -> None:
        parts: Any = Listener()
        bridge.attach(parts, parts, asyncio.get_running_loop())
        bridge.on_port(f"no permission to open {Path('/dev/ttyACM0')}", "join the group")
        await asyncio.sleep(0)

    asyncio.run(main())
    status = bridge.link_status("closed", None)
    assert status.state == "no port"
    assert status.detail == "no permission to open /dev/ttyACM0 (join the group)"
