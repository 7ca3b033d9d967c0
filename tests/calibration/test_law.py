"""The host's copy of the control law against the board's own, step by step."""

from hypothesis import given, settings
from hypothesis import strategies as st

from soakbench.calibration import law as host
from soakbench.calibration.law import Coefficients, Law
from soakfw import hotplate
from soakfw.limits import CONTROL_HEATING_MS
from soakfw.pulse import Output

STEPS = st.lists(
    st.tuples(st.integers(-500, 500), st.sampled_from([1, 20, 250, 250, 250, 1000, 5000])),
    min_size=1,
    max_size=200,
)


@settings(max_examples=300, deadline=None)
@given(
    kp=st.integers(0, 10000),
    ki=st.integers(0, 60000),
    feed=st.integers(0, 60000),
    ramp=st.sampled_from([0, 1, 100, 1000, 20000]),
    target=st.integers(2000, 6000),
    start=st.integers(1500, 6500),
    steps=STEPS,
)
def test_both_give_the_same_duty(kp, ki, feed, ramp, target, start, steps):
    output = Output(lambda level: None, 1)
    board = hotplate.Heater(output, None, hotplate.ControlLaw(kp, ki, feed), ramp)
    mine = Law(Coefficients(kp, ki / 1000, feed / 1000, ramp / 100 or None))
    plate = start
    for change, dt_ms in steps:
        board.drive(target, plate, dt_ms, cut=False)
        assert mine.duty(target, plate, dt_ms) == board.pulse.duty
        # Mostly near the target, where the integral is at work.
        plate = target + change if abs(plate - target) > 400 else plate + change // 5


def test_the_constants_are_the_board_s():
    assert host.ROOM_CENTI_C == hotplate.ROOM_CENTI_C
    assert host.FULL_PPM == hotplate.FULL_PPM
    assert host.BAND_CENTI_C == hotplate.INTEGRAL_BAND_CENTI_C
    assert host.LIMIT_PPM == hotplate.INTEGRAL_LIMIT_PPM
    assert host.LONGEST_MS == hotplate.MAX_STEP_MS
    assert host.PERIOD_MS == CONTROL_HEATING_MS
