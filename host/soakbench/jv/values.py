"""What a sweep says. Each set of values carries the name and version of its method."""

from dataclasses import dataclass, replace

from soakbench.jv.flags import Flag

METHOD = "monotone-cubic 1"
"""How values are taken from a sweep, and its version: another one whenever they may differ."""
FIT_METHOD = "single-diode 1"

ROOM_C = 25.0


@dataclass(frozen=True)
class Extracted:
    """The values of a sweep by METHOD. What cannot be had is None, and a flag says why."""

    flags: tuple[Flag, ...] = ()
    voc_v: float | None = None
    jsc_ma_cm2: float | None = None
    ff_percent: float | None = None
    pce_percent: float | None = None
    vmpp_v: float | None = None
    jmpp_ma_cm2: float | None = None
    pmax_mw_cm2: float | None = None
    slope_voc_ohm_cm2: float | None = None
    """|dV/dJ| at Voc. Larger than a series resistance, by about nkT/q over Jsc."""
    slope_jsc_ohm_cm2: float | None = None
    """|dV/dJ| at 0 V. Not the shunt resistance, if near to it in a good cell."""
    noise_percent: float | None = None
    """The standard deviation of a reading, of Jsc."""
    scan_rate_v_s: float | None = None
    """As measured."""
    method: str = METHOD

    def flagged(self, *flags: Flag) -> "Extracted":
        """With more flags, in the order of `Flag`."""
        return replace(self, flags=tuple(f for f in Flag if f in {*self.flags, *flags}))


@dataclass(frozen=True)
class SingleDiode:
    """Parameters of the model; None where the curve does not determine them. Not slopes."""

    rs_ohm_cm2: float | None = None
    rsh_ohm_cm2: float | None = None
    ideality: float | None = None
    j0_ma_cm2: float | None = None
    jph_ma_cm2: float | None = None
    misfit_percent: float | None = None
    """Root mean square of what the curve is off the model, of Jsc."""
    temp_c: float = ROOM_C
    """That n is for."""
    refused: str = ""
    """Why there is no fit, in words."""
    method: str = FIT_METHOD
