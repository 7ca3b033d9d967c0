"""A program that is not to go on without a host: held with the end of the lease, and let go."""

import pytest
from fw_rig import BOX, HEATER_PIN, LIGHT_PIN, Rig, ageing, barrier, dark, thermal

from soakwire import messages, records
from soakwire.records import ALONE, BARRIER, DONE, HELD, OC, PAUSED, RUNNING

LEASE_MS = 30000


def running(*tracks, host_loss=1):
    rig = Rig()
    rig.load(list(tracks), host_loss=host_loss)
    rig.lease(LEASE_MS)
    rig.resume()
    return rig


def pauses(rig):
    """[(code, b, time)] of the pauses and resumptions on record."""
    codes = (records.EV_PAUSED, records.EV_RESUMED)
    found = [r for r in rig.records(records.EVENT) if r.place in codes]
    return [(r.place, r.values["b"], r.t_ms) for r in found]


@pytest.mark.rule("S1", "TI-2")
def test_it_is_held_with_the_end_of_the_lease_and_goes_on_with_the_next_beat():
    rig = running((0xFF, [ageing(60000)]))
    rig.run(LEASE_MS - 100)
    assert (rig.track().state, rig.level(LIGHT_PIN)) == (RUNNING, 1)
    rig.run(101)
    assert (rig.track().state, rig.level(LIGHT_PIN)) == (PAUSED, 0)
    delivered = rig.track().delivered
    rig.run(600000)
    assert (rig.track().delivered, rig.level(LIGHT_PIN)) == (delivered, 0)
    assert [rig.app.bench.relays.loads() >> 2 * n & 3 for n in range(8)] == [OC] * 8
    rig.lease(LEASE_MS)
    rig.run(1000)
    assert (rig.track().state, rig.level(LIGHT_PIN)) == (RUNNING, 1)
    paused, resumed = pauses(rig)
    assert paused == (records.EV_PAUSED, ALONE, LEASE_MS)
    assert resumed[:2] == (records.EV_RESUMED, ALONE)
    assert 0 <= resumed[2] - LEASE_MS - 600001 <= 1000
    rig.lease(3600000)
    assert rig.run(60000, lambda: rig.track().state == DONE)
    assert rig.track().delivered == 60000


@pytest.mark.rule("S1")
def test_its_heat_ends_with_the_lease_too():
    rig = Rig()
    rig.configure()
    rig.fit_plate(40.0)
    rig.load([(0xFF, [thermal(60000)])], host_loss=1)
    rig.lease(LEASE_MS)
    rig.resume()
    rig.run(LEASE_MS - 1000)
    rig.on_ms = 0
    rig.run(1101)
    assert 0 < rig.on_ms <= 1100
    assert rig.track().state == PAUSED
    rig.on_ms = 0
    rig.run(60000)
    assert rig.on_ms == 0
    assert rig.app.bench.stations[BOX].target is None
    assert rig.level(HEATER_PIN) == 0


def test_without_being_asked_to_it_goes_on():
    rig = running((0xFF, [ageing(60000)]), host_loss=0)
    assert rig.run(62000, lambda: rig.track().state == DONE)
    assert pauses(rig) == []


def test_who_waits_or_was_paused_by_a_person_is_left_alone():
    """Track 0 stands at a barrier, track 1 was paused, track 2 runs."""
    steps = [[barrier()], [dark(90000, cells=0x0C)], [dark(90000, cells=0x30)]]
    rig = running((0x03, steps[0]), (0x0C, steps[1]), (0x30, steps[2]))
    rig.run(2000)
    assert rig.command(messages.PAUSE, 1) == 0
    rig.run(LEASE_MS)
    assert [rig.track(n).held for n in range(3)] == [0, 0, ALONE]
    assert [rig.track(n).state for n in range(3)] == [BARRIER, PAUSED, PAUSED]
    rig.lease(LEASE_MS)
    rig.run(1100)
    assert [rig.track(n).state for n in range(3)] == [BARRIER, PAUSED, RUNNING]


def test_a_person_may_pause_what_is_held():
    rig = running((0xFF, [dark(90000)]))
    rig.run(LEASE_MS + 1000)
    assert rig.command(messages.PAUSE, 0) == 0
    rig.lease(LEASE_MS)
    rig.run(2000)
    assert (rig.track().state, rig.track().held) == (PAUSED, 0)


def fill_events(rig, left):
    while rig.journal.events_free > left:
        rig.app._recorder.event(records.EV_LIGHT)


@pytest.mark.rule("RE-12")
def test_want_of_room_and_want_of_a_host_each_end_by_themselves():
    """The host takes the records while its loop stalls, so that no beat comes."""
    rig = running((0xFF, [dark(90000)]))
    fill_events(rig, 7)
    rig.run(1100)
    assert rig.track().held == HELD
    rig.run(LEASE_MS)
    rig.clear_records()
    rig.run(1100)
    assert rig.track().held == ALONE
    assert [one[:2] for one in pauses(rig)] == [
        (records.EV_RESUMED, HELD),
        (records.EV_PAUSED, ALONE),
    ]
    fill_events(rig, 7)
    rig.lease(LEASE_MS)
    rig.run(2000)
    assert rig.track().held == ALONE  # to go on would take places that are wanted
    rig.clear_records()
    rig.run(1100)
    assert rig.track().state == RUNNING
