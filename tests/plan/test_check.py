"""What a plan may not ask of a bench, each with its message."""

import pytest

from soakbench.assets import find_bench, find_plan
from soakbench.config import BenchConfig, load_bench, parse_bench, parse_plan
from soakbench.errors import ConfigError
from soakbench.plan import check
from soakbench.plan.warnings import warnings

PLAN = find_plan("paper-fig4").read_text(encoding="utf-8")
BENCH = find_bench("twin").read_text(encoding="utf-8")


def bench() -> BenchConfig:
    return load_bench(find_bench("twin"))


def plan_text(*phases: str, cells: str = '["A1"]', track: str = "a", extra: str = "") -> str:
    """A plan with one track at the simulator; each phase in TOML without its header."""
    head = f'[plan]\nname = "test"\n{extra}\n[tracks.{track}]\ncells = {cells}\n'
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

ONE_TRACK = [
    (
        plan_text(AGE, cells='["A1", "C1"]'),
        'tracks.a.cells[1]: there is no cell "C1"; bench "twin" has "A1", "A2", "A3", "A4", "B1",',
    ),
    (plan_text(AGE, cells='["A1", "A1"]'), 'tracks.a.cells[1]: cell "A1" is named twice'),
    (
        plan_text(AGE).replace('"simulator"', '"simulater"'),
        'tracks.a.station: there is no station "simulater"; bench "twin" has "simulator",'
        ' "hotplate_box". Did you mean "simulator"?',
    ),
    (
        plan_text(HOT),
        'tracks.a.phases[0].phase: station "simulator" has no heater; thermal_recovery needs a'
        " station with one",
    ),
    (
        plan_text(TO_BOX, AGE),
        'tracks.a.phases[1].phase: station "hotplate_box" has no light; ageing needs a station',
    ),
    (
        plan_text(TO_BOX, HOT.replace("50", "61")),
        "tracks.a.phases[1].temperature: 61 °C is outside 0 to 60 °C, the ceiling_c of station",
    ),
    (plan_text(TO_BOX, HOT.replace("50", "-5")), "-5 °C is outside 0 to 60 °C"),
    (
        plan_text(AGE, HOT + '\nstation = "hotplate_box"'),
        'tracks.a.phases[1].station: the cells are at "simulator"; moving them to "hotplate_box"'
        ' needs a phase "confirm" with station = "hotplate_box" before this one',
    ),
    (
        plan_text(TO_BOX, DARK + '\nstation = "simulator"'),
        'the cells are at "hotplate_box"; moving them to "simulator" needs a phase "confirm"',
    ),
    (
        plan_text(TO_BOX.replace("hotplate_box", "box"), DARK),
        'tracks.a.phases[0].station: there is no station "box"; bench "twin" has',
    ),
    (
        plan_text(AGE + '\nlight = "1.45 sun"'),
        "tracks.a.phases[0].light: 1.45 + 0.1 suns cannot be verified: the sensor of station"
        ' "simulator" ends at 1.5 suns',
    ),
    (
        plan_text(DARK + "\ndark_max_lux = 1"),
        'tracks.a.phases[0].dark_max_lux: station "simulator" has no lux_sensor to prove it;',
    ),
    (
        plan_text(AGE + '\ntimeout = "1 h"'),
        "tracks.a.phases[0].timeout: is not longer than the phase itself (until = 1 h)",
    ),
    (
        plan_text(AGE + '\nloads = { A2 = "SC" }'),
        'tracks.a.phases[0].loads.A2: cell "A2" is not in this track; allowed: "A1"',
    ),
    (
        plan_text(AGE).replace("station =", 'loads = { B1 = "SC" }\nstation ='),
        'tracks.a.loads.B1: cell "B1" is not in this track; allowed: "A1"',
    ),
    (
        plan_text(AGE, LOOP + '"day"'),
        'phases[1].back_to: no earlier phase has the label "day"; give that phase a `label`',
    ),
    (
        plan_text(AGE + '\nlabel = "day"', LOOP + '"dax"'),
        'no earlier phase has the label "dax"; allowed: "day". Did you mean "day"?',
    ),
    (
        plan_text(AGE + '\nlabel = "day"', DARK + '\nlabel = "day"'),
        'tracks.a.phases[1].label: "day" is already the label of an earlier phase of this track',
    ),
    (
        plan_text(AGE + '\nlabel = "day"', LOOP + '"day"', DARK, LOOP + '"day"'),
        "tracks.a.phases[3].back_to: goes back over another loop; loops stand one after the other",
    ),
    (
        plan_text(AGE + '\nlabel = "day"', TO_BOX, HOT, LOOP + '"day"'),
        'tracks.a.phases[3].back_to: the cells are at "hotplate_box" here and "day" begins at'
        ' "simulator"; end the loop with a `confirm` that has station = "simulator"',
    ),
    (
        plan_text(*[AGE] * 129),
        "tracks.a.phases: there are 129 phases; a track has at most 128; use loops",
    ),
]


