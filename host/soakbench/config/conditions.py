"""`[conditions]` of a plan: what no sensor of the bench sees and a report has to state (ISOS,
Table 3); and the names of the protocols that a plan may claim to follow."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from soakbench.config.base import Table

Stated = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]

IsosName = Literal[
    "ISOS-D-1",
    "ISOS-D-1I",
    "ISOS-D-2",
    "ISOS-D-2I",
    "ISOS-D-3",
    "ISOS-L-1",
    "ISOS-L-1I",
    "ISOS-L-2",
    "ISOS-L-2I",
    "ISOS-L-3",
    "ISOS-LC-1",
    "ISOS-LC-1I",
    "ISOS-LC-2",
    "ISOS-LC-2I",
    "ISOS-LC-3",
    "ISOS-LC-3I",
]
"""Those that a bench without source meter comes near to; I is for an inert atmosphere."""


class Conditions(Table):
    """`[conditions]`: left out, it is not stated, and the run's ISOS label says so."""

    atmosphere: Literal["N2", "Ar", "air", "dry air"] | None = None
    light_source: Stated | None = None
    spectrum: Stated | None = None
    light_calibration: Stated | None = None
    encapsulation: Stated | None = None
    """"none" is a statement too."""
    mask: Stated | None = None
    """While ageing: an aperture, or "none"."""

    def not_stated(self) -> list[str]:
        """The keys that are missing, but for the atmosphere."""
        keys = (key for key in type(self).model_fields if key != "atmosphere")
        return [key for key in keys if getattr(self, key) is None]

    @property
    def is_inert(self) -> bool:
        """Whether the cells were in an inert gas."""
        return self.atmosphere in ("N2", "Ar")
