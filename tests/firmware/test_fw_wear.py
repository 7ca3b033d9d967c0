"""When the board tells how often its relays have switched."""

import pytest
from fw_rig import Rig, ageing, cell, dark

from soakfw.limits import WEAR_MS
from soakwire import messages, records
from soakwire.records import MEASURE, OC, SC

HOUR_MS = 3600000


def told(rig):
    """(ms, short of cell 0) of every record that has been made."""
    return [(r.t_ms, r.values["short0"]) for r in rig.records(records.WEAR) if r.place == 0]


def by_hand(rig, load):
    """Cell 0, for an hour."""
    assert rig.command(messages.LOAD, 0, load, HOUR_MS) == 0
    rig.run(2000)


@pytest.mark.rule("RE-17")
def test_while_a_run_goes_on_at_most_every_ten_minutes_and_at_its_end():
    rig = Rig()
    rig.load([(0xFF, [ageing(HOUR_MS), dark(60000)])], sample_ms=HOUR_MS)
    rig.resume()
    found = []
    for _ in range(40):
        by_hand(rig, SC)
        by_hand(rig, OC)
        rig.run(26000)
        found += told(rig)
        rig.clear_records()
    times = [t_ms for t_ms, _ in found]
    assert len(times) in (2, 3)
    assert all(times[i + 1] - times[i] >= WEAR_MS for i in range(len(times) - 1))
    rig.lease(HOUR_MS)
    assert rig.run(2 * HOUR_MS, lambda: rig.track().state == records.DONE)
    rig.run(2000)
    assert told(rig)[-1][1] == 40  # the first SC by hand came before the program had opened it
    assert rig.now - told(rig)[-1][0] < 3000


@pytest.mark.rule("RE-17")
def test_before_a_controlled_stop():
    rig = Rig()
    rig.load([(0xFF, [ageing(HOUR_MS)])])
    rig.resume()
    rig.run(5000)
    by_hand(rig, SC)
    by_hand(rig, OC)
    assert told(rig)[-1][1] == 1
    rig.app.begin_maintenance()
    rig.run(400)
    assert told(rig)[-1][1] == 2


def test_without_a_run_each_time_the_cells_have_come_to_rest():
    rig = Rig()
    rig.configure()
    for load in (OC, SC, OC):
        by_hand(rig, load)
    assert [count for _, count in told(rig)] == [1, 1, 2]


@pytest.mark.rule("RE-17")
def test_what_finds_no_room_is_told_later():
    """As where the ring of samples is full of what has been sent and not been acknowledged."""
    rig = Rig()
    rig.load([(0xFF, [dark(4 * HOUR_MS)])], sample_ms=HOUR_MS)
    rig.resume()
    begin_round = rig.journal.begin_round
    asked = []

    def full(stamp, count, regular=True):
        asked.append(regular)
        return regular and begin_round(stamp, count)

    rig.journal.begin_round = full
    rig.run(2 * WEAR_MS)
    assert told(rig) == []
    assert asked.count(False) in (2, 3)
    rig.journal.begin_round = begin_round
    rig.clear_records()
    rig.run(WEAR_MS)
    assert len(told(rig)) == 1


def test_counts_go_on_over_a_new_configuration():
    rig = Rig()
    rig.configure()
    by_hand(rig, OC)
    rig.configure()
    by_hand(rig, OC)
    assert [count for _, count in told(rig)] == [1, 1, 2]


def test_sixteen_cells_take_four_records_and_measure_relays_count_by_themselves():
    rig = Rig()
    cells = [cell(i) if i < 8 else cell(i, short_pin=None, measure_pin=None) for i in range(16)]
    rig.configure(cells=cells)
    assert rig.command(messages.MEASURE_CELL, 5, HOUR_MS) == 0
    rig.run(3000)
    found = {r.place: r.values for r in rig.records(records.WEAR)}
    assert sorted(found) == [0, 4, 8, 12]
    assert (found[4]["short1"], found[4]["measure1"]) == (1, 1)
    assert rig.app.bench.relays.cells[5].at == MEASURE
    assert sum(found[12].values()) == 0
