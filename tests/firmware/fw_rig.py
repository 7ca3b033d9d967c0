"""A simulated bench around `App` for both interpreters: blobs, a plate, light, and the time loop.

Station 0 is the simulator (light on GPIO 16, light sensor 28, stage sensor 27), station 1 the
hotplate box (heater 17, contactor 18, plate sensor 26, lux sensor). Eight cells: short relays on
GPIO 0-7 (coil off = SC), measure relays on 8-15.
"""

import binascii
import math
import struct

from fake_board import FakeBoard

from soakfw.app import App
from soakfw.journal import RingJournal
from soakwire import bench_blob, blob_making, blobs, messages, records, slots
from soakwire.ticks import ticks_add, ticks_diff

BETA_K = 3950
R25_OHM = 10000
DIVIDER_OHM = 10000
KELVIN = 273.15
SIMULATOR = 0
BOX = 1
LIGHT_PIN = 16
HEATER_PIN = 17
CONTACTOR_PIN = 18
SUN_CODE = 43690  # 1 sun of the 1.5 at full scale
OPEN_CODE = 65535
SHORT_CODE = 0
PLATE_PIN = 26
STAGE_PIN = 27
LIGHT_SENSOR_PIN = 28


def code_at(celsius):
    """The 16-bit code of an NTC to ground at a temperature."""
    r = R25_OHM * math.exp(BETA_K * (1 / (celsius + KELVIN) - 1 / (25 + KELVIN)))
    return int(65536 * r / (r + DIVIDER_OHM))


def celsius_at(code):
    """The temperature of a code, to the ends of what a table may hold."""
    share = min(max(code / 65536, 1e-4), 1 - 1e-4)
    r = DIVIDER_OHM * share / (1 - share)
    return 1 / (1 / (25 + KELVIN) + math.log(r / R25_OHM) / BETA_K) - KELVIN


def table():
    """The thermistor table as the host compiles it."""
    codes = [i << blobs.TABLE_SHIFT for i in range(bench_blob.TABLE_POINTS)]
    return [min(max(int(celsius_at(code) * 100), -32767), 32767) for code in codes]


def station(**changes):
    """A station's configuration entry: nothing fitted but what is named."""
    values = {}
    for name, _code, unit, _low, _high in bench_blob.CONFIG_STATION.fields:
        values[name] = None if unit.endswith("?") else 0
    for name in ("light_active", "heater_active", "contactor_active", "low_is_short"):
        values[name] = 1
    values.update(
        {
            "table": 0,
            "open_low": 1000,
            "open_high": 64500,
            "ceiling": 6000,
            "plausible_low": -1000,
            "plausible_high": 9000,
            "light_full": 1500,
        }
    )
    values.update(changes)
    return values


def cell(number, **changes):
    """A cell's configuration entry by the reference wiring."""
    values = {
        "short_pin": number,
        "short_active": 1,
        "rest": records.SC,
        "measure_pin": 8 + number,
        "measure_active": 1,
        "power_off": records.SC,
        "reset_pin": None,
        "pulse": 0,
        "voltage_input": None,
        "current_input": None,
        "shunt": 0,
    }
    values.update(changes)
    return values


def config_blob(cells=None, stations=None, converters=(), bus=0):
    """The bench's configuration."""
    if stations is None:
        heat = {"kp": 200, "ki": 1000, "feed": 10000}
        stations = [
            station(light_pin=LIGHT_PIN, light_adc=LIGHT_SENSOR_PIN, stage_adc=STAGE_PIN),
            station(
                heater_pin=HEATER_PIN,
                contactor_pin=CONTACTOR_PIN,
                plate_adc=PLATE_PIN,
                lux_address=16,
                **heat,
            ),
        ]
    cells = [cell(i) for i in range(8)] if cells is None else cells
    head = {
        "magic": bench_blob.CONFIG_MAGIC,
        "version": blobs.BLOB_VERSION,
        "stations": len(stations),
        "cells": len(cells),
        "tables": 1,
        "settle": 15,
        "dwell": 1000,
        "stagger": 50,
        "i2c_id": bus,
        "i2c_sda": 20,
        "i2c_scl": 21,
        "i2c_khz": 100,
        "converters": len(converters),
    }
    return blob_making.pack_config(bench_blob.Config(head, stations, cells, converters, [table()]))


