"""Turns what the parts know into records of the journal."""

from soakwire.layout import I32
from soakwire.records import CELLS, EVENT, STATION, TRACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.clock import DeviceClock
    from soakfw.journal import RingJournal
    from soakfw.relays import RelayBank
    from soakfw.stations import Station
    from soakfw.track import Track

NOWHERE: tuple[int | None, int | None, int] = (None, None, 0)  # track, step, cycle
SENSES = 8  # per CELLS record


class Recorder:
    """Writes records with the current device time."""

    def __init__(self, journal: "RingJournal", clock: "DeviceClock") -> None:
        self._journal = journal
        self._clock = clock

    def event(
        self,
        code: int,
        where: tuple[int | None, int | None, int] = NOWHERE,
        station: int | None = None,
        a: int = 0,
        b: int = 0,
        delivered: int = 0,
        dose: int = 0,
    ) -> None:
        """An event; what `a` and `b` mean stands beside the codes in soakwire.records."""
        track, step, cycle = where
        values = [track, step, cycle, station, min(a, I32), min(b, I32), delivered, dose]
        self._journal.add(self._clock.stamp(), EVENT, code, values)

    def station(self, station: "Station") -> None:
        """A sample of one station."""
        values = list(station.where)
        values.extend(station.readings())
        self._journal.add(self._clock.stamp(), STATION, station.index, values)

    def track(self, track: "Track") -> None:
        """A sample of one track."""
        values = [track.station, track.step, track.cycle, track.state]
        values.extend([track.delivered, track.dose, track.elapsed, int(track.in_condition)])
        self._journal.add(self._clock.stamp(), TRACK, track.index, values)

    def cells(self, bank: "RelayBank") -> None:
        """A sample of all cells' loads. No voltage or current is sensed yet."""
        loads = bank.loads()
        for first in range(0, len(bank.cells), SENSES):
            self._journal.add(self._clock.stamp(), CELLS, first, [loads] + [None] * SENSES)
