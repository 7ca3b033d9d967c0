"""The program runner: what ends a step, barriers, loops, pauses, tracks that share a station."""

import pytest
from fw_rig import (
    BOX,
    LIGHT_PIN,
    OPEN_CODE,
    PLATE_PIN,
    SIMULATOR,
    SUN_CODE,
    Rig,
    ageing,
    barrier,
    dark,
    loads_word,
    loop,
    pairs,
    thermal,
)

from soakwire import blobs, messages, records
from soakwire.records import BARRIER, DONE, HELD, OC, PAUSED, READY, RUNNING, SC

LOADS_MS = 1000  # for eight cells to switch, one after another


def running(tracks, **parts):
    rig = Rig()
    rig.load(tracks, **parts)
    rig.resume()
    return rig


def until(rig, state, ms, track=0):
    """Run until a track is in a state; False if it takes longer than `ms`."""
    return rig.run(ms, lambda: rig.track(track).state == state)


def load_of(rig, number):
    return rig.app.bench.relays.loads() >> (2 * number) & 3


def test_time_in_condition_ends_a_step():
    rig = running([(0xFF, [ageing(60000)])])
    assert until(rig, DONE, 70000)
    (end,) = rig.events(records.EV_STEP_END)
    assert end.values["delivered"] == 60000
    assert 0 <= rig.now - 60000 <= LOADS_MS
    assert abs(end.values["dose"] - 60000) <= LOADS_MS  # one sun all the time


def test_light_out_of_tolerance_does_not_count():
    step = ageing(20000, light=1000, light_tolerance=100)
    rig = running([(0xFF, [step])])
    rig.run(10000)
    rig.lit_code = SUN_CODE * 8 // 10
    rig.run(30000)
    delivered = rig.track().delivered
    assert 8000 < delivered < 10500
    assert not rig.track().in_condition
    assert rig.events(records.EV_OUT_OF_CONDITION)
    rig.lit_code = SUN_CODE
    assert until(rig, DONE, 13000)


def test_no_light_at_all_is_not_ageing():
    rig = running([(0xFF, [ageing(5000)])])
    rig.lit_code = 0  # the lamp is dead behind an open shutter
    rig.run(20000)
    assert rig.track().delivered == 0


def test_dose_ends_a_step():
    step = ageing(30000, goal_kind=blobs.GOAL_DOSE)
    rig = Rig()
    rig.lit_code = SUN_CODE // 2
    rig.load([(0xFF, [step])])
    rig.resume()
    assert until(rig, DONE, 65000)
    assert abs(rig.now - 60000) <= 1500
    (end,) = rig.events(records.EV_STEP_END)
    assert 30000 <= end.values["delivered"] <= 30500


def test_dark_needs_the_lux_sensor_to_agree():
    rig = Rig()
    rig.configure()
    rig.board.veml.lux = 5.0
    rig.load([(0xFF, [dark(10000, station=BOX, dark_max=10)])])
    rig.resume()
    rig.run(20000)
    assert rig.track().delivered == 0
    rig.board.veml.lux = 0.5
    assert until(rig, DONE, 12000)
    rig = Rig()
    rig.configure()
    rig.board.veml.silent = True  # a sensor that is fitted must say so
    rig.load([(0xFF, [dark(5000, station=BOX, dark_max=10)])])
    rig.resume()
    rig.run(20000)
    assert rig.track().delivered == 0


def test_dark_needs_the_light_sensor_to_see_no_light():
    """Where no lux sensor is fitted: light beside a shut shutter is no dark."""
    rig = Rig()
    rig.dark_code = SUN_CODE // 90  # 11 milli-suns
    rig.load([(0xFF, [dark(10000)])])
    rig.resume()
    rig.run(20000)
    assert rig.track().delivered == 0
    rig.dark_code = SUN_CODE // 200
    assert until(rig, DONE, 12000)


def test_loads_follow_the_program():
    steps = [ageing(5000, OC, light=None), ageing(5000, SC)]
    steps[0]["loads"] = loads_word(0x0F, OC) & loads_word(0xF0, SC) | 0x5500
    rig = running([(0xFF, steps)])
    rig.run(3000)
    assert [load_of(rig, n) for n in range(8)] == [OC] * 4 + [SC] * 4
    rig.run(5000)
    assert [load_of(rig, n) for n in range(8)] == [SC] * 8
    assert rig.level(LIGHT_PIN) == 1


def test_cells_of_no_track_stay_at_power_off():
    rig = running([(0x0F, [ageing(60000, cells=0x0F)])])
    rig.run(5000)
    assert [load_of(rig, n) for n in range(8)] == [OC] * 4 + [SC] * 4


