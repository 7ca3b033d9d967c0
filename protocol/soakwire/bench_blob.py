"""The bench's configuration: its tables, and reading it. The board needs them when it is uploaded,
and then not for weeks, so it does not keep this module (soakfw.checks).
"""

from soakwire.blobs import TABLE_SHIFT, Reader, check_version, count
from soakwire.layout import Layout, LayoutError

CONFIG_MAGIC = 0x43424B53  # "SKBC"

# A table has a temperature for every 512th code (TABLE_SHIFT) of the 16-bit scale, and its end.
TABLE_POINTS = (1 << 16 - TABLE_SHIFT) + 1

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

LAYOUTS = [CONFIG_HEAD, CONFIG_STATION, CONFIG_CELL, CONFIG_CONVERTER]

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


def _take_table(reader: Reader) -> list[int]:
    # In one piece from the start: a list that grows asks a full heap for ever larger ones.
    table = [0] * TABLE_POINTS
    for index in range(TABLE_POINTS):
        table[index] = reader.take_values(POINT)[0] or 0
    return table


def parse_config(blob: bytes | bytearray | memoryview) -> Config:
    """The configuration in `blob`. LayoutError if any part of it is not valid."""
    reader = Reader(blob)
    head = reader.take(CONFIG_HEAD)
    check_version(head)
    stations = [reader.take(CONFIG_STATION) for _ in range(count(head, "stations"))]
    cells = [reader.take(CONFIG_CELL) for _ in range(count(head, "cells"))]
    converters = [reader.take(CONFIG_CONVERTER) for _ in range(count(head, "converters"))]
    tables = [_take_table(reader) for _ in range(count(head, "tables"))]
    reader.end()
    for station in stations:
        table = station["table"]
        if table is not None and table >= len(tables):
            raise LayoutError(f"station names table {table} of {len(tables)}")
    return Config(head, stations, cells, converters, tables)
