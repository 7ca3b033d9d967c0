"""What the board gets for a plan: steps and numbers, read back with soakwire."""

import binascii

import pytest

from soakbench.assets import find_bench, find_plan
from soakbench.config import load_bench, load_plan, parse_bench, parse_plan
from soakbench.errors import ConfigError
from soakbench.plan import CompiledProgram, compile_config, compile_program
from soakwire import bench_blob, blobs
from soakwire.blobs import AGEING, CONFIRM, DARK_RECOVERY, HOST, LOOP, THERMAL_RECOVERY

TWIN = load_bench(find_bench("twin"))
H = 3_600_000


def compiled(name: str, accelerate: float | None = None, bench: str = "twin") -> CompiledProgram:
    plan = load_plan(find_plan(name))
    return compile_program(plan, load_bench(find_bench(bench)), accelerate)


def steps_of(program: CompiledProgram, track: int = 0) -> list[dict[str, int | None]]:
    parsed = blobs.Program(program.blob)
    return [parsed.step(track, i) for i in range(parsed.length(track))]


def shape(steps: list[dict[str, int | None]]) -> list[tuple[int | None, ...]]:
    return [(s["kind"], s["station"], s["goal_kind"], s["goal"]) for s in steps]


def loads(step: dict[str, int | None]) -> str:
    """One letter for each cell of the bench: O, S or - (not of this track)."""
    bits = step["loads"]
    assert bits is not None
    return "".join("OSM-"[bits >> 2 * i & 3] for i in range(8))


def test_paper_oc_dark() -> None:
    steps = steps_of(compiled("paper-oc-dark"))
    assert shape(steps) == [
        (HOST, 0, blobs.GOAL_NONE, 0),
        (AGEING, 0, blobs.GOAL_TIME, 16 * H),
        (HOST, 0, blobs.GOAL_NONE, 0),
        (CONFIRM, 0, blobs.GOAL_NONE, 0),
        (DARK_RECOVERY, 1, blobs.GOAL_TIME, 16 * H),
        (CONFIRM, 1, blobs.GOAL_NONE, 0),
        (HOST, 0, blobs.GOAL_NONE, 0),
    ]
    assert {loads(step) for step in steps} == {"OOOOOOOO"}
    assert (steps[1]["light"], steps[1]["light_tolerance"]) == (1000, 100)
    assert (steps[4]["dark_max"], steps[4]["target"]) == (10, None)


def test_paper_sc_dark_keeps_the_load_while_people_are_waited_for() -> None:
    steps = steps_of(compiled("paper-sc-dark"))
    expected = ["O", "S", "S", "S", "O", "O", "O"]
    assert [loads(step) for step in steps] == [letter * 8 for letter in expected]


def test_paper_oc_thermal() -> None:
    steps = steps_of(compiled("paper-oc-thermal"))
    assert shape(steps)[4] == (THERMAL_RECOVERY, 1, blobs.GOAL_BAND, 3 * H)
    hot = steps[4]
    assert (hot["target"], hot["band"], hot["timeout"], hot["dark_max"]) == (5000, 100, 21600, 10)


def test_paper_fig4_ages_together_and_splits() -> None:
    program = compiled("paper-fig4")
    dark, thermal = steps_of(program, 0), steps_of(program, 1)
    assert shape(dark[:3]) == shape(thermal[:3])
    assert (dark[1]["kind"], dark[1]["goal"]) == (AGEING, 16 * H)
    assert [(s["kind"], s["station"]) for s in dark[3:]] == [
        (CONFIRM, 0),
        (DARK_RECOVERY, 0),
        (HOST, 0),
    ]
    assert [(s["kind"], s["station"]) for s in thermal[3:]] == [
        (CONFIRM, 0),
        (THERMAL_RECOVERY, 1),
        (CONFIRM, 1),
        (HOST, 0),
    ]
    assert (dark[4]["goal"], thermal[4]["goal"]) == (16 * H, 3 * H)
    assert {loads(step) for step in dark} == {"OOOO----"}
    assert {loads(step) for step in thermal} == {"----OOOO"}
    parsed = blobs.Program(program.blob)
    assert [track["cells"] for track in parsed.tracks] == [0x0F, 0xF0]


def test_the_host_knows_what_the_board_does_not() -> None:
    program = compiled("paper-fig4")
    assert (program.plan, program.accelerate, program.lease_ms) == ("paper-fig4", 1, 30_000)
    assert program.max_gap_ms == 300_000
    thermal = program.tracks[1]
    assert (thermal.name, thermal.cells) == ("thermal", ["B1", "B2", "B3", "B4"])
    move, hot = thermal.steps[3], thermal.steps[4]
    assert (move.phase, move.station, move.moves_to) == ("confirm", "simulator", "hotplate_box")
    assert move.message == "Put substrate B on the hotplate and close the box"
    assert (move.goal, move.unit, move.goal_milli) == (None, "", 0)
    assert (hot.phase, hot.station, hot.goal, hot.unit) == (
        "thermal_recovery",
        "hotplate_box",
        3.0,
        "h",
    )
    assert (hot.target_c, hot.band_c, hot.index, hot.phase_index) == (50.0, 1.0, 4, 4)
    assert program.tracks[0].steps[3].moves_to is None


