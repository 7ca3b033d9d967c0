"""Evidence: each rule provoked, and a study as it should be, which provokes none."""

import pytest
from evidence_rig import (
    AGAIN,
    AGEING,
    BACK,
    BENCH,
    BY_HAND,
    DARK,
    JV,
    MOVE,
    NO_LUX,
    NO_SENSOR,
    WARM,
    World,
)

from soakbench.run.evidence.rules import RULES
from soakwire import records

A1, A2 = 0, 1
HOUR_S = 3600


def ageing(bench: str = BENCH) -> World:
    """Settled in the first ageing."""
    world = World(bench)
    world.enter(AGEING)
    world.run(120)
    return world


def dark() -> World:
    """Settled in the warm box."""
    world = World()
    world.enter(WARM)
    world.run(300)
    return world


def one(world: World, rule: str, subject: str):
    """The only finding that is a deviation."""
    found = [f for f in world.judged() if f.rule.deviation]
    assert [(f.rule.id, f.subject) for f in found] == [(rule, subject)]
    return found[0]


def deviations(world: World) -> list[tuple[str, str, bool]]:
    """Rule, subject and whether it is over, of what a report must list."""
    return [found for found in world.rules() if RULES[found[0]].deviation]


# --- a study as it should be ---


@pytest.mark.parametrize("bench", [BENCH, NO_SENSOR, NO_LUX], ids=["full", "no-sensor", "no-lux"])
def test_a_study_as_it_should_be_provokes_nothing(bench):
    """Light, dark, J-V sweeps, load switches, moves, warmth, a lid that is lifted, a night."""
    world = World(bench, slow_s=15)
    world.enter(JV)
    world.lamp_by_hand = True
    world.stir()
    for name in world.cells:  # one sweep after the other, under the simulator
        before = world.cells[name].load
        world.run(15, 1)
        world.load(name, records.MEASURE)
        world.run(60, 1)
        world.load(name, before)
        world.run(15, 1)
    world.lamp_by_hand = False
    world.enter(AGEING)
    world.run(120, 1)
    world.lamp_suns = 0.93  # it warms up
    world.run(2 * HOUR_S)
    world.lamp_suns = 0.0  # it flickers
    world.run(2, 1)
    world.lamp_suns = 0.93
    world.stir()
    world.run(60, 1)
    world.load("A1", records.MEASURE)  # a sweep in the middle of the light
    world.run(30, 1)
    world.load("A1", records.OC)
    world.run(60, 1)
    world.enter(MOVE)
    world.lamp_by_hand = True  # work is done in good light
    world.leak_lux = 400.0  # the room; the box is open, the cells are in somebody's hand
    world.cells["A2"].has_contact = False
    world.run(600)
    world.cells["A2"].has_contact = True
    world.lamp_by_hand = False
    world.enter(WARM)
    world.run(30, 1)
    world.leak_lux = 0.0  # the lid is closed half a minute after the confirm
    world.run(HOUR_S)
    world.leak_lux = 300.0  # somebody looks in
    world.run(15, 5)
    world.leak_lux = 0.0
    world.run(HOUR_S)
    world.enter(BACK)
    world.run(300)
    world.enter(AGAIN)
    world.run(HOUR_S)
    world.enter(DARK)
    world.run(10 * HOUR_S, 60)
    assert deviations(world) == []


def test_the_move_into_the_dark_is_told_until_light_has_shown_contact():
    world = ageing()
    world.enter(MOVE)
    world.run(60)
    world.enter(WARM)
    world.run(600)
    waiting = [("move_unchecked", "A1", False), ("move_unchecked", "A2", False)]
    assert world.rules() == waiting, "A3 has no sense and can never be checked"
    world.enter(BACK)
    world.run(60)
    assert world.rules() == waiting
    world.enter(AGAIN)
    world.run(120)
    assert world.rules() == [("move_unchecked", "A1", True), ("move_unchecked", "A2", True)]
    text = world.judged()[0].words()
    assert text.startswith("A1 was moved to box; its contact and polarity could not be checked")


# --- load ---


def test_a_cell_at_sc_that_shows_its_voltage():
    world = ageing()
    world.cells["A2"].load_is = records.OC
    world.tell(records.EV_SC_VOLTAGE, A2, 9830)
    world.run(300)
    found = one(world, "sc_shows_voltage", "A2")  # and not that it gives no current, too
    assert found.end is None
    assert "A2 is at SC, yet it shows 983 mV (more than 100 mV)" in found.words()
    assert found.cells == ("A2",)
    world.cells["A2"].load_is = None
    world.tell(records.EV_AS_COMMANDED, A2)
    world.run(60)
    assert one(world, "sc_shows_voltage", "A2").end is not None


def test_a_cell_at_oc_whose_shunt_carries_current():
    world = ageing()
    world.cells["A1"].load_is = records.SC
    world.tell(records.EV_OC_CURRENT, A1, 1650)
    world.run(300)
    assert (
        "A1 is at OC, yet its shunt carries 1650 µA"
        in one(world, "oc_carries_current", "A1").words()
    )
    world.load("A1", records.SC)
    world.run(30)
    assert one(world, "oc_carries_current", "A1").end is not None, "over with the load"


