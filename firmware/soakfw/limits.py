"""The firmware's constants of time, size and safety in one place, each with its reason.

Rule numbers (S1..S18) are those of docs/safety.md.
"""

from soakwire.records import USB_WINDOW_SLOTS

# S4. The RP2040 can do 8388 ms at most; a pass of all jobs takes a few ms.
WATCHDOG_MS = 4000

# The hard timer: one slot of the heaters' time-proportioning. Ten half-waves of 50 Hz mains.
PULSE_MS = 100

# S3. Timer ticks a heater may run on one refresh: 9 x 100 ms and the timer's phase stay below 1 s.
DEAD_MAN_TICKS = 9

CONTROL_HEATING_MS = 250  # control period while any heater target is set
CONTROL_MS = 1000  # otherwise

# A shutter moves in 50-100 ms: this long after it was switched the light is measured anew, so that
# the account goes on with the light there is, not for a whole period with the light there was.
LIGHT_SETTLE_MS = 100

# S5. Bad conversions in a row before a sensor is called faulty.
BAD_SAMPLES = 4

# S13. A tripped heater may be cleared below this.
CLEAR_BELOW_CENTI_C = 4500

# Ageing where the plan names no irradiance: less than this is no light at all (1 % of a sun).
MIN_LIGHT_MILLI_SUNS = 10

# A lamp at the edge of its tolerance must not fill the event ring.
CONDITION_EVENT_MS = 5000

SAMPLE_MS = 10000  # sampling period while no program says otherwise

SAMPLE_SLOTS = 1536  # 48 KB: four hours of one station, one track and the cells every 10 s
EVENT_SLOTS = 256
WINDOW_SLOTS = USB_WINDOW_SLOTS

READ_BYTES = 512  # most bytes taken in one pass: about what USB holds for us
SEND_LINES = 4  # most lines begun in one pass, so that sending cannot starve control
WRITE_BYTES = 64  # one USB packet; a longer write may block for a second

BLOCKED_MS = 20  # how soon to try again when the host does not read
IDLE_MS = 500  # longest sleep: liveness of watchdog and HELLO

# S14. This many watchdog or exception resets, each within FAST_RESET_MS of its boot, in a row:
# stay safe and only talk.
FAST_RESETS = 3
FAST_RESET_MS = 60000
