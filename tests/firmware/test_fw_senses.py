"""What the cells show: readings in the records, and evidence that a cell is at its load."""

from fake_bus import FakeAds1115
from fw_rig import LIGHT_PIN, Rig, ageing, cell, station

from soakfw.senses import OC_STEPS, current_sense, voltage_sense
from soakwire import messages, records
from soakwire.records import MEASURE, OC, SC

SHUNT_MOHM = 4700
SETTLE_MS = 15
LEASE_MS = 600000
CODES = (records.EV_SC_VOLTAGE, records.EV_OC_CURRENT, records.EV_AS_COMMANDED)
# All cells, or only the voltage, or only the current of one, on one converter.
BOTH = {"voltage_input": 0, "current_input": 1, "shunt": SHUNT_MOHM}


class Sensed(Rig):
    """Cells on one converter: their contacts are where the coils say, or `stuck` at a load."""

    def __init__(self, *entries, start=0):
        super().__init__(start)
        self.suns = 1.0
        self.stuck = {}
        self.lag = {}  # loads that a contact still has
        self.chip = self.board.bus.chips[72] = FakeAds1115(self.board)
        cells = []
        for number, entry in enumerate(entries):
            cells.append(cell(number, **entry))
            for name, wire in (("voltage_input", self.volts), ("current_input", self.drop)):
                if name in entry:
                    self.chip.volts[entry[name]] = lambda wire=wire, number=number: wire(number)
        self.configure(
            stations=[station(light_pin=LIGHT_PIN)],
            cells=cells,
            converters=[{"address": 72, "full": 26400}],
        )

    def contact(self, number):
        at = SC if self.level(number) == 0 else OC
        return self.stuck.get(number, at)

    def volts(self, number):
        """At its pads."""
        at_oc = 1.05 if self.suns else 0.0
        return (
            self.current(number) * (SHUNT_MOHM / 1000 + 0.3)
            if self.contact(number) == SC
            else at_oc
        )

    def drop(self, number):
        """Over its shunt."""
        return self.current(number) * SHUNT_MOHM / 1000

    def current(self, number):
        return 1.65e-3 * self.suns if self.contact(number) == SC else 0.0

    def set_load(self, number, load):
        assert self.command(messages.LOAD, number, load, LEASE_MS) == 0

    def sense(self, number=0):
        """What a record says now."""
        return self.app.bench.relays.senses[number].reading()

    def evidence(self):
        """(code, cell, b) of all that was told."""
        events = [event for code in CODES for event in self.events(code)]
        events.sort(key=lambda event: event.seq)
        return [(event.place, event.values["a"], event.values["b"]) for event in events]


def test_units():
    for sense, raw, value in (
        (voltage_sense(), 0x4000, 10240),
        (voltage_sense(), 16800, 10500),
        (voltage_sense(), -8, -5),
        (current_sense(SHUNT_MOHM), 993, 1650),
        (current_sense(1000), 128, 1000),
        (current_sense(SHUNT_MOHM), 20000, None),  # 33 mA: more than a record can say
        (voltage_sense(), 32767, None),  # full scale: who knows how much more
        (voltage_sense(), -32768, None),
    ):
        sense.steady = True
        sense.begin()
        sense.take(raw)
        assert sense.value == value
        sense.lose()
        assert sense.value is None
    assert 32766 * 15625 < 1 << 30  # no product that the board must allocate


def test_a_small_shunt_is_not_suspected_for_the_converters_offset():
    sense = current_sense(500)
    sense.steady = True
    sense.begin()
    sense.take(OC_STEPS)
    assert sense.value > 20
    assert not sense.is_odd()
    sense.begin()
    sense.take(2 * OC_STEPS)
    assert sense.is_odd()


def test_records_say_current_at_sc_and_voltage_at_oc():
    rig = Sensed(BOTH, {"voltage_input": 2})
    rig.run(30000)
    values = rig.records(records.CELLS)[-1].values
    assert abs(values["sense0"] - 1650) <= 2
    assert values["sense1"] is None  # nothing tells its current
    for number in (0, 1):
        rig.set_load(number, OC)
    rig.run(30000)
    values = rig.records(records.CELLS)[-1].values
    assert values["sense0"] == values["sense1"] == 10500
    assert all(values[f"sense{n}"] is None for n in range(2, 8))
    assert rig.evidence() == []


def test_cells_beyond_the_eighth_are_in_the_second_record():
    rig = Sensed(
        *[{"measure_pin": None, "short_pin": None} for _ in range(9)],
        dict(BOTH, short_pin=9, measure_pin=None),
    )
    rig.run(30000)
    first, second = rig.records(records.CELLS)[-2:]
    assert (first.place, second.place) == (0, 8)
    assert all(first.values[f"sense{n}"] is None for n in range(8))
    assert second.values["sense0"] is None
    assert abs(second.values["sense1"] - 1650) <= 2