@pytest.mark.parametrize(("text", "message"), ONE_TRACK)
def test_one_track(text: str, message: str) -> None:
    assert message in message_of(text)


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
    ).replace('[plan]\nname = "test"\n', "")


def test_a_cell_is_in_one_track() -> None:
    text = two_tracks(AGE, AGE).replace('"B1"', '"A1"')
    assert 'tracks.b.cells[0]: cell "A1" is already in track "a"' in message_of(text)


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


def test_dose_and_light_need_a_sensor() -> None:
    blind = parse_bench(
        BENCH.replace("light_sensor = { adc = 28, full_scale_suns = 1.5 }", ""), "b.toml"
    )
    dose = plan_text(AGE.replace("1 h", "1 sun_h"))
    assert "tracks.a.phases[0].until: station" in message_of(dose, blind)
    assert 'no light_sensor to measure a dose; write a time like "16 h"' in message_of(dose, blind)
    level = plan_text(AGE + '\nlight = "1 sun"')
    assert "no light_sensor to verify it; leave the key out" in message_of(level, blind)
    check(parse_plan(dose, "p.toml"), bench())


def test_a_cell_without_a_short_relay_has_a_fixed_load() -> None:
    relay = 'short_relay = { pin = 0, active = "high", rest = "SC" }'
    fixed = parse_bench(BENCH.replace(relay, ""), "b.toml")
    message = message_of(plan_text(AGE), fixed)
    assert (
        'tracks.a.phases[0]: cell "A1" has no short_relay and is always at SC, not at OC' in message
    )
    check(parse_plan(plan_text(AGE + '\nload = "SC"'), "p.toml"), fixed)


def test_real_cells_are_not_accelerated() -> None:
    real = load_bench(find_bench("pico-8cell"))
    message = message_of(plan_text(AGE, extra="accelerate = 10"), real)
    assert "plan.accelerate: 10 is for the simulated bench, and this one is at" in message
    check(parse_plan(plan_text(AGE, extra="accelerate = 10"), "p.toml"), bench())


def test_more_tracks_or_phases_than_the_board_holds() -> None:
    def track(n: int, count: int) -> str:
        return plan_text(*[AGE] * count, track=f"t{n}", cells=f'["{"AB"[n // 4]}{n % 4 + 1}"]')

    def plan_of(tracks: int, count: int) -> str:
        head = '[plan]\nname = "test"\n'
        return head + "".join(track(n, count).replace(head, "") for n in range(tracks))

    assert "tracks: there are 5 tracks; the board runs at most 4" in message_of(plan_of(5, 1))
    message = message_of(plan_of(4, 70))
    assert "tracks: all tracks together have 280 phases; the board holds 254" in message
    check(parse_plan(plan_of(4, 63), "p.toml"), bench())


def latching(text: str = BENCH) -> str:
    """The bench with a latching relay at A1."""
    pin = 'short_relay = { pin = 0, active = "high", rest = "SC" }'
    assert text.count(pin) == 1
    return text.replace(pin, 'short_relay = { set_pin = 0, reset_pin = 22, rest = "SC" }')


def test_a_latching_cell_away_from_its_power_off_load_is_warned_of():
    on = parse_bench(latching(), "b.toml")
    at_oc = parse_plan(plan_text(AGE + '\nload = "OC"', cells='["A1", "A2"]'), "p.toml")
    (warning,) = warnings(at_oc, on)
    assert "track a: latching relays at A1." in warning
    assert "at OC leaves them there" in warning
    assert warnings(at_oc, bench()) == []
    at_sc = parse_plan(plan_text(AGE + '\nload = "SC"', cells='["A1", "A2"]'), "p.toml")
    assert warnings(at_sc, on) == []


def test_a_track_without_cells_is_warned_of() -> None:
    empty = parse_plan(plan_text(AGE, cells="[]"), "p.toml")
    check(empty, bench())
    (warning,) = warnings(empty, bench())
    assert warning.startswith("track a has no cells")


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


def test_the_shunt_that_would_do_is_named():
    message = message_of(AT_SC, shunted(10))
    assert "17.0 mV, allowed are 10: 1.65 mA (0.07 cm² at 1 sun) through a shunt of 10 Ω" in message
    assert "a shunt of 5.7 Ω or less would do" in message
    assert len(message.splitlines()) == 1
    assert "position 1.5" in message_of(AT_SC, shunted(10, position=1.5))
    assert "no shunt is small enough" in message_of(AT_SC, shunted(0.1, area_cm2=2))


def test_what_is_no_light_or_no_sc_needs_no_small_shunt():
    for plan in (plan_text(AGE), plan_text(DARK + '\nload = "SC"')):
        check(parse_plan(plan, "p.toml"), shunted(10))
    twice = plan_text(AGE + '\nload = "SC"', DARK, AGE + '\nload = "SC"')
    assert len(message_of(twice, shunted(10)).splitlines()) == 1
