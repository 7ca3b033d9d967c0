"""Messages of bench files that cannot be read, and of files as such.

Those of plan files are in tests/plan/findings.
"""

import pytest

from soakbench.assets import find_bench, find_plan
from soakbench.config import load_bench, load_plan, parse_bench, parse_plan
from soakbench.errors import ConfigError

BENCH = find_bench("twin").read_text(encoding="utf-8")
PLAN = find_plan("paper-fig4").read_text(encoding="utf-8")


def changed(text: str, old: str, new: str) -> str:
    assert old in text, f"the shipped file no longer contains {old!r}"
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


BENCH_ERRORS = [
    (
        "pin = 16",
        "pin = 17",
        "stations.hotplate_box.heater.pin: GPIO 17 is already used by stations.simulator.light.pin",
    ),
    (
        "pin = 16",
        "pin = 25",
        "stations.simulator.light.pin: GPIO 25 belongs to the Pico's LED (or radio);"
        " allowed: 0-22 and 26-28",
    ),
    ("pin = 16", "pin = 99", "there is no GPIO 99 on a Pico; allowed: 0-22 and 26-28"),
    ("pin = 16", "pin = -1", "there is no GPIO -1 on a Pico"),
    ("pin = 16", "pin = 1.5", "stations.simulator.light.pin: 1.5 is not a whole number"),
    ("adc = 28", "adc = 15", "GPIO 15 cannot measure a voltage; allowed: 26, 27, 28"),
    ("adc = 27", "adc = 28", "GPIO 28 is already used by"),
    ("sda = 20", "sda = 19", "i2c.sda: GPIO 19 is not sda of bus 0; allowed: 0, 4, 8, 12, 16, 20"),
    (
        '"ntc10k" }',
        '"ntc1k" }',
        'stage_sensor.thermistor: there is no thermistor "ntc1k"; allowed: "ntc10k". Did you mean',
    ),
    (
        '"shutter", pin = 16',
        '"shutter"',
        "stations.simulator.light: a shutter needs `pin`, the GPIO that drives it",
    ),
    (
        '"shutter", pin = 16',
        '"by_hand", pin = 16',
        'stations.simulator.light: a light with actuator = "by_hand" has no pin; leave `pin` out',
    ),
    (
        '"shutter"',
        '"led"',
        'light.actuator: "led" is not allowed; allowed: "shutter", "lamp_relay", "by_hand"',
    ),
    (
        'station = "simulator"',
        'station = "simulatr"',
        'cells.A1.station: there is no station "simulatr"; allowed: "simulator", "hotplate_box".'
        ' Did you mean "simulator"?',
    ),
    ('rest = "SC"', 'rest = "NC"', 'cells.A1.short_relay.rest: "NC" is not allowed; allowed: "OC"'),
    ('power_off = "SC"', "", 'cells.A1.power_off: is missing; allowed: "OC", "SC"'),
    ("light_sensor", "light_senzor", "unknown key; allowed here: light, light_sensor, heater"),
    (
        'plate_sensor = { adc = 26, thermistor = "ntc10k" }',
        "",
        "stations.hotplate_box.heater: a heater needs a plate_sensor at the same station",
    ),
    (
        "[i2c]\nid = 0\nsda = 20\nscl = 21",
        "",
        "stations.hotplate_box.lux_sensor: a lux sensor needs the table [i2c] with its bus",
    ),
    ("settle_ms = 15", "settle_ms = 5", "relays.settle_ms: 5 is not allowed; should be greater"),
    ("ceiling_c = 60", "ceiling_c = 90", "heater.ceiling_c: 90 is not allowed; should be less"),
    ("ambient_c = 23", "ambient = 23", "twin.ambient: unknown key; allowed here: seed, ambient_c"),
    (
        "[stations.hotplate_box]",
        "[stations.third]\nlux_sensor = { address = 0x10 }\n[stations.hotplate_box]",
        "lux_sensor.address: address 0x10 on the bus is already used by stations.third",
    ),
    (
        "light_sensor = { adc = 28, full_scale_suns = 1.5 }",
        'guard_sensor = { adc = 28, thermistor = "other" }\n[thermistors.other]\nr25_ohm = 1e5\n'
        "beta_k = 3950\ndivider_ohm = 1e4\n[stations.simulator.dummy]",
        "stations.simulator.dummy: unknown key",
    ),
    (
        "r25_ohm = 10000",
        "steinhart_hart = [1.1e-3, 2.4e-4, 7.5e-8]",
        "`steinhart_hart` takes the place of `r25_ohm` and `beta_k`; leave those out",
    ),
    (
        "r25_ohm = 10000\nbeta_k = 3950",
        "steinhart_hart = [1.1e-3, -2.4e-4, 7.5e-8]",
        "would not fall as it gets warm; B must be above 0 and C not below",
    ),
    ("r25_ohm = 10000", "", "write `r25_ohm` and `beta_k`, or `steinhart_hart = [A, B, C]`"),
    (
        "plate_sensor = { adc = 26,",
        'plate_sensor = { adc = 26, converter = "a", input = 0,',
        "`adc` and `converter` exclude each other; leave one out",
    ),
    (
        "plate_sensor = { adc = 26,",
        'plate_sensor = { converter = "a",',
        "write `adc`, a pin, or `converter` and `input`",
    ),
    (
        "plate_sensor = { adc = 26,",
        'plate_sensor = { converter = "a", input = 0,',
        'plate_sensor.converter: there is no converter "a"; allowed: none is defined',
    ),
    (
        "[i2c]\nid = 0\nsda = 20\nscl = 21",
        "[converters.a]",
        "converters.a: a converter needs the table [i2c] with its bus",
    ),
    (
        "[stations.hotplate_box]",
        "[converters.a]\n[converters.b]\n[stations.hotplate_box]",
        "converters.b.address: address 0x48 on the bus is already used by converters.a",
    ),
    (
        "[stations.hotplate_box]",
        "[converters.a]\naddress = 0x4C\n[stations.hotplate_box]",
        "converters.a.address: 76 is not allowed; should be less",
    ),
]


