"""The judge on relays: exclusion, break before make, dwell, stagger; each clean and broken."""

import pytest
from judge_stream import (
    HIGH,
    LOW,
    MEASURE_A1,
    MEASURE_A2,
    RELEASED,
    SHORT_A1,
    SHORT_A2,
    Stream,
)

from soakbench.assets import find_bench
from soakbench.config import parse_bench
from soakbench.rehearsal.judge import Account, Rule
from soakwire import records

OPEN_SHORT, CLOSE_SHORT = HIGH, LOW  # the coil's rest is SC


@pytest.fixture
def stream() -> Stream:
    return Stream().boot().pass_ms(10_000)


def on_meter(stream: Stream) -> Stream:
    """A1 from SC to the meter as it should be."""
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(15)
    return stream.pin(MEASURE_A1, HIGH)


def test_a_sweep_of_two_cells_as_it_should_be(stream: Stream) -> None:
    on_meter(stream).pass_ms(1000).pin(MEASURE_A1, LOW).pass_ms(15).pin(SHORT_A1, CLOSE_SHORT)
    stream.pass_ms(50).pin(SHORT_A2, OPEN_SHORT).pass_ms(15).pin(MEASURE_A2, HIGH)
    assert not stream.broken()


def test_make_before_break_is_an_exclusion(stream: Stream) -> None:
    stream.pin(MEASURE_A1, HIGH).pass_ms(1000).pin(SHORT_A1, OPEN_SHORT)
    assert stream.broken() == {Rule.EXCLUSION: 1}
    assert "A1 is shorted" in stream.texts()


def test_the_short_may_not_close_on_the_meter(stream: Stream) -> None:
    on_meter(stream).pass_ms(2000).pin(SHORT_A1, CLOSE_SHORT)
    assert stream.broken() == {Rule.EXCLUSION: 1}


def test_two_cells_on_the_meter(stream: Stream) -> None:
    on_meter(stream).pass_ms(1000).pin(SHORT_A2, OPEN_SHORT).pass_ms(15).pin(MEASURE_A2, HIGH)
    assert stream.broken() == {Rule.EXCLUSION: 1}
    assert "A2 and A1" in stream.texts()


