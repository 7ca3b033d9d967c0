"""The judge on what was delivered: light and time in the records against light and time there."""

import pytest
from judge_stream import (
    AGEING,
    BOX,
    CONFIRM,
    DARK,
    HIGH,
    LOW,
    SHORT_A1,
    SIMULATOR,
    THERMAL,
    Stream,
)

from soakbench.rehearsal.judge import Rule
from soakbench.run.machine import Place
from soakwire import records


@pytest.fixture
def stream() -> Stream:
    return Stream().boot().pass_ms(1000)


def light(stream: Stream, suns: float, station: str = SIMULATOR) -> Stream:
    stream.account.light(stream.now_ms, station, suns)
    return stream


def plate(stream: Stream, temp_c: float) -> Stream:
    stream.account.plate(stream.now_ms, BOX, temp_c)
    return stream


def truths(stream: Stream) -> dict[Rule, int]:
    """Custody and order are not asked here."""
    return stream.account.verdict().counts


def lit(stream: Stream, ms: float) -> Stream:
    """An ageing under one sun for a while."""
    return light(stream.begin(AGEING), 1.0).pass_ms(ms)


def move(stream: Stream, station: str) -> Stream:
    for cell in ("A1", "A2"):
        stream.account.moved(stream.now_ms, cell, station)
    return stream


def test_what_is_recorded_is_what_there_was(stream: Stream) -> None:
    lit(stream, 10_000).end(AGEING, delivered=10_000, dose=10_000)
    light(stream, 0).begin(DARK).pass_ms(5000).end(DARK, delivered=5000, dose=0)
    assert not truths(stream)


@pytest.mark.parametrize(("earlier_ms", "dose", "is_told"), [(0, 6, 0), (0, 1200, 1), (2000, 6, 1)])
def test_light_that_goes_with_the_step_before_may_be_read_a_moment_longer(
    stream: Stream, earlier_ms: float, dose: int, is_told: int
) -> None:
    """The board's reading is of before the step: one control period old at most."""
    lit(stream, 10_000).end(AGEING, delivered=10_000, dose=10_000)
    light(stream, 0).pass_ms(earlier_ms)
    stream.begin(DARK).pass_ms(2500).end(DARK, delivered=5000, dose=dose)
    assert truths(stream).get(Rule.DOSE, 0) == is_told


def test_one_control_period_per_change_is_forgiven(stream: Stream) -> None:
    lit(stream, 11_000).end(AGEING, delivered=10_000, dose=10_000)
    assert not truths(stream)


def test_dose_counted_in_the_dark(stream: Stream) -> None:
    lit(stream, 10_000)
    light(stream, 0).pass_ms(10_000).end(AGEING, delivered=10_000, dose=20_000)
    assert truths(stream) == {Rule.DOSE: 1}
    assert "A1 had 10000" in stream.account.verdict().violations[0].text


def test_dose_not_counted_in_the_light(stream: Stream) -> None:
    lit(stream, 20_000).end(AGEING, delivered=20_000, dose=15_000)
    assert truths(stream) == {Rule.DOSE: 1}


def test_time_counted_in_the_dark(stream: Stream) -> None:
    lit(stream, 10_000)
    light(stream, 0).pass_ms(10_000).end(AGEING, delivered=20_000, dose=10_000)
    assert truths(stream) == {Rule.TIME: 1}


def test_time_counted_at_a_wrong_light(stream: Stream) -> None:
    light(stream.begin(AGEING), 0.8).pass_ms(10_000)
    stream.end(AGEING, delivered=10_000, dose=8000)
    assert truths(stream) == {Rule.TIME: 1}


def test_at_the_edge_of_a_tolerance_both_are_right(stream: Stream) -> None:
    light(stream.begin(AGEING), 0.9).pass_ms(20_000)
    stream.sample(AGEING, delivered=0, dose=18_000)
    stream.sample(AGEING, delivered=20_000, dose=18_000)
    assert not truths(stream)


def test_time_counted_at_a_wrong_load(stream: Stream) -> None:
    stream.pin(SHORT_A1, HIGH)
    lit(stream, 20_000).end(AGEING, delivered=20_000, dose=20_000)
    assert truths(stream) == {Rule.TIME: 1}


def test_time_counts_from_the_load_on(stream: Stream) -> None:
    stream.pin(SHORT_A1, HIGH)
    lit(stream, 20_000).pin(SHORT_A1, LOW).pass_ms(10_000)
    stream.end(AGEING, delivered=10_000, dose=30_000)
    assert not truths(stream)


def test_dark_time_counted_in_the_light(stream: Stream) -> None:
    light(stream, 1).begin(DARK).pass_ms(10_000).end(DARK, delivered=10_000, dose=10_000)
    assert truths(stream) == {Rule.TIME: 1}


def test_dark_time_not_counted_in_the_dark(stream: Stream) -> None:
    stream.begin(DARK).pass_ms(20_000).end(DARK, delivered=10_000)
    assert truths(stream) == {Rule.TIME: 1}


def test_a_box_that_leaks_is_not_dark(stream: Stream) -> None:
    plate(move(stream, BOX), 50).account.light(stream.now_ms, BOX, 0, lux=50)
    stream.begin(THERMAL).pass_ms(20_000).end(THERMAL, delivered=20_000)
    assert truths(stream) == {Rule.TIME: 1}


def test_nothing_counts_while_a_track_is_paused(stream: Stream) -> None:
    lit(stream, 10_000).event(records.EV_PAUSED, track=0, step=AGEING)
    stream.pass_ms(60_000).event(records.EV_RESUMED, track=0, step=AGEING)
    stream.pass_ms(1000).sample(AGEING, delivered=11_000, dose=71_000)
    assert not truths(stream)
    stream.sample(AGEING, delivered=31_000, dose=71_000)
    assert truths(stream) == {Rule.TIME: 1}