def loads_word(cells, load):
    """`load` for the cells of bit mask `cells`, ABSENT for all others."""
    word = 0
    for number in range(16):
        word |= (load if cells >> number & 1 else records.ABSENT) << (2 * number)
    return word


def step(kind, **changes):
    """A program step."""
    values = {
        "kind": kind,
        "station": SIMULATOR,
        "goal_kind": blobs.GOAL_NONE,
        "goal": 0,
        "loads": 0,
        "light": None,
        "light_tolerance": 0,
        "dark_max": None,
        "target": None,
        "band": 0,
        "timeout": 0,
        "loop_to": None,
        "loop_times": 0,
    }
    values.update(changes)
    return values


def ageing(goal_ms, load=records.OC, cells=0xFF, **changes):
    """Under light for a time."""
    values = {"goal_kind": blobs.GOAL_TIME, "goal": goal_ms, "loads": loads_word(cells, load)}
    values.update(changes)
    return step(blobs.AGEING, **values)


def dark(goal_ms, cells=0xFF, **changes):
    """In the dark for a time, at OC."""
    values = {"goal_kind": blobs.GOAL_TIME, "goal": goal_ms}
    values["loads"] = loads_word(cells, records.OC)
    values.update(changes)
    return step(blobs.DARK_RECOVERY, **values)


def thermal(goal_ms, cells=0xFF, **changes):
    """In the dark at 50 ± 1 °C for a time."""
    values = {"station": BOX, "goal_kind": blobs.GOAL_BAND, "goal": goal_ms}
    values["loads"] = loads_word(cells, records.OC)
    values.update({"target": 5000, "band": 100})
    values.update(changes)
    return step(blobs.THERMAL_RECOVERY, **values)


def barrier(kind=blobs.CONFIRM, **changes):
    """Wait for the host."""
    return step(kind, loads=loads_word(0xFF, records.SC), **changes)


def loop(back_to, times):
    """Run the stretch from `back_to` to here `times` times."""
    return step(blobs.LOOP, station=None, loop_to=back_to, loop_times=times)


def program_blob(tracks, sample_ms=10000, fast_ms=1000, fast_for_ms=0, host_loss=0):
    """A program of [(cell mask, [step, ...]), ...]."""
    head = {
        "magic": blobs.PROGRAM_MAGIC,
        "version": blobs.BLOB_VERSION,
        "tracks": len(tracks),
        "program_id": 77,
        "sample": sample_ms,
        "fast_sample": fast_ms,
        "fast_for": fast_for_ms,
        "host_loss": host_loss,
    }
    entries = [{"cells": cells, "steps": len(steps)} for cells, steps in tracks]
    return blob_making.pack_program(head, entries, [steps for _cells, steps in tracks])


def pairs(items):
    """Each item with the next one."""
    return [(items[i], items[i + 1]) for i in range(len(items) - 1)]


class Plate:
    """A hotplate: one mass, a heater, a loss to 23 °C and a sensor that lags."""

    CAPACITY_J_PER_K = 200.0
    LOSS_W_PER_K = 0.6
    HEATER_W = 60.0
    LAG_S = 4.0

    def __init__(self, celsius=23.0):
        self.celsius = celsius
        self.sensor_c = celsius
        self._coded_c, self._code = None, 0  # eleven conversions at one temperature
        self._noise = 1

    def advance(self, dt_s, heated):
        """Let a short time pass."""
        watt = (self.HEATER_W if heated else 0.0) - self.LOSS_W_PER_K * (self.celsius - 23.0)
        self.celsius += watt * dt_s / self.CAPACITY_J_PER_K
        self.sensor_c += (self.celsius - self.sensor_c) * dt_s / self.LAG_S

    def code(self):
        """One noisy 12-bit conversion, as read_u16 scales it."""
        self._noise = (self._noise * 1103515245 + 12345) & 0x7FFFFFFF
        if self._coded_c != self.sensor_c:
            self._coded_c, self._code = self.sensor_c, code_at(self.sensor_c) >> 4
        code = self._code + (self._noise >> 16) % 5 - 2
        return code << 4 | code >> 8


