"""The vocabulary: message kinds, their payload tables, verbs and the reasons for a refusal.

Direction and use:

    HELLO_REQ  host → board   who are you; no effect, no session needed
    HELLO      board → host   identity and what the board holds; unsolicited after boot
    HELLO_ACK  host → board   opens the session in its header; carries the next wanted seq
    BEAT       host → board   renews the lease; header seq numbers it
    STATE      board → host   answers BEAT (its seq) and HELLO_ACK (seq 0)
    RECORDS    board → host   1..7 slots; header seq is the first slot's
    ACK        host → board   header seq is the next wanted one; everything before it is committed
    COMMAND    host → board   header seq is the command's id
    RESPONSE   board → host   header seq is the command's id
"""

from soakwire.layout import Layout

HELLO_REQ = 1
HELLO = 2
HELLO_ACK = 3
BEAT = 4
STATE = 5
RECORDS = 16
ACK = 17
COMMAND = 32
RESPONSE = 33

# A board never sends these: where they come back, something echoes.
FROM_HOST = (HELLO_REQ, HELLO_ACK, BEAT, ACK, COMMAND)

SLOTS_PER_FRAME = 7

# RECORDS flag: a u32 before the slots names the seq that the board was expected to send; what
# lies between it and the first slot is gone and declared by a LOSS record.
FLAG_JUMP = 1

# Application states in HELLO and STATE.
EMPTY = 0  # no config: nothing is driven
CONFIGURED = 1
LOADED = 2  # has a program, no track started
ACTIVE = 3
FINISHED = 4

CAUSE_UNKNOWN = 0
CAUSE_POWER_ON = 1
CAUSE_WATCHDOG = 2
CAUSE_EXCEPTION = 3
CAUSE_COMMAND = 4
CAUSE_MAINTENANCE = 5

MAX_LEASE_MS = 43200000  # 12 h

# The first three fields stay where they are in every major version, so that a host can always
# tell what it is talking to.
HELLO_LAYOUT = Layout(
    "hello",
    72,
    "major/B,"
    "minor/B,"
    "schema/I,"
    "uid_hi/I,"
    "uid_lo/I,"
    "boot_id/I,"
    "reset_cause/B,"
    "app_state/B//0/4,"
    "fw_major/B,"
    "fw_minor/B,"
    "fw_patch/B,"
    "oldest_seq/I,"
    "newest_seq/I,"  # the next one to be produced
    "window_slots/H//1/65535,"
    "config_crc/I,"  # 0: none
    "program_id/I,"  # 0: none
    "scratch0/I,"
    "scratch1/I,"
    "scratch2/I,"
    "scratch3/I,"
    "t_lo/H,"
    "t_mid/H,"
    "t_hi/H",
)

HELLO_ACK_LAYOUT = Layout("hello_ack", 8, "next_seq/I,window_slots/H//1/65535")

BEAT_LAYOUT = Layout("beat", 4, "lease/I/ms/0/43200000")

STATE_HEAD = Layout(
    "state",
    40,
    "t_lo/H,"
    "t_mid/H,"
    "t_hi/H,"
    "app_state/B//0/4,"
    "lease_held/B//0/1,"
    "config_crc/I,"
    "program_id/I,"
    "newest_seq/I,"
    "acked_seq/I,"
    "samples_held/H,"
    "events_held/H,"
    "bad_frames/H,"
    "stale_frames/H,"
    "longest_poll/H/ms,"
    "heap_free/H/kB,"
    "tracks/B//0/4",
)

# One per track of the program, after the head.
STATE_TRACK = Layout(
    "state_track",
    20,
    "state/B//0/5,"
    "step/B//0/127,"
    "cycle/B,"
    "in_condition/B//0/1,"
    "delivered/I/milli,"
    "dose/I/milli_sun_s,"
    "elapsed/I/ms,"
    "goal/I/milli",  # of the visit it is in; 0 where there is none
)

# COMMAND: this head, then the verb's arguments. not_after 0 means no limit (device time).
COMMAND_HEAD = Layout("command", 8, "verb/B,lo/H,mid/H,hi/H")

RESPONSE_LAYOUT = Layout("response", 8, "reason/B,detail/i//-2147483647/2147483647")

BLOB_BEGIN = 1
BLOB_DATA = 2
BLOB_COMMIT = 3
START = 4
PAUSE = 5
RESUME = 6
STOP = 7
ADVANCE = 8
LOAD = 9
MEASURE_CELL = 10
GOAL = 11
CLEAR = 12
MAINTENANCE = 13

BLOB_CONFIG = 1
BLOB_PROGRAM = 2
BLOB_CHUNK = 192

VOUCH_NONE = 0
VOUCH_SENSOR = 1  # the station's other thermistor reads so
VOUCH_OPERATOR = 2

ARGS = {
    BLOB_BEGIN: Layout("blob_begin", 8, "blob/B//1/2,size/H/B/1/8192,crc/I"),
    # The bytes follow.
    BLOB_DATA: Layout("blob_data", 4, "blob/B//1/2,offset/H/B/0/8192"),
    BLOB_COMMIT: Layout("blob_commit", 4, "blob/B//1/2"),
    # Puts a track at a place of its program, READY; RESUME lets all READY tracks run together. The
    # place after its last step: the track is done.
    START: Layout(
        "start",
        16,
        "track/B//0/3,step/B//0/128,cycle/B,delivered/I/milli,dose/I/milli_sun_s,elapsed/I/ms",
    ),
    # Track missing: all tracks.
    PAUSE: Layout("pause", 4, "track/B/?/0/3"),
    RESUME: Layout("resume", 4, "track/B/?/0/3"),
    STOP: Layout("stop", 4, ""),
    # Releases the barrier at exactly this place; a repeated or late one has no effect.
    ADVANCE: Layout("advance", 4, "track/B//0/3,step/B//0/127,cycle/B"),
    # A manual load holds for its lease, then the cell goes back to what the program says; lease 0
    # ends it at once.
    LOAD: Layout("load", 8, "cell/B//0/15,load/B//0/1,lease/I/ms/0/43200000"),
    # One cell on the source meter; missing: none.
    MEASURE_CELL: Layout("measure", 8, "cell/B/?/0/15,lease/I/ms/0/43200000"),
    # Another goal for the visit at exactly this place; what is delivered already ends it.
    GOAL: Layout("goal", 8, "track/B//0/3,step/B//0/127,cycle/B,goal/I/milli/0/4000000000"),
    # Where the plate's sensor was the fault, `vouch` says who knows that the plate is cool.
    CLEAR: Layout("clear", 4, "station/B//0/3,fault/H/bits/1/65535,vouch/B//0/2"),
    MAINTENANCE: Layout("maintenance", 4, ""),
}

REASON_OK = 0
REASON_UNKNOWN_VERB = 1
REASON_BAD_ARGUMENTS = 2
REASON_TOO_LATE = 3
REASON_NO_CONFIG = 4
REASON_NO_PROGRAM = 5
REASON_BLOB_INCOMPLETE = 6
REASON_BLOB_CRC = 7
REASON_BLOB_INVALID = 8
REASON_BUSY = 9
REASON_NO_SUCH_PLACE = 10
REASON_NOT_NOW = 11
REASON_STILL_HOT = 12
REASON_SAFE_IDLE = 13
REASON_VOUCH = 14
