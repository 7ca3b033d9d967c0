"""The heater output in the timer: average duty and the dead-man (S3), on the pin."""

from fake_board import FakeBoard

from soakfw.pulse import Output, Pulse, PulseBank

PIN = 17
SLOT_MS = 100


class Timed:
    """A pulse on a fake board, served by its timer with the heap locked."""

    def __init__(self, active=1):
        self.board = FakeBoard()
        self.pin = self.board.pin(PIN, 1 - active)
        self.pulse = Pulse(Output(self.pin, active))
        self.bank = PulseBank()
        self.board.start_timer(self.bank.tick)
        self.bank.use([self.pulse])

    def slots_on(self, duty, slots, active=1):
        """Refresh before every slot; in how many the pin was active."""
        on = 0
        for _ in range(slots):
            self.pulse.refresh(duty)
            self.board.advance(self.board.now + SLOT_MS)
            on += self.pin.level == active
        return on


def test_average_is_the_duty():
    for duty in (0, 1, 10, 333, 500, 999, 1000):
        assert Timed().slots_on(duty, 1000) == duty


def test_active_low():
    timed = Timed(active=0)
    assert timed.pin.level == 1
    assert timed.slots_on(250, 400, active=0) == 100
    timed.pulse.off()
    assert timed.pin.level == 1


def test_pulses_are_spread():
    timed = Timed()
    assert timed.slots_on(250, 4) == 1
    assert timed.slots_on(250, 4) == 1


def test_dead_man_within_a_second_at_any_phase():
    for phase_ms in range(0, 100, 7):
        timed = Timed()
        timed.slots_on(1000, 5)
        timed.board.advance(timed.board.now + phase_ms)
        timed.pulse.refresh(1000)
        stopped_at = timed.board.now
        timed.board.advance(timed.board.now + 5000)
        changed_at, _gpio, level = timed.board.log()[-1]
        assert level == 0
        assert 500 < changed_at - stopped_at <= 1000
        assert timed.pulse.lapsed


def test_off_is_immediate_and_stays():
    timed = Timed()
    timed.slots_on(1000, 3)
    timed.pulse.off()
    assert timed.pin.level == 0
    timed.board.advance(timed.board.now + 2000)
    assert timed.pin.level == 0
    assert not timed.pulse.lapsed