class Rig:
    """The app on a fake board, with light that follows the shutter and, if wanted, a plate."""

    def __init__(self, start=0, fast_resets=0, board=None, journal=None):
        self.board = board or FakeBoard(start, fast_resets)
        self.journal = journal or RingJournal(256, 64)
        self.app = App(self.board, self.journal)
        self.plate = None
        self.lit_code = SUN_CODE
        self.dark_code = 0
        self.on_ms = 0  # of the heater
        self.board.codes[PLATE_PIN] = code_at(23)
        self.board.codes[STAGE_PIN] = code_at(23)
        self.app.poll(self.now)

    @property
    def now(self):
        return self.board.now

    # --- time ---

    def run(self, ms, until=None):
        """Let `ms` pass, or less when `until()` becomes true; whether it did."""
        end = ticks_add(self.now, ms)
        while True:
            due = self.app.poll(self.now)
            if until is not None and until():
                return True
            if ticks_diff(end, self.now) <= 0:
                return False
            self.idle(due if ticks_diff(due, end) < 0 else end)

    def idle(self, until):
        """Let time pass without a poll, with the physics in steps of the timer."""
        while ticks_diff(until, self.now) > 0:
            left = ticks_diff(until, self.now)
            dt_ms = min(left, 100)
            heated = self.heated()
            self.board.advance(ticks_add(self.now, dt_ms))
            self.on_ms += dt_ms * heated
            if self.plate:
                self.plate.advance(dt_ms / 1000, heated)
            lit = self.level(LIGHT_PIN)
            self.board.codes[LIGHT_SENSOR_PIN] = self.lit_code if lit else self.dark_code

    def heated(self):
        """Whether current flows through the heater."""
        return self.level(HEATER_PIN)

    def fit_plate(self, celsius=23.0):
        """A plate that warms up when the heater pin is on."""
        self.plate = Plate(celsius)
        self.board.codes[PLATE_PIN] = self.plate.code

    def level(self, gpio):
        """The level of an output; 0 where the pin is not driven."""
        return self.board.pins[gpio].level if gpio in self.board.pins else 0

    # --- commands, straight into the app ---

    def clear(self, station, faults, vouch=messages.VOUCH_NONE):
        """Clear trips; the reason code."""
        return self.command(messages.CLEAR, station, faults, vouch)

    def command(self, verb, *values, data=b""):
        """Execute a command; its reason code."""
        layout = messages.ARGS[verb]
        payload = memoryview(layout.pack(list(values)) + data)
        return self.app.execute(verb, payload)[0]

    def upload(self, kind, blob):
        """Hand over a blob; the reason of the commit."""
        begun = self.command(messages.BLOB_BEGIN, kind, len(blob), binascii.crc32(blob))
        if begun:
            return begun
        for at in range(0, len(blob), messages.BLOB_CHUNK):
            chunk = blob[at : at + messages.BLOB_CHUNK]
            assert self.command(messages.BLOB_DATA, kind, at, data=chunk) == 0
        return self.command(messages.BLOB_COMMIT, kind)

    def configure(self, **parts):
        """Hand over the configuration."""
        assert self.upload(messages.BLOB_CONFIG, config_blob(**parts)) == 0

    def load(self, tracks, **parts):
        """Hand over configuration and program, hold a long lease, start every track."""
        if self.app.bench is None:
            self.configure()
        assert self.upload(messages.BLOB_PROGRAM, program_blob(tracks, **parts)) == 0
        self.lease(3600000)
        for number in range(len(tracks)):
            assert self.command(messages.START, number, 0, 0, 0, 0, 0) == 0

    def stop(self):
        assert self.command(messages.STOP) == 0

    def resume(self, track=None):
        assert self.command(messages.RESUME, track) == 0

    def advance(self, track, step, cycle=0):
        return self.command(messages.ADVANCE, track, step, cycle)

    def lease(self, ms):
        """What a BEAT does, without the link."""
        self.app._link.lease_ms = ms
        self.app._link.beat_at = self.now

    # --- what is on record ---

    def track(self, number=0):
        return self.app.runner.tracks[number]

    def records(self, kind, place=None):
        """Every record of a kind (and an event's code) that the journal holds."""
        made = []
        slot = bytearray(records.SLOT_SIZE)
        seq = 0
        while self.journal.collect(seq, memoryview(slot), 1):
            seq = struct.unpack_from("<I", slot)[0] + 1
            if slot[10] == kind and place in (None, slot[11]):
                made.append(slots.unpack_slot(slot))
        return made

    def events(self, code):
        """Every event of a code that the journal holds."""
        return self.records(records.EVENT, code)

    def clear_records(self):
        """As if the host had committed all."""
        self.journal.release(self.journal.next_seq)
