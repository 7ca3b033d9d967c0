"""The words for the numbers on the wire. For the host only: the board has no room for them."""

from soakwire import messages, records

# By number: a cell's load, a track's state, the board's state, why the board has started.
LOAD_NAMES = ("OC", "SC", "MEASURE", "-")
TRACK_STATE_NAMES = ("idle", "ready", "running", "barrier", "paused", "done")
APP_STATE_NAMES = ("empty", "configured", "loaded", "active", "finished")
RESET_CAUSE_NAMES = ("unknown", "power_on", "watchdog", "exception", "command", "maintenance")

# The bits of a station's `faults`.
FAULT_NAMES = (
    (records.FAULT_PLATE_OPEN, "plate_sensor_open"),
    (records.FAULT_PLATE_SHORT, "plate_sensor_short"),
    (records.FAULT_PLATE_RANGE, "plate_sensor_range"),
    (records.FAULT_OVER_TEMP, "over_temperature"),
    (records.FAULT_STAGE, "stage_sensor"),
    (records.FAULT_LUX, "lux_sensor"),
    (records.FAULT_GUARD, "guard_sensor"),
    (records.FAULT_STALE, "plate_sensor_silent"),
    (records.FAULT_NO_RISE, "no_temperature_rise"),
    (records.FAULT_TOO_COLD, "cannot_hold_temperature"),
    (records.FAULT_RUNAWAY, "far_over_temperature"),
    (records.FAULT_STUCK_ON, "heater_stuck_on"),
    (records.FAULT_FROZEN, "plate_sensor_frozen"),
    (records.FAULT_APART, "plate_and_guard_disagree"),
    (records.FAULT_HUMIDITY, "humidity_sensor"),
)

EVENT_NAMES = {
    records.EV_BOOT: "boot",
    records.EV_CONFIG: "config",
    records.EV_PROGRAM: "program",
    records.EV_STEP_BEGIN: "step_begin",
    records.EV_STEP_END: "step_end",
    records.EV_BARRIER: "barrier",
    records.EV_TRACK_DONE: "track_done",
    records.EV_PAUSED: "paused",
    records.EV_RESUMED: "resumed",
    records.EV_STOPPED: "stopped",
    records.EV_LOAD: "load",
    records.EV_LIGHT: "light",
    records.EV_HEATER_HOLD: "heater_hold",
    records.EV_HEATER_RELEASED: "heater_released",
    records.EV_FAULT: "fault",
    records.EV_FAULT_CLEARED: "fault_cleared",
    records.EV_OUT_OF_CONDITION: "out_of_condition",
    records.EV_IN_CONDITION: "in_condition",
    records.EV_STEP_TIMEOUT: "step_timeout",
    records.EV_DEAD_MAN: "dead_man",
    records.EV_OVER_TARGET: "over_target",
    records.EV_FAULT_KEPT: "fault_kept",
    records.EV_DEVICE: "device",
    records.EV_SC_VOLTAGE: "sc_voltage",
    records.EV_OC_CURRENT: "oc_current",
    records.EV_AS_COMMANDED: "as_commanded",
}

VERB_NAMES = {
    messages.BLOB_BEGIN: "blob begin",
    messages.BLOB_DATA: "blob data",
    messages.BLOB_COMMIT: "blob commit",
    messages.START: "start",
    messages.PAUSE: "pause",
    messages.RESUME: "resume",
    messages.STOP: "stop",
    messages.ADVANCE: "advance",
    messages.LOAD: "load",
    messages.MEASURE_CELL: "measure",
    messages.GOAL: "goal",
    messages.CLEAR: "clear",
    messages.MAINTENANCE: "maintenance",
}

# Why a command was refused.
REASONS = {
    messages.REASON_OK: "done",
    messages.REASON_UNKNOWN_VERB: "the board does not know this command",
    messages.REASON_BAD_ARGUMENTS: "an argument is missing or out of range",
    messages.REASON_TOO_LATE: "the command arrived after its time limit",
    messages.REASON_NO_CONFIG: "the board has no bench configuration yet",
    messages.REASON_NO_PROGRAM: "the board has no program yet",
    messages.REASON_BLOB_INCOMPLETE: "the upload is incomplete",
    messages.REASON_BLOB_CRC: "the upload is damaged",
    messages.REASON_BLOB_INVALID: "the upload is not a valid configuration or program",
    messages.REASON_BUSY: "tracks are running; stop the run first",
    messages.REASON_NO_SUCH_PLACE: "no such track, step, cell or station",
    messages.REASON_NOT_NOW: "the track is not in a state that allows this",
    messages.REASON_STILL_HOT: "the plate is still above 45 °C",
    messages.REASON_VOUCH: (
        "the plate's sensor was the fault: another sensor, or you, must say that the plate is cool"
    ),
    messages.REASON_SAFE_IDLE: (
        "the board has reset three times in a row and stays safe; power-cycle it"
    ),
}