def test_a_cell_at_sc_that_gives_no_current():
    world = ageing()
    world.cells["A2"].factor = 0.05
    world.run(60)
    found = one(world, "sc_no_current", "A2")
    assert "gives 83 µA (at least 140 µA was to be expected)" in found.words()
    assert found.end is None
    world.cells["A2"].factor = 0.11  # better, and not yet well
    world.run(60)
    assert one(world, "sc_no_current", "A2").end is None
    world.cells["A2"].factor = 0.9
    world.run(60)
    assert one(world, "sc_no_current", "A2").end is not None


def test_what_a_cell_must_give_goes_by_the_light_it_has():
    world = ageing()
    world.cells["A2"].factor = 0.3
    world.lamp_suns = 0.5
    world.run(300)
    assert world.rules() == []
    half = BENCH.replace("[cells.A2]", "[cells.A2]\nposition = 0.5")
    world = ageing(half)
    world.cells["A2"].factor = 0.14  # half of the light, and of that a fifth
    world.run(300)
    assert world.rules() == []


def test_a_cell_at_oc_that_shows_no_voltage():
    world = ageing()
    world.cells["A1"].load_is = records.SC
    world.run(60)
    found = one(world, "oc_no_voltage", "A1")
    assert "A1 is at OC under light, yet it shows 8.3 mV (less than 100 mV)" in found.words()
    assert found.begin.t_ms == 1000 + 130_000, "with the first reading, not with the third"
    world.cells["A1"].load_is = None
    world.run(60)
    found = one(world, "oc_no_voltage", "A1")
    assert found.end is not None
    assert found.end.t_ms == 1000 + 190_000
    assert found.words().endswith("2026-01-01 00:02:11 to 00:03:11 UTC")


def test_readings_that_are_bad_but_not_in_a_row_are_no_finding():
    world = ageing()
    for _ in range(20):
        world.cells["A1"].load_is = records.SC
        world.run(20)
        world.cells["A1"].load_is = None
        world.run(10)
    assert world.rules() == []


def test_a_single_good_reading_does_not_end_a_finding():
    world = ageing()
    for _ in range(5):
        world.cells["A1"].load_is = records.SC
        world.run(30)
        world.cells["A1"].load_is = None
        world.run(20)
    assert world.rules() == [("oc_no_voltage", "A1", False)]


def test_no_reading_is_no_evidence_either_way():
    world = ageing()
    world.silent = True
    world.run(HOUR_S)
    assert world.rules() == []
    world.silent = False
    world.cells["A1"].load_is = records.SC
    world.run(60)
    world.silent = True
    world.run(HOUR_S)
    assert world.rules() == [("oc_no_voltage", "A1", False)], "it is not known to be well"


# --- dark ---


def test_light_in_the_box_by_lux():
    world = dark()
    world.cells["A1"].has_contact = world.cells["A2"].has_contact = False
    world.leak_lux = 8.0
    world.run(60)
    found = one(world, "dark_lux", "box")
    assert "8 lux at box in a dark phase (at most 1 lux)" in found.words()
    assert found.cells == ("A1", "A2", "A3")
    world.leak_lux = 0.4
    world.run(60)
    assert one(world, "dark_lux", "box").end is not None


def test_light_in_the_dark_by_the_cells():
    world = World(NO_LUX)
    world.enter(WARM)
    world.run(300)
    world.leak_lux = 1e-6 * 120_000
    world.run(180)
    found = one(world, "dark_voltage", "A1")
    assert "A1 shows 680 mV in a dark phase (at most 10 mV)" in found.words()
    world.leak_lux = 0.02 * 120_000
    world.run(60)
    assert deviations(world) == [("dark_voltage", "A1", False), ("dark_current", "A2", False)]
    world.leak_lux = 0.0
    world.run(60)
    assert deviations(world) == [("dark_voltage", "A1", True), ("dark_current", "A2", True)]


def test_a_shutter_that_sticks_open_where_no_lux_sensor_is():
    world = World()
    world.enter(AGAIN)
    world.run(300)
    world.shutter_sticks = True
    world.enter(DARK)
    world.run(600)
    assert ("dark_suns", "simulator", False) in world.rules()
    assert ("dark_voltage", "A1", False) in world.rules()
    assert ("dark_current", "A2", False) in world.rules()


def test_the_photovoltage_may_fade():
    world = World(NO_LUX)
    world.enter(WARM)
    world.leak_lux = 1e-4 * 120_000
    world.run(100, 5)
    world.leak_lux = 0.0
    world.run(HOUR_S)
    assert deviations(world) == []


# --- light ---


def test_no_light_while_ageing():
    world = ageing()
    world.lamp_suns = 0.02
    world.run(60)
    found = one(world, "no_light", "simulator")  # and nothing is said of cells that see no light
    assert "0.02 suns at simulator while cells are to age there (less than 0.1 suns)" in (
        found.words()
    )
    assert found.cells == ("A1", "A2", "A3")
    world.lamp_suns = 1.0
    world.run(60)
    assert one(world, "no_light", "simulator").end is not None


