"""The plan that keeps a station as a calibration needs it, with no cells, until it is stopped."""

from soakbench.config.bench import Station

UNTIL_H = 12  # by then somebody has answered, or gone home


def dark_plan(name: str, station: Station, command: str) -> str:
    """Light off, heater off."""
    return _plan(name, command, f'phase = "dark_recovery"\n{_any_dark(station)}')


def lit_plan(name: str, command: str) -> str:
    """Light on, heater off."""
    return _plan(name, command, 'phase = "ageing"\n')


def warm_plan(name: str, station: Station, command: str, target_c: float) -> str:
    """Light off, the plate at `target_c`."""
    phase = f'phase = "thermal_recovery"\ntemperature = "{target_c:g} °C"\nband = "1 °C"\n'
    return _plan(name, command, phase + _any_dark(station))


def _any_dark(station: Station) -> str:
    """The lid may stay open: dark is no condition here."""
    return "dark_max_lux = 6553\n" if station.lux_sensor is not None else ""


def _plan(name: str, command: str, phase: str) -> str:
    return f"""[plan]
name = "calibrate-{command}"
title = "Calibration of a sensor at {name}"
sample_s = 1
fast_sample_s = 1
lease_s = 10

[tracks.sensor]
cells = []
station = "{name}"

[[tracks.sensor.phases]]
until = "{UNTIL_H} h"
{phase}"""
