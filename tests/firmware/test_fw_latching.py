"""Latching relays: pulses, positions after a start, and coils that are never left energised."""

import pytest
from fw_rig import Rig, ageing, cell, config_blob
from relay_rig import DWELL_MS, MOST_PULSE_MS, PULSE_MS, SETTLE_MS, STAGGER_MS, Bank

from soakwire import messages, records
from soakwire.records import MEASURE, OC, SC

LEASE_MS = 600000
SET, RESET = 0, 19


def latching(number, **changes):
    return cell(number, reset_pin=RESET + number, pulse=PULSE_MS, **changes)


@pytest.mark.rule("R8", "R9")
def test_after_a_start_each_relay_gets_one_pulse_into_its_power_off_load():
    for power_off in (OC, SC):
        for lies_set in (False, True):
            entries = [latching(n, power_off=power_off, lies_set=lies_set) for n in (0, 1)]
            bank = Bank(entries)
            assert not bank.relays.settled(3)
            bank.run(STAGGER_MS + 2 * PULSE_MS)
            assert bank.arrived == [(0, power_off), (1, power_off)]
            assert [bank.contacts(n) for n in (0, 1)] == [(power_off == SC, False)] * 2
            assert [bank.latched[n].pulses for n in (0, 1)] == [[PULSE_MS]] * 2
            begun = [t for t, _gpio, level in bank.board.log() if level]
            assert begun == [0, STAGGER_MS]
            assert bank.relays.settled(3)
            bank.run(DWELL_MS)
            assert bank.relays.poll(bank.board.now) == -1


@pytest.mark.rule("R2", "R9")
def test_a_cell_goes_to_the_meter_only_by_a_pulse_that_opens():
    """Asked for before its position is known."""
    bank = Bank([latching(0, power_off=OC)])
    bank.relays.override(0, MEASURE, 0, LEASE_MS)
    bank.run(DWELL_MS)
    assert bank.contacts(0) == (False, True)
    assert bank.gap_ms((SET, 1), (8, 1)) == SETTLE_MS


@pytest.mark.rule("R9")
def test_a_pulse_ends_though_nobody_polls():
    bank = Bank([latching(0)])
    bank.run(1)
    coil = bank.board.pins[RESET]
    assert coil.level == 1
    began = bank.board.now
    while coil.level:
        bank.board.advance(bank.board.now + 1)
        assert bank.board.now - began <= MOST_PULSE_MS
    bank.run(10)
    assert coil.level == 0


@pytest.mark.rule("R9")
def test_the_safe_state_in_the_middle_of_a_pulse():
    bank = Bank([latching(0, power_off=OC)])
    bank.run(DWELL_MS + 100)
    bank.relays.plan(0, SC)
    for at_ms in (1, 4, 8):
        bank.run(at_ms)
        bank.make_safe()
        bank.run(DWELL_MS + 100)
        assert bank.contacts(0) == (False, False)
        bank.relays.plan(0, SC)
    assert max(bank.latched[0].pulses) == PULSE_MS


def test_set_pulses_are_counted():
    bank = Bank([latching(0)])
    for load in (OC, SC, OC):
        bank.relays.plan(0, load)
        bank.run(DWELL_MS + 100)
    assert bank.relays.wear[0] == 2


def test_through_the_app():
    """A program, then a stop: the cells follow, and the coils are without current."""
    rig = Rig()
    rig.configure(cells=[latching(0), cell(1)])
    rig.run(1000)
    assert [e.values["a"] for e in rig.events(records.EV_LOAD)] == [0]
    rig.load([(0x03, [ageing(5000, cells=0x03)])])
    rig.resume()
    rig.run(2000)
    assert rig.app.bench.relays.loads() & 0xF == OC
    assert rig.level(SET) == rig.level(RESET) == 0
    rig.stop()
    rig.run(1000)
    assert rig.app.bench.relays.loads() & 0xF == SC << 2 | SC
    told = rig.records(records.WEAR)[-1]
    assert told.values["short0"] == told.values["short1"] == 1


def test_a_reset_pin_that_is_used_twice_is_refused():
    rig = Rig()
    blob = config_blob(cells=[latching(0), cell(1, short_pin=RESET)])
    assert rig.upload(messages.BLOB_CONFIG, blob) == messages.REASON_BLOB_INVALID