def test_no_light_where_only_the_cells_can_tell():
    world = ageing(NO_SENSOR)
    world.lamp_suns = 0.0
    world.run(90)
    found = one(world, "no_light_at_cells", "simulator")
    assert found.cells == ("A1", "A2")
    assert "no cell at simulator shows any light" in found.words()
    world.lamp_suns = 1.0
    world.run(60)
    assert one(world, "no_light_at_cells", "simulator").end is not None


def test_one_cell_that_answers_proves_the_light():
    world = ageing(NO_SENSOR)
    world.cells["A1"].has_contact = False
    world.run(120)
    assert world.rules() == [("oc_no_voltage", "A1", False)]


def test_a_lamp_that_a_person_switches_has_five_minutes():
    world = World(BY_HAND)
    world.enter(AGEING)
    world.run(280)
    world.lamp_by_hand = True
    world.run(HOUR_S)
    assert world.rules() == []
    world.lamp_by_hand = False
    world.run(60)
    assert world.rules() == [("no_light", "simulator", False)]


def test_the_end_of_the_phase_ends_what_was_said_of_it():
    world = ageing()
    world.lamp_suns = 0.0
    world.run(60)
    world.enter(DARK)
    assert world.rules() == [("no_light", "simulator", True)]


# --- moved cells ---


def moved_back(**truth: object) -> World:
    """A1 lies under the simulator again, and something about it is wrong."""
    world = World()
    world.enter(WARM)
    world.run(300)
    world.enter(BACK)
    for name, value in truth.items():
        setattr(world.cells["A1"], name, value)
    world.run(60)
    world.enter(AGAIN)
    world.run(120)
    return world


def test_a_moved_cell_without_contact():
    world = moved_back(has_contact=False)
    assert ("no_contact", "A1", False) in world.rules()
    assert ("oc_no_voltage", "A1", False) not in world.rules()
    found = next(f for f in world.judged() if f.rule.id == "no_contact")
    assert "A1 was moved to simulator and shows nothing under light there: 0 mV" in found.words()
    world.cells["A1"].has_contact = True
    world.run(60)
    assert ("no_contact", "A1", True) in world.rules()
    world.cells["A1"].has_contact = False
    world.run(60)
    assert world.rules()[-1] == ("oc_no_voltage", "A1", False), "it had contact after the move"


def test_a_moved_cell_the_wrong_way_round():
    world = moved_back(sign=-1)
    found = [f for f in world.judged() if f.rule.deviation]
    assert [(f.rule.id, f.subject) for f in found] == [("reversed", "A1")]
    assert "A1 shows the wrong polarity under light: -1040 mV" in found[0].words()


def test_contact_is_still_unproven_after_a_restart_of_the_board():
    world = dark()
    world.restart("b2")
    world.enter(WARM)
    world.run(300)
    ends = [(rule, subject, is_over) for rule, subject, is_over in world.rules()]
    assert ends == [
        ("move_unchecked", "A1", True),
        ("move_unchecked", "A2", True),
        ("move_unchecked", "A1", False),
        ("move_unchecked", "A2", False),
    ]


# --- sensors that fall silent ---


def test_a_silent_converter_is_named_with_the_cells_it_was_to_prove():
    world = ageing()
    world.tell(records.EV_DEVICE, 0x49, 1)
    world.silent = True
    world.run(60)
    found = one(world, "converter_silent", "b")
    assert "converter b does not answer: no evidence for A1, A2" in found.words()
    world.tell(records.EV_DEVICE, 0x49, 0)
    assert one(world, "converter_silent", "b").end is not None


def test_a_silent_lux_sensor_until_it_reads_again():
    world = dark()
    world.faults, world.lux_is_gone = records.FAULT_LUX, True
    world.run(20)
    found = one(world, "lux_silent", "box")
    assert (found.cells, found.end) == (("A1", "A2", "A3"), None)
    assert "nothing proves the dark for A1, A2, A3" in found.words()
    world.lux_is_gone = False  # the fault is there until a person clears it
    world.run(10)
    assert one(world, "lux_silent", "box").end is not None


def test_a_silent_humidity_sensor_until_it_reads_again():
    world = dark()
    world.faults = records.FAULT_HUMIDITY
    world.run(20)
    assert one(world, "humidity_silent", "box").end is None
    world.humidity = 4200
    world.run(20)
    assert one(world, "humidity_silent", "box").end is not None


def test_a_sensor_where_no_cell_is_proves_nothing_for_anybody():
    world = ageing()
    world.faults, world.lux_is_gone = records.FAULT_LUX, True
    world.run(60)
    assert world.rules() == []


# --- once per record ---


def test_a_restart_of_the_board_ends_what_it_had_shown():
    world = ageing()
    world.cells["A1"].has_contact = False
    world.run(60)
    world.restart("b2")
    world.enter(AGEING)
    world.run(120)
    assert world.rules() == [("oc_no_voltage", "A1", True), ("oc_no_voltage", "A1", False)]


def test_every_rule_has_a_reason_and_says_what_to_do():
    for rule in RULES.values():
        assert rule.why, rule.id
        assert rule.todo, rule.id