def test_barrier_waits_for_exactly_its_place():
    rig = running([(0xFF, [ageing(2000), barrier(), dark(2000)])])
    assert until(rig, BARRIER, 5000)
    assert rig.level(LIGHT_PIN) == 0
    rig.run(50000)
    assert rig.track().state == BARRIER
    assert rig.advance(0, 0) == messages.REASON_NOT_NOW
    assert rig.advance(0, 1, cycle=1) == messages.REASON_NOT_NOW
    assert rig.advance(1, 1) == messages.REASON_NO_SUCH_PLACE
    assert rig.track().state == BARRIER
    assert rig.advance(0, 1) == 0
    assert rig.advance(0, 1) == messages.REASON_NOT_NOW  # once
    assert (rig.track().state, rig.track().step) == (RUNNING, 2)
    assert until(rig, DONE, 5000)


def test_loop_runs_its_stretch_so_many_times():
    rig = running([(0xFF, [dark(1000), ageing(1000), loop(0, 3), dark(500)])])
    assert until(rig, DONE, 20000)
    begun = [(r.values["step"], r.values["cycle"]) for r in rig.events(records.EV_STEP_BEGIN)]
    assert begun == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2), (3, 0)]


def test_barrier_inside_a_loop_is_one_place_per_cycle():
    rig = running([(0xFF, [barrier(), loop(0, 3)])])
    for cycle in range(3):
        assert rig.track().state == BARRIER
        assert rig.advance(0, 0, (cycle + 1) % 3) == messages.REASON_NOT_NOW
        assert rig.advance(0, 0, cycle) == 0
    assert rig.track().state == DONE


def test_pause_releases_light_and_keeps_loads_and_amounts():
    rig = running([(0xFF, [ageing(20000)])])
    rig.run(5000)
    assert rig.command(messages.PAUSE, None) == 0
    rig.run(100)
    delivered = rig.track().delivered
    assert rig.level(LIGHT_PIN) == 0
    rig.run(60000)
    assert rig.track().state == PAUSED
    assert rig.track().delivered == delivered
    assert [load_of(rig, n) for n in range(8)] == [OC] * 8
    rig.resume(0)
    assert until(rig, DONE, 20000)
    assert rig.track().delivered == 20000


def test_start_from_what_was_delivered():
    rig = Rig()
    rig.load([(0xFF, [ageing(5000), dark(20000), ageing(5000)])])
    assert rig.command(messages.START, 0, 1, 0, 15000, 123, 16000) == 0
    assert rig.track().state == READY
    rig.run(5000)
    assert rig.track().delivered == 15000  # READY waits for RESUME
    rig.resume()
    rig.run(1000)
    assert rig.track().step == 1
    assert rig.track().dose == 123
    assert rig.run(6000, lambda: rig.track().step == 2)
    (end,) = rig.events(records.EV_STEP_END)
    assert end.values["delivered"] == 20000
    assert 20900 <= end.values["a"] <= 21500


def test_start_refuses_what_is_not_there_or_runs():
    rig = running([(0xFF, [ageing(5000)])])
    assert rig.command(messages.START, 0, 0, 0, 0, 0, 0) == messages.REASON_NOT_NOW
    assert rig.command(messages.START, 0, 2, 0, 0, 0, 0) == messages.REASON_NO_SUCH_PLACE
    assert rig.command(messages.START, 1, 0, 0, 0, 0, 0) == messages.REASON_NO_SUCH_PLACE


def test_resume_starts_all_tracks_at_one_instant():
    rig = Rig()
    rig.load([(0x0F, [dark(5000, cells=0x0F)]), (0xF0, [dark(5000, cells=0xF0)])])
    rig.run(3210)
    rig.resume()
    assert {r.t_ms for r in rig.events(records.EV_STEP_BEGIN)} == {3210}


def test_two_tracks_at_one_station_dark_wins():
    first = [ageing(4000, cells=0x0F), ageing(20000, cells=0x0F)]
    second = [ageing(4000, cells=0xF0), dark(10000, cells=0xF0), barrier(station=SIMULATOR)]
    rig = running([(0x0F, first), (0xF0, second)])
    rig.run(3000)
    assert rig.level(LIGHT_PIN) == 1
    rig.run(3000)
    assert [rig.track(n).step for n in (0, 1)] == [1, 1]
    assert rig.level(LIGHT_PIN) == 0
    assert rig.track(0).delivered < 500  # held back, not lost
    assert until(rig, BARRIER, 10000, track=1)
    rig.run(1000)
    assert rig.level(LIGHT_PIN) == 1  # a barrier is neutral
    assert until(rig, DONE, 22000, track=0)
    assert rig.level(LIGHT_PIN) == 0


