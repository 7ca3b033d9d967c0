"""Records: fixed 32-byte slots that the board produces and the host keeps.

A slot is a 12-byte head (seq, device time, kind, place) and a 20-byte body by kind. `place` is
the station, the track, the first cell or the event's code. The same table packs on the board,
unpacks on the host (soakwire.slots) and gives the schema id.
"""

import struct

from soakwire.layout import Layout

SLOT_SIZE = 32
USB_WINDOW_SLOTS = 168  # 24 full frames, just under 8 KB on the wire
UART_WINDOW_SLOTS = 42  # 2 KB
HEAD_SIZE = 12
BODY_SIZE = 20

STATION = 1
TRACK = 2
CELLS = 3
EVENT = 4
LOSS = 5
WEAR = 6
AIR = 7

OC = 0
SC = 1
MEASURE = 2  # a routing to the source meter, not a load
ABSENT = 3

# Bits of a station's `outputs`.
OUT_LIGHT = 1  # shutter open or lamp relay closed
OUT_HEATER = 2  # heater enabled: a target is set and nothing holds it
OUT_CONTACTOR = 4
OUT_HOLD = 8  # heater off although a target is set (lease expired)
OUT_IN_BAND = 16  # plate within the step's band

# Bits of a station's `faults`; they latch until cleared by name.
FAULT_PLATE_OPEN = 1
FAULT_PLATE_SHORT = 2
FAULT_PLATE_RANGE = 4
FAULT_OVER_TEMP = 8
FAULT_STAGE = 16
FAULT_LUX = 32
FAULT_GUARD = 64
FAULT_STALE = 128  # no reading of the plate for 30 s
FAULT_NO_RISE = 256  # full power and no warmth
FAULT_TOO_COLD = 512  # cannot keep its temperature
FAULT_RUNAWAY = 1024  # ceiling + 5 °C
FAULT_STUCK_ON = 2048  # warms up without being driven
FAULT_FROZEN = 4096  # the plate's sensor gives one and the same code
FAULT_APART = 8192  # plate and guard sensor disagree
FAULT_HUMIDITY = 16384

# Those that turn a heater off until a person clears them (S13), and those of them where the plate's
# sensor itself is in doubt.
PLATE_FAULTS = FAULT_PLATE_OPEN | FAULT_PLATE_SHORT | FAULT_PLATE_RANGE | FAULT_STALE | FAULT_FROZEN
TRIPS = PLATE_FAULTS | FAULT_GUARD | FAULT_APART | FAULT_OVER_TEMP | FAULT_RUNAWAY
TRIPS |= FAULT_NO_RISE | FAULT_TOO_COLD | FAULT_STUCK_ON

# Track states, in records and in STATE.
IDLE = 0
READY = 1
RUNNING = 2
BARRIER = 3
PAUSED = 4
DONE = 5

# Why a track is held, neither by a person nor by a trip.
HELD = 1  # for want of places for events (RE-12)
ALONE = 2  # the host's lease has run out, and the program is not to go on without it (S1)

# Events, with what `a` and `b` say. Events of a track carry a = elapsed ms of the step, and its
# delivered amount and dose; those of a station name the track that is there.
EV_BOOT = 1  # a: reset cause, b: fast resets in a row
EV_CONFIG = 2  # a: stations, b: cells
EV_PROGRAM = 3  # a: program id, as i32
EV_STEP_BEGIN = 4
EV_STEP_END = 5
EV_BARRIER = 6
EV_TRACK_DONE = 7
EV_PAUSED = 8  # b: 0, or for what the board holds it, HELD or ALONE below
EV_RESUMED = 9  # b: as above
EV_STOPPED = 10  # by command
EV_LOAD = 11  # a cell has switched; a: cell, b: load or MEASURE
EV_LIGHT = 12  # a: 1 open or on, 0 closed or off
EV_HEATER_HOLD = 13  # a: ms since the last beat; b: 0 its lease ran out, 1 no reading (S6)
EV_HEATER_RELEASED = 14  # a: ms the hold has lasted
EV_FAULT = 15  # a: fault bits that are new, b: the plate's ADC code
EV_FAULT_CLEARED = 16  # a: fault bits, b: ms since the newest of the station's faults (S13)
EV_OUT_OF_CONDITION = 17
EV_IN_CONDITION = 18
EV_STEP_TIMEOUT = 19
EV_DEAD_MAN = 20  # the timer had switched a heater off by itself; a: ms ago
EV_OVER_TARGET = 21  # plate above target + 5 °C, no heat; a: centi-°C, b: target
EV_FAULT_KEPT = 22  # trips from before a restart that still hold; a: fault bits
EV_DEVICE = 23  # a converter; a: its I2C address, b: 1 silent, 0 it answers again
EV_SC_VOLTAGE = 24  # a cell at SC shows a voltage; a: cell, b: 0.1 mV
EV_OC_CURRENT = 25  # a current flows through the shunt of a cell at OC; a: cell, b: microampere
EV_AS_COMMANDED = 26  # what a cell shows fits its load again; a: cell