def test_the_settling_of_one_cell(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(14).pin(MEASURE_A1, HIGH)
    assert stream.broken() == {Rule.BREAK_BEFORE_MAKE: 1}
    assert "14 ms after" in stream.texts()


def test_the_settling_of_the_meter(stream: Stream) -> None:
    on_meter(stream).pass_ms(1000).pin(SHORT_A2, OPEN_SHORT).pass_ms(50)
    stream.pin(MEASURE_A1, LOW).pass_ms(14).pin(MEASURE_A2, HIGH)
    assert stream.broken() == {Rule.BREAK_BEFORE_MAKE: 1}


def test_leaving_the_short_too_early(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(2000).pin(SHORT_A1, CLOSE_SHORT)
    stream.pass_ms(999).pin(SHORT_A1, OPEN_SHORT)
    assert stream.broken() == {Rule.DWELL: 1}


def test_into_the_safe_state_there_is_no_dwell(stream: Stream) -> None:
    on_meter(stream).pass_ms(20).pin(MEASURE_A1, LOW).pass_ms(15).pin(SHORT_A1, CLOSE_SHORT)
    assert not stream.broken()


def test_cells_that_leave_their_short_together(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(49).pin(SHORT_A2, OPEN_SHORT)
    assert stream.broken() == {Rule.STAGGER: 1}


def test_cells_may_be_made_safe_together(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(50).pin(SHORT_A2, OPEN_SHORT).pass_ms(10)
    stream.pin(SHORT_A1, CLOSE_SHORT).pin(SHORT_A2, CLOSE_SHORT)
    assert not stream.broken()


def test_a_reset_under_measurement_breaks_nothing_if_it_was_provoked(stream: Stream) -> None:
    on_meter(stream).pass_ms(100)
    stream.account.fault(stream.now_ms, None, "power_cut")
    stream.reset()
    verdict = stream.verdict()
    assert verdict.passed
    assert verdict.provoked_counts == {Rule.BREAK_BEFORE_MAKE: 1}
    assert verdict.provoked[0].provoked_by == "power_cut"


def test_the_boards_own_reset_has_to_open_the_meter_first(stream: Stream) -> None:
    on_meter(stream).pass_ms(100).reset()
    assert stream.broken() == {Rule.BREAK_BEFORE_MAKE: 1}


def test_the_boards_own_reset_after_settling(stream: Stream) -> None:
    on_meter(stream).pass_ms(100).pin(MEASURE_A1, LOW).pass_ms(20).reset()
    assert not stream.broken()


def test_after_a_reset_nobody_knows_the_dwell(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(2000).reset().pass_ms(100)
    stream.pin(SHORT_A1, OPEN_SHORT)
    assert not stream.broken()


def test_a_bench_that_is_built_anew_begins_anew(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(2000).pin(SHORT_A1, RELEASED).pass_ms(1)
    stream.pin(SHORT_A1, OPEN_SHORT)
    assert not stream.broken()


def test_rest_positions_come_from_the_bench_file() -> None:
    """A relay whose rest is OC closes its contact with the coil on."""
    text = Stream().bench.source.text
    before, head, after = text.partition("[cells.A1]")
    after = after.replace('rest = "SC"', 'rest = "OC"', 1).replace('"SC"', '"OC"', 1)
    account = Account(parse_bench(before + head + after, "turned"))
    account.pin(0, MEASURE_A1, HIGH)
    assert account.verdict().passed
    account.pin(2000, SHORT_A1, HIGH)
    assert account.verdict().counts == {Rule.EXCLUSION: 1}


def test_a_violation_shows_what_came_before_it(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(2).pin(MEASURE_A1, HIGH)
    (violation,) = stream.verdict().violations
    assert violation.at_ms == 10_002
    assert violation.before[-2:] == ("10000 ms: A1 short opened", "10002 ms: A1 measure closed")


def test_all_violations_are_counted_and_the_first_are_kept(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pin(SHORT_A1, CLOSE_SHORT)
    for _ in range(30):
        stream.pass_ms(2000).pin(MEASURE_A1, HIGH).pass_ms(2000).pin(MEASURE_A1, LOW)
    verdict = stream.verdict()
    assert verdict.counts == {Rule.EXCLUSION: 30}
    assert len(verdict.violations) == 20


def latched() -> Stream:
    """A1 with a latching relay: SHORT_A1 sets it, pin 22 resets it."""
    text = find_bench("twin").read_text("utf-8")
    plain = 'short_relay = { pin = 0, active = "high", rest = "SC" }'
    relay = f'short_relay = {{ set_pin = {SHORT_A1}, reset_pin = {RESET_A1}, rest = "SC" }}'
    made = Stream().boot().pass_ms(10_000)
    made.account = Account(parse_bench(text.replace(plain, relay), "latching"))
    made.account.boot(made.now_ms, 1)
    return made


def pulse(stream: Stream, pin: int, ms: float) -> Stream:
    return stream.pin(pin, HIGH).pass_ms(ms).pin(pin, LOW)


RESET_A1 = 22


def test_a_latching_relay_as_it_should_be() -> None:
    made = pulse(latched(), SHORT_A1, 10).pass_ms(5)
    made.pin(MEASURE_A1, HIGH).pass_ms(1000).pin(MEASURE_A1, LOW).pass_ms(15)
    pulse(made, RESET_A1, 10).pass_ms(2000)
    assert made.account.verdict().counts == {}
    assert made.account.verdict().actuations == {"A1.short": 1, "A1.measure": 1}


def test_a_latching_contact_stays_through_a_reset_and_is_still_judged() -> None:
    """At OC when the power went: back at OC, so the meter may come; at SC it may not."""
    for resets, broken in (([], {}), ([RESET_A1], {Rule.EXCLUSION: 1})):
        made = pulse(latched(), SHORT_A1, 10).pass_ms(2000)
        for pin in resets:
            pulse(made, pin, 10).pass_ms(2000)
        made.account.released(made.now_ms)
        made.pass_ms(2000).pin(MEASURE_A1, HIGH)
        assert made.account.verdict().counts == broken


@pytest.mark.parametrize("ms", [4, 301])
def test_pulses_that_are_too_short_or_too_long(ms: float) -> None:
    made = pulse(latched(), SHORT_A1, ms)
    assert made.account.verdict().counts == {Rule.COILS: 1}


def test_both_coils_at_once() -> None:
    made = latched().pin(SHORT_A1, HIGH).pass_ms(5).pin(RESET_A1, HIGH)
    assert made.account.verdict().counts[Rule.COILS] == 1


def test_a_count_that_is_not_that_of_the_pins(stream: Stream) -> None:
    stream.pin(SHORT_A1, OPEN_SHORT).pass_ms(2000)
    stream.produce(records.WEAR, 0, short0=1)
    assert not stream.broken()
    stream.produce(records.WEAR, 0, short0=2)
    assert stream.broken() == {Rule.WEAR: 1}
    assert "short0 of cells from 0 on is told as 2, truly 1" in stream.texts()
