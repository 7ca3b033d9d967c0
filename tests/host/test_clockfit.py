"""Device time to UTC from round trips."""

from soakbench.device import ClockFit
from soakbench.device.clockfit import HELLO_ERROR_MS

UTC0 = 1_700_000_000_000


def test_a_hello_gives_a_rough_offset():
    fit = ClockFit(5000, UTC0)
    assert fit.to_utc(6000) == (UTC0 + 1000, HELLO_ERROR_MS)


def test_the_shortest_round_trip_wins_and_bounds_the_error():
    fit = ClockFit(0, UTC0 + 400)
    fit.add(UTC0 + 1000, UTC0 + 1300, 1250)  # slow: the truth is anywhere within
    fit.add(UTC0 + 2000, UTC0 + 2004, 2001)
    fit.add(UTC0 + 3000, UTC0 + 3900, 3010)
    utc, error = fit.to_utc(2001)
    assert error == 3
    assert abs(utc - (UTC0 + 2001)) <= error


def test_a_clock_that_steps_back_between_sending_and_receiving_does_no_harm():
    fit = ClockFit(0, UTC0)
    fit.add(UTC0 + 1000, UTC0 - 5000, 1000)
    assert fit.to_utc(1000)[1] >= 1