def test_warmth_is_judged_on_the_true_plate(stream: Stream) -> None:
    plate(move(stream, BOX), 25).begin(THERMAL).pass_ms(60_000)
    plate(stream, 49).pass_ms(30_000)
    plate(stream, 50).sample(THERMAL, delivered=28_000)
    assert not truths(stream)
    stream.sample(THERMAL, delivered=80_000)
    assert truths(stream) == {Rule.TIME: 1}


def test_a_thermistor_that_lies_explains_a_wrong_time(stream: Stream) -> None:
    stream.account.fault(stream.now_ms, stream.now_ms + 1000, "thermistor", BOX)
    plate(move(stream, BOX), 25).begin(THERMAL).pass_ms(60_000)
    stream.sample(THERMAL, delivered=60_000)
    verdict = stream.account.verdict()
    assert verdict.passed
    assert verdict.provoked_counts == {Rule.TIME: 1}


def test_cells_that_lie_elsewhere_get_nothing(stream: Stream) -> None:
    """The board counts what its sensor sees; the person has not brought the cells."""
    move(stream, BOX)
    lit(stream, 10_000).end(AGEING, delivered=10_000, dose=10_000)
    assert truths(stream) == {Rule.DOSE: 1, Rule.TIME: 1}


def test_what_cells_had_before_they_moved_stays_with_them(stream: Stream) -> None:
    lit(stream, 10_000)
    move(stream, BOX).pass_ms(30_000)
    move(stream, SIMULATOR).pass_ms(10_000)
    stream.end(AGEING, delivered=20_000, dose=20_000)
    assert not truths(stream)


def test_people_carry_cells_while_a_track_waits(stream: Stream) -> None:
    stream.begin(CONFIRM).pass_ms(10_000)
    light(move(stream, BOX), 1).pass_ms(60_000).end(CONFIRM, dose=60_000)
    assert not truths(stream)


def test_samples_on_the_way_are_judged_once_a_stay(stream: Stream) -> None:
    lit(stream, 10_000)
    for wrong in (20_000, 30_000):
        stream.sample(AGEING, delivered=10_000, dose=wrong)
    assert truths(stream) == {Rule.DOSE: 1}


def test_a_step_that_ends_short_of_its_goal(stream: Stream) -> None:
    lit(stream, 9000).end(AGEING, delivered=9000, dose=9000)
    assert truths(stream) == {Rule.GOAL: 1}


def test_people_may_order_another_goal(stream: Stream) -> None:
    lit(stream, 9000).end(AGEING, delivered=9000, dose=9000)
    place = Place(0, AGEING, 0)
    assert stream.account.verdict(ordered={place: 9000}).counts == {}
    (short,) = stream.account.verdict(ordered={place: 12_000}).violations
    assert short.text.endswith("ended with 9000 of 12000")
    assert short.before
    assert stream.account.verdict(ordered={Place(0, AGEING, 1): 9000}).counts == {Rule.GOAL: 1}


def test_a_power_cut_is_declared_and_not_counted(stream: Stream) -> None:
    """Back at the last stored place; what fell in since is no dose, and is said to be none."""
    lit(stream, 8000).sample(AGEING, delivered=8000, dose=8000, elapsed=8000)
    stream.pass_ms(1500).reset()
    light(stream, 0).pass_ms(60_000)
    light(stream.begin(AGEING, delivered=8000, dose=8000, a=8000), 1).pass_ms(2000)
    stream.end(AGEING, delivered=10_000, dose=10_000)
    verdict = stream.verdict()
    assert Rule.DOSE not in verdict.counts
    assert Rule.TIME not in verdict.counts
    assert verdict.uncounted_sun_s == {"A1": 1.5, "A2": 1.5}


def test_dose_made_up_after_a_power_cut(stream: Stream) -> None:
    lit(stream, 8000).sample(AGEING, delivered=8000, dose=8000)
    light(stream.reset(), 0).pass_ms(60_000)
    light(stream.begin(AGEING, delivered=8000, dose=8000), 1).pass_ms(2000)
    stream.end(AGEING, delivered=70_000, dose=70_000)
    assert truths(stream) == {Rule.DOSE: 1, Rule.TIME: 1}


@pytest.mark.parametrize(("suns", "counted_ms"), [(0.008, 0), (0.008, 9000), (0.02, 0)])
def test_light_too_faint_for_the_sensor_may_be_taken_for_dark(
    stream: Stream, suns: float, counted_ms: int
) -> None:
    """At a station without a lux sensor nobody can tell."""
    light(stream, suns).begin(DARK).pass_ms(9000)
    stream.end(DARK, delivered=counted_ms, dose=round(suns * 9000))
    assert Rule.TIME not in truths(stream)


def test_light_that_the_sensor_can_see_is_no_dark(stream: Stream) -> None:
    light(stream, 0.02).begin(DARK).pass_ms(9000).end(DARK, delivered=9000, dose=180)
    assert truths(stream)[Rule.TIME] == 1


def test_light_that_goes_off_with_the_step_may_be_counted_for_a_control_period(
    stream: Stream,
) -> None:
    """Another track's command settles the account before the light has been measured again."""
    light(lit(stream, 10_000), 0.0).end(AGEING, delivered=10_000, dose=10_000)
    stream.begin(DARK).pass_ms(10).sample(DARK, dose=10, delivered=10)
    assert not truths(stream)
    stream.pass_ms(5000).sample(DARK, dose=3000, delivered=5010)
    assert truths(stream) == {Rule.DOSE: 1}
