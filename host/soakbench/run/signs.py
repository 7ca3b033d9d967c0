"""The signs by which sensors tell that a person has done what a `confirm` asks.

    dark      the box was opened since the confirm began (its lux sensor saw light), and is shut
    warm      the plate is within the band of the phase that follows
    contact   each cell has shown a photovoltage or a photocurrent since then, as it does in the
              light of the room while it is moved

A box that has been dark all along proves nothing: then a person has to confirm.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from soakbench.config.phases import Sign

SEEN_V = 0.1  # a cell that is connected shows 0.6 V in the light of a room
SEEN_MA = 0.02  # ten steps of the converter over 4.7 Ohm


class StationReading(NamedTuple):
    """What was recorded of the station where the cells are to be."""

    utc_ms: int
    lux: float | None
    plate_c: float | None


class CellReading(NamedTuple):
    """What was recorded of a cell; None where nothing was measured."""

    utc_ms: int
    cell: str
    voltage_v: float | None
    current_ma: float | None


class Signs:
    """Of one confirm. Takes all readings since it began, in order of time."""

    def __init__(
        self,
        wanted: Sequence[Sign],
        cells: Iterable[str],
        dark_max_lux: float,
        band_c: tuple[float, float] | None,
    ) -> None:
        """`band_c`: the lowest and the highest temperature of the plate that is warm."""
        self._dark_max_lux = dark_max_lux
        self._band_c = band_c
        self._unseen = set(cells)
        self._opened = False
        self._since: dict[Sign, int | None] = dict.fromkeys(wanted)

    def look(self, stations: Sequence[StationReading], cells: Sequence[CellReading]) -> None:
        """Take new readings."""
        for station in stations:
            self._look_for_dark(station)
            self._look_for_warmth(station)
        for cell in cells:
            self._look_for_contact(cell)

    def steady_since(self) -> int | None:
        """Since when all signs are there, in ms of UTC; None: some are not."""
        begins = [begin for begin in self._since.values() if begin is not None]
        return max(begins) if len(begins) == len(self._since) else None

    def missing(self) -> list[Sign]:
        """The signs that are not there."""
        return [sign for sign, begin in self._since.items() if begin is None]

    def _look_for_dark(self, reading: StationReading) -> None:
        if "dark" not in self._since or reading.lux is None:
            self._set("dark", reading.utc_ms, False)
            return
        is_dark = reading.lux <= self._dark_max_lux
        self._opened = self._opened or not is_dark
        self._set("dark", reading.utc_ms, is_dark and self._opened)

    def _look_for_warmth(self, reading: StationReading) -> None:
        low, high = self._band_c or (0.0, 0.0)
        plate_c = reading.plate_c
        self._set("warm", reading.utc_ms, plate_c is not None and low <= plate_c <= high)

    def _look_for_contact(self, reading: CellReading) -> None:
        volts, milliamps = reading.voltage_v or 0.0, reading.current_ma or 0.0
        if volts > SEEN_V or milliamps > SEEN_MA:
            self._unseen.discard(reading.cell)
        self._set("contact", reading.utc_ms, not self._unseen)

    def _set(self, sign: Sign, utc_ms: int, is_there: bool) -> None:
        if sign not in self._since:
            return
        if not is_there:
            self._since[sign] = None
        elif self._since[sign] is None:
            self._since[sign] = utc_ms


def words_of(signs: Iterable[Sign]) -> str:
    """For people."""
    return ", ".join(_WORDS[sign] for sign in signs)


_WORDS: Mapping[Sign, str] = {
    "dark": "the box was opened and is dark again",
    "warm": "the plate is warm",
    "contact": "every cell has shown light",
}
