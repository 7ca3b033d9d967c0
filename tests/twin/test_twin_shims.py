"""What firmware sees of `machine`, `time` and `select` in the twin, through real MicroPython."""

import ast
from collections.abc import Callable

import pytest
from driver import VirtualBench


def test_boot_tells_cause_uid_and_scratch(virtual: VirtualBench) -> None:
    name, cause, uid, scratch = virtual.line().split(" ", 3)
    assert (name, cause, scratch) == ("boot", "1", "[0, 0, 0, 0]")
    assert bytes.fromhex(uid).startswith(b"TWIN")


@pytest.fixture
def booted(virtual: VirtualBench) -> VirtualBench:
    assert virtual.line().startswith("boot")
    return virtual


def test_time_stands_still_while_firmware_computes(booted: VirtualBench) -> None:
    before = int(booted.ask("now"))
    assert int(booted.ask("now")) == before
    booted.advance(1234)
    assert int(booted.ask("now")) == before + 1234


def test_a_sleep_takes_its_time(booted: VirtualBench) -> None:
    before = int(booted.ask("now"))
    booted.ask("sleep 700")
    assert int(booted.ask("now")) == before + 700


def test_ticks_wrap(make_bench: Callable[..., VirtualBench]) -> None:
    bench = make_bench(start_ticks_ms=2**30 - 100)
    bench.line()
    bench.ask("timer good 100")
    bench.advance(1000)
    assert int(bench.ask("now")) == 900
    assert bench.ask("ticks") == "10"


def test_pins_are_seen_with_their_times(booted: VirtualBench) -> None:
    booted.ask("pin 16 1")  # the shutter
    shutter = booted.sim.board.stations["simulator"].shutter
    assert shutter is not None
    assert shutter.on
    booted.ask("pin 16 0")
    assert not shutter.on
    assert shutter.switched == 1


def test_hard_timer_keeps_its_period_while_the_program_waits(booted: VirtualBench) -> None:
    booted.ask("timer good 100")
    booted.advance(1050)
    assert booted.ask("ticks") == "10"
    assert booted.sim.board.wires.changes[5] == 1 + 10


def test_a_hard_timer_that_allocates_fails(booted: VirtualBench) -> None:
    booted.ask("timer greedy 100")
    booted.advance(100)
    assert booted.line() == "MemoryError"


def test_adc_codes_are_noisy_and_plausible(booted: VirtualBench) -> None:
    codes = ast.literal_eval(booted.ask("codes 26 8"))
    steps = {code >> 4 for code in codes}
    assert len(steps) > 1
    assert max(steps) - min(steps) < 12
    # 10 kOhm NTC at 23 °C over 10 kOhm: a little above half.
    assert all(0.5 * 4096 < step < 0.55 * 4096 for step in steps)
    assert all(code & 15 == code >> 12 for code in codes)  # as read_u16 fills the low bits


def test_i2c_device_answers_and_a_missing_one_does_not(booted: VirtualBench) -> None:
    booted.sim.board.stations["hotplate_box"].show()
    devices, counts = ast.literal_eval(booted.ask("lux"))
    assert devices == [0x10]
    assert counts == 0
    assert booted.ask("missing") == "5"  # EIO


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("machine.ADC(3)", "ValueError"),
        ("machine.Pin(30)", "ValueError"),
        ("machine.Pin(2,machine.Pin.IN).on()", "ValueError"),
        ("machine.WDT(timeout=9000)", "ValueError"),
        ("machine.I2C(0,scl=machine.Pin(20),sda=machine.Pin(21))", "ValueError"),
        ("machine.mem32[0]", "ValueError"),
        ("incoming.register(3)", "OSError"),
    ],
)
def test_what_a_board_refuses_is_refused(booted: VirtualBench, wrong: str, error: str) -> None:
    assert booted.ask(f"attempt {wrong}") == error


def test_ctrl_c_interrupts_the_program(booted: VirtualBench) -> None:
    booted.send(b"\x03")
    assert booted.line() == "interrupted"
