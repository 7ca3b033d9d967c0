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

# S6. A plate that has not been read for this long: the heater's hold is told. (It is off from the
# first reading that failed.) Nobody measures for half a minute by chance: then it is a trip.
STALE_MS = 2000
STALE_TRIP_MS = 30000

# S7, S8, S10: 2 °C a minute is what tells heat from none. A plate of the lab makes 6 or more at
# full power; a sensor that has come off makes 0, and one sun on a plate 1.5.
RISE_CENTI_C = 200
RISE_MS = 60000

# S7. Nothing is asked of the plate below this duty (per mille), nor near its set point.
RISE_DUTY = 800

# S8. Below the set point by more than 5 °C the deficit adds up: 120 °C s are 24 s at 10 °C. An
# opened lid costs 2-3 °C and never comes near. A rise as in S7 clears it and is waited for.
HOLD_BELOW_CENTI_C = 500
HOLD_DEFICIT_CENTI_C_S = 12000

# S9. Overshoot of a healthy plate is below 1 °C: 5 °C over the target no law may ask for heat.
# The ceiling is the bench's; 5 °C above it something else heats.
OVER_CENTI_C = 500

# S10. The element's stored heat reaches the sensor within RISE_MS: after that a rise is not ours.
# The other sign of it: long after any change of target, hot and not falling.
STUCK_HOT_MS = 30000
STUCK_FALL_CENTI_C = 20  # ten times the noise of a reading; a hot plate falls 100 in that time
STUCK_TARGET_MS = 600000

# S11. A live input's last bit moves several times a second.
FROZEN_MS = 30000

# S12. Two sensors of one plate differ by 1-2 °C while it heats up.
APART_CENTI_C = 500
APART_MS = 5000

# Of the relays' counts: a power cut costs what was switched since, and events tell that.
WEAR_MS = 600000

# S13. A tripped heater may be cleared below this.
CLEAR_BELOW_CENTI_C = 4500

# Ageing where the plan names no irradiance: less than this is no light at all (1 % of a sun).
MIN_LIGHT_MILLI_SUNS = 10

# RE-11. A condition that flickers is told after 5 s, 10 s ... 2.8 h: a dozen events, then 9 a day.
# After 20 minutes without a change (or the interval, if that is longer) it begins anew: in a
# weekend of rare changes one track cannot fill the ring of events.
CONDITION_EVENT_MS = 5000
CONDITION_EVENT_MAX_MS = 5000 << 11
CONDITION_CALM_MS = 1200000

SAMPLE_MS = 10000  # sampling period while no program says otherwise

# 48 KB: every sampling of 51 minutes (two stations, two tracks and the cells every 10 s), or of a
# longer time every second, fourth ... one. What is thinned at 1 s is thinned all the same.
SAMPLE_SLOTS = 1536
EVENT_SLOTS = 256  # the program holds when less than an eighth is free
WINDOW_SLOTS = USB_WINDOW_SLOTS

READ_LINES = 8  # most lines taken in one pass, so that receiving cannot starve control
READ_BYTES = 512  # most bytes taken for one line: about what USB holds for us
SEND_LINES = 4  # most lines begun in one pass, so that sending cannot starve control
WRITE_BYTES = 64  # one USB packet; a longer write may block for a second

# While modules are loaded and what stays is made: garbage is collected so often, and for so many
# beats after it. Later it is only collected beside answers to beats and where memory runs out.
TIDY_BYTES = 2048
TIDY_BEATS = 5

BLOCKED_MS = 20  # how soon to try again when the host does not read
IDLE_MS = 1000  # longest sleep, well below the watchdog's patience

# S14. This many watchdog or exception resets, each within FAST_RESET_MS of its boot, in a row:
# stay safe and only talk.
FAST_RESETS = 3
FAST_RESET_MS = 60000