def test_arms_at_two_stations():
    rig = Rig()
    rig.configure()
    rig.fit_plate()
    arms = [(0x0F, [dark(60000, cells=0x0F)]), (0xF0, [thermal(20000, cells=0xF0)])]
    rig.load(arms, sample_ms=60000)
    rig.resume()
    assert until(rig, DONE, 62000, track=0)
    assert rig.app.bench.stations[BOX].target == 5000
    assert until(rig, DONE, 300000, track=1)
    assert rig.app.bench.stations[BOX].target is None


def test_time_out_pauses_and_resume_gives_the_time_again():
    rig = Rig()
    rig.lit_code = 0
    rig.load([(0xFF, [ageing(5000, timeout=10)])])
    rig.resume()
    assert until(rig, PAUSED, 10500)
    assert rig.now >= 10000
    assert len(rig.events(records.EV_STEP_TIMEOUT)) == 1
    rig.resume()
    rig.run(9000)
    assert rig.track().state == RUNNING
    rig.lit_code = SUN_CODE
    rig.run(500)
    assert until(rig, PAUSED, 2000)  # ten seconds are ten seconds


def test_last_values_of_a_step_are_on_record():
    rig = running([(0xFF, [ageing(3000), dark(3000)])], sample_ms=3600000)
    assert until(rig, DONE, 10000)
    ends = [r.values for r in rig.records(records.TRACK) if r.values["delivered"] == 3000]
    assert [(v["step"], v["state"]) for v in ends] == [(0, RUNNING), (1, RUNNING), (1, DONE)]


def test_sampling_is_faster_after_a_step_begins():
    rig = running([(0xFF, [dark(600000)])], sample_ms=10000, fast_ms=1000, fast_for_ms=20000)
    rig.run(100000)
    times = [r.t_ms for r in rig.records(records.CELLS)]
    assert len([t for t in times if t <= 20000]) in (20, 21)
    assert len([t for t in times if t > 20000]) in (7, 8)


def test_dose_is_counted_in_every_step():
    rig = Rig()
    rig.dark_code = SUN_CODE // 100  # a leak
    rig.load([(0xFF, [dark(20000)])])
    rig.resume()
    assert until(rig, DONE, 21000)
    (end,) = rig.events(records.EV_STEP_END)
    assert 150 <= end.values["dose"] <= 200


def dose_after(rig, ms):
    """The track's dose `ms` from now, when a command has the account settled in between passes."""
    rig.run(ms)
    assert rig.advance(0, 99) == messages.REASON_NOT_NOW
    return rig.track().dose


def test_the_account_follows_the_light_at_a_switching():
    """The loads stay the same, so that no relay calls for a control pass."""
    for ms in (90, 240, 570, 990):
        steps = [ageing(3000, load=SC), barrier(station=SIMULATOR), ageing(3000, load=SC)]
        rig = running([(0xFF, steps)])
        assert until(rig, BARRIER, 5000)
        assert rig.level(LIGHT_PIN) == 0
        assert dose_after(rig, ms) <= 150  # milli-sun-seconds
        assert rig.advance(0, 1) == 0
        assert abs(dose_after(rig, ms) - ms) <= 150
        assert rig.level(LIGHT_PIN) == 1


# --- few places for events ---


def fill_events(rig, left):
    """Other events until only `left` places are free."""
    while rig.journal.events_free > left:
        rig.app._recorder.event(records.EV_LIGHT)


def pauses(rig):
    """[(code, b)] of the pauses and resumptions on record."""
    codes = (records.EV_PAUSED, records.EV_RESUMED)
    return [(r.place, r.values["b"]) for r in rig.records(records.EVENT) if r.place in codes]