# The time is 48 bits of device milliseconds as three words: the board never needs a big integer.
HEAD = Layout(
    "slot",
    HEAD_SIZE,
    "seq/I,t_lo/H,t_mid/H,t_hi/H,kind/B//1/7,place/B",
)

HEAD_FORMAT = HEAD.format

BODIES = {
    STATION: Layout(
        "station",
        BODY_SIZE,
        "track/B/?/0/3,"
        "step/B/?/0/127,"
        "cycle/B,"
        "plate/h/centi_c?/-5000/20000,"
        "stage/h/centi_c?/-5000/20000,"
        "guard/h/centi_c?/-5000/20000,"
        "target/h/centi_c?/-5000/20000,"
        "light/H/milli_suns?/0/10000,"
        "lux/H/deci_lux?/0/65534,"
        "duty/H/permille/0/1000,"
        "outputs/B/bits,"
        "faults/H/bits",
    ),
    TRACK: Layout(
        "track",
        BODY_SIZE,
        "station/B/?/0/3,"
        "step/B//0/127,"
        "cycle/B,"
        "state/B//0/5,"
        "delivered/I/milli,"
        "dose/I/milli_sun_s,"
        "elapsed/I/ms,"
        "in_condition/B//0/1",
    ),
    # `loads` holds 2 bits a cell; place is the first cell of the eight senses: 0.1 mV of a cell at
    # OC, microampere of one at SC.
    CELLS: Layout(
        "cells",
        BODY_SIZE,
        "loads/I,"
        "sense0/h/deci_mv_or_ua?/-32767/32767,"
        "sense1/h/deci_mv_or_ua?/-32767/32767,"
        "sense2/h/deci_mv_or_ua?/-32767/32767,"
        "sense3/h/deci_mv_or_ua?/-32767/32767,"
        "sense4/h/deci_mv_or_ua?/-32767/32767,"
        "sense5/h/deci_mv_or_ua?/-32767/32767,"
        "sense6/h/deci_mv_or_ua?/-32767/32767,"
        "sense7/h/deci_mv_or_ua?/-32767/32767",
    ),
    # place is the event's code; a and b are its own.
    EVENT: Layout(
        "event",
        BODY_SIZE,
        "track/B/?/0/3,"
        "step/B/?/0/127,"
        "cycle/B,"
        "station/B/?/0/3,"
        "a/i//-2147483647/2147483647,"
        "b/i//-2147483647/2147483647,"
        "delivered/I/milli,"
        "dose/I/milli_sun_s",
    ),
    # The slot's own time is the end of the stretch; from_* is its begin. Without a last_seq the end
    # is open: written by the host for a boot that died, `absent` is then what is known (RE-15).
    LOSS: Layout(
        "loss",
        BODY_SIZE,
        "first_seq/I,last_seq/I/?/0/4294967294,absent/I,stride/H,from_lo/H,from_mid/H,from_hi/H",
    ),
    # How often each coil has been energised since boot; place is the first of four cells.
    WEAR: Layout(
        "wear",
        BODY_SIZE,
        "short0/H/times,"
        "measure0/H/times,"
        "short1/H/times,"
        "measure1/H/times,"
        "short2/H/times,"
        "measure2/H/times,"
        "short3/H/times,"
        "measure3/H/times",
    ),
    # place is the station.
    AIR: Layout(
        "air",
        BODY_SIZE,
        "humidity/H/centi_percent?/0/10000,temperature/h/centi_c?/-5000/20000",
    ),
}


def pack_slot(
    buf: bytearray | memoryview,
    offset: int,
    seq: int,
    stamp: tuple[int, int, int],
    kind: int,
    place: int,
    values: list[int | None],
) -> None:
    """Write one record at `offset`. LayoutError if a value is out of its range."""
    # The head's values are the firmware's own and in range; a list and its checks are spared.
    struct.pack_into(HEAD_FORMAT, buf, offset, seq, stamp[0], stamp[1], stamp[2], kind, place)
    BODIES[kind].pack_into(buf, offset + HEAD_SIZE, values)
