"""Where a phase begins to be one that never reaches its goal, and where a warning begins."""

import pytest

from soakbench.assets import find_bench
from soakbench.config import BenchConfig, load_bench, parse_bench, parse_plan
from soakbench.errors import ConfigError
from soakbench.plan import check
from soakbench.plan.warnings import warnings

BENCHES = {name: load_bench(find_bench(name)) for name in ("twin", "pico-8cell-sensed")}
AGEING = 'phase = "ageing"'
HOT = 'phase = "thermal_recovery"\nuntil = "3 h"'
DARK = 'phase = "dark_recovery"\nuntil = "3 h"'


def plan_text(*phases: str, station: str = "hotplate_box") -> str:
    text = f'[plan]\nname = "edge"\n[tracks.a]\ncells = ["A1"]\nstation = "{station}"\n'
    return text + "".join(f"[[tracks.a.phases]]\n{phase}\n" for phase in phases)


def told(text: str, bench: BenchConfig) -> str:
    """What check says of the plan, or warns of, but for where the cells are at the start."""
    plan = parse_plan(text, "p.toml")
    try:
        check(plan, bench)
    except ConfigError as error:
        return str(error)
    return "\n".join(text for text in warnings(plan, bench) if ".station:" not in text)


@pytest.mark.parametrize(
    ("phase", "good", "bad"),
    [
        (f'{AGEING}\nuntil = "1 h"\nlight = "1 sun"\nlight_tolerance = "X suns"', 0.001, 0.0009),
        (f'{AGEING}\nuntil = "1 h"\nlight_tolerance = "0.5 suns"\nlight = "X suns"', 0.51, 0.509),
        (f'{AGEING}\nuntil = "1 sun_h"\nlight = "1 sun"\ntimeout = "X min"', 60.1, 60),
        (f'{AGEING}\nuntil = "3 sun_h"\ntimeout = "X min"', 120.1, 120),
        (f'{AGEING}\nuntil = "3 sun_h"\njv_at = ["1 sun_h"]\ntimeout = "X min"', 80.1, 80),
        (f'{AGEING}\nuntil = "3 h"\njv_at = ["1 h"]\ntimeout = "X min"', 120.1, 120),
        (f'{AGEING}\nuntil = "1 h"\nlight = "X suns"', 0.9, 0.89),  # the lamp gives 1
        (f'{AGEING}\nuntil = "1 h"\nlight = "X suns"', 1.1, 1.11),
    ],
)
def test_light(phase: str, good: float, bad: float) -> None:
    texts = [plan_text(phase.replace("X", str(x)), station="simulator") for x in (good, bad)]
    assert told(texts[0], BENCHES["twin"]) == ""
    assert "tracks.a.phases[0]." in told(texts[1], BENCHES["twin"])


@pytest.mark.parametrize(
    ("bench", "phase", "good", "bad"),
    [
        ("twin", f'{HOT}\ntemperature = "X °C"', 22, 21.9),  # ambient_c is 23, the band 1
        ("pico-8cell-sensed", f'{HOT}\ntemperature = "X °C"', 26, 25.9),  # a warm room
        ("twin", f'{HOT}\ntemperature = "X °C"', 59, 59.1),  # the ceiling is 60
        ("twin", f'{HOT}\ntemperature = "50 °C"\nband = "X °C"', 0.3, 0.29),
        ("twin", f"{DARK}\ndark_max_lux = X", 0.1, 0.04),
        # 10 °C/min up to the band of 50 °C
        ("pico-8cell-sensed", f'{HOT}\ntemperature = "50 °C"\ntimeout = "X s"', 10956, 10955),
    ],
)
def test_heat_and_dark(bench: str, phase: str, good: float, bad: float) -> None:
    texts = [plan_text(phase.replace("X", str(x))) for x in (good, bad)]
    assert told(texts[0], BENCHES[bench]) == ""
    assert "tracks.a.phases[0]." in told(texts[1], BENCHES[bench])


def test_a_band_below_a_step_of_the_sensor_is_no_warning_but_an_error() -> None:
    for band, kind in ((0.034, "narrower than the 0.3 °C"), (0.032, "less than a step")):
        phase = f'{HOT}\ntemperature = "50 °C"\nband = "{band} °C"'
        assert kind in told(plan_text(phase), BENCHES["twin"])


