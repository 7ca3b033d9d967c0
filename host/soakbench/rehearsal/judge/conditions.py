"""Whether cells truly have what a step asks for: surely, possibly, or not.

Near the edge of a tolerance nobody can ask of a sensor that it sees what is true; such time may
be counted or not.
"""

from dataclasses import dataclass

from soakbench.rehearsal.judge.contacts import CellContacts
from soakbench.rehearsal.judge.truth import Place
from soakwire import blobs, records

LOADS = {records.OC: "OC", records.SC: "SC"}

_LIGHT_DOUBT_SUNS = 0.005
_TEMP_DOUBT_K = 0.3
_LUX_DOUBT = 0.1  # of the limit, and as many lux
_NO_LIGHT_SUNS = 0.001
_ANY_LIGHT_SUNS = 0.010  # ageing without a named irradiance

Step = dict[str, int | None]  # raw values by name, as the board has them


@dataclass(frozen=True, slots=True)
class Met:
    """Surely, or at least possibly."""

    sure: bool
    possible: bool

    def __and__(self, other: "Met") -> "Met":
        return Met(self.sure and other.sure, self.possible and other.possible)


YES, NO = Met(True, True), Met(False, False)


def met(step: Step, cells: dict[str, int], contacts: dict[str, CellContacts], at: Place) -> Met:
    """Whether `cells` (name → number on the board), all at one place, have what `step` asks."""
    if step["kind"] == blobs.AGEING:
        return _lit(step, at) if _applied(step, cells, contacts) else NO
    dark = _dark(step, at)
    return dark & _in_band(step, at) if step["kind"] == blobs.THERMAL_RECOVERY else dark


def _applied(step: Step, cells: dict[str, int], contacts: dict[str, CellContacts]) -> bool:
    for name, number in cells.items():
        wanted = (step["loads"] or 0) >> 2 * number & 3
        if contacts[name].load != LOADS.get(wanted, contacts[name].power_off):
            return False
    return True


def _lit(step: Step, at: Place) -> Met:
    light = step["light"]
    if light is None:
        return _above(at.suns - _ANY_LIGHT_SUNS, _LIGHT_DOUBT_SUNS)
    tolerance_suns = (step["light_tolerance"] or 0) / 1000
    return _above(tolerance_suns - abs(at.suns - light / 1000), _LIGHT_DOUBT_SUNS)


def _dark(step: Step, at: Place) -> Met:
    if step["dark_max"] is None and at.full_scale_suns is not None:
        # All there is to see light with is a sensor made for suns: below its first step of "any
        # light" nobody can tell.
        return Met(at.suns <= _NO_LIGHT_SUNS, at.suns <= _ANY_LIGHT_SUNS + _LIGHT_DOUBT_SUNS)
    if at.suns > _NO_LIGHT_SUNS:
        return NO
    if step["dark_max"] is None:
        return YES
    most_lux = step["dark_max"] / 10
    return _above(most_lux - at.lux, _LUX_DOUBT * (most_lux + 1))


def _in_band(step: Step, at: Place) -> Met:
    edge_k = (step["band"] or 0) / 100 - abs(at.temp_c - (step["target"] or 0) / 100)
    return _above(edge_k, _TEMP_DOUBT_K)


def _above(margin: float, doubt: float) -> Met:
    """A margin that should be positive."""
    return Met(margin > doubt, margin >= -doubt)


def calm(step: Step, at: Place) -> tuple[float, float]:
    """The stretch of plate temperatures (°C) around the present one in which `met` stays."""
    low, high = float("-inf"), float("inf")
    if step["kind"] == blobs.THERMAL_RECOVERY:
        target_c, band_k = (step["target"] or 0) / 100, (step["band"] or 0) / 100
        for side in (band_k - _TEMP_DOUBT_K, band_k + _TEMP_DOUBT_K):
            for edge_c in (target_c - side, target_c + side):
                if edge_c <= at.temp_c:
                    low = max(low, edge_c)
                else:
                    high = min(high, edge_c)
    return low, high
