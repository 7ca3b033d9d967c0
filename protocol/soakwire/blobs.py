"""The two blobs the host hands to the board: bench configuration (soakwire.bench_blob) and program.

Hardware is data: the host compiles the bench file to a configuration, the plan to a program; the
board builds its drivers and its tracks from them. Each blob is a head and fixed-size entries, and
takes effect whole or not at all.
"""

from soakwire.layout import Layout, LayoutError

MAX_BLOB = 8192
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

PROGRAM_HEAD = Layout(
    "program",
    24,
    "magic/I//1346521939/1346521939,"  # PROGRAM_MAGIC
    "version/B,"
    "tracks/B//1/4,"
    "program_id/I//1/4294967295,"
    "sample/I/ms/100/3600000,"
    "fast_sample/I/ms/100/3600000,"
    "fast_for/I/ms/0/3600000,"  # after a step begins
    "host_loss/B//0/1",  # when the lease runs out: 0 the tracks go on, 1 they are held
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

LAYOUTS = [PROGRAM_HEAD, PROGRAM_TRACK, PROGRAM_STEP]


class Program:
    """A program, validated whole and then read from its blob step by step.

    The board keeps the blob and one step per track: 512 steps as dicts would fill its memory.
    """

    def __init__(self, blob: bytes | bytearray | memoryview) -> None:
        reader = Reader(blob)
        self.head = reader.take(PROGRAM_HEAD)
        check_version(self.head)
        self.tracks = [reader.take(PROGRAM_TRACK) for _ in range(count(self.head, "tracks"))]
        self._blob = blob
        self._first = []
        for track in self.tracks:
            self._first.append(reader.at)
            for i in range(count(track, "steps")):
                _check_loop(reader.take(PROGRAM_STEP), i)
        reader.end()
        PROGRAM_HEAD.forget()  # of the steps one is read now and then
        PROGRAM_TRACK.forget()

    def length(self, track: int) -> int:
        """How many steps `track` has."""
        return count(self.tracks[track], "steps")

    def step(self, track: int, index: int) -> dict[str, int | None]:
        """Step `index` of `track`, raw integers by field name."""
        return PROGRAM_STEP.unpack_named(self._blob, self._first[track] + index * PROGRAM_STEP.size)


class Reader:
    """Walks through a blob, checking each entry against its table."""

    def __init__(self, blob: bytes | bytearray | memoryview) -> None:
        self._blob = blob
        self.at = 0

    def take(self, layout: Layout) -> dict[str, int | None]:
        """The next entry, raw integers by field name."""
        return dict(zip(layout.names(), self.take_values(layout)))

    def take_values(self, layout: Layout) -> list[int | None]:
        """The next entry's values, in the order of its table."""
        values = layout.unpack_from(self._blob, self.at)
        layout.check(values)  # unpacking checks no ranges
        self.at += layout.size
        return values

    def end(self) -> None:
        """LayoutError if anything is left."""
        if self.at != len(self._blob):
            raise LayoutError(f"{len(self._blob) - self.at} bytes after the end of the blob")


def count(head: dict[str, int | None], name: str) -> int:
    """How many `name` a head promises."""
    value = head[name]
    if value is None:
        raise LayoutError(f"{name} is missing")
    return value


def check_version(head: dict[str, int | None]) -> None:
    """LayoutError if the blob is of another version."""
    if head["version"] != BLOB_VERSION:
        raise LayoutError("blob version {} is not {}".format(head["version"], BLOB_VERSION))


def _check_loop(step: dict[str, int | None], index: int) -> None:
    loop_to = step["loop_to"]
    if step["kind"] == LOOP and (loop_to is None or loop_to >= index):
        raise LayoutError(f"loop at step {index} does not go back")
