"""The simulated ADS1115 against its data sheet (SBAS444), register by register."""

import statistics

import pytest

from soakbench.twin.ads1115 import Ads1115

CONVERSION, CONFIG, LO_THRESH, HI_THRESH = range(4)
START = 0x8000
GROUNDED = {0: 0x4000, 1: 0x5000, 2: 0x6000, 3: 0x7000}  # MUX 100 to 111
SINGLE = 0x0100
RATE_128 = 4 << 5
COMPARATOR_OFF = 3
FULL_SCALE_V = {0: 6.144, 1: 4.096, 2: 2.048, 3: 1.024, 4: 0.512, 5: 0.256, 6: 0.256, 7: 0.256}
SLOWEST_MS = 1000 / 128 / 0.9 + 0.025  # 128 SPS, less 10 %, and 25 us to wake up


class Chip:
    """A converter without noise and the voltages at its inputs, spoken to in words."""

    def __init__(self, noise_lsb: float = 0, seed: int = 1) -> None:
        self.volts = [0.0, 0.0, 0.0, 0.0]
        inputs = [lambda n=n: self.volts[n] for n in range(4)]
        self.ads = Ads1115(inputs, 3.3, noise_lsb, seed)

    def set(self, register: int, word: int, now_ms: float = 0) -> bool:
        return self.ads.write(bytes((register,)) + word.to_bytes(2, "big"), now_ms)

    def get(self, register: int, now_ms: float = 0) -> int:
        assert self.ads.write(bytes((register,)), now_ms)
        return int.from_bytes(self.ads.read(2, now_ms), "big")

    def convert(self, config: int, now_ms: float = 0) -> int:
        """One conversion, as a signed number."""
        assert self.set(CONFIG, START | SINGLE | RATE_128 | COMPARATOR_OFF | config, now_ms)
        word = self.get(CONVERSION, now_ms + 10)
        return word - 0x10000 if word & 0x8000 else word


@pytest.fixture
def chip() -> Chip:
    return Chip()


def test_registers_after_power_on(chip: Chip) -> None:
    words = [chip.get(register) for register in range(4)]
    assert words == [0x0000, 0x8583, 0x8000, 0x7FFF]


def test_it_forgets_all_when_it_loses_power(chip: Chip) -> None:
    chip.volts[0] = 1.0
    assert chip.convert(GROUNDED[0]) > 0
    chip.set(LO_THRESH, 0x1234)
    chip.ads.reset()
    assert chip.ads.read(2, 20) == b"\0\0", "the pointer is back at the conversion"
    assert [chip.get(register, 20) for register in range(4)] == [0, 0x8583, 0x8000, 0x7FFF]


def test_configuration_and_thresholds_read_as_written(chip: Chip) -> None:
    for register, word in ((CONFIG, 0x5367), (LO_THRESH, 0x1234), (HI_THRESH, 0x4321)):
        assert chip.set(register, word)
    # Not started: OS reads 1, as nothing is converted.
    assert [chip.get(register) for register in (CONFIG, LO_THRESH, HI_THRESH)] == [
        START | 0x5367,
        0x1234,
        0x4321,
    ]


@pytest.mark.parametrize("data", [b"\x04", b"\x01\xc3", b"\x01\xc3\x83\x00", b"\x00\x12\x34"])
def test_what_makes_no_sense_is_not_acknowledged(chip: Chip, data: bytes) -> None:
    assert not chip.ads.write(data, 0)


def test_a_look_for_its_address_changes_nothing(chip: Chip) -> None:
    chip.get(CONFIG)
    assert chip.ads.write(b"", 0)
    assert chip.ads.read(2, 0) == b"\x85\x83"


@pytest.mark.parametrize("number", range(4))
def test_the_multiplexer_takes_one_input_against_ground(chip: Chip, number: int) -> None:
    chip.volts = [0.1, 0.2, 0.3, 0.4]
    code = chip.convert(GROUNDED[number] | 2 << 9)
    assert code == round(chip.volts[number] / 2.048 * 32768)


@pytest.mark.parametrize(
    ("mux", "volts"), [(0, 1.0 - 0.4), (1, 1.0 - 0.7), (2, 0.4 - 0.7), (3, 0.9 - 0.7)]
)
def test_the_multiplexer_takes_two_inputs(chip: Chip, mux: int, volts: float) -> None:
    chip.volts = [1.0, 0.4, 0.9, 0.7]
    assert chip.convert(mux << 12 | 2 << 9) == round(volts / 2.048 * 32768)


@pytest.mark.parametrize(("pga", "full_v"), [*FULL_SCALE_V.items()])
def test_the_amplifier_sets_the_step(chip: Chip, pga: int, full_v: float) -> None:
    chip.volts[0] = 0.1
    assert chip.convert(GROUNDED[0] | pga << 9) == round(0.1 / full_v * 32768)