def two_arms(second: str, cell: str) -> str:
    first = plan_text(f'{AGEING}\nuntil = "3 h"', DARK, station="simulator")
    arm = plan_text(f'{AGEING}\nuntil = "3 h"', *second.split("|"), station="simulator")
    arm = arm.replace("tracks.a", "tracks.b").replace('"A1"', f'"{cell}"')
    return first + arm[arm.index("[tracks.b]") :]


MOVE = 'phase = "confirm"\nmessage = "Move"\nstation = "hotplate_box"'


def test_a_substrate_may_part_in_tracks_but_not_in_places() -> None:
    assert told(two_arms(DARK, "A2"), BENCHES["twin"]) == ""
    assert 'substrate "A" has cells' in told(two_arms(f"{MOVE}|{DARK}", "A2"), BENCHES["twin"])
    assert told(two_arms(f"{MOVE}|{DARK}", "B1"), BENCHES["twin"]) == ""
    nameless = find_bench("twin").read_text("utf-8").replace('substrate = "A"\n', "")
    bench = parse_bench(nameless, "b.toml")
    assert told(two_arms(f"{MOVE}|{DARK}", "A2"), bench) == ""


LOOK = 'phase = "confirm"\nmessage = "Look at the lamp"'
BRIGHT, DIM = (f'{AGEING}\nuntil = "1 h"\nlight = "{suns} suns"' for suns in (1.1, 0.8))


@pytest.mark.parametrize(
    ("phases", "warned"),
    [
        ((BRIGHT, DIM), True),
        ((DIM, DARK, BRIGHT), True),
        ((BRIGHT, LOOK, DIM), False),
        ((BRIGHT, DIM.replace("0.8", "0.9")), False),  # 1.0 suits both
        ((BRIGHT, f'{AGEING}\nuntil = "1 h"'), False),
        (
            (
                BRIGHT + '\nlabel = "day"',
                LOOK,
                DIM,
                'phase = "loop"\nback_to = "day"\ntimes = 2',
            ),
            True,
        ),
    ],
)
def test_a_lamp_that_the_board_can_only_switch(phases: tuple[str, ...], warned: bool) -> None:
    found = told(plan_text(*phases, station="simulator"), BENCHES["pico-8cell-sensed"])
    assert ("only switches the light" in found) == warned
    assert warned == (found != "")


BY_HAND = parse_bench(
    find_bench("twin").read_text("utf-8").replace('"shutter", pin = 16', '"by_hand"'), "b.toml"
)
LIT = f'{AGEING}\nuntil = "1 h"'


@pytest.mark.parametrize(
    ("phases", "findings"),
    [
        ((LIT, LOOK), 0),  # who starts the run is there
        ((LIT, LIT, LOOK), 0),
        ((DARK, LOOK, LIT, 'phase = "jv"', LOOK, DARK), 0),
        ((LIT + '\njv_at = ["10 min"]', LOOK), 0),
        ((LIT, DARK), 1),
        ((LIT,), 1),
        ((DARK, LIT, LOOK), 1),
        ((LIT.replace("1 h", "1 sun_h"), LOOK), 1),
    ],
)
def test_a_lamp_that_a_person_switches(phases: tuple[str, ...], findings: int) -> None:
    found = told(plan_text(*phases, station="simulator"), BY_HAND)
    assert found.count("is operated by hand") == len(found.splitlines()) == findings


def days(light: str, dark: str) -> str:
    return plan_text(
        f'{AGEING}\nlabel = "day"\nstart = "08:00"\nuntil = "{light}"',
        f'phase = "dark_recovery"\nuntil = "{dark}"',
        'phase = "loop"\nback_to = "day"\ntimes = 3',
        station="simulator",
    )


@pytest.mark.parametrize(
    ("light", "dark", "left"),
    [
        ("12 h", "630 min", None),
        ("12 h", "690 min", None),  # late by an hour at most, and then at once
        ("12 h", "691 min", "29 min"),
        ("12 h", "12 h", "0 s"),
        ("12 h", "721 min", None),  # the cells wait for a day, and that is what the plan says
    ],
)
def test_a_time_of_day_that_would_be_missed_by_a_little(
    light: str, dark: str, left: str | None
) -> None:
    found = told(days(light, dark), BENCHES["twin"])
    assert found == "" if left is None else f"since 08:00 leave {left} until 08:00" in found
