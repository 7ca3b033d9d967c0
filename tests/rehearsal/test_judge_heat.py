"""The judge on heat: true temperature, who asks for it, hangs, the contactor."""

import pytest
from judge_stream import BOX, CONTACTOR, HEATER, HIGH, LOW, THERMAL, Stream

from soakbench.config import parse_bench
from soakbench.rehearsal.judge import Account, Rule
from soakwire import records

NO_CONTACTOR = "contactor_pin = 18"


@pytest.fixture
def heating() -> Stream:
    """A running thermal recovery, heater on."""
    stream = Stream().boot().pass_ms(1000).begin(THERMAL)
    return stream.pin(CONTACTOR, HIGH).pin(HEATER, HIGH)


def off(stream: Stream) -> Stream:
    return stream.pin(HEATER, LOW).pin(CONTACTOR, LOW)


def heat_rules(stream: Stream) -> dict[Rule, int]:
    """Only those: the streams here say nothing of light and order."""
    return stream.account.verdict().counts


def test_heat_that_is_asked_for(heating: Stream) -> None:
    heating.pass_ms(60_000)
    heating.account.plate(heating.now_ms, BOX, 50)
    off(heating).event(records.EV_PAUSED, track=0, step=THERMAL)
    off(heating.pass_ms(1)).account.plate(heating.now_ms + 60_000, BOX, 49)
    assert not heat_rules(heating)
    assert heating.verdict().highest_c == {BOX: 50}


def test_a_pause_takes_effect_within_a_slot(heating: Stream) -> None:
    heating.event(records.EV_PAUSED, track=0, step=THERMAL)
    off(heating.pass_ms(100))
    assert not heat_rules(heating)


@pytest.mark.parametrize(
    "code", [records.EV_PAUSED, records.EV_STEP_END, records.EV_STOPPED, records.EV_PROGRAM]
)
def test_heat_that_stays_on_after_its_step(heating: Stream, code: int) -> None:
    heating.event(code, track=0, step=THERMAL, delivered=10_000)
    off(heating.pass_ms(101))
    assert heat_rules(heating)[Rule.HEAT_UNASKED] == 2  # heater and contactor


def test_heat_that_never_goes_off(heating: Stream) -> None:
    heating.event(records.EV_PAUSED, track=0, step=THERMAL)
    for _ in range(10):
        heating.pass_ms(60)
        heating.account.plate(heating.now_ms, BOX, 40)
    assert heat_rules(heating) == {Rule.HEAT_UNASKED: 2}


def test_heat_that_nobody_asked_for() -> None:
    stream = Stream().boot().pass_ms(1000).pin(CONTACTOR, HIGH).pin(HEATER, HIGH)
    assert heat_rules(stream) == {Rule.HEAT_UNASKED: 2}


def test_a_step_that_only_waits_does_not_ask() -> None:
    stream = Stream().boot().begin(THERMAL)
    stream.event(records.EV_PAUSED, track=0, step=THERMAL)
    stream.pass_ms(500).pin(CONTACTOR, HIGH)
    assert heat_rules(stream) == {Rule.HEAT_UNASKED: 1}
    stream.pin(CONTACTOR, LOW).event(records.EV_RESUMED, track=0, step=THERMAL)
    stream.pin(CONTACTOR, HIGH)
    assert heat_rules(stream) == {Rule.HEAT_UNASKED: 1}


def test_pins_that_are_told_late_count_at_their_own_time(heating: Stream) -> None:
    end_ms = heating.pass_ms(1000).now_ms
    heating.event(records.EV_PAUSED, track=0, step=THERMAL)
    heating.account.pin(end_ms - 100, HEATER, LOW)
    heating.account.pin(end_ms - 50, HEATER, HIGH)
    heating.account.pin(end_ms, HEATER, LOW)
    heating.account.pin(end_ms, CONTACTOR, LOW)
    assert not heat_rules(heating)