def test_no_reading_from_before_a_switching_nor_from_while_it_settles():
    """At every phase of the control period: SC to OC and back, looked at every millisecond."""
    for phase in range(0, 1000, 77):
        rig = Sensed(BOTH)
        rig.run(20000 + phase)
        for load, value in ((OC, 10500), (SC, 1650), (OC, 10500)):
            assert rig.sense() is not None
            rig.set_load(0, load)
            seen = []

            def look(rig=rig, seen=seen):
                seen.append((rig.now, rig.sense()))
                return False

            rig.run(9000, look)
            arrived = rig.events(records.EV_LOAD)[-1].t_ms
            late = [reading for t, reading in seen if t >= arrived and reading is not None]
            assert late
            assert all(abs(reading - value) <= 2 for reading in late)
            first = min(t for t, number in rig.chip.begun if t >= arrived + SETTLE_MS)
            early = [r for t, r in seen if arrived <= t <= first]
            assert early
            assert set(early) == {None}


def test_no_reading_on_the_source_meter():
    rig = Sensed(BOTH)
    rig.run(10000)
    assert rig.command(messages.MEASURE_CELL, 0, LEASE_MS) == 0
    rig.run(10000)
    assert rig.app.bench.relays.cells[0].at == MEASURE
    assert rig.sense() is None
    assert rig.evidence() == []
    assert rig.command(messages.MEASURE_CELL, None, 0) == 0
    rig.run(10000)
    assert abs(rig.sense() - 1650) <= 2


def test_no_reading_from_a_silent_converter():
    rig = Sensed(BOTH)
    rig.run(10000)
    rig.chip.silent = True
    rig.run(1001)
    assert rig.sense() is None
    rig.run(30000)
    assert [e.values["b"] for e in rig.events(records.EV_DEVICE)] == [1]
    rig.chip.silent = False
    rig.run(10000)
    assert abs(rig.sense() - 1650) <= 2
    assert [e.values["b"] for e in rig.events(records.EV_DEVICE)] == [1, 0]


def test_a_cell_at_sc_that_shows_a_voltage_is_told_once_and_when_it_fits_again():
    rig = Sensed(BOTH)
    rig.run(10000)
    rig.stuck[0] = OC
    since = rig.now
    rig.run(60000)
    assert rig.evidence() == [(records.EV_SC_VOLTAGE, 0, 10500)]
    (event,) = rig.events(records.EV_SC_VOLTAGE)
    assert event.t_ms - since <= 4 * 2000  # three readings, one every 2 s
    rig.stuck.clear()
    rig.run(60000)
    assert rig.evidence()[1:] == [(records.EV_AS_COMMANDED, 0, 0)]


def test_a_cell_at_oc_through_whose_shunt_a_current_flows():
    rig = Sensed(BOTH)
    rig.stuck[0] = SC
    rig.set_load(0, OC)
    rig.run(60000)
    ((code, number, microampere),) = rig.evidence()
    assert (code, number) == (records.EV_OC_CURRENT, 0)
    assert abs(microampere - 1650) <= 2
    # At SC it does what it is told; the next stay at OC is an episode of its own.
    rig.set_load(0, SC)
    rig.run(60000)
    rig.set_load(0, OC)
    rig.run(60000)
    codes = [code for code, _cell, _b in rig.evidence()]
    assert codes == [records.EV_OC_CURRENT, records.EV_AS_COMMANDED, records.EV_OC_CURRENT]


def test_two_readings_are_no_evidence():
    rig = Sensed(BOTH)
    rig.run(10000)
    for _ in range(5):
        rig.stuck[0] = OC
        rig.run(3999)
        rig.stuck.clear()
        rig.run(4001)
    assert rig.evidence() == []


def test_nothing_is_suspected_in_the_dark_or_of_what_is_not_sensed():
    rig = Sensed({"voltage_input": 0}, {"current_input": 1, "shunt": SHUNT_MOHM})
    for suns in (0.0, 1.0):
        rig.suns = suns
        for load in (OC, SC, OC):
            for number in (0, 1):
                rig.set_load(number, load)
            rig.run(30000)
    rig.suns = 0.0
    rig.stuck = {0: OC, 1: SC}  # in the dark it does not show
    rig.run(30000)
    assert rig.evidence() == []


def test_a_latching_contact_is_not_judged_before_its_position_is_known():
    """Its first pulse waits for others: until then nobody knows what it shows."""
    rig = Sensed(dict(BOTH, reset_pin=18, pulse=10))
    sense = rig.app.bench.relays.senses[0]
    assert not sense.cell.short.is_known
    for _ in range(3):
        sense.settle(rig.now)
        assert not sense.voltage.steady
        rig.idle(rig.now + 100)
    rig.run(10000)
    assert sense.cell.short.is_known
    assert sense.voltage.steady


def test_it_is_the_same_across_the_wrap_of_the_ticks():
    rig = Sensed(BOTH, start=(1 << 30) - 10000)
    rig.run(30000)
    rig.set_load(0, OC)
    rig.run(10000)
    assert rig.sense() == 10500
    rig.stuck[0] = SC
    rig.run(20000)
    assert [code for code, _cell, _b in rig.evidence()] == [records.EV_OC_CURRENT]


def test_a_program_that_switches_cells_raises_no_suspicion():
    rig = Sensed(BOTH, {"voltage_input": 2, "current_input": 3, "shunt": SHUNT_MOHM})
    steps = [ageing(61000, load=load, cells=3) for load in (OC, SC, OC, SC)]
    rig.load([(3, steps)])
    rig.resume()
    rig.run(300000)
    assert rig.track().state == records.DONE
    assert rig.evidence() == []
