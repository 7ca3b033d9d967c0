"""Whether a station gives a step what it asks for. `wanted` is the step, raw values by name.

A sensor that is fitted must say so; a reading of None is no evidence. What is not fitted is
taken on trust.
"""

from soakfw.limits import MIN_LIGHT_MILLI_SUNS
from soakwire.blobs import AGEING, THERMAL_RECOVERY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.stations import Station


def met(wanted: dict, station: "Station", loads_applied: bool) -> bool:
    """In condition: time counts."""
    if wanted["kind"] == AGEING:
        return loads_applied and is_lit(wanted, station)
    if not is_dark(wanted, station):
        return False
    return wanted["kind"] != THERMAL_RECOVERY or station.in_band()


def is_lit(wanted: dict, station: "Station") -> bool:
    """The light actuator is open and the light measured is the light wanted."""
    if station.light and not station.light_on:
        return False
    if station.light_sensor is None:
        return True
    light = station.milli_suns
    if light is None:
        return False
    if wanted["light"] is None:
        return light >= MIN_LIGHT_MILLI_SUNS
    return abs(light - wanted["light"]) <= wanted["light_tolerance"]


def is_dark(wanted: dict, station: "Station") -> bool:
    """The light actuator is closed, no sensor made for light sees any, and there is no more lux
    than allowed where the cells are."""
    light = station.milli_suns
    if station.light_on or (light is not None and light >= MIN_LIGHT_MILLI_SUNS):
        return False
    if station.lux is None or wanted["dark_max"] is None:
        return True
    lux = station.lux.deci_lux
    return lux is not None and lux <= wanted["dark_max"]
