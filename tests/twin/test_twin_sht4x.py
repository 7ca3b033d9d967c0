"""The simulated humidity sensor against the data sheet of the SHT4x."""

import pytest

from soakbench.twin.devices import Air, Sht4x, crc8

MEASURE = b"\xfd"


@pytest.fixture
def chip() -> Sht4x:
    return Sht4x(Air(temp_c=23.0, humidity_percent=41.5))


def decoded(answer: bytes | None) -> tuple[float, float]:
    """°C and % of an answer whose checksums are right."""
    assert answer is not None
    assert len(answer) == 6
    assert [crc8(answer[0:2]), crc8(answer[3:5])] == [answer[2], answer[5]]
    temp, humidity = int.from_bytes(answer[0:2], "big"), int.from_bytes(answer[3:5], "big")
    return -45 + 175 * temp / 65535, -6 + 125 * humidity / 65535


def test_checksum_is_that_of_the_data_sheets_example() -> None:
    assert crc8(b"\xbe\xef") == 0x92


def test_it_measures_temperature_and_humidity(chip: Sht4x) -> None:
    assert chip.write(MEASURE, 0)
    assert decoded(chip.read(6, 9)) == pytest.approx((23.0, 41.5), abs=0.002)


@pytest.mark.parametrize(("command", "takes_ms"), [(0xFD, 8.3), (0xF6, 4.5), (0xE0, 1.6)])
def test_it_acknowledges_nothing_while_it_measures(
    chip: Sht4x, command: int, takes_ms: float
) -> None:
    assert chip.write(bytes((command,)), 100)
    before = 100 + takes_ms - 0.01
    assert chip.read(6, before) is None
    assert not chip.write(MEASURE, before)
    assert not chip.write(b"", before)
    assert decoded(chip.read(6, 100 + takes_ms))[0] == pytest.approx(23, abs=0.002)


def test_nothing_is_there_to_read_without_a_command_or_twice(chip: Sht4x) -> None:
    assert chip.read(6, 0) is None
    chip.write(MEASURE, 0)
    assert chip.read(6, 10) is not None
    assert chip.read(6, 10) is None


def test_the_temperature_alone_may_be_read(chip: Sht4x) -> None:
    chip.write(MEASURE, 0)
    answer = chip.read(3, 10)
    assert answer is not None
    assert crc8(answer[:2]) == answer[2]


def test_its_serial_number_is_there_at_once(chip: Sht4x) -> None:
    assert chip.write(b"\x89", 0)
    answer = chip.read(6, 0)
    assert answer is not None
    assert crc8(answer[0:2]) == answer[2]


def test_a_soft_reset_and_a_power_cut_end_a_measurement(chip: Sht4x) -> None:
    chip.write(MEASURE, 0)
    assert chip.write(b"\x94", 10)
    assert not chip.write(MEASURE, 10.5)
    assert chip.read(6, 12) is None
    chip.write(MEASURE, 20)
    chip.reset()
    assert chip.read(6, 21) is None
    assert chip.write(MEASURE, 21)


@pytest.mark.parametrize("data", [b"\x00", b"\xfd\x00", b"\x24\x00"])
def test_unknown_commands_are_not_acknowledged(chip: Sht4x, data: bytes) -> None:
    assert not chip.write(data, 0)


def test_it_has_no_registers_to_look_at(chip: Sht4x) -> None:
    chip.write(MEASURE, 0)
    assert chip.peek(0, 2, 20) is None
    assert chip.read(6, 20) is not None


def test_the_ends_of_its_scale() -> None:
    chip = Sht4x(Air(temp_c=200.0, humidity_percent=130.0))
    chip.write(MEASURE, 0)
    assert decoded(chip.read(6, 9)) == (130.0, 119.0)