def test_a_timer_that_ran_ahead_of_the_records() -> None:
    """The pins of the next second are told before the event that has led to them."""
    stream = Stream().boot().pass_ms(1000)
    stream.account.pin(1000, CONTACTOR, HIGH)
    stream.account.pin(1100, HEATER, HIGH)
    stream.account.pin(1200, HEATER, LOW)
    stream.begin(THERMAL).pass_ms(1000).station()
    assert not heat_rules(stream)


def test_the_true_plate_is_too_hot(heating: Stream) -> None:
    for temp_c in (64, 65.1, 70, 64):
        heating.pass_ms(1000).account.plate(heating.now_ms, BOX, temp_c)
    verdict = heating.account.verdict()
    assert verdict.counts == {Rule.PLATE_LIMIT: 1}
    assert verdict.highest_c == {BOX: 70}
    assert "65.1 °C, more than 65 °C" in verdict.violations[0].text
    assert f"{1000:.0f} ms: {BOX} heater on" in verdict.violations[0].before


def test_85_degrees_are_the_end_whatever_the_ceiling_is() -> None:
    text = Stream().bench.source.text.replace("ceiling_c = 60", "ceiling_c = 85")
    account = Account(parse_bench(text, "hot"))
    account.plate(1000, BOX, 85)
    assert account.verdict().passed
    account.plate(1100, BOX, 85.1)
    assert account.verdict().counts == {Rule.PLATE_LIMIT: 1}


def test_a_welded_relay_excuses_only_a_bench_without_a_contactor() -> None:
    text = Stream().bench.source.text
    for bare in (False, True):
        bench = parse_bench(text.replace(NO_CONTACTOR, "") if bare else text, "bench")
        account = Account(bench)
        account.fault(500, None, "ssr", BOX)
        account.plate(1000, BOX, 90)
        assert account.verdict().passed is bare


def test_another_fault_excuses_no_heat(heating: Stream) -> None:
    heating.account.fault(heating.now_ms, None, "thermistor", BOX)
    heating.account.plate(heating.now_ms + 1, BOX, 70)
    assert heat_rules(heating) == {Rule.PLATE_LIMIT: 1}


def test_a_hang_is_survived(heating: Stream) -> None:
    heating.account.fault(heating.now_ms, None, "board_hang")
    heating.pass_ms(1250).pin(HEATER, LOW)
    heating.pass_ms(3000).account.released(heating.now_ms)
    assert not heat_rules(heating)


def test_a_heater_that_is_on_in_a_hang(heating: Stream) -> None:
    heating.account.fault(heating.now_ms, None, "board_hang")
    heating.pass_ms(1351).pin(HEATER, LOW)
    assert heat_rules(heating) == {Rule.DEAD_MAN: 1}


def test_a_heater_that_only_the_watchdog_switches_off(heating: Stream) -> None:
    heating.account.fault(heating.now_ms, None, "board_hang")
    heating.pass_ms(4000).account.released(heating.now_ms)
    assert heat_rules(heating)[Rule.DEAD_MAN] == 1


def test_after_the_hang_heat_is_free_again(heating: Stream) -> None:
    heating.account.fault(heating.now_ms, None, "board_hang")
    heating.pass_ms(1000).pin(HEATER, LOW).pass_ms(3000).reset().pass_ms(60_000)
    heating.begin(THERMAL).pin(CONTACTOR, HIGH).pin(HEATER, HIGH)
    heating.pass_ms(5000)
    heating.account.plate(heating.now_ms, BOX, 30)
    assert not heat_rules(heating)


def test_a_reset_ends_all_heat(heating: Stream) -> None:
    heating.reset().pass_ms(10_000)
    heating.account.plate(heating.now_ms, BOX, 30)
    assert not heat_rules(heating)


def test_a_heater_behind_an_open_contactor() -> None:
    stream = Stream().boot().begin(THERMAL).pin(HEATER, HIGH)
    assert heat_rules(stream) == {Rule.CONTACTOR: 1}


def test_a_contactor_that_opens_under_load(heating: Stream) -> None:
    heating.pin(CONTACTOR, LOW)
    assert heat_rules(heating) == {Rule.CONTACTOR: 1}