def test_day_night_loops() -> None:
    program = compiled("day-night", bench="twin-day-night")
    steps = steps_of(program, 1)
    assert [s["kind"] for s in steps] == [
        HOST,
        AGEING,
        HOST,
        THERMAL_RECOVERY,
        DARK_RECOVERY,
        HOST,
        LOOP,
    ]
    assert (steps[6]["loop_to"], steps[6]["loop_times"], steps[6]["station"]) == (1, 7, None)
    assert [loads(steps[i]) for i in (0, 1, 2, 3)] == [
        "----OOOO",
        "----SSSS",
        "----SSSS",
        "----OOOO",
    ]
    visits = list(program.visits(1))
    assert visits[:7] == [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (1, 1)]
    assert visits[-1] == (5, 6)
    assert len(visits) == 1 + 7 * 5


def test_two_loops_in_a_row_start_again_from_cycle_0() -> None:
    text = """
[plan]
name = "x"
[tracks.a]
cells = ["A1"]
station = "simulator"
phases = [
  { phase = "jv", label = "one" },
  { phase = "loop", back_to = "one", times = 2 },
  { phase = "ageing", until = "1 h", label = "two" },
  { phase = "loop", back_to = "two", times = 3 },
  { phase = "jv" },
]
"""
    program = compile_program(parse_plan(text, "x"), TWIN)
    expected = [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2), (4, 0)]
    assert list(program.visits(0)) == expected


def test_acceleration_divides_goals_and_time_outs_but_not_what_is_real() -> None:
    real, fast = compiled("paper-oc-thermal"), compiled("paper-oc-thermal", 3600)
    before, after = steps_of(real), steps_of(fast)
    assert (after[1]["goal"], after[4]["goal"]) == (16_000, 3_000)
    for same in ("light", "light_tolerance", "target", "band", "dark_max", "loads"):
        assert [s[same] for s in before] == [s[same] for s in after]
    # The simulated plate is at most 10 times faster, so its time-out is 6 h / 10.
    assert after[4]["timeout"] == 2160
    assert fast.lease_ms == real.lease_ms
    assert fast.max_gap_ms == 83
    assert blobs.Program(fast.blob).head["sample"] == 10_000
    # For people, amounts stay the plan's.
    info = fast.tracks[0].steps[4]
    assert (info.goal, info.goal_milli) == (3.0, 3_000)
    assert info.goal_milli * fast.accelerate / H == info.goal


def test_an_accelerated_plan_is_never_without_a_goal() -> None:
    program = compiled("paper-oc-dark", 100_000)
    assert steps_of(program)[1]["goal"] == 576


@pytest.mark.parametrize("factor", [0.5, 0, -1, 100_001, float("nan")])
def test_accelerations_that_cannot_be(factor: float) -> None:
    with pytest.raises(ConfigError, match=r"acceleration: .* is not allowed; allowed: 1 to 100000"):
        compiled("paper-oc-dark", factor)


def test_acceleration_is_refused_on_a_real_bench() -> None:
    with pytest.raises(ConfigError, match="for the simulated bench") as caught:
        compiled("paper-oc-dark", 10, bench="pico-8cell")
    assert "twin" in caught.value.hint


def test_the_program_id_is_of_the_content() -> None:
    program = compiled("paper-fig4")
    head = blobs.PROGRAM_HEAD.unpack_named(program.blob)
    assert head["program_id"] == program.program_id != 0
    head["program_id"] = 1
    with_one = blobs.PROGRAM_HEAD.pack_named(head) + program.blob[blobs.PROGRAM_HEAD.size :]
    assert binascii.crc32(with_one) == program.program_id
    assert compiled("paper-fig4") == program
    assert compiled("paper-fig4", 2).program_id != program.program_id
    assert compiled("paper-oc-dark").program_id != program.program_id


def test_a_dose_is_counted_in_milli_sun_seconds() -> None:
    text = find_plan("paper-oc-dark").read_text(encoding="utf-8")
    plan = parse_plan(text.replace('"16 h"       ', '"2 sun_h"', 1), "p.toml")
    step = steps_of(compile_program(plan, TWIN))[1]
    assert (step["goal_kind"], step["goal"]) == (blobs.GOAL_DOSE, 7_200_000)
    info = compile_program(plan, TWIN).tracks[0].steps[1]
    assert (info.goal, info.unit) == (2.0, "sun_h")


def test_a_station_without_a_lux_sensor_is_dark_on_trust() -> None:
    assert steps_of(compiled("paper-fig4"), 0)[4]["dark_max"] is None


