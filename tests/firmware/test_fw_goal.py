"""Another goal for the visit a track is in: longer, shorter, in every state, and for no other."""

import pytest
from fw_rig import LIGHT_PIN, Rig, ageing, barrier, dark, loop

from soakwire import blobs, messages, records
from soakwire.records import BARRIER, DONE, PAUSED, READY, RUNNING


def running(steps):
    rig = Rig()
    rig.load([(0xFF, steps)])
    rig.resume()
    return rig


def goal(rig, amount, step=0, cycle=0, track=0):
    return rig.command(messages.GOAL, track, step, cycle, amount)


def told(rig):
    """The goal in the answer to a beat."""
    payload = rig.app.state_payload()
    return messages.STATE_TRACK.unpack_named(payload, messages.STATE_HEAD.size)["goal"]


def ends(rig):
    return [r.values["delivered"] for r in rig.events(records.EV_STEP_END)]


def test_a_longer_goal_is_delivered_to_the_millisecond():
    rig = running([dark(20000), dark(5000)])
    rig.run(7000)
    assert told(rig) == 20000
    assert goal(rig, 31234) == messages.REASON_OK
    assert told(rig) == 31234
    assert rig.run(60000, lambda: rig.track().state == DONE)
    assert ends(rig) == [31234, 5000]


@pytest.mark.rule("CO-10")
def test_a_shorter_goal_ends_the_step_when_it_is_delivered_or_at_once():
    rig = running([ageing(20000), dark(20000)])
    rig.run(5000)
    assert goal(rig, 8321) == 0
    assert rig.run(5000, lambda: rig.track().step == 1)
    assert goal(rig, 1000, step=1) == 0
    rig.run(2000)
    assert ends(rig) == [8321, 1000]
    rig = running([dark(20000), dark(20000)])
    rig.run(5000)
    assert goal(rig, 2000) == 0  # less than there is already
    rig.run(1000)
    (end,) = ends(rig)
    assert 5000 <= end <= 5001


def test_a_dose_may_be_another_one():
    rig = running([ageing(20000, goal_kind=blobs.GOAL_DOSE)])
    rig.run(5000)
    assert goal(rig, 30000) == 0
    assert rig.run(60000, lambda: rig.track().state == DONE)
    (end,) = ends(rig)
    assert 30000 <= end <= 30500


@pytest.mark.rule("CO-10")
def test_it_belongs_to_exactly_one_visit():
    rig = running([dark(3000), dark(2000), loop(0, 2)])
    assert goal(rig, 4000, step=1) == messages.REASON_NOT_NOW
    assert goal(rig, 4000, cycle=1) == messages.REASON_NOT_NOW
    assert goal(rig, 4000, track=1) == messages.REASON_NO_SUCH_PLACE
    assert goal(rig, 4000) == 0
    assert rig.run(60000, lambda: rig.track().state == DONE)
    assert ends(rig) == [4000, 2000, 3000, 2000]


def test_a_paused_track_keeps_it():
    rig = running([ageing(20000)])
    rig.run(5000)
    assert rig.command(messages.PAUSE, 0) == 0
    assert rig.track().state == PAUSED
    assert goal(rig, 9000) == 0
    rig.run(20000)
    assert (rig.track().state, told(rig)) == (PAUSED, 9000)
    rig.resume(0)
    assert rig.run(10000, lambda: rig.track().state == DONE)
    assert ends(rig) == [9000]


@pytest.mark.rule("CO-10")
def test_a_track_that_is_put_beyond_the_programs_goal_waits_for_its_own():
    """As after a restart of the board: START, GOAL, RESUME."""
    rig = Rig()
    rig.load([(0xFF, [ageing(20000), dark(5000)])])
    assert rig.command(messages.START, 0, 0, 0, 25000, 0, 26000) == 0
    rig.run(5000)
    assert (rig.track().state, told(rig)) == (READY, 20000)
    assert goal(rig, 30000) == 0
    rig.resume()
    rig.run(2000)
    assert (rig.track().state, rig.track().step, rig.level(LIGHT_PIN)) == (RUNNING, 0, 1)
    assert rig.run(10000, lambda: rig.track().state == DONE)
    assert ends(rig) == [30000, 5000]


def test_where_nothing_is_delivered_there_is_no_goal():
    rig = running([dark(1000), barrier()])
    rig.run(2000)
    assert (rig.track().state, told(rig)) == (BARRIER, 0)
    assert goal(rig, 5000, step=1) == messages.REASON_NOT_NOW
    assert rig.advance(0, 1) == 0
    assert rig.track().state == DONE
    assert goal(rig, 5000, step=1) == messages.REASON_NOT_NOW


def test_it_needs_a_program_that_has_begun():
    rig = Rig()
    assert goal(rig, 5000) == messages.REASON_NO_PROGRAM
    rig.load([(0xFF, [dark(1000)])])
    rig.stop()
    assert goal(rig, 5000) == messages.REASON_NO_PROGRAM