def test_steps_of_the_ranges_that_the_board_uses(chip: Chip) -> None:
    chip.volts[1] = 1000 * 62.5e-6
    assert chip.convert(GROUNDED[1] | 2 << 9) == 1000
    chip.volts[1] = 1000 * 7.8125e-6
    assert chip.convert(GROUNDED[1] | 5 << 9) == 1000


def test_it_clips_at_full_scale(chip: Chip) -> None:
    chip.volts[0] = 2.0
    assert chip.convert(GROUNDED[0] | 3 << 9) == 0x7FFF
    chip.volts[1] = 2.0
    chip.volts[0] = 0.0
    assert chip.convert(0 << 12 | 3 << 9) == -0x8000


def test_its_protection_holds_an_input_near_ground_and_supply(chip: Chip) -> None:
    chip.volts = [-1.05, 5.0, 0.0, 0.0]
    assert chip.convert(GROUNDED[0] | 2 << 9) == round(-0.3 / 2.048 * 32768)
    assert chip.convert(GROUNDED[1]) == round(3.6 / 6.144 * 32768)


def test_a_conversion_takes_its_time_and_then_stays(chip: Chip) -> None:
    chip.volts[0] = 1.024
    chip.set(CONFIG, START | SINGLE | RATE_128 | GROUNDED[0] | 2 << 9, 100)
    chip.volts[0] = 0.0
    before, after = 100 + SLOWEST_MS - 0.01, 100 + SLOWEST_MS + 0.01
    assert not chip.get(CONFIG, before) & START
    assert chip.get(CONVERSION, before) == 0
    assert chip.get(CONFIG, after) & START
    assert chip.get(CONVERSION, after) == 16384
    assert chip.get(CONVERSION, after + 100_000) == 16384, "nothing more was asked for"


@pytest.mark.parametrize(("bits", "sps"), [*enumerate((8, 16, 32, 64, 128, 250, 475, 860))])
def test_the_data_rate_sets_the_time(chip: Chip, bits: int, sps: int) -> None:
    chip.set(CONFIG, START | SINGLE | bits << 5 | GROUNDED[0])
    takes_ms = 1000 / sps / 0.9 + 0.025
    assert not chip.get(CONFIG, takes_ms - 0.01) & START
    assert chip.get(CONFIG, takes_ms) & START


def test_a_start_during_a_conversion_has_no_effect(chip: Chip) -> None:
    chip.volts = [1.024, 0.512, 0.0, 0.0]
    chip.set(CONFIG, START | SINGLE | RATE_128 | GROUNDED[0] | 2 << 9, 0)
    chip.set(CONFIG, START | SINGLE | RATE_128 | GROUNDED[1] | 2 << 9, 5)
    assert chip.get(CONVERSION, 9) == 16384
    assert chip.get(CONFIG, 9) & START
    assert chip.get(CONVERSION, 100) == 16384


def test_continuously_it_goes_on(chip: Chip) -> None:
    chip.volts[0] = 1.024
    chip.set(CONFIG, RATE_128 | GROUNDED[0] | 2 << 9, 0)
    assert chip.get(CONVERSION, 5) == 0
    assert chip.get(CONVERSION, 10) == 16384
    chip.volts[0] = 0.512
    assert chip.get(CONVERSION, 30) == 8192
    assert not chip.get(CONFIG, 30) & START
    chip.set(CONFIG, SINGLE | RATE_128 | GROUNDED[0] | 2 << 9, 40)
    chip.volts[0] = 0.0
    assert chip.get(CONVERSION, 60) == 8192
    assert chip.get(CONFIG, 60) & START


def test_a_look_in_between_changes_nothing(chip: Chip) -> None:
    chip.volts[0] = 1.024
    chip.set(CONFIG, START | SINGLE | RATE_128 | GROUNDED[0] | 2 << 9, 0)
    assert chip.ads.peek(CONVERSION, 2, 5) == b"\0\0"
    assert chip.ads.peek(CONVERSION, 2, 9) == b"\x40\x00"
    assert chip.ads.read(2, 9) == (START | SINGLE | RATE_128 | GROUNDED[0] | 2 << 9).to_bytes(
        2, "big"
    ), "the pointer stays where it was"


def test_noise_has_its_width_and_depends_on_seed_and_time() -> None:
    def codes(seed: int, every_ms: int = 250) -> list[int]:
        chip = Chip(noise_lsb=3, seed=seed)
        chip.volts[0] = 0.5
        return [chip.convert(GROUNDED[0] | 2 << 9, n * every_ms) for n in range(2000)]

    first = codes(1)
    assert statistics.fmean(first) == pytest.approx(8000, abs=0.2)
    assert statistics.stdev(first) == pytest.approx(3, abs=0.2)
    assert codes(1) == first
    assert codes(2) != first
    assert codes(1, every_ms=500)[:1000] == first[::2]