def test_sampling_at_the_beginning_of_a_step_is_never_slower() -> None:
    text = find_plan("paper-oc-dark").read_text(encoding="utf-8")
    plan = parse_plan(text.replace("[plan]", "[plan]\nsample_s = 0.5", 1), "p.toml")
    head = blobs.Program(compile_program(plan, TWIN).blob).head
    assert (head["sample"], head["fast_sample"], head["fast_for"]) == (500, 500, 120_000)


@pytest.mark.parametrize(
    ("line", "held"), [("", 0), ('host_loss = "go on"', 0), ('host_loss = "hold"', 1)]
)
def test_what_the_board_does_without_a_host(line: str, held: int) -> None:
    text = find_plan("paper-oc-dark").read_text(encoding="utf-8")
    plan = parse_plan(text.replace("[plan]", f"[plan]\n{line}", 1), "p.toml")
    assert blobs.Program(compile_program(plan, TWIN).blob).head["host_loss"] == held


def test_nothing_unchecked_is_compiled() -> None:
    text = find_plan("paper-oc-dark").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match='there is no cell "C9"'):
        compile_program(parse_plan(text.replace('"A1"', '"C9"'), "p.toml"), TWIN)


def test_the_configuration_of_the_twin() -> None:
    config = bench_blob.parse_config(compile_config(TWIN))
    head = config.head
    assert (head["stations"], head["cells"], head["tables"]) == (2, 8, 1)
    assert (head["settle"], head["dwell"], head["stagger"]) == (15, 1000, 50)
    assert (head["i2c_id"], head["i2c_sda"], head["i2c_scl"], head["i2c_khz"]) == (0, 20, 21, 100)
    simulator, box = config.stations
    assert (simulator["light_pin"], simulator["light_active"], simulator["heater_pin"]) == (
        16,
        1,
        None,
    )
    assert (simulator["light_adc"], simulator["light_zero"], simulator["light_full"]) == (
        28,
        0,
        1500,
    )
    assert (simulator["stage_adc"], simulator["plate_adc"], simulator["table"]) == (27, None, 0)
    assert (simulator["ceiling"], simulator["lux_address"]) == (0, None)
    assert (box["heater_pin"], box["contactor_pin"], box["plate_adc"]) == (17, 18, 26)
    assert (box["light_pin"], box["light_adc"], box["lux_address"]) == (None, None, 16)
    assert (box["kp"], box["ki"], box["feed"], box["ceiling"]) == (200, 1000, 10_000, 6000)
    assert (box["plausible_low"], box["plausible_high"], box["low_is_short"]) == (-1000, 9000, 1)
    assert [(c["short_pin"], c["measure_pin"]) for c in config.cells] == [
        (i, i + 8) for i in range(8)
    ]
    assert {(c["rest"], c["power_off"], c["short_active"]) for c in config.cells} == {(1, 1, 1)}


CONVERTERS = """
[converters.a]
[converters.b]
address = 0x4A
divider_v = 3.0
"""
SENSES = """
voltage_sense = { converter = "a", input = 0 }
current_sense = { converter = "b", input = 3, shunt_ohm = 4.7 }
"""


def test_the_configuration_of_converters_senses_and_offsets() -> None:
    text = find_bench("twin").read_text(encoding="utf-8").partition("# The physics")[0] + SENSES
    box = CONVERTERS + "[stations.hotplate_box]\nhumidity_sensor = { address = 0x45 }"
    text = text.replace("[stations.hotplate_box]", box, 1)
    on_converter = '{ converter = "b", input = 2, offset_c = -0.25,'
    text = text.replace("{ adc = 26,", on_converter, 1)
    config = bench_blob.parse_config(compile_config(parse_bench(text, "b.toml")))
    assert config.converters == [
        {"address": 0x48, "full": 26400},
        {"address": 0x4A, "full": 24000},
    ]
    box = config.stations[1]
    assert (box["plate_adc"], box["plate_offset"], box["guard_offset"]) == (64 + 4 + 2, -25, 0)
    assert (box["humidity_address"], config.stations[0]["humidity_address"]) == (0x45, None)
    last = config.cells[-1]
    assert (last["voltage_input"], last["current_input"], last["shunt"]) == (0, 7, 4700)
    assert (config.cells[0]["voltage_input"], config.cells[0]["current_input"]) == (None, None)


def test_the_configuration_of_a_bench_with_little_on_it() -> None:
    bare = """
[bench]
name = "bare"
port = "COM3"
[stations.bench]
[cells.A1]
station = "bench"
area_cm2 = 0.07
power_off = "OC"
"""
    config = bench_blob.parse_config(compile_config(parse_bench(bare, "b.toml")))
    assert (config.head["i2c_id"], config.head["tables"], config.tables) == (None, 0, [])
    assert config.stations[0]["table"] is None
    assert (config.cells[0]["short_pin"], config.cells[0]["rest"]) == (None, 0)
