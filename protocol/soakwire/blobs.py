"""The two blobs the host hands to the board: bench configuration and program.

Hardware is data: the host compiles the bench file to a configuration, the plan to a program; the
board builds its drivers and its tracks from them. Each blob is a head and fixed-size entries, and
takes effect whole or not at all.
"""

from soakwire.layout import Layout, LayoutError

MAX_BLOB = 8192
CONFIG_MAGIC = 0x43424B53  # "SKBC"
PROGRAM_MAGIC = 0x50424B53  # "SKBP"
BLOB_VERSION = 1

MAX_STATIONS = 4
MAX_CELLS = 16
MAX_CONVERTERS = 4  # as many addresses as an ADS1115 has
CONVERTER_INPUTS = 4
MAX_TRACKS = 4
MAX_STEPS = 128  # per track
MAX_DELIVERED = 4000000000  # milli-seconds or milli-sun-seconds: 1111 h or sun-h in one step

# Thermistor tables: centi-°C at every 512th code of the 16-bit ADC scale, interpolated between.
TABLE_POINTS = 129
TABLE_SHIFT = 9

# Where a thermistor is: below this a GPIO, from here on a converter's input
# (this + CONVERTER_INPUTS * converter + input).
FIRST_INPUT = 64

# Step kinds.
AGEING = 1
DARK_RECOVERY = 2
THERMAL_RECOVERY = 3
HOST = 4
CONFIRM = 5
LOOP = 6

# What ends a step. For HOST, CONFIRM and LOOP it is NONE.
GOAL_NONE = 0
GOAL_TIME = 1  # milliseconds in condition
GOAL_DOSE = 2  # milli-sun-seconds of light
GOAL_BAND = 3  # milliseconds with the plate in band

CONFIG_HEAD = Layout(
    "config",
    24,
    "magic/I//1128418131/1128418131,"  # CONFIG_MAGIC
    "version/B,"
    "stations/B//0/4,"
    "cells/B//0/16,"
    "tables/B//0/4,"
    "settle/H/ms/10/1000,"  # break before make
    "dwell/H/ms,"  # least time between switchings of one cell
    "stagger/H/ms/0/1000,"  # between two cells' switchings
    "i2c_id/B/?/0/1,"
    "i2c_sda/B/gpio?/0/47,"
    "i2c_scl/B/gpio?/0/47,"
    "i2c_khz/H/kHz/10/1000,"
    "converters/B//0/4",
)

CONFIG_STATION = Layout(
    "config_station",
    48,
    "light_pin/B/gpio?/0/47,"  # missing: light by hand, or none
    "light_active/B/level/0/1,"
    "heater_pin/B/gpio?/0/47,"  # missing: not heated by us
    "heater_active/B/level/0/1,"
    "contactor_pin/B/gpio?/0/47,"
    "contactor_active/B/level/0/1,"
    "plate_adc/B/gpio_or_input?/0/79,"
    "guard_adc/B/gpio_or_input?/0/79,"
    "stage_adc/B/gpio_or_input?/0/79,"
    "table/B/?/0/3,"  # thermistor table of this station's thermistors
    "light_adc/B/gpio?/0/47,"
    "lux_address/B/i2c?/8/119,"  # VEML7700
    "light_zero/H/adc,"  # code in the dark
    "light_full/H/milli_suns/0/10000,"  # at full scale above zero
    "open_low/H/adc,"  # codes below: sensor open or shorted
    "open_high/H/adc,"  # codes above: likewise
    "low_is_short/B//0/1,"  # which of the two means a short
    "ceiling/h/centi_c/0/8500,"
    "plausible_low/h/centi_c/-5000/20000,"
    "plausible_high/h/centi_c/-5000/20000,"
    # Control law: duty = kp·e + ki·∫e dt + feed·(target - 23 °C), clamped to 0..1000 permille.
    "kp/H/permille_per_c,"
    "ki/H/ppm_per_c_s,"
    "feed/H/milli_permille_per_c,"
    "ramp/H/centi_c_per_min/0/20000,"  # of the set point on its way up; 0: no limit
    "humidity_address/B/i2c?/8/119,"  # SHT4x
    "plate_offset/h/centi_c/-500/500,"  # added to what the table says
    "guard_offset/h/centi_c/-500/500,"
    "stage_offset/h/centi_c/-500/500",
)

CONFIG_CELL = Layout(
    "config_cell",
    16,
    "short_pin/B/gpio?/0/47,"  # missing: the load is fixed at power_off
    "short_active/B/level/0/1,"  # level that energises the coil
    "rest/B/load/0/1,"  # load with the coil off
    "measure_pin/B/gpio?/0/47,"
    "measure_active/B/level/0/1,"
    "power_off/B/load/0/1,"
    "reset_pin/B/gpio?/0/47,"  # missing: the short relay does not latch; else short_pin sets it
    "pulse/B/ms/0/100,"  # of a latching relay's coils
    "voltage_input/B/input?/0/15,"  # CONVERTER_INPUTS * converter + input
    "current_input/B/input?/0/15,"
    "shunt/H/milliohm",
)

# An ADS1115. `full` is its code at +-4.096 V for what feeds the dividers of the thermistors on it:
# code on the 16-bit scale = raw * 65535 // full.
CONFIG_CONVERTER = Layout(
    "config_converter",
    4,
    "address/B/i2c/72/75,full/H/raw/1/32767",
)

PROGRAM_HEAD = Layout(
    "program",
    24,
    "magic/I//1346521939/1346521939,"  # PROGRAM_MAGIC
    "version/B,"
    "tracks/B//1/4,"
    "program_id/I//1/4294967295,"
    "sample/I/ms/100/3600000,"
    "fast_sample/I/ms/100/3600000,"
    "fast_for/I/ms/0/3600000",  # after a step begins
)

