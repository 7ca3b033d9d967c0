"""Fourteen days through the shipped app, over both wraps of the ticks, with nothing lost or gained.

Around the wraps and the ends of steps time goes by the app's own wake times, as on a bench; in
between polls come every 20 s, so that two weeks take seconds. MicroPython plays two days.
"""

import sys

import pytest
from fw_rig import LIGHT_PIN, LIGHT_SENSOR_PIN, SUN_CODE, Rig, ageing, loop

from soakwire import blobs, records
from soakwire.ticks import ticks_add, ticks_diff

WRAP = 1 << 30
DAY_MS = 86400000
HOURS = 24 * (14 if sys.implementation.name == "cpython" else 2)
HOUR_MS = 3600000
NEAR_MS = 120000
COARSE_MS = 20000
LATE_MS = 1500  # of a step: the relays' stagger, and light that settles


class LongRig(Rig):
    """A bench of lamps and relays only, whose time may go in large steps."""

    def live(self, ms):
        """Let `ms` pass, coarsely where nothing is near."""
        for_ms = 0
        while for_ms < ms:
            due = self.app.poll(self.now)
            wait_ms = ticks_diff(due, self.now)
            if not self._is_near():
                wait_ms = COARSE_MS
            wait_ms = min(wait_ms, ms - for_ms)
            for_ms += wait_ms
            self.board.now = ticks_add(self.now, wait_ms)
            lit = self.level(LIGHT_PIN)
            self.board.codes[LIGHT_SENSOR_PIN] = self.lit_code if lit else self.dark_code

    def _is_near(self):
        """A wrap, the begin of a step or its end."""
        if min(self.now, WRAP - self.now) < NEAR_MS:
            return True
        track = self.track()
        left = track.wanted["goal"] - track.delivered
        return left < NEAR_MS or track.elapsed < NEAR_MS or not track.in_condition


def ends(rig):
    """(step, cycle, when, delivered, dose) of each step that has ended."""
    made = []
    for record in rig.events(records.EV_STEP_END):
        values = record.values
        place = (values["step"], values["cycle"])
        made.append((place, record.t_ms, values["delivered"], values["dose"]))
    return made


def play(start, code):
    """Equal steps of time and of dose, a quarter of the days each; (milli-suns, ends)."""
    rig = LongRig(start)
    rig.lit_code = code
    milli_suns = code * 1500 // 65535
    stretch_ms = HOURS * HOUR_MS // 4
    dose = stretch_ms // 1000 * milli_suns
    steps = [
        ageing(stretch_ms),
        ageing(dose, goal_kind=blobs.GOAL_DOSE, load=records.SC),
        loop(0, 2),
    ]
    rig.load([(0xFF, steps)], sample_ms=HOUR_MS)
    rig.resume()
    rig.live(HOURS * HOUR_MS + 60000)
    assert rig.track().state == records.DONE
    return milli_suns, stretch_ms, dose, ends(rig)


@pytest.mark.rule("TI-3")
def test_time_and_dose_do_not_drift_over_the_wraps():
    for code in (SUN_CODE, SUN_CODE * 4 // 7):  # the second leaves a remainder in every second
        start = WRAP - HOUR_MS
        milli_suns, stretch_ms, goal, found = play(start, code)
        assert [place for place, _, _, _ in found] == [(0, 0), (1, 0), (0, 1), (1, 1)]
        begun = start
        for (step, _cycle), t_ms, delivered, dose in found:
            took_ms = t_ms - begun
            assert stretch_ms <= took_ms <= stretch_ms + LATE_MS
            assert abs(dose - milli_suns * took_ms / 1000) <= milli_suns * LATE_MS / 1000
            if step == 0:
                assert delivered == stretch_ms
            else:
                assert goal <= delivered <= goal + milli_suns
            begun = t_ms
        assert begun - start > HOURS * HOUR_MS
        assert begun > WRAP
        if HOURS > 24 * 13:
            assert begun > 2 * WRAP  # and once more after 12.4 days
