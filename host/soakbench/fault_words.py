"""What a board's fault means and what to do, for people who want to go home."""

from dataclasses import dataclass

_WIRE = "look at its plug and wire, and measure the thermistor: about 10 kOhm at 25 °C"
_UNPLUG = "pull the hotplate's mains plug now"


@dataclass(frozen=True)
class FaultWords:
    """One fault: a sentence each, without the station's name."""

    what: str
    todo: str
    is_trip: bool = True
    """The heater stays off until somebody clears the fault."""
    sensor_in_doubt: bool = False
    """Clearing it needs somebody else who knows that the plate is cool."""


FAULT_WORDS = {
    "plate_sensor_open": FaultWords(
        "the plate's thermistor reads as a broken wire", _WIRE, sensor_in_doubt=True
    ),
    "plate_sensor_short": FaultWords(
        "the plate's thermistor reads as a short circuit", _WIRE, sensor_in_doubt=True
    ),
    "plate_sensor_range": FaultWords(
        "the plate's thermistor says something no plate has (below -10 or above 90 °C)",
        f"feel with care whether the plate is hot; {_WIRE}",
        sensor_in_doubt=True,
    ),
    "over_temperature": FaultWords(
        "the plate was hotter than its ceiling",
        "find out why: a target close to the ceiling, a lamp on the plate, a loose sensor",
    ),
    "stage_sensor": FaultWords(
        "the thermistor beside the cells has no plausible reading",
        f"{_WIRE}; the run goes on without it",
        is_trip=False,
    ),
    "lux_sensor": FaultWords(
        "the lux sensor does not answer, so nothing proves the dark",
        "look at the cable to the box; the time counts again when it answers",
        is_trip=False,
    ),
    "humidity_sensor": FaultWords(
        "the humidity sensor does not answer",
        "look at its cable; the run goes on without it",
        is_trip=False,
    ),
    "guard_sensor": FaultWords("the second (guard) thermistor of the plate is broken", _WIRE),
    "plate_sensor_silent": FaultWords(
        "the plate's temperature could not be read for half a minute",
        "look at the cable to the converter that reads it",
        sensor_in_doubt=True,
    ),
    "no_temperature_rise": FaultWords(
        "the heater ran at full power for a minute and the plate's sensor saw no warmth",
        "see that the sensor sits on the plate and the plate is plugged in and switched on; "
        "if so, the solid-state relay, contactor or thermal cut-out is open",
    ),
    "cannot_hold_temperature": FaultWords(
        "the plate stayed far below its temperature although it was heated",
        "close the lid, see that the sensor has not come loose, and that the heater still works",
    ),
    "far_over_temperature": FaultWords(
        "the plate was more than 5 °C above its ceiling: something heats that the board does not "
        "control",
        f"{_UNPLUG}; then have the solid-state relay replaced",
    ),
    "heater_stuck_on": FaultWords(
        "the plate was hot or got hotter while its heater was switched off: the solid-state relay "
        "is probably welded",
        f"{_UNPLUG}; have the relay replaced before anybody heats again",
    ),
    "plate_sensor_frozen": FaultWords(
        "the plate's sensor gave exactly the same number for half a minute while heating, which no "
        "working sensor does",
        "restart the board; if it comes back, the input or the converter is broken",
        sensor_in_doubt=True,
    ),
    "plate_and_guard_disagree": FaultWords(
        "the plate's two thermistors were more than 5 °C apart",
        "one of them has come loose or is broken: press both down, compare them cold",
        sensor_in_doubt=True,
    ),
}
