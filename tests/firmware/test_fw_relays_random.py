"""Random commands to a relay bank: the rules hold at the pins in every millisecond. Seeds, and a
generator of our own, so that both interpreters play the same."""

import pytest
from fw_rig import cell
from relay_rig import DWELL_MS, LOADS, PULSE_MS, Bank

from soakwire.records import MEASURE, OC, SC

SEEDS = 6
COMMANDS = 60
WRAP = 1 << 30


class Chance:
    """A linear congruential generator."""

    def __init__(self, seed):
        self._state = seed * 2654435761 + 1

    def below(self, most):
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 12) % most


def plain():
    """Both rests, both levels."""
    return [cell(n, rest=n & 1, power_off=n & 1, short_active=n >> 1 & 1) for n in range(4)]


def latching():
    """Two that latch, lying the wrong way at the start, beside two that do not."""
    entries = plain()
    for number in (0, 1):
        entries[number]["reset_pin"] = 16 + number
        entries[number]["pulse"] = PULSE_MS
        entries[number]["lies_set"] = True
    return entries


def command(bank, chance):
    """One of everything that can be asked of a bank."""
    relays, number, now = bank.relays, chance.below(4), bank.board.now
    what = chance.below(10)
    if what < 4:
        relays.plan(number, chance.below(2))
    elif what < 7:
        relays.override(number, LOADS[chance.below(3)], now, 1 + chance.below(3000))
    elif what == 7:
        relays.end_override(number)
    elif what == 8:
        relays.end_measure()
    elif chance.below(3) == 0:
        bank.make_safe()


def play(entries, seed):
    chance = Chance(seed)
    bank = Bank(entries, start=WRAP - 20000 if seed & 1 else 0)
    for _ in range(COMMANDS):
        command(bank, chance)
        bank.run(1 + chance.below(400 if chance.below(4) else 20))
    bank.make_safe()
    bank.run(2 * DWELL_MS)
    for number, values in enumerate(entries):
        assert bank.contacts(number) == (values["power_off"] == SC, False)
        for contact in bank.latched.values():
            assert set(contact.pulses) <= {PULSE_MS}
    return bank


@pytest.mark.rule("R1", "R2", "R3", "R4", "R5", "R6")
def test_random_commands_break_no_rule():
    arrived = 0
    for seed in range(SEEDS):
        arrived += len(play(plain(), seed).arrived)
    assert arrived > 100


@pytest.mark.rule("R1", "R2", "R3", "R9")
def test_nor_do_they_with_latching_relays():
    for seed in range(SEEDS):
        bank = play(latching(), seed)
        assert any(load == MEASURE for _, load in bank.arrived) or seed
        assert all(bank.latched[n].pulses for n in (0, 1))


def test_the_rig_would_notice():
    """Each rule, broken by hand."""
    for name, breaking in (
        ("R2", lambda bank: bank.relays.cells[0].close(MEASURE)),
        ("R4", lambda bank: bank.relays.cells[1].dwell.clear()),
    ):
        bank = Bank([cell(0), cell(1)])
        bank.relays.plan(1, OC)
        bank.run(20)
        breaking(bank)
        bank.relays.plan(1, SC)
        try:
            bank.run(100)
        except AssertionError as error:
            assert name in str(error)
        else:
            raise AssertionError("not noticed: " + name)
