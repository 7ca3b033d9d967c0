"""The plan of a calibration: an ordinary heat-up, with no cells."""

from soakbench.config.bench import Station

REST_S = 30  # before the heater comes on: where the plate begins, and that it is at rest
HOLD_S = 240  # in the band: what it costs to stay there
TIMEOUT_S = 3600  # a plate that takes longer is weaker than any that can be used
NAME = "calibrate-hotplate"


def heat_up_plan(name: str, station: Station, target_c: float) -> str:
    """The plan file's text for the station of that name."""
    # The lid may stay open for the light's sake, but not for the plate's: dark is no condition.
    dark = "dark_max_lux = 6553\n" if station.lux_sensor is not None else ""
    return f"""[plan]
name = "{NAME}"
title = "Calibration of the hotplate at {name}"
sample_s = 1
fast_sample_s = 1
lease_s = 10

[tracks.plate]
cells = []
station = "{name}"

[[tracks.plate.phases]]
phase = "dark_recovery"
until = "{REST_S} s"
{dark}
[[tracks.plate.phases]]
phase = "thermal_recovery"
until = "{HOLD_S} s"
temperature = "{target_c:g} °C"
band = "1 °C"
timeout = "{TIMEOUT_S} s"
{dark}"""