@pytest.mark.rule("RE-12")
def test_the_program_holds_while_events_may_find_no_place_and_goes_on_by_itself():
    other = dark(60000, cells=0xF0, station=BOX)
    rig = running([(0x0F, [ageing(60000, cells=0x0F)]), (0xF0, [other])])
    rig.run(3000)
    fill_events(rig, rig.journal.events.slots // 8)
    rig.run(2000)
    assert rig.track(0).state == RUNNING
    fill_events(rig, rig.journal.events.slots // 8 - 1)
    rig.run(1100)
    assert [rig.track(n).state for n in (0, 1)] == [PAUSED, PAUSED]
    delivered = rig.track().delivered
    rig.run(60000)
    assert rig.level(LIGHT_PIN) == 0
    assert rig.track().delivered == delivered
    assert rig.journal._unplaced.absent == 0
    assert pauses(rig) == [(records.EV_PAUSED, HELD)] * 2
    oldest = rig.journal.events.seq(rig.journal.events.held - rig.journal.events.slots // 2)
    rig.journal.release(oldest)
    rig.run(2000)
    assert rig.track().state == PAUSED  # not yet half of them are free
    rig.clear_records()
    rig.run(1100)
    assert pauses(rig) == [(records.EV_RESUMED, HELD)] * 2
    assert until(rig, DONE, 61000)
    assert rig.track().delivered == 60000


@pytest.mark.rule("RE-12")
def test_only_what_was_held_goes_on_by_itself():
    """Track 0 was paused by a person before, track 1 meanwhile; track 2 trips while it is held."""
    rig = Rig()
    rig.configure()
    rig.fit_plate(40.0)
    cells = (0x03, 0x0C, 0x30, 0xC0)
    steps = [dark(60000, cells=cells[n]) for n in (0, 1)]
    steps += [thermal(60000, cells=cells[2]), dark(60000, cells=cells[3])]
    rig.load([(cells[n], [steps[n]]) for n in range(4)])
    rig.resume()
    rig.run(2000)
    assert rig.command(messages.PAUSE, 0) == 0
    fill_events(rig, 7)
    rig.run(1100)
    assert [rig.track(n).held for n in range(4)] == [0, HELD, HELD, HELD]
    assert rig.command(messages.PAUSE, 1) == 0
    rig.board.codes[PLATE_PIN] = OPEN_CODE
    rig.run(5000)
    assert rig.app.bench.stations[BOX].guard.tripped
    rig.clear_records()
    rig.run(2000)
    assert [rig.track(n).state for n in range(4)] == [PAUSED, PAUSED, PAUSED, RUNNING]


@pytest.mark.rule("RE-12")
def test_a_person_may_resume_what_is_held():
    rig = running([(0xFF, [dark(60000)])])
    fill_events(rig, 7)
    rig.run(1100)
    assert rig.track().held
    rig.resume()
    assert rig.track().state == RUNNING
    rig.run(1100)
    assert rig.track().held  # there still is no room
    rig.clear_records()
    rig.run(1100)
    assert rig.track().state == RUNNING


def condition_events(rig):
    codes = (records.EV_IN_CONDITION, records.EV_OUT_OF_CONDITION)
    return [r for r in rig.records(records.EVENT) if r.place in codes]


def flicker(rig, half_ms, times):
    """The lamp fails and comes back."""
    for _ in range(times):
        rig.lit_code = 0
        rig.run(half_ms)
        rig.lit_code = SUN_CODE
        rig.run(half_ms)


@pytest.mark.rule("RE-11")
def test_a_lamp_that_flickers_fills_no_ring():
    rig = running([(0xFF, [ageing(36000000)])], sample_ms=3600000)
    for _ in range(40):
        rig.lit_code = 0
        rig.run(2000)
        rig.lit_code = SUN_CODE
        rig.run(2000)
    codes = (records.EV_IN_CONDITION, records.EV_OUT_OF_CONDITION)
    events = [r for r in rig.records(records.EVENT) if r.place in codes]
    assert 4 <= len(events) <= 6  # after 5 s, 10 s, 20 s ...
    assert all([then.place != r.place for r, then in pairs(events)])


def test_tracks_that_age_together_leave_the_light_together():
    """The first to be through would shut the light that the other still needs for a moment."""
    tracks = [
        (0x0F, [ageing(60000, cells=0x0F), dark(30000, cells=0x0F)]),
        (0xF0, [ageing(60000, cells=0xF0), dark(30000, cells=0xF0)]),
    ]
    rig = running(tracks)
    assert until(rig, DONE, 100000, track=0)
    assert until(rig, DONE, 2000, track=1)
    ends = [r for r in rig.events(records.EV_STEP_END) if r.values["step"] == 0]
    assert len(ends) == 2
    for end in ends:
        assert 60000 <= end.values["delivered"] <= 60000 + 2 * LOADS_MS


def test_a_track_that_was_done_before_a_restart_is_done_after_it():
    rig = Rig()
    rig.load([(0x0F, [dark(2000, cells=0x0F)]), (0xF0, [dark(60000, cells=0xF0)])])
    assert rig.app.runner.start(0, 1, 0, (0, 0, 0)) == messages.REASON_OK
    assert rig.app.runner.start(1, 0, 0, (0, 0, 0)) == messages.REASON_OK
    assert rig.app.runner.start(0, 2, 0, (0, 0, 0)) == messages.REASON_NO_SUCH_PLACE
    rig.resume()
    assert until(rig, DONE, 70000, track=1)
    assert rig.app.runner.finished()
    assert [e.values["track"] for e in rig.events(records.EV_STEP_BEGIN)] == [1]
