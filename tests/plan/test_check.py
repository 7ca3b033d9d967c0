"""Where what can run ends. What is said beyond that is in findings/ (test_findings_of_check.py)."""

import pytest

from soakbench.assets import find_bench
from soakbench.config import BenchConfig, load_bench, parse_bench, parse_plan
from soakbench.errors import ConfigError
from soakbench.plan import check
from soakbench.plan.warnings import warnings

BENCH = find_bench("twin").read_text(encoding="utf-8")


def bench() -> BenchConfig:
    return load_bench(find_bench("twin"))


HEAD = '[plan]\nname = "test"\n'


def plan_text(*phases: str, cells: str = '["A1"]', track: str = "a", extra: str = "") -> str:
    """A plan with one track at the simulator; each phase in TOML without its header."""
    head = f"{HEAD}{extra}\n[tracks.{track}]\ncells = {cells}\n"
    body = [f"[[tracks.{track}.phases]]\n{phase}\n" for phase in phases]
    return head + 'station = "simulator"\n' + "\n".join(body)


def message_of(text: str, on: BenchConfig | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        check(parse_plan(text, "p.toml"), on or bench())
    assert "soakbench plan" in caught.value.hint
    return str(caught.value)


AGE = 'phase = "ageing"\nuntil = "1 h"'
DARK = 'phase = "dark_recovery"\nuntil = "1 h"'
HOT = 'phase = "thermal_recovery"\nuntil = "1 h"\ntemperature = "50 °C"'
TO_BOX = 'phase = "confirm"\nmessage = "move"\nstation = "hotplate_box"'
LOOP = 'phase = "loop"\ntimes = 2\nback_to = '


def test_a_phase_may_move_after_a_confirm_and_a_loop_may_bring_the_cells_back() -> None:
    confirm = 'phase = "confirm"\nmessage = "move"'
    back = confirm + '\nstation = "simulator"'
    text = plan_text(
        AGE + '\nlabel = "day"',
        confirm,
        'phase = "jv"',
        HOT + '\nstation = "hotplate_box"',
        back,
        LOOP + '"day"',
    )
    check(parse_plan(text, "p.toml"), bench())


def two_tracks(first: str, second: str) -> str:
    return plan_text(*first.split("|")) + plan_text(
        *second.split("|"), track="b", cells='["B1"]'
    ).replace(HEAD, "")


DISAGREEMENTS = [
    (
        AGE,
        DARK,
        'tracks.b.phases[0]: tracks "a" and "b" are both at station "simulator" from 0 s to 1 h'
        ' after the start, but "a" wants light and no heat and "b" wants dark and no heat; use',
    ),
    (
        AGE,
        AGE.replace("1 h", "2 h") + "|" + DARK,
        None,
    ),
    (
        AGE + "|" + DARK,
        AGE.replace("1 h", "90 min"),
        'from 1 h to 1 h 30 min after the start, but "b" wants light and no heat and "a"',
    ),
    (
        AGE + '\nlight = "1 sun"',
        AGE + '\nlight = "0.5 sun"',
        '"a" wants 1 sun and no heat and "b" wants 0.5 suns and no heat',
    ),
    (AGE + '\nlight = "1 sun"', AGE, None),
    (
        TO_BOX + "|" + HOT,
        TO_BOX + "|" + DARK,
        'at station "hotplate_box" from 0 s to 1 h after the start, but "a" wants dark and 50 °C'
        ' and "b" wants dark and no heat',
    ),
    (
        TO_BOX + "|" + HOT,
        TO_BOX + "|" + HOT.replace("50", "45"),
        '"a" wants dark and 50 °C and "b" wants dark and 45 °C',
    ),
    (TO_BOX + "|" + HOT, TO_BOX + "|" + HOT, None),
    (TO_BOX + "|" + HOT, AGE, None),
    (
        AGE + '\nlabel = "x"|phase = "loop"\nback_to = "x"\ntimes = 4',
        AGE.replace("1 h", "3 h") + "|" + DARK,
        'from 3 h to 4 h after the start, but "a" wants light',
    ),
    (
        AGE.replace("1 h", "1 sun_h") + '\nlight = "0.5 sun"|' + DARK,
        AGE.replace("1 h", "2 h") + "|" + DARK,
        None,
    ),
]


@pytest.mark.parametrize(("first", "second", "message"), DISAGREEMENTS)
def test_two_tracks_at_one_station(first: str, second: str, message: str | None) -> None:
    text = two_tracks(first, second)
    if message is None:
        check(parse_plan(text, "p.toml"), bench())
    else:
        assert message in message_of(text)


def test_each_pair_of_tracks_is_told_once() -> None:
    days = "|".join([AGE, DARK, AGE, DARK])
    assert len(message_of(two_tracks(days, DARK.replace("1 h", "9 h"))).splitlines()) == 1


def test_a_dose_can_be_measured_where_a_light_sensor_is() -> None:
    check(parse_plan(plan_text(AGE.replace("1 h", "1 sun_h")), "p.toml"), bench())


def test_a_cell_without_a_short_relay_may_be_at_its_fixed_load() -> None:
    relay = 'short_relay = { pin = 0, active = "high", rest = "SC" }'
    fixed = parse_bench(BENCH.replace(relay, ""), "b.toml")
    check(parse_plan(plan_text(AGE + '\nload = "SC"'), "p.toml"), fixed)


def test_simulated_cells_may_live_faster() -> None:
    check(parse_plan(plan_text(AGE, extra="accelerate = 10"), "p.toml"), bench())


def test_as_many_phases_as_the_board_holds() -> None:
    tracks = [
        plan_text(*[AGE] * 63, track=f"t{n}", cells=f'["A{n}"]').replace(HEAD, "")
        for n in (1, 2, 3, 4)
    ]
    check(parse_plan(HEAD + "".join(tracks), "p.toml"), bench())


def latching(text: str = BENCH) -> str:
    """The bench with a latching relay at A1."""
    pin = 'short_relay = { pin = 0, active = "high", rest = "SC" }'
    assert text.count(pin) == 1
    return text.replace(pin, 'short_relay = { set_pin = 0, reset_pin = 22, rest = "SC" }')


def test_a_latching_cell_is_warned_of_only_away_from_its_power_off_load() -> None:
    on = parse_bench(latching(), "b.toml")
    at_oc, at_sc = (
        parse_plan(plan_text(AGE + f'\nload = "{load}"', cells='["A1", "A2"]'), "p.toml")
        for load in ("OC", "SC")
    )
    assert "latching relays at A1." in warnings(at_oc, on)[0]
    assert warnings(at_oc, bench()) == warnings(at_sc, on) == []


@pytest.mark.parametrize(
    ("relay", "message"),
    [
        ('{ set_pin = 0, rest = "SC" }', "`set_pin` and `reset_pin`; one coil that is driven"),
        ('{ pin = 0, reset_pin = 22, rest = "SC" }', "write `pin`, or for a latching relay"),
        ('{ pin = 0, pulse_ms = 20, rest = "SC" }', "`pulse_ms` belongs to a latching relay"),
        ('{ set_pin = 0, reset_pin = 1, rest = "SC" }', "GPIO 1 is already used by"),
        (
            '{ set_pin = 0, reset_pin = 22, pulse_ms = 20, rest = "SC" }',
            "a pulse of 20 ms is longer than relays.settle_ms = 15",
        ),
    ],
)
def test_latching_relays_that_cannot_be_wired(relay: str, message: str):
    text = latching().replace('{ set_pin = 0, reset_pin = 22, rest = "SC" }', relay)
    with pytest.raises(ConfigError) as caught:
        parse_bench(text, "b.toml")
    assert message in str(caught.value)


def shunted(shunt_ohm: float, area_cm2: float = 0.07, position: float = 1.0) -> BenchConfig:
    """The bench with a shunt at A1 that it knows."""
    text = BENCH.replace("area_cm2 = 0.07", f"area_cm2 = {area_cm2}\nposition = {position}", 1)
    sense = f'current_sense = {{ converter = "c", input = 0, shunt_ohm = {shunt_ohm} }}'
    return parse_bench(
        text.replace("[cells.A1]", f"[converters.c]\n[cells.A1]\n{sense}", 1), "b.toml"
    )


AT_SC = plan_text(AGE + '\nload = "SC"', cells='["A1", "A2"]')


@pytest.mark.parametrize(
    ("on", "light", "allowed"),
    [
        (shunted(4.7), None, True),  # 8.3 mV
        (shunted(4.7), "1.2 sun", True),  # 9.9 mV
        (shunted(4.7), "1.25 sun", False),
        (shunted(4.7, position=1.2), "1 sun", True),
        (shunted(4.7, position=1.22), "1 sun", False),
        (shunted(5.75), None, True),  # 6.05 ohm in all
        (shunted(5.76), None, False),
        (shunted(0.12, area_cm2=1), None, True),
        (shunted(0.13, area_cm2=1), None, False),
    ],
)
def test_sc_must_be_sc_where_the_shunt_is_known(on: BenchConfig, light: str | None, allowed: bool):
    """Isc * (shunt + contact + leads) <= 10 mV, with 23.6 mA/cm2 at 1 sun."""
    plan = AT_SC if light is None else AT_SC.replace('"SC"', f'"SC"\nlight = "{light}"')
    if allowed:
        check(parse_plan(plan, "p.toml"), on)
    else:
        assert 'tracks.a.phases[0]: cell "A1" at SC would keep 1' in message_of(plan, on)


def test_what_is_no_light_or_no_sc_needs_no_small_shunt():
    for plan in (plan_text(AGE), plan_text(DARK + '\nload = "SC"')):
        check(parse_plan(plan, "p.toml"), shunted(10))
    twice = plan_text(AGE + '\nload = "SC"', DARK, AGE + '\nload = "SC"')
    assert len(message_of(twice, shunted(10)).splitlines()) == 1