# All tracks first, then all steps in track order.
PROGRAM_TRACK = Layout("program_track", 8, "cells/H/bits,steps/H//1/128")

PROGRAM_STEP = Layout(
    "step",
    32,
    "kind/B//1/6,"
    "station/B/?/0/3,"
    "goal_kind/B//0/3,"
    "goal/I/milli/0/4000000000,"
    "loads/I,"  # 2 bits a cell: OC, SC or ABSENT (not of this track)
    "light/H/milli_suns?/0/10000,"  # wanted; missing: any light counts
    "light_tolerance/H/milli_suns/0/10000,"
    "dark_max/H/deci_lux?/0/65534,"
    "target/h/centi_c?/0/8500,"
    "band/H/centi_c/0/2000,"
    "timeout/I/s,"  # 0: none
    "loop_to/B/?/0/127,"
    "loop_times/B",  # times the stretch runs in all
)

LAYOUTS = [
    CONFIG_HEAD,
    CONFIG_STATION,
    CONFIG_CELL,
    CONFIG_CONVERTER,
    PROGRAM_HEAD,
    PROGRAM_TRACK,
    PROGRAM_STEP,
]

POINT = Layout("table", 2, "t/h/centi_c/-32767/32767")


class Config:
    """A parsed configuration: dicts of raw integers by field name, tables as lists."""

    def __init__(
        self,
        head: dict[str, int | None],
        stations: list[dict[str, int | None]],
        cells: list[dict[str, int | None]],
        converters: list[dict[str, int | None]],
        tables: list[list[int]],
    ) -> None:
        self.head = head
        self.stations = stations
        self.cells = cells
        self.converters = converters
        self.tables = tables


class Program:
    """A program, validated whole and then read from its blob step by step.

    The board keeps the blob and one step per track: 512 steps as dicts would fill its memory.
    """

    def __init__(self, blob: bytes | bytearray | memoryview) -> None:
        reader = _Reader(blob)
        self.head = reader.take(PROGRAM_HEAD)
        _check_version(self.head)
        self.tracks = [reader.take(PROGRAM_TRACK) for _ in range(_count(self.head, "tracks"))]
        self._blob = blob
        self._first = []
        for track in self.tracks:
            self._first.append(reader.at)
            for i in range(_count(track, "steps")):
                _check_loop(reader.take(PROGRAM_STEP), i)
        reader.end()
        PROGRAM_HEAD.forget()  # of the steps one is read now and then
        PROGRAM_TRACK.forget()

    def length(self, track: int) -> int:
        """How many steps `track` has."""
        return _count(self.tracks[track], "steps")

    def step(self, track: int, index: int) -> dict[str, int | None]:
        """Step `index` of `track`, raw integers by field name."""
        return PROGRAM_STEP.unpack_named(self._blob, self._first[track] + index * PROGRAM_STEP.size)


class _Reader:
    """Walks through a blob, checking each entry against its table."""

    def __init__(self, blob: bytes | bytearray | memoryview) -> None:
        self._blob = blob
        self.at = 0

    def take(self, layout: Layout) -> dict[str, int | None]:
        return dict(zip(layout.names(), self.take_values(layout)))

    def take_values(self, layout: Layout) -> list[int | None]:
        values = layout.unpack_from(self._blob, self.at)
        layout.check(values)  # unpacking checks no ranges
        self.at += layout.size
        return values

    def end(self) -> None:
        if self.at != len(self._blob):
            raise LayoutError(f"{len(self._blob) - self.at} bytes after the end of the blob")


def _take_table(reader: _Reader) -> list[int]:
    # In one piece from the start: a list that grows asks a full heap for ever larger ones.
    table = [0] * TABLE_POINTS
    for index in range(TABLE_POINTS):
        table[index] = reader.take_values(POINT)[0] or 0
    return table


def _count(head: dict[str, int | None], name: str) -> int:
    value = head[name]
    if value is None:
        raise LayoutError(f"{name} is missing")
    return value


def _check_version(head: dict[str, int | None]) -> None:
    if head["version"] != BLOB_VERSION:
        raise LayoutError("blob version {} is not {}".format(head["version"], BLOB_VERSION))


def parse_config(blob: bytes | bytearray | memoryview) -> Config:
    """The configuration in `blob`. LayoutError if any part of it is not valid."""
    reader = _Reader(blob)
    head = reader.take(CONFIG_HEAD)
    _check_version(head)
    stations = [reader.take(CONFIG_STATION) for _ in range(_count(head, "stations"))]
    cells = [reader.take(CONFIG_CELL) for _ in range(_count(head, "cells"))]
    converters = [reader.take(CONFIG_CONVERTER) for _ in range(_count(head, "converters"))]
    tables = [_take_table(reader) for _ in range(_count(head, "tables"))]
    reader.end()
    for layout in (CONFIG_HEAD, CONFIG_STATION, CONFIG_CELL, CONFIG_CONVERTER, POINT):
        layout.forget()  # until the next configuration
    for station in stations:
        table = station["table"]
        if table is not None and table >= len(tables):
            raise LayoutError(f"station names table {table} of {len(tables)}")
    return Config(head, stations, cells, converters, tables)


def _check_loop(step: dict[str, int | None], index: int) -> None:
    loop_to = step["loop_to"]
    if step["kind"] == LOOP and (loop_to is None or loop_to >= index):
        raise LayoutError(f"loop at step {index} does not go back")
