"""Whether a curve looks like a solar cell's at all: its current falls ever faster with voltage."""

from collections.abc import Iterator

import numpy as np

from soakbench.jv.flags import Flag
from soakbench.jv.sweep import Points

COARSE_V = 0.0205  # 20 mV, and what a source meter's readback is off
NOISY_SHARE = 0.0025  # of Jsc
TOO_NOISY_SHARE = 0.05
JUMP_SHARE = 0.005  # of Jsc, against the bend of a diode's curve
FLATTER = 0.8  # the slope at Voc over the steepest before: below this it is an S
SUNLIGHT_MA_CM2 = 45.0  # at 1 sun: all photons of AM1.5G above a gap of 1.1 eV


def noise_flag(noise: float, jsc: float) -> Flag | None:
    """How bad a noise of that many mA cm⁻² is."""
    if noise > TOO_NOISY_SHARE * jsc:
        return Flag.TOO_NOISY
    return Flag.NOISY if noise > NOISY_SHARE * jsc else None


def shape_flags(points: Points, noise: float, jsc: float, voc_v: float | None) -> Iterator[Flag]:
    """What a single diode cannot be. `noise` in mA cm⁻²."""
    if _jumps(points, max(JUMP_SHARE * jsc, 6 * noise)):
        yield Flag.JUMP
    if voc_v is not None and _is_s_shaped(points, noise, voc_v):
        yield Flag.S_SHAPE


def is_coarse(points: Points, from_v: float, to_v: float) -> bool:
    """Whether a step that touches this range is above 20 mV."""
    voltage = points.voltage_v
    touches = (voltage[1:] >= from_v) & (voltage[:-1] <= to_v)
    return bool((np.diff(voltage)[touches] > COARSE_V).any())


def is_implausible(jsc: float, irradiance_suns: float | None) -> bool:
    """More current than photons; at 1 sun where the light is not stated."""
    return jsc > SUNLIGHT_MA_CM2 * (1.0 if irradiance_suns is None else irradiance_suns)


def _jumps(points: Points, least: float) -> bool:
    """Whether a point lies below the line between its neighbours: the curve is nowhere hollow."""
    voltage, density = points.voltage_v, points.density_ma_cm2
    share = (voltage[1:-1] - voltage[:-2]) / (voltage[2:] - voltage[:-2])
    line = density[:-2] + share * (density[2:] - density[:-2])
    return bool((line - density[1:-1] > least).any())


def _is_s_shaped(points: Points, noise: float, voc_v: float) -> bool:
    """Whether the curve is steeper somewhere before Voc than at Voc."""
    voltage, density = points.voltage_v, points.density_ma_cm2
    span = 3  # steps, so that noise of single points does not matter
    widths = voltage[span:] - voltage[:-span]
    falls = (density[:-span] - density[span:]) / widths
    middles = (voltage[span:] + voltage[:-span]) / 2
    inside = (middles > 0) & (middles < voc_v)
    if not inside.any():
        return False
    at_voc = float(np.interp(voc_v, middles, falls))
    error = 6 * noise / float(widths.min())
    return bool(at_voc + error < FLATTER * float(falls[inside].max()))
