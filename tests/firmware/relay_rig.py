"""A relay bank on a fake board, for both interpreters: every contact is watched at every
millisecond, and every relay rule judged by what the pins have done.

A cell with a `reset_pin` has a latching relay: a pulse of at least OPERATE_MS moves its contact.
"""

from array import array

from fake_board import FakeBoard

from soakfw.latching import COIL_TICKS, Latch, LatchingBank
from soakfw.pulse import Output, PulseBank
from soakfw.relays import Cell, RelayBank
from soakwire.records import MEASURE, OC, SC

SETTLE_MS = 15
DWELL_MS = 1000
STAGGER_MS = 50
PULSE_MS = 10
OPERATE_MS = 5
LONG_AGO = -1000000


class LatchedContact:
    """Where pulses have put a latching contact: set or not."""

    def __init__(self, board, values):
        self.is_set = values.get("lies_set", False)
        self._coils = [board.pins[values["reset_pin"]], board.pins[values["short_pin"]]]
        self._active = values["short_active"]
        self._ms = [0, 0]
        self.pulses = []  # lengths in ms

    def look(self):
        """A millisecond passes."""
        on = [coil.level == self._active for coil in self._coils]
        assert on != [True, True], "both coils"
        for which in (0, 1):
            if on[which]:
                self._ms[which] += 1
                if self._ms[which] == OPERATE_MS:
                    self.is_set = which == 1
            elif self._ms[which]:
                self.pulses.append(self._ms[which])
                self._ms[which] = 0


class Bank:
    """A bank of cells; `run` polls and checks R1 to R5 until `make_safe`, R1 to R3 always."""

    def __init__(self, entries, start=0):
        self.board = FakeBoard(start)
        self.timer = PulseBank()
        self.board.start_timer(self.timer.tick)
        self.entries = entries
        self.arrived = []
        head = {"settle": SETTLE_MS, "dwell": DWELL_MS, "stagger": STAGGER_MS}
        cells = [
            Cell(values, self._short(values), self._output(values, "measure")) for values in entries
        ]
        make = LatchingBank if any(e["reset_pin"] is not None for e in entries) else RelayBank
        self.relays = make(cells, head, self._arrive, array("H", bytes(64)))
        self.timer.use(self.relays.latches)
        self.latched = {
            n: LatchedContact(self.board, values)
            for n, values in enumerate(entries)
            if values["reset_pin"] is not None
        }
        self.ms = 0  # of the run
        self._states = [self.contacts(n) for n in range(len(entries))]
        self._opened = [[LONG_AGO, LONG_AGO] for _ in entries]  # short, measure
        self._made = [LONG_AGO for _ in entries]  # the last arrival
        self._leaving = [False for _ in entries]
        self._began = (LONG_AGO, None)  # the last switching that began, and its cell

    def _short(self, values):
        if values["reset_pin"] is None:
            return self._output(values, "short")
        return Latch(self.board, values)

    def _output(self, values, name):
        gpio, active = values[name + "_pin"], values[name + "_active"]
        return None if gpio is None else Output(self.board.pin(gpio, 1 - active), active)

    def _arrive(self, number, load):
        self.arrived.append((number, load))
        self._arrivals.append(number)

    def contacts(self, number):
        """(shorted, on the meter) as the pins have it."""
        values = self.entries[number]
        measured = self.board.pins[values["measure_pin"]].level == values["measure_active"]
        if values["reset_pin"] is not None:
            coil = self.latched[number].is_set
        else:
            coil = self.board.pins[values["short_pin"]].level == values["short_active"]
        return coil == (values["rest"] == OC), measured

    def make_safe(self):
        """What needs neither dwell nor stagger (R6)."""
        self.relays.make_safe(self.board.now)
        self._made = [LONG_AGO for _ in self.entries]
        self._began = (LONG_AGO, None)
        self._leaving = [cell.breaking for cell in self.relays.cells]

    def run(self, ms):
        """Poll every millisecond and check what must hold in each."""
        for _ in range(ms):
            self._arrivals = []
            self.relays.poll(self.board.now)
            for contact in self.latched.values():
                contact.look()
            self._judge()
            self.board.advance(self.board.now + 1)
            self.ms += 1

    def gap_ms(self, first, second):
        """Time between two pin levels, each (gpio, level), in the log."""
        at = {(gpio, level): t for t, gpio, level in self.board.log()}
        return at[second] - at[first]

    def _judge(self):
        states = [self.contacts(n) for n in range(len(self.entries))]
        assert (True, True) not in states, "R2"
        assert [measured for _, measured in states].count(True) <= 1, "R3"
        for number, now in enumerate(states):
            for which in (0, 1):
                if self._states[number][which] != now[which]:
                    self._change(number, which, now[which])
        for number in self._arrivals:
            self._made[number] = self.ms
            self._leaving[number] = False
        self._states = states

    def _change(self, number, which, closes):
        if closes:
            assert self._settled(number, which), "R1"
        else:
            self._opened[number][which] = self.ms
        if self._leaving[number] or number in self.latched:
            return  # the contact of a pulse follows later than what began it
        self._leaving[number] = True
        assert self.ms - self._made[number] >= DWELL_MS, "R4"
        if closes and which == 1:
            return  # it may have waited for the meter
        last_ms, last = self._began
        assert last in (None, number) or self.ms - last_ms >= STAGGER_MS, "R5"
        self._began = (self.ms, number)

    def _settled(self, number, which):
        """What must have opened before; a latching contact's own time is taken off."""
        gap_ms = SETTLE_MS - (OPERATE_MS if number in self.latched else 0)
        others = [self._opened[number][1 - which]]
        if which == 1:
            others += [opened[1] for n, opened in enumerate(self._opened) if n != number]
        return self.ms - max(others) >= gap_ms


LOADS = (OC, SC, MEASURE)
MOST_PULSE_MS = 100 * COIL_TICKS
