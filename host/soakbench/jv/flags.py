"""What is wrong with a sweep, or doubtful: a flag instead of a number, or beside it."""

from enum import StrEnum


class Flag(StrEnum):
    """The flags. Those in REFUSING leave no number at all."""

    FEW_POINTS = "few_points"
    MISSING_POINTS = "missing_points"
    NOT_MONOTONIC = "not_monotonic"
    ALL_ZERO = "all_zero"
    COMPLIANCE = "compliance"
    SIGN = "sign"
    DEAD = "dead"
    SHORTED = "shorted"
    TOO_NOISY = "too_noisy"
    VOC_NOT_BRACKETED = "voc_not_bracketed"
    JSC_NOT_BRACKETED = "jsc_not_bracketed"
    MPP_NOT_BRACKETED = "mpp_not_bracketed"
    FEW_POINTS_NEAR_MPP = "few_points_near_mpp"
    NO_IRRADIANCE = "no_irradiance"
    SLOPE_NOT_RESOLVED = "slope_not_resolved"
    COARSE_STEP = "coarse_step"
    NOISY = "noisy"
    JUMP = "jump"
    S_SHAPE = "s_shape"
    IMPLAUSIBLE = "implausible"


WORDS = {
    Flag.FEW_POINTS: "fewer than 8 points",
    Flag.MISSING_POINTS: "some points are no numbers (an overflow, or a gap in the file)",
    Flag.NOT_MONOTONIC: "the voltage does not go one way",
    Flag.ALL_ZERO: "all currents are zero: output off, or nothing connected",
    Flag.COMPLIANCE: "the source meter was at its current limit: raise the compliance",
    Flag.SIGN: "the current is negative where the cell should give power: count it the other way"
    " (import it with --flip-sign --replace), or are the contacts swapped?",
    Flag.DEAD: "hardly any photocurrent: no light, no contact, or a dead cell",
    Flag.SHORTED: "the curve is that of a short circuit",
    Flag.TOO_NOISY: "the noise is above 5 % of Jsc",
    Flag.VOC_NOT_BRACKETED: "the sweep does not reach Voc",
    Flag.JSC_NOT_BRACKETED: "the sweep does not reach 0 V",
    Flag.MPP_NOT_BRACKETED: "the sweep does not go beyond the maximum power point",
    Flag.FEW_POINTS_NEAR_MPP: "too few points near the maximum power point",
    Flag.NO_IRRADIANCE: "the irradiance is not stated (or 0), so there is no PCE (import it with"
    " --irradiance and --replace)",
    Flag.SLOPE_NOT_RESOLVED: "a slope, at Jsc or Voc, is lost in the noise, or there are too few"
    " points",
    Flag.COARSE_STEP: "steps above 20 mV between maximum power point and Voc",
    Flag.NOISY: "the noise is above 0.25 % of Jsc",
    Flag.JUMP: "the curve jumps: a contact, or light that flickered",
    Flag.S_SHAPE: "S-shaped: the curve becomes flatter before Voc",
    Flag.IMPLAUSIBLE: "more current than sunlight has: is the unit right, the area, the light?",
}
"""For people, with what to do where there is something."""

REFUSING = frozenset(
    {
        Flag.FEW_POINTS,
        Flag.MISSING_POINTS,
        Flag.NOT_MONOTONIC,
        Flag.ALL_ZERO,
        Flag.COMPLIANCE,
        Flag.SIGN,
        Flag.DEAD,
        Flag.SHORTED,
        Flag.TOO_NOISY,
    }
)
"""With one of these there is no number."""
