"""The relay bank on its pins: break before make, exclusion, dwell, stagger."""

import pytest
from fw_rig import cell
from relay_rig import DWELL_MS, SETTLE_MS, STAGGER_MS, Bank

from soakfw.relays import Cell
from soakwire.records import MEASURE, OC, SC

LEASE_MS = 600000


@pytest.mark.rule("R1", "R2")
def test_every_pair_of_loads_breaks_before_it_makes():
    for rest in (OC, SC):
        for active in (0, 1):
            entry = cell(0, rest=rest, power_off=rest, short_active=active, measure_active=active)
            for first in (OC, SC, MEASURE):
                for second in (OC, SC, MEASURE):
                    bank = Bank([entry])
                    for load in (first, second):
                        bank.relays.override(0, load, bank.board.now, LEASE_MS)
                        bank.run(DWELL_MS + SETTLE_MS + 5)
                        assert bank.relays.loads() & 3 == load
                        assert bank.contacts(0) == (load == SC, load == MEASURE)


@pytest.mark.rule("R1")
def test_settle_time_on_the_pins():
    bank = Bank([cell(0)])
    bank.relays.override(0, MEASURE, 0, LEASE_MS)
    bank.run(100)
    # The coil opens the contact that is closed at rest; the meter follows.
    assert bank.gap_ms((0, 1), (8, 1)) == SETTLE_MS


@pytest.mark.rule("R2", "R3")
def test_meter_moves_from_cell_to_cell():
    bank = Bank([cell(0), cell(1)])
    bank.relays.override(0, MEASURE, 0, LEASE_MS)
    bank.run(DWELL_MS + 100)
    bank.relays.override(1, MEASURE, bank.board.now, LEASE_MS)
    bank.run(DWELL_MS + 100)
    assert bank.contacts(0) == (True, False)
    assert bank.contacts(1) == (False, True)
    assert bank.gap_ms((8, 0), (9, 1)) >= SETTLE_MS


def test_a_stuck_wait_for_the_meter_does_not_last():
    """The second cell asks while the first may not yet leave (dwell)."""
    bank = Bank([cell(0), cell(1)])
    bank.relays.override(0, MEASURE, 0, LEASE_MS)
    bank.run(100)
    bank.relays.override(1, MEASURE, bank.board.now, LEASE_MS)
    bank.run(DWELL_MS + 100)
    assert bank.contacts(1) == (False, True)


@pytest.mark.rule("R4")
def test_dwell_between_switchings_of_one_cell():
    bank = Bank([cell(0)])
    bank.relays.plan(0, OC)
    bank.run(10)
    bank.relays.plan(0, SC)
    bank.run(DWELL_MS - 20)
    assert bank.contacts(0) == (False, False)
    bank.run(30)
    assert bank.contacts(0) == (True, False)
    assert bank.gap_ms((0, 1), (0, 0)) == DWELL_MS


@pytest.mark.rule("R5")
def test_cells_switch_one_after_another():
    bank = Bank([cell(i) for i in range(8)])
    for number in range(8):
        bank.relays.plan(number, OC)
    bank.run(8 * STAGGER_MS)
    times = [t for t, _gpio, _level in bank.board.log()]
    assert times == [i * STAGGER_MS for i in range(8)]
    assert bank.arrived == [(i, OC) for i in range(8)]
    assert bank.relays.settled(0xFF)


@pytest.mark.rule("R6")
def test_safe_state_needs_neither_dwell_nor_stagger():
    bank = Bank([cell(i) for i in range(8)])
    for number in range(8):
        bank.relays.plan(number, OC)
    bank.relays.override(3, MEASURE, 0, LEASE_MS)
    bank.run(500)
    assert bank.contacts(3) == (False, True)
    bank.make_safe()
    assert bank.contacts(3) == (False, False)
    bank.run(SETTLE_MS + 2)
    assert [bank.contacts(n) for n in range(8)] == [(True, False)] * 8


@pytest.mark.rule("R7")
def test_a_load_by_hand_expires():
    bank = Bank([cell(0)])
    bank.relays.override(0, OC, 0, 3000)
    bank.run(2900)
    assert bank.contacts(0) == (False, False)
    bank.run(200)
    assert bank.contacts(0) == (True, False)


def test_dwell_does_not_come_back_with_the_ticks():
    """After half a wrap of ticks at rest a cell still switches at once."""
    bank = Bank([cell(0)])
    bank.relays.plan(0, OC)
    bank.run(10)
    for _ in range(7):  # a poll a day
        bank.board.now += 86400000
        bank.relays.poll(bank.board.now)
    bank.relays.plan(0, SC)
    bank.relays.poll(bank.board.now)
    assert bank.contacts(0) == (True, False)


def test_every_coil_that_is_energised_is_counted():
    bank = Bank([cell(0), cell(1, rest=OC, power_off=OC)])
    for load in (OC, SC, MEASURE, SC, OC):
        for number in (0, 1):
            bank.relays.override(number, load, bank.board.now, LEASE_MS)
        bank.run(3 * DWELL_MS)
    # Cell 0 rests at SC: its coil holds it open. Only one at a time was let onto the meter.
    log = bank.board.log()
    for number in (0, 1):
        for at, gpio in enumerate((number, 8 + number)):
            rises = len([1 for _t, pin, level in log if (pin, level) == (gpio, 1)])
            assert bank.relays.wear[2 * number + at] == rises
    assert bank.relays.wear[0] == bank.relays.wear[2] == 2
    assert bank.relays.take_settled()
    assert bank.relays.worn


def test_cells_that_do_not_exist_are_absent():
    bank = Bank([cell(0), cell(1)])
    assert bank.relays.loads() == 0xFFFFFFF0 | SC << 2 | SC


def test_a_shorted_cell_without_a_relay_is_never_measured():
    values = cell(0, short_pin=None)
    assert not Cell(values, None, object()).can_measure
    assert Cell(cell(0, short_pin=None, power_off=OC, rest=OC), None, object()).can_measure
