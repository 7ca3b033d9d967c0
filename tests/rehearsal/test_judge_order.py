"""The judge on the order of steps in the database: loops, barriers, restarts."""

from judge_stream import AGEING, CONFIRM, DARK, THERMAL, Stream

from soakbench.rehearsal.judge import Account, Rule
from soakwire import records

DAY = [(AGEING, 0), (DARK, 0), (AGEING, 1), (DARK, 1), (CONFIRM, 0), (THERMAL, 0)]


def go(stream: Stream, visits: list[tuple[int, int]]) -> Stream:
    for step, cycle in visits:
        stream.begin(step, cycle).pass_ms(10_000).end(step, cycle, delivered=10_000)
    return stream


def order(stream: Stream) -> list[str]:
    """The rule judges the database's events alone, so the account need not have lived through
    the light and the heat."""
    verdict = stream.verdict()
    return [each.text for each in verdict.violations if each.rule is Rule.ORDER]


def test_the_whole_program() -> None:
    stream = go(Stream().boot(), DAY)
    stream.event(records.EV_TRACK_DONE, track=0, step=THERMAL)
    assert order(stream) == []


def test_a_step_is_left_out() -> None:
    stream = go(Stream().boot(), [DAY[0], DAY[2]])
    assert "step 0, cycle 1 begins, due is [(1, 0)]" in order(stream)[0]


def test_steps_swapped() -> None:
    assert len(order(go(Stream().boot(), [DAY[0], DAY[1], DAY[3], DAY[2]]))) == 2


def test_a_loop_runs_once_more() -> None:
    stream = go(Stream().boot(), [*DAY[:4], (AGEING, 2)])
    assert "step 0, cycle 2 is not in the program" in order(stream)[0]


def test_a_barrier_is_passed_by() -> None:
    assert len(order(go(Stream().boot(), [*DAY[:4], DAY[5]]))) == 1


def test_a_step_begins_before_the_last_one_has_ended() -> None:
    stream = Stream().boot().begin(AGEING)
    go(stream, [DAY[1]])
    assert "begins before the step before it has ended" in order(stream)[0]


def test_a_step_ends_twice() -> None:
    stream = go(Stream().boot(), [DAY[0]]).end(AGEING, delivered=10_000)
    assert "step 0, cycle 0 ends, but has not begun" in order(stream)[0]


def test_done_too_early() -> None:
    stream = go(Stream().boot(), DAY[:4])
    stream.event(records.EV_TRACK_DONE, track=0, step=CONFIRM)
    assert "track 0 is done before its last step has ended" in order(stream)[0]


def at_seven_seconds(stream: Stream) -> Stream:
    """In the second step, 3 s stored, 4 s on the board; then it starts anew."""
    go(stream, DAY[:1]).begin(DARK).pass_ms(3000)
    stream.sample(DARK, delivered=3000, elapsed=3000).pass_ms(1000)
    return stream.reset().pass_ms(5000)


def test_a_restart_goes_back_to_the_last_stored_place() -> None:
    stream = at_seven_seconds(Stream().boot()).begin(DARK, delivered=3000, a=3000)
    stream.pass_ms(2000).end(DARK, delivered=5000)
    assert order(go(stream, DAY[2:])) == []


def test_a_restart_may_repeat_an_end_that_was_not_followed_up() -> None:
    """The next step had begun, but no sample of it was stored: nobody knows of it."""
    stream = go(Stream().boot(), DAY[:1]).begin(DARK).pass_ms(500).reset().pass_ms(5000)
    stream.begin(AGEING, delivered=10_000).end(AGEING, delivered=10_000)
    assert order(go(stream, DAY[1:])) == []


def test_a_restart_with_other_amounts() -> None:
    stream = at_seven_seconds(Stream().boot()).begin(DARK, delivered=4000, a=4000)
    assert "last stored is (1, 0, 3000, 0, 3000)" in order(stream)[0]


def test_a_restart_that_forgets_a_step() -> None:
    stream = at_seven_seconds(Stream().boot())
    assert len(order(stream.begin(AGEING, 1))) == 1


def test_a_restart_from_the_beginning() -> None:
    assert len(order(at_seven_seconds(Stream().boot()).begin(AGEING))) == 1


def test_a_begin_without_a_restart_goes_nowhere_else() -> None:
    stream = go(Stream().boot(), DAY[:1]).begin(DARK).pass_ms(3000)
    stream.sample(DARK, delivered=3000, elapsed=3000).begin(DARK, delivered=3000, a=3000)
    assert "begins before the step before it has ended" in order(stream)[0]


def test_a_program_handed_over_anew_is_a_restart() -> None:
    stream = go(Stream().boot(), DAY[:1]).begin(DARK).pass_ms(3000)
    stream.sample(DARK, delivered=3000, elapsed=3000).event(records.EV_PROGRAM)
    assert order(stream.begin(DARK, delivered=3000, a=3000)) == []


def test_without_a_program_there_is_no_order() -> None:
    stream = go(Stream().boot(), [DAY[3]])
    assert Rule.ORDER not in Account(stream.bench).verdict(stream.stored).counts
