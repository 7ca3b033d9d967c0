"""Fault scripts: what can be written, and what is said about what cannot."""

import pytest

from soakbench.config import parse_faults
from soakbench.config.faults import CableOut, HostClock, Thermistor
from soakbench.errors import ConfigError


def script(*lines: str):
    return parse_faults("[[faults]]\n" + "\n".join(lines), "faults.toml")


def test_times_and_quantities_have_units():
    text = script(
        'fault = "cable_out"',
        'at = "2 h"',
        'for = "10 min"',
        "[[faults]]",
        'fault = "thermistor"',
        'at = "0 s"',
        'station = "hotplate_box"',
        'sensor = "plate"',
        'how = "offset"',
        'offset = "-4 °C"',
        "[[faults]]",
        'fault = "host_clock"',
        'at = "1 h"',
        'by = "-5 min"',
    )
    cable, thermistor, clock = text.faults
    assert isinstance(cable, CableOut)
    assert (cable.at_ms, cable.for_ms) == (7_200_000, 600_000)
    assert isinstance(thermistor, Thermistor)
    assert (thermistor.at_ms, thermistor.for_ms, thermistor.offset_k) == (0, None, -4)
    assert isinstance(clock, HostClock)
    assert clock.by_ms == -300_000


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['fault = "cable"', 'at = "1 h"'], 'faults[0].fault: "cable" is not allowed; allowed:'),
        (['fault = "cable_out"', 'at = "1 h"'], 'faults[0].for: is missing; write for example "5'),
        (['at = "1 h"'], "faults[0]: the key `fault` is missing; allowed:"),
        (['fault = "board_reset"', "at = 3"], "faults[0].at: 3 has no unit; expected a time"),
        (
            ['fault = "board_reset"', 'at = "1 h"', 'for = "1 h"'],
            "faults[0].for: unknown key; allowed here: at, fault",
        ),
        (
            ['fault = "noisy_cable"', 'at = "1 h"', "rate = 0.5"],
            "faults[0].rate: 0.5 is not allowed; should be less than or equal to 0.1",
        ),
        (
            ['fault = "cell_contact"', 'at = "1 h"', 'cell = "A1"', 'how = "loose"'],
            'faults[0].how: "loose" is not allowed',
        ),
        (['fault = "device_silent"', 'at = "1 h"'], "faults[0]: write `converter`, or `station`"),
        (
            ['fault = "device_silent"', 'at = "1 h"', 'converter = "a"', 'station = "box"'],
            "faults[0]: write `converter`, or `station` and `sensor`",
        ),
        (
            ['fault = "device_silent"', 'at = "1 h"', 'station = "box"'],
            "faults[0]: write `converter`, or `station` and `sensor`",
        ),
        (
            [
                'fault = "thermistor"',
                'at = "1 h"',
                'station = "box"',
                'sensor = "plate"',
                'how = "open"',
                'offset = "1 °C"',
            ],
            'faults[0]: `offset = "4 °C"` belongs to `how = "offset"`',
        ),
    ],
)
def test_errors_name_the_line_and_what_is_allowed(lines, said):
    with pytest.raises(ConfigError, match=r"faults\.toml, line \d") as caught:
        script(*lines)
    assert said in str(caught.value)
