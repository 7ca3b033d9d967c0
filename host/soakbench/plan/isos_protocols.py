"""What the ISOS protocols ask for, as far as a bench can come near to them.

Khenkin et al., Nature Energy 5, 35-49 (2020), doi 10.1038/s41560-019-0529-5: D is dark storage,
L constant light, LC light and dark by turns. Level 1 is at ambient temperature, 2 and 3 at 65 or
85 °C; 3 has controlled humidity, and under light it demands MPP tracking. The suffix I is for an
inert atmosphere. Of the temperatures only the ambient one has a tolerance there, 4 °C; here it
serves for the others too.
"""

from dataclasses import dataclass, replace
from typing import Literal, cast

AMBIENT_C = 23.0
HOT_C = (65.0, 85.0)
TOLERANCE_C = 4.0
PERIODS_H = (2.0, 8.0, 24.0)
DARK_PER_LIGHT = (1.0, 2.0)
SUNS = (0.8, 1.0)  # 800 to 1000 W/m² are recommended

Family = Literal["D", "L", "LC"]

_DO = {
    "D": "dark storage",
    "L": "constant light",
    "LC": "cycles of light and dark",
}
_HUMIDITY_3 = {"D": "85 %", "L": "about 50 %", "LC": "at most 50 %"}


@dataclass(frozen=True)
class IsosProtocol:
    """One of them."""

    family: Family
    level: int
    inert: bool

    @property
    def name(self) -> str:
        """ISOS-LC-1I."""
        return f"ISOS-{self.family}-{self.level}{'I' if self.inert else ''}"

    @property
    def is_lit(self) -> bool:
        """Whether there is light at all."""
        return self.family != "D"

    @property
    def wants_mpp(self) -> bool:
        """Whether MPP tracking is a must."""
        return self.is_lit and self.level == 3

    @property
    def loads(self) -> str:
        """In words."""
        if not self.is_lit:
            return "OC"
        return "MPP tracking" if self.wants_mpp else "MPP, OC or a fixed voltage near MPP"

    @property
    def temperature(self) -> str:
        """In words."""
        if self.level > 1:
            return f"{HOT_C[0]:g} or {HOT_C[1]:g} °C"
        return f"{AMBIENT_C:g} ± {TOLERANCE_C:g} °C"

    @property
    def humidity(self) -> str:
        """In words; empty where it only has to be told."""
        return _HUMIDITY_3[self.family] if self.level == 3 and not self.inert else ""

    @property
    def words(self) -> str:
        """What it is."""
        atmosphere = "inert gas" if self.inert else "air"
        return f"{_DO[self.family]} at {self.temperature} in {atmosphere}"

    def departure_c(self, temp_c: float) -> float:
        """How far `temp_c` is from the nearest temperature it allows."""
        allowed = HOT_C if self.level > 1 else (AMBIENT_C,)
        return min(abs(temp_c - each) for each in allowed)


def protocol_of(name: str) -> IsosProtocol:
    """From its name, one of soakbench.config.conditions.IsosName."""
    _, family, level = name.split("-")
    return IsosProtocol(cast(Family, family), int(level[0]), level.endswith("I"))


def nearest(family: Family, temp_c: float | None, inert: bool, humid: bool) -> IsosProtocol:
    """Of `family`, to what was measured. `humid`: about 85 % relative humidity, on purpose or not.

    The third level under light is never the nearest: it wants MPP tracking.
    """
    first = IsosProtocol(family, 1, inert)
    second = replace(first, level=2)
    if temp_c is None or first.departure_c(temp_c) <= second.departure_c(temp_c):
        return first
    is_third = family == "D" and humid and not inert
    return replace(second, level=3) if is_third else second


def nearest_of(values: tuple[float, ...], value: float) -> float:
    """The one that `value` has the least ratio to."""
    return min(values, key=lambda each: max(each / value, value / each))
