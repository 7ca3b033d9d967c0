"""The bus: who answers, what hangs it and what frees it; in MicroPython and in this process."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driver import FIRMWARE, VirtualBench

from soakbench.config import BenchConfig
from soakbench.config.bench import I2c
from soakbench.errors import BenchFault, SoakbenchError
from soakbench.twin.board import Board
from soakbench.twin.bus import CLOCKS_TO_FREE, I2cBus, Result
from soakbench.twin.channel import PinState
from soakbench.twin.devices import Air, Sht4x, Veml7700
from soakbench.twin.in_process_board import HostedI2c

SDA, SCL = 20, 21
LUX, AIR, CONVERTER = 0x10, 0x44, 0x48
START_A0 = "01c383"  # AIN0 against ground, ±4.096 V, one conversion at 128 SPS


@pytest.fixture
def bus() -> I2cBus:
    devices = {LUX: Veml7700(lambda: 100.0), AIR: Sht4x(Air(23, 1))}
    return I2cBus(I2c(sda=SDA, scl=SCL), devices)


def clocks(bus: I2cBus, count: int, high: PinState = PinState.RELEASED) -> None:
    for _ in range(count):
        bus.follow(SCL, PinState.LOW)
        bus.follow(SCL, high)


class TestBus:
    def test_a_device_answers_at_its_address(self, bus: I2cBus) -> None:
        assert bus.read_register(LUX, 7, 2, 0) == Result(0, b"\x81\xc4")
        assert bus.write(LUX, b"", 0) == Result(0)

    def test_nobody_answers_elsewhere(self, bus: I2cBus) -> None:
        assert bus.write(0x11, b"\0", 0) == Result(errno.EIO)
        assert bus.read(0x11, 2, 0) == Result(errno.EIO)
        assert bus.read_register(0x11, 0, 2, 0) == Result(errno.EIO)

    def test_a_silent_device_answers_again(self, bus: I2cBus) -> None:
        bus.silence(LUX, True)
        assert bus.read_register(LUX, 7, 2, 0).status == errno.EIO
        assert bus.peek(LUX, 7, 2, 0) is None
        assert bus.write(AIR, b"\xfd", 0) == Result(0), "the other one still does"
        bus.silence(LUX, False)
        assert bus.read_register(LUX, 7, 2, 0).status == 0

    def test_without_pins_there_is_none(self) -> None:
        bus = I2cBus(None, {})
        assert not bus.fitted
        assert bus.write(LUX, b"", 0) == Result(errno.EIO)
        bus.release()

    @pytest.mark.parametrize("high", [PinState.RELEASED, PinState.HIGH])
    def test_nine_clocks_and_no_fewer_free_it(self, bus: I2cBus, high: PinState) -> None:
        bus.hang()
        clocks(bus, CLOCKS_TO_FREE - 1, high)
        assert not bus.pulled_up(SDA)
        assert bus.read_register(LUX, 7, 2, 0) == Result(errno.ETIMEDOUT)
        assert bus.peek(LUX, 7, 2, 0) is None
        clocks(bus, 1, high)
        assert bus.pulled_up(SDA)
        assert bus.read_register(LUX, 7, 2, 0).status == 0

    def test_other_pins_are_no_clocks(self, bus: I2cBus) -> None:
        bus.hang()
        for _ in range(20):
            bus.follow(SDA, PinState.LOW)
            bus.follow(SDA, PinState.RELEASED)
        assert bus.hung

    def test_a_clock_that_is_held_low_stops_all(self, bus: I2cBus) -> None:
        bus.follow(SCL, PinState.LOW)
        assert bus.write(LUX, b"", 0) == Result(errno.ETIMEDOUT)
        bus.release()
        assert bus.write(LUX, b"", 0) == Result(0)

    def test_no_clock_helps_against_a_short(self, bus: I2cBus) -> None:
        bus.shorted = True
        clocks(bus, 20)
        assert not bus.pulled_up(SDA)
        assert bus.write(LUX, b"", 0) == Result(errno.ETIMEDOUT)
        bus.shorted = False
        assert bus.write(LUX, b"", 0) == Result(0)

    def test_without_power_all_start_anew(self, bus: I2cBus) -> None:
        bus.write(AIR, b"\xfd", 0)
        bus.hang()
        bus.lose_power()
        assert not bus.hung
        assert bus.read(AIR, 6, 20) == Result(errno.EIO)

    def test_levels_of_pins(self, bus: I2cBus) -> None:
        assert [bus.pulled_up(gpio) for gpio in (SDA, SCL, 5)] == [True, True, False]


class Local:
    """The bus of a board in this process; answers as the test firmware gives them."""

    bus_is_set_up = True

    def __init__(self, bench: BenchConfig) -> None:
        self.board = Board(bench, seed=1)
        self._i2c = HostedI2c(self, self.board)

    def advance(self, ms: int) -> None:
        self.board.advance(self.board._now_ms + ms)

    def ask(self, command: str) -> str:
        try:
            return str(self._obey(*command.split(" ")[1:]))
        except OSError as e:
            return str(e.errno)

    def _obey(self, how: str, address: str, argument: str, register: str = "0") -> Any:
        if how == "write":
            return self._i2c.writeto(int(address), bytes.fromhex(argument))
        data = bytearray(int(argument))
        if how == "read":
            self._i2c.readfrom_into(int(address), data)
        else:
            self._i2c.readfrom_mem_into(int(address), int(register), data)
        return data.hex()


@pytest.fixture
def child(sensed: BenchConfig, tmp_path: Path) -> Iterator[VirtualBench]:
    virtual = VirtualBench(sensed, tmp_path / "port", [FIRMWARE])
    try:
        virtual.start()
        assert virtual.line().startswith("boot")
        virtual.ask("bus")
        yield virtual
    finally:
        virtual.close()


TALK: list[str | int] = [
    "i2c read 72 2",
    f"i2c write 72 {START_A0}",
    "i2c mem 72 2 0",  # still the conversion of before
    "i2c mem 72 2 1",
    10,
    "i2c mem 72 2 0",
    "i2c mem 72 2 1",
    "i2c write 72 01d383",  # another input
    "i2c mem 72 2 0",
    10,
    "i2c mem 72 2 0",
    "i2c mem 72 2 0",
    "i2c write 72 ff",
    "i2c write 72 03",
    "i2c read 72 2",
    "i2c mem 75 4 2",
    "i2c write 68 fd",
    "i2c read 68 6",
    "i2c mem 68 2 0",
    9,
    "i2c read 68 6",
    "i2c read 68 6",
    "i2c write 68 00",
    "i2c mem 16 2 7",
    "i2c write 16 000013",
    "i2c mem 16 2 4",
    "i2c write 69 01",
    "i2c read 32 2",
]


def talk(to: Any) -> list[str]:
    """All answers. A number lets so many milliseconds pass."""
    answers = []
    for each in TALK:
        if isinstance(each, int):
            to.advance(each)
        else:
            answers.append(to.ask(each))
    return answers


def lit(board: Board) -> None:
    """A1 at open circuit in the light, long since."""
    board.set_pin(0, 16, PinState.HIGH)
    board.set_pin(0, 0, PinState.HIGH)


def test_micropython_and_this_process_hear_the_same(
    sensed: BenchConfig, child: VirtualBench
) -> None:
    local = Local(sensed)
    lit(local.board)
    lit(child.sim.board)
    ours = talk(local)
    assert ours == talk(child)
    assert len(set(ours)) > 10
    assert str(errno.EIO) in ours


def test_a_bus_that_hangs_is_freed_and_set_up_again(child: VirtualBench) -> None:
    child.sim.i2c_hung()
    assert child.ask("i2c write 16 00") == str(errno.ETIMEDOUT)
    assert child.ask("clock 8") == "(0, 0)"
    assert child.ask("i2c write 16 00") == str(errno.ETIMEDOUT)
    assert child.ask("clock 1") == "(0, 1)"
    assert child.ask("i2c write 16 00") == str(errno.ETIMEDOUT), "its pins are not the bus's"
    child.ask("bus")
    assert child.ask("i2c write 16 00") == "1"


def test_a_register_that_was_read_before_is_not_from_before(child: VirtualBench) -> None:
    """Reads of known registers cost no exchange, and yet are of now."""
    child.ask("i2c write 16 000000")
    child.ask("i2c mem 16 2 4")
    child.sim.light_leak("hotplate_box", 100)
    assert child.ask("i2c mem 16 2 4") == round(100.02 / 0.0672).to_bytes(2, "little").hex()
    child.sim.sensor_silent("hotplate_box", "lux", True)
    assert child.ask("i2c mem 16 2 4") == str(errno.EIO)
    child.sim.sensor_silent("hotplate_box", "lux", False)
    assert child.ask("i2c mem 16 2 4") == round(100.02 / 0.0672).to_bytes(2, "little").hex()
    child.sim.i2c_short(True)
    assert child.ask("i2c mem 16 2 4") == str(errno.ETIMEDOUT)


def test_a_register_that_was_written_to_is_not_from_before(child: VirtualBench) -> None:
    """The write is not waited for, and yet comes before the next read."""
    child.ask("i2c mem 72 2 2")
    child.ask("i2c mem 73 2 2")
    child.ask("echo now both are known")
    assert child.ask("i2c write 72 02beef") == "3"
    assert child.ask("i2c mem 72 2 2") == "beef"
    assert child.ask("i2c mem 73 2 2") == "8000"
    child.sim.converter_silent("a", True)
    assert child.ask("i2c write 72 021234") == str(errno.EIO)


def test_a_write_that_makes_no_sense_is_told_if_nobody_waits_for_it(child: VirtualBench) -> None:
    child.ask("i2c mem 72 2 0")
    child.ask("echo now it is known")
    with pytest.raises(BenchFault, match="wrote 001234 to the device 0x48"):
        child.ask("i2c write 72 001234")


def test_a_power_cut_starts_the_chips_anew(child: VirtualBench) -> None:
    child.ask("i2c write 72 02beef")
    child.sim.reset()
    child.advance(1000)
    assert child.sim.board.bus.read_register(CONVERTER, 2, 2, 5000).data == b"\xbe\xef"
    child.sim.power_cut(for_s=1)
    assert child.sim.board.bus.read_register(CONVERTER, 2, 2, 5000).data == b"\x80\x00"


def test_what_a_bench_does_not_have_is_told(bench: BenchConfig, child: VirtualBench) -> None:
    sim = child.sim
    with pytest.raises(SoakbenchError, match="no converter z"):
        sim.converter_silent("z", True)
    with pytest.raises(SoakbenchError, match="simulator has no lux sensor"):
        sim.sensor_silent("simulator", "lux", True)
    with pytest.raises(SoakbenchError, match="no station moon"):
        sim.sensor_silent("moon", "lux", True)
    sim.board.bus = I2cBus(None, {})
    with pytest.raises(SoakbenchError, match="no I2C bus"):
        sim.i2c_hung()
