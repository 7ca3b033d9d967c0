"""A heated plate on the firmware's rig that can be broken, and how long its pins stayed on."""

from fake_bus import FakeAds1115
from fw_rig import (
    BOX,
    CONTACTOR_PIN,
    HEATER_PIN,
    LIGHT_PIN,
    LIGHT_SENSOR_PIN,
    PLATE_PIN,
    STAGE_PIN,
    Rig,
    cell,
    code_at,
    station,
    thermal,
)

from soakfw.sensors import FULL_SCALE
from soakwire import records
from soakwire.blobs import FIRST_INPUT
from soakwire.ticks import ticks_diff

HOUR_MS = 3600000
CONTROL_MS = 250
SLOT_MS = 100
LOG_SIZE = 1024  # the fake board's pin changes
CONVERTER = 0x48
DIVIDER_V = 3.3
FULL = 26400  # what the converter makes of it
GAINS = {"kp": 200, "ki": 1000, "feed": 10000}


def box(**changes):
    """The box's entry: heater, contactor, plate sensor."""
    values = {"heater_pin": HEATER_PIN, "contactor_pin": CONTACTOR_PIN, "plate_adc": PLATE_PIN}
    values.update(GAINS)
    values.update(changes)
    return station(**values)


def simulator():
    return station(light_pin=LIGHT_PIN, light_adc=LIGHT_SENSOR_PIN)


class Sensor:
    """What an input converts: a function of the plate that can be replaced while it runs."""

    def __init__(self, code):
        self.code = code

    def __call__(self):
        return self.code()


class Heating(Rig):
    """One track that heats the box to 50 °C under a long lease; the guard thermistor if fitted.

    `converted`: so many inputs of a converter are in use, by the thermistors before others.
    """

    def __init__(self, celsius=23.0, target=5000, guarded=False, timeout=0, converted=0, **changes):
        super().__init__()
        self.welded = False
        self.hottest_c = 0.0
        if guarded:
            changes["guard_adc"] = FIRST_INPUT + 1 if converted else STAGE_PIN
        if converted:
            changes["plate_adc"] = FIRST_INPUT
        free = range(1 + guarded, converted)  # for the cells
        cells = [cell(i, voltage_input=free[i] if i < len(free) else None) for i in range(8)]
        converters = [{"address": CONVERTER, "full": FULL}] if converted else []
        self.chip = self.board.bus.chips[CONVERTER] = FakeAds1115(self.board)
        self.configure(stations=[simulator(), box(**changes)], cells=cells, converters=converters)
        self.fit_plate(celsius)
        self.sensor = self.board.codes[PLATE_PIN] = Sensor(self.plate.code)
        self.chip.volts[0] = lambda: DIVIDER_V * self.sensor() / FULL_SCALE
        if guarded:
            other = self.board.codes[STAGE_PIN] = Sensor(self.plate.code)
            self.chip.volts[1] = lambda: DIVIDER_V * other() / FULL_SCALE
        step = thermal(20 * HOUR_MS, target=target, timeout=timeout)
        self.load([(0xFF, [step])], sample_ms=60000)
        self.lease(12 * HOUR_MS)
        self.resume()

    def heated(self):
        """A welded relay needs no pin, but the contactor."""
        self.hottest_c = max(self.hottest_c, self.plate.celsius) if self.plate else 0.0
        return self.level(CONTACTOR_PIN) and (self.welded or self.level(HEATER_PIN))

    @property
    def box(self):
        return self.app.bench.stations[BOX]

    def settle(self):
        """Until it holds its temperature."""
        assert self.run(900000, lambda: abs(self.plate.celsius - 50) < 0.3)
        self.run(120000)

    def read(self, celsius):
        """From now on the plate's sensor says this, with its noise, whatever the plate does."""
        base, noisy = code_at(celsius), self.plate.code
        self.sensor.code = lambda: base + noisy() % 5 * 16 - 32

    def freeze(self):
        """From now on the input converts to what it converts to now."""
        code = self.sensor.code()
        self.sensor.code = lambda: code

    def tripped(self):
        return self.box.guard.tripped

    def until_tripped(self, ms):
        """Run until a trip; the fault bits."""
        assert self.run(ms, self.tripped), "no trip"
        return self.box.guard.faults


def off_after(rig, gpio, since):
    """How long after `since` the pin was last on; it is off now."""
    assert rig.level(gpio) == 0
    kept = rig.board.log(max(rig.board.changes - LOG_SIZE, 0))
    changes = [t for t, pin, level in kept if pin == gpio and not level]
    late = [ticks_diff(t, since) for t in changes if ticks_diff(t, since) > 0]
    return max(late) if late else 0


def stays_off(rig, ms=120000):
    """Nothing heats for so long."""
    on_ms = rig.on_ms
    rig.run(ms)
    assert rig.on_ms == on_ms
    assert rig.level(HEATER_PIN) == rig.level(CONTACTOR_PIN) == 0


def faults_of(rig):
    """Every trip on record."""
    return [event.values["a"] for event in rig.events(records.EV_FAULT)]