def test_an_input_of_a_converter_serves_one_sensor() -> None:
    sense = 'voltage_sense = { converter = "a", input = 3 }'
    text = changed(BENCH, "[cells.A1]", f"[converters.a]\n[cells.A1]\n{sense}")
    assert parse_bench(text, "b.toml").cells["A1"].voltage_sense is not None
    sense = 'current_sense = { converter = "a", input = 3, shunt_ohm = 4.7 }'
    twice = changed(text, "[cells.A2]", f"[cells.A2]\n{sense}")
    with pytest.raises(ConfigError, match="input 3 of a is already used by cells"):
        parse_bench(twice, "b.toml")


@pytest.mark.parametrize(("old", "new", "message"), BENCH_ERRORS)
def test_bench_errors(old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_bench(changed(BENCH, old, new), "b.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("b.toml")


def test_thermistors_of_one_station_are_of_one_kind() -> None:
    text = changed(
        BENCH,
        "light_sensor = { adc = 28, full_scale_suns = 1.5 }",
        'guard_sensor = { adc = 28, thermistor = "other" }',
    )
    text += "[thermistors.other]\nr25_ohm = 1e5\nbeta_k = 3950\ndivider_ohm = 1e4\n"
    with pytest.raises(ConfigError, match='different thermistors \\("ntc10k", "other"\\)'):
        parse_bench(text, "b.toml")


def test_a_light_by_hand_needs_a_sensor() -> None:
    text = changed(BENCH, '"shutter", pin = 16', '"by_hand"')
    assert parse_bench(text, "b.toml").stations["simulator"].light is not None
    text = changed(text, "light_sensor = { adc = 28, full_scale_suns = 1.5 }", "")
    with pytest.raises(ConfigError, match="operated by hand needs a light_sensor"):
        parse_bench(text, "b.toml")


def test_the_line_of_each_problem_is_given_and_they_come_in_the_order_of_the_file() -> None:
    text = changed(PLAN, 'temperature = "50 °C"', "temperature = 50")
    text = changed(text, 'load = "OC"', 'load = "MPP"')
    with pytest.raises(ConfigError) as caught:
        parse_plan(text, "p.toml")
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"p.toml, line {line_of(text, 'load = ')}: tracks.together.load: ")
    where = f"p.toml, line {line_of(text, 'temperature = 50')}: tracks.thermal.phases[1]."
    assert second.startswith(where)


def test_a_syntax_error_gives_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_plan("[plan]\nname = paper\n", "p.toml")
    assert "p.toml: not valid TOML: " in str(caught.value)
    assert "at line 2" in str(caught.value)
    assert "quotes" in caught.value.hint


def test_files_that_cannot_be_read(tmp_path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_bench(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_plan(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('title = "50 °C"'.encode("latin-1"))
    with pytest.raises(ConfigError, match="not a text file in UTF-8"):
        load_plan(latin)


def test_a_file_keeps_its_text_for_copies() -> None:
    plan = parse_plan(PLAN, "p.toml")
    assert plan.source.text == PLAN
    assert plan.source.name == "p.toml"
