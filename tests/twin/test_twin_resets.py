"""What ends a life of the simulated board, and what survives it."""

from collections.abc import Callable

import pytest
from driver import VirtualBench, readable

from soakbench.twin.channel import PinState


@pytest.fixture
def uart(make_bench: Callable[..., VirtualBench]) -> VirtualBench:
    """A board whose port stays while it resets."""
    bench = make_bench(usb_gap_s=0)
    assert bench.line().startswith("boot 1 ")
    return bench


def test_reset_keeps_scratch_and_releases_pins(uart: VirtualBench) -> None:
    uart.ask("keep 1 4294967295")
    uart.ask("pin 17 1")
    assert uart.sim.board.stations["hotplate_box"].heater.on
    uart.send(b"reset\n")
    assert uart.line().startswith("boot 3 ")
    assert uart.ask("scratch") == "[0, 4294967295, 0, 0]"
    assert uart.sim.board.wires.states[17] is PinState.RELEASED
    assert uart.sim.mcu.boots == 2
    assert int(uart.ask("now")) == 0


def test_power_cut_loses_scratch(uart: VirtualBench) -> None:
    uart.ask("keep 1 77")
    uart.close_host()
    uart.sim.power_cut(for_s=2)
    assert not uart.sim.mcu.powered
    assert not uart.link.exists()
    uart.advance(2000)
    uart.open_host()
    assert uart.ask("scratch") == "[0, 0, 0, 0]"


def test_unfed_watchdog_resets(uart: VirtualBench) -> None:
    uart.ask("dog 4000")
    uart.advance(60_000)
    assert uart.sim.mcu.boots == 1  # fed
    uart.sim.hang()
    uart.advance(5000)
    assert uart.line().startswith("boot 3 ")
    assert uart.sim.mcu.watchdog_resets == 1


def test_a_hang_leaves_interrupts_running_until_the_watchdog_bites(uart: VirtualBench) -> None:
    uart.ask("dog 4000")
    uart.ask("timer good 100")
    start, before = uart.now_ms, uart.sim.board.wires.changes[5]
    uart.sim.hang()
    uart.advance(3000)
    assert uart.sim.board.wires.changes[5] == before + 30
    assert uart.sim.mcu.boots == 1
    while uart.sim.mcu.boots == 1:
        uart.jump()
    assert 3500 <= uart.now_ms - start <= 4000  # last fed up to 500 ms before


def test_a_hang_without_watchdog_lasts(uart: VirtualBench) -> None:
    uart.sim.hang()
    uart.send(b"now\n")
    uart.advance(60_000)
    assert uart.read() == b""
    uart.sim.reset()
    assert uart.line().startswith("boot 3 ")


def test_watchdog_ends_a_program_that_never_waits(uart: VirtualBench) -> None:
    uart.ask("dog 1000")
    uart.sim.port.input += b"spin\n"
    uart.sim.step(uart.now_ms)
    for _ in range(10):  # of the computer's time, 100 ms at most a look
        assert uart.sim.mcu.boots == 1
        uart.now_ms += 100
        uart.sim.step(uart.now_ms)
    assert uart.sim.mcu.boots == 2


def test_a_computer_that_stood_still_wakes_no_watchdog(uart: VirtualBench) -> None:
    uart.ask("dog 4000")
    uart.now_ms += 3_600_000  # the lid of a laptop was closed
    uart.pump()
    assert uart.sim.mcu.boots == 1
    uart.advance(0)
    assert int(uart.ask("now")) >= 3_600_000
    assert uart.sim.mcu.boots == 1


def test_a_program_that_ends_leaves_pins_as_they_are(uart: VirtualBench) -> None:
    uart.ask("pin 16 1")
    uart.send(b"end\n")
    uart.pump()
    assert not uart.sim.mcu.running
    uart.advance(10_000)
    assert uart.sim.board.stations["simulator"].suns == 1
    uart.sim.reset()
    assert uart.line().startswith("boot 3 ")
    assert uart.sim.board.stations["simulator"].suns == 0


def test_on_usb_the_port_goes_away_while_the_board_resets(virtual: VirtualBench) -> None:
    virtual.line()
    virtual.sim.reset()
    assert not virtual.link.exists()
    assert virtual.host is not None
    assert readable(virtual.host)  # hung up
    virtual.close_host()
    virtual.advance(500)
    virtual.open_host()
    assert int(virtual.ask("now")) == 500
